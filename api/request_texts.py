"""Standard texts of reviewers, and what the authority asks for and promises."""

from datetime import datetime
from typing import Annotated

from litestar import Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.days import Caller
from api.request_acts import Words
from api.requests import READ, TAGS
from domain.agents import Permission
from domain.errors.requests import TextNotFound
from domain.ports import Clock
from domain.request_terms import Terms, set_terms
from domain.request_texts import StandardText, TextPurpose, retire_text, standard_texts, write_text
from domain.text import Text
from store.database import Begin, Database

_CONFIGURE = {"rule": Permission.REQUEST_CONFIGURE}

_Title = Annotated[str, Meta(min_length=1, max_length=80)]


class TitleSaid(Struct, frozen=True, forbid_unknown_fields=True):
    """A title in the two languages."""

    fr: _Title
    en: _Title


class WordsSaid(Struct, frozen=True, forbid_unknown_fields=True):
    """A text in the two languages."""

    fr: Words
    en: Words


class TextRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A standard text; `retired` offers it no more."""

    purpose: TextPurpose
    title: TitleSaid
    words: WordsSaid
    retired: bool = False


class TextView(Struct, frozen=True, rename="camel"):
    """A standard text in force; version 0 comes with the program."""

    code: str
    version: int
    purpose: TextPurpose
    title: Text
    words: Text
    changed_at: datetime | None


@get("/request-texts", opt=READ, summary="See standard texts", tags=TAGS)
async def texts(request: Caller, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> list[TextView]:
    """List the texts that reviewers are offered: yours, and those that come with the program."""
    async with database.look() as unit:
        return [_view(one) for one in await standard_texts(unit, request.user.authority_id, since=clock())]


@put("/request-texts/{text_code:str}", opt=_CONFIGURE, summary="Write a standard text", tags=TAGS)
async def write(
    *,
    request: Caller,
    text_code: FromPath[str],
    data: JSONBody[TextRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> TextView:
    """Write a text, or its next version. What was said before stays in the requests where it was said."""
    agent, now = request.user, clock()
    if not (text_code.isascii() and text_code.replace("-", "").isalnum() and len(text_code) <= 40):
        raise TextNotFound("Codes are letters, digits and hyphens.")
    async with begin() as unit:
        written = await write_text(
            unit,
            authority_id=agent.authority_id,
            code=text_code,
            purpose=data.purpose,
            title=Text(fr=data.title.fr, en=data.title.en),
            words=Text(fr=data.words.fr, en=data.words.en),
            by=agent.id,
            now=now,
        )
        if data.retired:
            written = await retire_text(unit, authority_id=agent.authority_id, code=text_code, by=agent.id, now=now)
    return _view(written)


@get("/request-terms", opt=READ, summary="See what is asked for", tags=TAGS)
async def terms(request: Caller, database: NamedDependency[Database]) -> Terms:
    """Show what each service asks for, how long decisions take, and what receipts say."""
    async with database.look() as unit:
        return await unit.requests.terms(request.user.authority_id)


@put("/request-terms", opt=_CONFIGURE, summary="Change what is asked for", tags=TAGS)
async def change_terms(
    request: Caller, data: JSONBody[Terms], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Terms:
    """Change proofs, products, delays and the desk, from the next request that is looked at."""
    async with begin() as unit:
        agent = request.user
        return await set_terms(unit, data, authority_id=agent.authority_id, by=agent.id, now=clock())


def _view(text: StandardText) -> TextView:
    changed_at = text.changed_at if text.version else None
    return TextView(text.code, text.version, text.purpose, text.title, text.words, changed_at)


ROUTER = Router(path="/v1", route_handlers=[texts, write, terms, change_terms])
