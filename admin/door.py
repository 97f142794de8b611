"""Coming in and going out: login and password, and the way back to the page that was asked for."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from adapters.attempts import Attempts
from adapters.oidc import Oidc
from adapters.passkeys import party_of
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.unsent import LONGEST_TICKET, taken
from admin.visits import (
    DOOR,
    PROVIDER,
    SESSION,
    Asked,
    begin_visit,
    door_of,
    door_secret,
    form_token,
    half_way,
    visitor,
)
from admin.words import read_words
from api.auth import BadCredentials, Passwords
from api.logins import SecondFactors, prove
from api.passkeys import Passkeys
from api.rules import Rule
from api.settings import Settings
from domain.agent_sessions import Proof, revoke
from domain.agents import Agent
from domain.errors import NotAuthenticated, TooManyAttempts
from domain.errors.agents import IdentityRefused, ProviderAway, SecondFactorWrong
from domain.ports import Clock
from store.database import Begin, Database
from web import cookies
from web.cookies import cookie, cookie_name

WORDS = read_words("door")
HOME = "/console"

_LONGEST_LOGIN, _LONGEST_PASSWORD, _LONGEST_CODE = 120, 200, 40


@get("/login", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def login_page(request: Request[Any, Any, Any]) -> Page | Response[None]:
    """Ask who is there; whoever is logged in goes on."""
    wanted = local_path(request.query_params.get("next", ""))
    try:
        await visitor(request)
    except NotAuthenticated:
        return login_form(request, Form({"next": wanted}))
    return go(request, wanted)


@post("/login", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def log_in(
    *,
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    attempts: NamedDependency[Attempts],
    passwords: NamedDependency[Passwords],
    factors: NamedDependency[SecondFactors],
    passkeys: NamedDependency[Passkeys],
    settings: NamedDependency[Settings],
) -> Page | Response[None]:
    """Let somebody in who knows their password. The session is new, whatever cookie the browser had."""
    form = await read(request)
    login = form.text("login", longest=_LONGEST_LOGIN)
    password = form.kept("password")
    if not password:
        form.refuse("password", "field_missing")
    if form.is_wrong:
        return login_form(request, form, status_code=422)
    try:
        agent = await prove(
            request,
            login,
            password[:_LONGEST_PASSWORD],
            database=database,
            attempts=attempts,
            passwords=passwords,
            settings=settings,
        )
    except BadCredentials:
        form.refuse("login", "wrong_password")
        return login_form(request, form, status_code=401)
    except TooManyAttempts as refusal:
        form.refuse("login", "too_many")
        return login_form(request, form, status_code=429, minutes=-(-refusal.retry_after_seconds // 60))
    if await factors.of(agent) is None and not await passkeys.stand_in(agent):
        return await let_in(request, agent, Proof.PASSWORD, wanted=form.kept("next"), ticket=form.kept("unsent"))
    ticket = {"unsent": form.kept("unsent")[:LONGEST_TICKET]} if form.kept("unsent") else {}
    answer = go(request, f"/console/login/code?{urlencode({'next': local_path(form.kept('next')), **ticket})}")
    answer.set_cookie(await begin_visit(request, agent, Proof.HALF))
    return answer


@get("/login/code", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def code_page(
    request: Request[Any, Any, Any],
    factors: NamedDependency[SecondFactors],
    passkeys: NamedDependency[Passkeys],
) -> Page:
    """Ask for the second factor of somebody whose password was right."""
    asked = request.query_params
    form = Form({"next": local_path(asked.get("next", "")), "unsent": asked.get("unsent", "")})
    return await _code_page(request, await half_way(request), form, factors, passkeys)


@post("/login/code", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def log_in_by_code(
    request: Request[Any, Any, Any],
    factors: NamedDependency[SecondFactors],
    passkeys: NamedDependency[Passkeys],
) -> Page | Response[None]:
    """Let somebody in whose second factor is right. The session is new once more."""
    form = await read(request)
    agent = await half_way(request)
    code = form.text("code", longest=_LONGEST_CODE)
    if not form.is_wrong:
        try:
            await factors.prove(agent, code)
        except SecondFactorWrong:
            form.refuse("code", "wrong_code")
        except TooManyAttempts:
            form.refuse("code", "too_many")
    if form.is_wrong:
        return await _code_page(request, agent, form, factors, passkeys, status_code=422)
    return await let_in(request, agent, Proof.CODE, wanted=form.kept("next"), ticket=form.kept("unsent"))


async def _code_page(
    request: Request[Any, Any, Any],
    agent: Agent,
    form: Form,
    factors: SecondFactors,
    passkeys: Passkeys,
    *,
    status_code: int = 200,
) -> Page:
    return draw(
        request,
        "login_code.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        telephone=await factors.of(agent) is not None,
        passkeys=passkeys.host,
    )


@post("/logout", opt={"rule": Rule.AGENT, "first": True}, include_in_schema=False)
async def log_out(
    request: Asked,
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    oidc: NamedDependency[Oidc | None],
) -> Page | Response[None]:
    """End the session of this browser, and that at the provider where it began."""
    async with begin() as unit:
        await revoke(unit, request.auth.session, now=clock())
    answer: Page | Response[None] = go(request, "/console/login")
    id_token = request.cookies.get(cookie_name(settings, PROVIDER), "")
    if oidc is not None and id_token and request.auth.session.proof is Proof.PROVIDER:
        leaving = await _leaving(oidc, id_token, settings)
        if leaving:
            # A page, not a redirect: a form of ours may lead nowhere else (CSP).
            request.scope["user"] = request.scope["auth"] = None
            answer = draw(request, "logged_out.html", words=WORDS, leaving=leaving, provider=settings.oidc_name)
            answer.set_cookie(cookie(settings, PROVIDER, "", seconds=0))
    answer.set_cookie(cookie(settings, SESSION, "", seconds=0))
    return answer


async def _leaving(oidc: Oidc, id_token: str, settings: Settings) -> str:
    try:
        return await oidc.leaving(id_token, f"{settings.public_url.rstrip('/')}/console/login")
    except (ProviderAway, IdentityRefused):
        return ""  # they are logged out here, which is what was asked for


def local_path(wanted: str) -> str:
    """Return a page of the console that was asked for before the login; for anything else, the first page."""
    return cookies.local_path(wanted, HOME)


def login_form(request: Request[Any, Any, Any], form: Form, *, status_code: int = 200, minutes: int = 0) -> Page:
    """Draw the login; with it, a form that was sent when its session was over already."""
    settings: Settings = request.app.state.settings
    door_secret(request)
    party = party_of(settings.public_url)
    page = draw(
        request,
        "login.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        minutes=minutes,
        provider=settings.oidc_name if settings.oidc_issuer else "",
        passkeys=party.id if party is not None else "",
        unsent=request.state.get("unsent") or form.kept("unsent"),
    )
    if request.state.get("door"):
        page.set_cookie(cookie(settings, DOOR, request.state.door))
    if minutes:
        page.headers["Retry-After"] = str(minutes * 60)
    return page


async def let_in(
    request: Request[Any, Any, Any], agent: Agent, proof: Proof, *, wanted: str, ticket: str
) -> Page | Response[None]:
    """Begin the session, and go on to the page that was asked for, or to the form that came too late."""
    session = await begin_visit(request, agent, proof)
    late = await taken(request, ticket, agent, door=door_of(request))
    answer: Page | Response[None] = go(request, local_path(wanted))
    if late is not None:
        token = form_token(session.value or "")
        answer = draw(request, "resend.html", words=WORDS, unsent=late, new_token=token)
    answer.set_cookie(session)
    return answer
