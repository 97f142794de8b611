"""One pass: what it opens and how much is left, what shows it, and where it was shown."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from adapters.keyring import KeyRing
from api.resident_cards import card_for
from api.resident_passes import detail_for, passages_for
from api.resident_phones import brief_code
from api.resident_printed import code_for
from domain.errors.passes import LifecycleConflict
from domain.passes import MediumStatus
from domain.ports import Clock
from domain.services import BY_CODE
from nfc.picture import render_svg
from portal.account import RESIDENT
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from portal.words import read_words
from store.database import Database
from web.forms import Form, read
from web.wording import Words

WORDS = read_words("passes")
_CARDS = read_words("cards")
_OF_A_PASS: Words = {"fr": {**WORDS["fr"], **_CARDS["fr"]}, "en": {**WORDS["en"], **_CARDS["en"]}}
LINES = 20


@get("/passes/{number:str}", opt=RESIDENT, include_in_schema=False)
async def show(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Show a pass: rights in sentences, and what shows it."""
    mine, now = request.user.account, clock()
    seen = await detail_for(database, mine, number, now)
    return draw(
        request,
        "passes/pass.html",
        words=_OF_A_PASS,
        card=await card_for(database, mine, number, now),
        pass_=seen.summary,
        rights=seen.rights,
        media=[one for one in seen.media if one.status is not MediumStatus.REVOKED],
        may_show=any(one.status is MediumStatus.ACTIVE for one in seen.media),
    )


@get("/passes/{number:str}/passages", opt=RESIDENT, include_in_schema=False)
async def history(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Show where the pass was shown, for as long as that is kept."""
    before = request.query_params.get("before")
    seen = await passages_for(database, request.user.account, number, clock(), before=before, lines=LINES)
    return draw(
        request, "passes/passages.html", words=WORDS, number=number, passages=seen.passages, earlier=seen.cursor
    )


@get("/passes/{number:str}/code", opt=RESIDENT, include_in_schema=False)
async def choose_service(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Ask at which service the code shall hold: those that the pass has rights to."""
    return await _service_page(request, number, database, clock, Form())


@post("/passes/{number:str}/code", status_code=200, opt=RESIDENT, include_in_schema=False)
async def show_code(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Show a code that opens one gate of it once, within a minute."""
    form, mine, now = await read(request), request.user.account, clock()
    service = form.kept("service")
    if service not in BY_CODE:
        form.refuse("service", "field_not_chosen")
        return await _service_page(request, number, database, clock, form, status_code=422)
    try:
        shown = await brief_code(database, mine, number, service, now=now)
    except LifecycleConflict:
        return go(request, f"/moi/passes/{number}", said=WORDS[language_of(request)]["nothing_in_use"])
    return _drawn(request, "passes/brief.html", shown.code, number=number, service=BY_CODE[service].name)


@get("/passes/{number:str}/media/{medium:str}/code", opt=RESIDENT, include_in_schema=False)
async def printed(
    *,
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> Page:
    """Show a printed code in use: to be printed again, or kept as a picture."""
    code = await code_for(database, keyring, request.user.account, number, medium, now=clock())
    return _drawn(request, "passes/printed.html", code, number=number)


def _drawn(request: Asked, template: str, code: str, **what: Any) -> Page:  # noqa: ANN401 - of the template
    # The picture is ours, drawn from signs of a known alphabet.
    return draw(request, template, words=WORDS, picture=Markup(render_svg(code)), **what)  # noqa: S704


async def _service_page(
    request: Asked, number: str, database: Database, clock: Clock, form: Form, *, status_code: int = 200
) -> Page:
    seen = await detail_for(database, request.user.account, number, clock())
    services = {one.service: one.service_name for one in seen.rights}
    language = language_of(request)
    choices = [(code, name.fr if language == "fr" else name.en) for code, name in services.items()]
    return draw(
        request,
        "passes/service.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        number=number,
        choices=choices,
    )


ROUTES = (show, history, choose_service, show_code, printed)
