"""What I prove with that I am I: my password, and the codes of my telephone."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from adapters.attempts import Attempts
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.visits import Asked, begin_visit
from admin.words import language_of, read_words
from api.auth import BadCredentials, Passwords
from api.logins import SecondFactors, prove
from api.rules import Rule
from api.settings import Settings
from domain.agent_sessions import Proof
from domain.errors import Forbidden, TooManyAttempts
from domain.errors.agents import SecondFactorWrong
from domain.ports import Clock
from domain.second_factors import address_for, prepare, secret_to_type
from domain.staff import SHORTEST_PASSWORD, change_password
from nfc.picture import QUIET_ZONE, link_modules, svg_path
from store.database import Begin, Database

WORDS = read_words("account")
ACCOUNT = "/console/account"
CODE = "/console/account/code"

_LONGEST = 200
_SHORT = {"shortest": SHORTEST_PASSWORD}


@get("/account/password", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def password_page(request: Asked) -> Page:
    """Ask for another password."""
    return draw(request, "account_password.html", words=WORDS, form=Form(), **_SHORT)


@post("/account/password", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def set_password(
    *,
    request: Asked,
    database: NamedDependency[Database],
    attempts: NamedDependency[Attempts],
    passwords: NamedDependency[Passwords],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Take another password from whoever knows the present one. All my other sessions end."""
    form = await read(request)
    new = form.kept("new")
    if not SHORTEST_PASSWORD <= len(new) <= _LONGEST:
        form.refuse("new", "password_short")
    elif new != form.kept("again"):
        form.refuse("again", "password_differs")
    if not form.is_wrong:
        await know_password(request, form, database=database, attempts=attempts, passwords=passwords, settings=settings)
    if form.is_wrong:
        return draw(request, "account_password.html", words=WORDS, status_code=422, form=form, **_SHORT)
    hashed = await passwords.hash(new)
    async with database.begin() as unit:
        await change_password(unit, request.user, hashed, now=clock(), keep=request.auth.session.id)
    return go(request, ACCOUNT, said=WORDS[language_of(request)]["password_changed"])


@get("/account/code", opt={"rule": Rule.AGENT, "first": True}, include_in_schema=False)
async def code_page(
    request: Asked, database: NamedDependency[Database], factors: NamedDependency[SecondFactors]
) -> Page:
    """Show whether a telephone protects this account, or how one comes to do so."""
    return await _code_page(request, database, factors, Form())


@post("/account/code", opt={"rule": Rule.AGENT, "first": True}, include_in_schema=False)
async def prepare_code(request: Asked, begin: NamedDependency[Begin]) -> Response[None]:
    """Draw a new secret for a telephone; one that counts already stays."""
    async with begin() as unit:
        known = await unit.second_factors.of(request.user.id)
        if known is None or known.confirmed_at is None:
            await prepare(unit, request.user)
    return go(request, CODE)


@post("/account/code/first", opt={"rule": Rule.AGENT, "first": True}, include_in_schema=False)
async def confirm_code(
    request: Asked, database: NamedDependency[Database], factors: NamedDependency[SecondFactors]
) -> Page:
    """Take the first code of a telephone, and show the spare codes once. The session is new: it is proved by more."""
    form = await read(request)
    code = form.text("code", longest=40)
    try:
        if not form.is_wrong:
            spare = await factors.confirm(request.user, code)
            page = draw(request, "account_spare.html", words=WORDS, spare=spare)
            page.set_cookie(await begin_visit(request, request.user, Proof.CODE))
            return page
    except SecondFactorWrong:
        form.refuse("code", "wrong_code")
    except TooManyAttempts:
        form.refuse("code", "too_many")
    return await _code_page(request, database, factors, form, status_code=422)


@post("/account/code/end", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def end_code(
    *,
    request: Asked,
    database: NamedDependency[Database],
    factors: NamedDependency[SecondFactors],
    attempts: NamedDependency[Attempts],
    passwords: NamedDependency[Passwords],
    settings: NamedDependency[Settings],
) -> Page | Response[None]:
    """Take the telephone off the account, with the password once more; not where one is asked for."""
    if _is_required(request):
        raise Forbidden("This installation asks for a second factor.")
    form = await read(request)
    await know_password(request, form, database=database, attempts=attempts, passwords=passwords, settings=settings)
    if form.is_wrong:
        return await _code_page(request, database, factors, form, status_code=422)
    async with database.begin() as unit:
        await unit.second_factors.remove(request.user.id)
    return go(request, CODE, said=WORDS[language_of(request)]["code_ended"])


async def know_password(
    request: Asked,
    form: Form,
    *,
    database: Database,
    attempts: Attempts,
    passwords: Passwords,
    settings: Settings,
) -> None:
    """Refuse a form whose password is not that of whoever sends it."""
    try:
        await prove(
            request,
            request.user.login,
            form.kept("password")[:_LONGEST],
            database=database,
            attempts=attempts,
            passwords=passwords,
            settings=settings,
        )
    except BadCredentials:
        form.refuse("password", "wrong_password")
    except TooManyAttempts:
        form.refuse("password", "too_many")


async def _code_page(
    request: Asked, database: Database, factors: SecondFactors, form: Form, *, status_code: int = 200
) -> Page:
    shown: dict[str, Any] = {"qr": "", "side": 0, "typed": ""}
    async with database.look() as unit:
        factor = await unit.second_factors.of(request.user.id)
        left = await unit.second_factors.paper_left(request.user.id)
        if factor is not None and factor.confirmed_at is None:
            secret = await factors.secret(unit, request.user, factor)
            issuer = request.auth.authority.name.fr
            rows = link_modules(address_for(secret, login=request.user.login, issuer=issuer))
            drawn = svg_path(rows, x=QUIET_ZONE, y=QUIET_ZONE)
            shown = {"qr": drawn, "side": len(rows) + 2 * QUIET_ZONE, "typed": secret_to_type(secret)}
    return draw(
        request,
        "account_code.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        factor=factor,
        left=left,
        required=_is_required(request),
        **shown,
    )


def _is_required(request: Asked) -> bool:
    return request.app.state.settings.second_factor == "required" and request.user.sees_people
