"""A code for a minute: shown until its minute is over, by whoever asks for the page again too, without a script.

The code lies in a cookie of its browser, and the database knows whether it still opens a gate. So the page may be
loaded anew, gone back to, or opened again by a telephone that has slept: it shows what holds then.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from api.resident_passes import detail_for
from api.resident_phones import brief_code, brief_until
from domain.errors.passes import LifecycleConflict
from domain.ports import Clock
from domain.services import BY_CODE
from nfc import online_handle
from nfc.errors import CodeError
from nfc.picture import render_svg
from portal.account import RESIDENT
from portal.passes import WORDS
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked, secret_of
from store.database import Database
from web.cookies import cookie, cookie_name
from web.forms import Form, read
from web.parting import seal, unseal

_COOKIE = "resident-code"
STEP_SECONDS = 5
"""A code is veiled in such steps, between one and six seconds before its end: the page has its way here, and the reader
its own to the city."""


@get("/passes/{number:str}/code", opt=RESIDENT, include_in_schema=False)
async def choose_service(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Ask at which service the code shall hold: those that the pass has rights to."""
    return await _service_page(request, number, database, clock, Form())


@post("/passes/{number:str}/code", opt=RESIDENT, include_in_schema=False)
async def make(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Make a code that opens one gate of it once, within a minute, and lead to where it is shown."""
    form, mine, now = await read(request), request.user.account, clock()
    service = form.kept("service")
    if service not in BY_CODE:
        form.refuse("service", "field_not_chosen")
        return await _service_page(request, number, database, clock, form, status_code=422)
    try:
        made = await brief_code(database, mine, number, service, now=now)
    except LifecycleConflict:
        return go(request, f"/moi/passes/{number}", said=WORDS[language_of(request)]["nothing_in_use"])
    shown = go(request, f"/moi/passes/{number}/code/{service}")
    shown.set_cookie(cookie(request.app.state.settings, _COOKIE, seal(made.code, secret_of(request))))
    return shown


@get("/passes/{number:str}/code/{service:str}", opt=RESIDENT, include_in_schema=False)
async def show(
    *,
    request: Asked,
    number: FromPath[str],
    service: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Show it as long as it opens a gate; then that it is over, and how to get another."""
    if service not in BY_CODE:
        return go(request, f"/moi/passes/{number}/code")
    mine, now, code = request.user.account, clock(), _code_of(request)
    until = await brief_until(database, mine, number, service, code, now=now)
    left = seconds_shown(until, now) if until is not None else 0
    return draw(
        request,
        "passes/brief.html",
        words=WORDS,
        number=number,
        service=BY_CODE[service],
        # The picture is ours, drawn from signs of a known alphabet.
        picture=Markup(render_svg(code)) if left else None,  # noqa: S704
        left=left,
        veiled_at=now + timedelta(seconds=left),
    )


def seconds_shown(until: datetime, now: datetime) -> int:
    """Return for how long a code is shown that holds until then: whole steps, the last of them over before it is."""
    return max(int((until - now).total_seconds()) - 1, 0) // STEP_SECONDS * STEP_SECONDS


def _code_of(request: Asked) -> str:
    """Return the code that this session was given last; empty where none is known to be alive."""
    kept = unseal(request.cookies.get(cookie_name(request.app.state.settings, _COOKIE), ""), secret_of(request))
    with suppress(CodeError):
        online_handle.parse(kept)
        return kept
    return ""


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


ROUTES = (choose_service, make, show)
