"""The account by which somebody sees their passes: the code that ties it to them, printed, and the end of that tie."""

from enum import StrEnum
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.people import file_path
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.account_codes import printed_code, unreachable_since, untie
from api.days import named, today
from domain.account_links import LinkKind
from domain.acts import Act
from domain.agents import Permission
from domain.errors.accounts import NoSuchPerson
from domain.guardians import acts_alone
from domain.ports import Clock
from store.database import Begin, Database
from web.forms import Form, read

WORDS = read_words("accounts")
_RULE: dict[str, Any] = {"rule": Permission.PERSON_MANAGE}


class _Tongue(StrEnum):
    FRENCH = "fr"
    ENGLISH = "en"


@get("/people/{holder:str}/account", opt={**_RULE, "journal": Act.ACCOUNT_SHOWN}, include_in_schema=False)
async def show(
    request: Asked, holder: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Say whether somebody has an account, and offer the letter with the code."""
    async with database.look() as unit:
        found = await unit.people.holder(request.user.authority_id, named(holder))
        day = await today(unit, found.authority_id, clock())
        alone = acts_alone(found, day, await unit.people.guardians_of(found.id, day))
        link = await unit.accounts.own_link(found.id)
        since = await unreachable_since(unit, link) if link is not None else None
    form = Form({"kind": LinkKind.OWN, "language": language_of(request)})
    return draw(
        request,
        "people/account.html",
        words=WORDS,
        holder=found,
        alone=alone,
        link=link,
        unreachable_since=since,
        form=form,
    )


@post(
    "/people/{holder:str}/account/letter",
    status_code=200,
    opt={**_RULE, "journal": Act.ACCOUNT_CODE_GIVEN},
    include_in_schema=False,
)
async def print_code(
    request: Asked, holder: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[bytes]:
    """Draw a code, in the place of the one before, and answer the letter that it stands on, as a PDF."""
    form = await read(request)
    kind, language = form.one_of("kind", LinkKind), form.one_of("language", _Tongue)
    return await printed_code(
        begin,
        request.user,
        named(holder),
        kind=kind or LinkKind.OWN,
        language=language or _Tongue.FRENCH,
        public_url=request.app.state.settings.public_url,
        now=clock(),
    )


@post("/people/{holder:str}/account/end", opt={**_RULE, "journal": Act.ACCOUNT_UNLINKED}, include_in_schema=False)
async def end(request: Asked, holder: FromPath[str], begin: NamedDependency[Begin]) -> Response[None]:
    """Let the account see them no more."""
    said = WORDS[language_of(request)]
    reference = named(holder)
    try:
        await untie(begin, request.user, reference)
    except NoSuchPerson:  # a colleague was faster, or the holder themself
        return go(request, f"{file_path(reference)}/account", said=said["ended_before"])
    return go(request, f"{file_path(reference)}/account", said=said["ended"])


ROUTES = (show, print_code, end)
