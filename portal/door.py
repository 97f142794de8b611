"""Coming in and going out: a code to an address, the way back to the page that was asked for, and logging out."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from msgspec import Struct

from adapters.keyring import KeyRing
from api.boards import Boards
from api.ended_sessions import end_session
from api.pace import Pace
from api.provider_logins import ProviderLogins
from api.resident_logins import CodeTyped, LoginCodes, LoginCodeSent
from api.resident_passkeys import ResidentPasskeys
from api.rules import Rule
from api.settings import Settings
from domain.account_logins import log_in as account_of
from domain.account_sessions import LoginWay
from domain.accounts import Account
from domain.errors import DomainError, Invalid, NotAuthenticated, TooManyAttempts
from domain.errors.accounts import LoginCodeWrong
from domain.places import Authority
from domain.ports import Clock
from portal.shell import Page, draw, go, language_of
from portal.visits import SESSION, Asked, begin_visit, door_secret, visitor
from portal.words import read_words
from store.database import Database
from web.cookies import cookie, cookie_name, local_path
from web.forms import Form, read

WORDS = read_words("door")
HOME = "/moi"

INSIDE = "resident-provider"
"""The cookie of a browser that came in by a provider, and is logged in there: its `id_token`."""

_LONGEST_ADDRESS, _LONGEST_CODE = 160, 20

Anybody = Request[Any, Any, Any]


@get("/login", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def login_page(
    request: Anybody,
    boards: NamedDependency[Boards],
    provider_logins: NamedDependency[ProviderLogins],
    resident_passkeys: NamedDependency[ResidentPasskeys],
) -> Page | Response[None]:
    """Ask for an address; whoever is logged in goes on."""
    wanted = local_path(request.query_params.get("next", ""), HOME)
    with suppress(NotAuthenticated):
        await visitor(request)
        return go(request, wanted)
    form = Form({"next": wanted, "authority": request.query_params.get("authority", "")})
    ways = WaysIn(await boards.authorities(), provider_logins, resident_passkeys)
    return login_page_with(request, form, ways)


@post("/login", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def send_code(
    *,
    request: Anybody,
    boards: NamedDependency[Boards],
    codes: NamedDependency[LoginCodes],
    provider_logins: NamedDependency[ProviderLogins],
    resident_passkeys: NamedDependency[ResidentPasskeys],
    pace: NamedDependency[Pace],
) -> Page | Response[None]:
    """Send six digits to an address. Nothing tells whether it is known."""
    form, cities = await read(request), await boards.authorities()
    ways, city = WaysIn(cities, provider_logins, resident_passkeys), city_of(form, cities)
    if city is None:
        form.refuse("authority", "field_not_chosen")
        return login_page_with(request, form, ways, status_code=422)
    sent, status = await sent_or_refused(
        codes, form, city, language=language_of(request), source=pace.source(request), account=None
    )
    if sent is None:
        return login_page_with(request, form, ways, status_code=status)
    asked = {"attempt": str(sent.attempt), "next": local_path(form.kept("next"), HOME), "authority": city.code}
    return go(request, f"{HOME}/login/code?{urlencode(asked)}")


@get("/login/code", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def code_page(request: Anybody, boards: NamedDependency[Boards]) -> Page:
    """Ask for the code that was sent."""
    asked = request.query_params
    form = Form({name: asked.get(name, "") for name in ("attempt", "next", "authority")})
    return _code_page(request, form, await boards.authorities())


@post("/login/code", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def log_in(
    *,
    request: Anybody,
    boards: NamedDependency[Boards],
    database: NamedDependency[Database],
    codes: NamedDependency[LoginCodes],
    pace: NamedDependency[Pace],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Let in whoever typed the code. The session is new, whatever cookie the browser had."""
    form, cities = await read(request), await boards.authorities()
    try:
        attempt = await codes.take(typed_code(form), pace.source(request))
        async with database.begin() as unit:
            account = await account_of(unit, attempt, now=clock())
            way = LoginWay(attempt.channel)
            session = await begin_visit(request, unit, account, way=way, stays=form.ticked("stays"))
    except LoginCodeWrong:
        form.refuse("code", "wrong_code")
        return _code_page(request, form, cities, status_code=422)
    except TooManyAttempts:
        form.refuse("code", "too_many")
        return _code_page(request, form, cities, status_code=429)
    answer = go(request, local_path(form.kept("next"), HOME))
    answer.set_cookie(session)
    return answer


@post("/logout", opt={"rule": Rule.RESIDENT}, include_in_schema=False)
async def log_out(
    request: Asked,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    keyring: NamedDependency[KeyRing],
    settings: NamedDependency[Settings],
) -> Response[None]:
    """End the session of this browser."""
    async with database.begin() as unit:
        await end_session(unit, keyring, request.user.session, now=clock())
    answer = go(request, f"{HOME}/login?said=out")
    answer.set_cookie(cookie(settings, SESSION, "", seconds=0))
    return answer


class WaysIn(Struct, frozen=True):
    """What a login page offers beside a code, and to the residents of which cities."""

    cities: list[Authority]
    provider: ProviderLogins
    passkeys: ResidentPasskeys


def login_page_with(request: Anybody, form: Form, ways: WaysIn, *, status_code: int = 200) -> Page:
    """Draw the login page, with the ways by a passkey and by the provider where there are any."""
    door_secret(request)
    cities, provider = ways.cities, ways.provider
    choices = [("", "")] + [(one.code, one.name.fr if language_of(request) == "fr" else one.name.en) for one in cities]
    inside = provider.name and cookie_name(request.app.state.settings, INSIDE) in request.cookies
    return draw(
        request,
        "login.html",
        words=WORDS,
        status_code=status_code,
        authority=city_of(form, cities),
        scripts=bool(ways.passkeys.host),
        form=form,
        choices=choices,
        passkeys=ways.passkeys.host,
        provider=provider.name,
        ways=[(name, urlencode({"authority": code, "next": form.kept("next")})) for code, name in choices if code],
        inside=inside,
        left=_left(request),
    )


def _left(request: Anybody) -> str:
    """Say what became of the session that this browser had; nothing of a form that was sent from here."""
    left = request.query_params.get("said", "") if request.method == "GET" else ""
    if not left and request.method == "GET" and cookie_name(request.app.state.settings, SESSION) in request.cookies:
        left = "over"
    return WORDS[language_of(request)][f"left_{left}"] if left in {"out", "deleted", "over"} else ""


def _code_page(request: Anybody, form: Form, cities: list[Authority], *, status_code: int = 200) -> Page:
    door_secret(request)
    again = urlencode({name: form.kept(name) for name in ("authority", "next") if form.kept(name)})
    return draw(
        request,
        "login_code.html",
        words=WORDS,
        status_code=status_code,
        authority=city_of(form, cities),
        form=form,
        again=f"{HOME}/login?{again}",
    )


def city_of(form: Form, cities: list[Authority]) -> Authority | None:
    """Return the city that a form names, or the only one there is."""
    named = next((one for one in cities if one.code == form.kept("authority")), None)
    return named or (cities[0] if len(cities) == 1 else None)


async def sent_or_refused(
    codes: LoginCodes, form: Form, city: Authority, *, language: str, source: str, account: Account | None
) -> tuple[LoginCodeSent | None, int]:
    """Send a code to the address of a form, for an account that is to have it or to log in.

    What does not fit is noted at the field, and the status of the page that says so comes back.
    """
    typed = form.text("address", longest=_LONGEST_ADDRESS)
    if form.is_wrong:
        return None, 422
    said = (typed, None) if "@" in typed else (None, typed)
    try:
        return await codes.send(city, said, language=language, source=source, account=account), 303
    except TooManyAttempts:
        form.refuse("address", "too_many")
        return None, 429
    except Invalid:
        form.refuse("address", "bad_address")
        return None, 422
    except DomainError:  # the mail server or the text messages are away, or refuse this one
        form.refuse("address", "not_sent")
        return None, 503


def typed_code(form: Form) -> CodeTyped:
    """Return the code of a form and the attempt that it belongs to.

    Raises:
        LoginCodeWrong: one of them can be none.
    """
    try:
        return CodeTyped(UUID(form.kept("attempt")), form.kept("code")[:_LONGEST_CODE])
    except ValueError:
        raise LoginCodeWrong("No attempt reads so.") from None


ROUTES = (login_page, send_code, code_page, log_in, log_out)
