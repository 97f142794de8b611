"""Standard texts of reviewers: what is offered with a decision, in French and English, every version kept."""

import re

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.forms import Form, read
from admin.requests import WORDS
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of
from api.request_acts import LONGEST_WORDS
from domain.agents import Permission
from domain.errors.requests import TextNotFound
from domain.request_texts import StandardText, TextPurpose, retire_text, standard_texts, write_text
from domain.text import Text
from store.database import Database

_CONFIGURE = {"rule": Permission.REQUEST_CONFIGURE}
PATH = "/console/request-texts"
NEW = "new"

_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")


@get("/request-texts", opt=_CONFIGURE, include_in_schema=False)
async def texts(request: Asked, database: NamedDependency[Database]) -> Page:
    """List the texts in force by the decision that they go with."""
    found = await _texts(request, database)
    groups = [(purpose, [one for one in found if one.purpose is purpose]) for purpose in TextPurpose]
    return draw(request, "requests/texts.html", words=WORDS, topics=groups)


@get("/request-texts/{text_code:str}", opt=_CONFIGURE, include_in_schema=False)
async def text(request: Asked, text_code: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show a text in a form, or an empty one for a new text."""
    if text_code == NEW:
        return _form_page(request, Form({"purpose": TextPurpose.ASK.value}), text_code)
    found = next((one for one in await _texts(request, database) if one.code == text_code), None)
    if found is None:
        raise TextNotFound("No text has this code.")
    typed = {"purpose": found.purpose.value, "title_fr": found.title.fr, "title_en": found.title.en}
    return _form_page(request, Form({**typed, "words_fr": found.words.fr, "words_en": found.words.en}), text_code)


@post("/request-texts/{text_code:str}", opt=_CONFIGURE, include_in_schema=False)
async def write(request: Asked, text_code: FromPath[str], database: NamedDependency[Database]) -> Page | Response[None]:
    """Write the next version of a text; or offer it no more."""
    form, agent, now = await read(request), request.user, request.app.state.clock()
    say = WORDS[language_of(request)]
    if form.ticked("retire"):
        async with database.begin() as unit:
            await retire_text(unit, authority_id=agent.authority_id, code=text_code, by=agent.id, now=now)
        return go(request, PATH, said=say["done_retire"])
    code = form.text("code", longest=40) if text_code == NEW else text_code
    if not _CODE.fullmatch(code) or code == NEW:
        form.refuse("code", "no_code")
    purpose = form.one_of("purpose", TextPurpose)
    title = Text(fr=form.text("title_fr", longest=80), en=form.text("title_en", longest=80))
    words = Text(fr=form.lines("words_fr", longest=LONGEST_WORDS), en=form.lines("words_en", longest=LONGEST_WORDS))
    if form.is_wrong or purpose is None:
        return _form_page(request, form, text_code, status_code=422)
    async with database.begin() as unit:
        await write_text(
            unit,
            authority_id=agent.authority_id,
            code=code,
            purpose=purpose,
            title=title,
            words=words,
            by=agent.id,
            now=now,
        )
    return go(request, PATH, said=say["done_text"])


async def _texts(request: Asked, database: Database) -> list[StandardText]:
    async with database.look() as unit:
        return await standard_texts(unit, request.auth.authority.id, since=request.app.state.clock())


def _form_page(request: Asked, form: Form, code: str, *, status_code: int = 200) -> Page:
    say = WORDS[language_of(request)]
    purposes = [(purpose.value, say[f"purpose_{purpose}"]) for purpose in TextPurpose]
    return draw(
        request,
        "requests/text.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        code=code,
        is_new=code == NEW,
        purposes=purposes,
    )
