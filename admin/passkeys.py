"""Passkeys: logging in with one, and those of my account. Without JavaScript, password and telephone remain."""

from typing import Any
from uuid import UUID

from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.attempts import Attempts
from admin.door import let_in, login_form
from admin.forms import Form, read
from admin.proofs import know_password
from admin.shell import Page, draw, go
from admin.visits import Asked, begin_visit, door_of, secret_of
from admin.words import language_of, read_words
from api.auth import Passwords
from api.passkeys import Passkeys
from api.rules import Rule
from api.settings import Settings
from domain.agent_sessions import Proof
from domain.errors import AlreadyExists, TooManyAttempts
from domain.errors.agents import LastWayIn, PasskeyRefused, TooManyPasskeys
from domain.passkeys import LONGEST_NAME, rename
from store.database import Begin, Database
from web.browsers import browser_of

WORDS = read_words("passkeys")
PATH = "/console/account/passkeys"
FIRST: dict[str, Any] = {"rule": Rule.AGENT, "first": True}

_LONGEST_LOGIN = 120
_BY_PASSWORD = {Proof.PASSWORD, Proof.CODE}


@post("/login/passkey/challenge", status_code=200, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def challenge(request: Request[Any, Any, Any], passkeys: NamedDependency[Passkeys]) -> Response[str]:
    """Tell a browser what a passkey is to sign, for the login that was typed or for whoever it finds by itself."""
    form = await read(request)
    login = form.text("login", longest=_LONGEST_LOGIN, required=False)
    asked = await passkeys.ask_for_one("" if form.is_wrong else login, door_of(request))
    return Response(asked, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


@post("/login/passkey", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def log_in_by_passkey(
    request: Request[Any, Any, Any], passkeys: NamedDependency[Passkeys]
) -> Page | Response[None]:
    """Let somebody in whose passkey has answered: it has seen their finger, face or code, so it is enough."""
    form = await read(request)
    login = form.kept("login").strip()
    try:
        agent = await passkeys.prove(request, door_of(request), form.kept("answer"), login=login)
    except PasskeyRefused:
        form.refuse("passkey", "passkey_refused")
        return login_form(request, form, status_code=401)
    except TooManyAttempts as refusal:
        form.refuse("passkey", "too_many")
        return login_form(request, form, status_code=429, minutes=-(-refusal.retry_after_seconds // 60))
    return await let_in(request, agent, Proof.PASSKEY, wanted=form.kept("next"), ticket=form.kept("unsent"))


@get("/account/passkeys", opt=FIRST, include_in_schema=False)
async def mine(request: Asked, database: NamedDependency[Database], passkeys: NamedDependency[Passkeys]) -> Page:
    """Show my passkeys, and how another is added."""
    return await _mine(request, database, passkeys, Form({"name": browser_of(request.headers.get("user-agent", ""))}))


@post("/account/passkeys/new", status_code=200, opt=FIRST, include_in_schema=False)
async def begin_one(
    *,
    request: Asked,
    database: NamedDependency[Database],
    passkeys: NamedDependency[Passkeys],
    attempts: NamedDependency[Attempts],
    passwords: NamedDependency[Passwords],
    settings: NamedDependency[Settings],
) -> Page:
    """Ask the browser for a new passkey; whoever came in by a password says it once more, for it opens a way in."""
    form = await read(request)
    name = form.text("name", longest=LONGEST_NAME)
    if not form.is_wrong and _says_password(request):
        await know_password(request, form, database=database, attempts=attempts, passwords=passwords, settings=settings)
    if form.is_wrong:
        return await _mine(request, database, passkeys, form, status_code=422)
    asked = await passkeys.ask_for_new(request.user, secret_of(request))
    return draw(request, "passkeys/new.html", words=WORDS, name=name, asked=asked, host=passkeys.host)


@post("/account/passkeys", opt=FIRST, include_in_schema=False)
async def add(
    request: Asked, database: NamedDependency[Database], passkeys: NamedDependency[Passkeys]
) -> Page | Response[None]:
    """Take the passkey that the browser has made. The session is new: it is proved by more."""
    form = await read(request)
    name = form.text("name", longest=LONGEST_NAME)
    refused = ""
    if not form.is_wrong:
        try:
            await passkeys.register(request.user, secret_of(request), form.kept("answer"), name=name, request=request)
        except PasskeyRefused:
            refused = "not_made"
        except AlreadyExists:
            refused = "made_before"
        except TooManyPasskeys:
            refused = "too_many_passkeys"
    if refused:
        form.refuse("passkey", refused)
    if form.is_wrong:
        return await _mine(request, database, passkeys, form, status_code=422)
    answer = go(request, "/console/account/passkeys")
    answer.set_cookie(await begin_visit(request, request.user, Proof.PASSKEY))
    return answer


@post("/account/passkeys/{passkey_id:uuid}/name", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def name_one(
    *,
    request: Asked,
    passkey_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    passkeys: NamedDependency[Passkeys],
) -> Page | Response[None]:
    """Give one of my passkeys another name."""
    form = await read(request)
    name = form.text("name", longest=LONGEST_NAME)
    if form.is_wrong:
        return await _mine(request, database, passkeys, form, status_code=422)
    async with begin() as unit:
        await rename(unit.passkeys, request.user, passkey_id, name)
    return go(request, PATH, said=WORDS[language_of(request)]["renamed"])


@post("/account/passkeys/{passkey_id:uuid}/end", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def end_one(
    request: Asked,
    passkey_id: FromPath[UUID],
    database: NamedDependency[Database],
    passkeys: NamedDependency[Passkeys],
) -> Page | Response[None]:
    """Take one of my passkeys off my account, unless it is the last way in."""
    try:
        await passkeys.remove(request.user, passkey_id, request)
    except LastWayIn:
        form = Form()
        form.refuse("passkey", "last_way_in")
        return await _mine(request, database, passkeys, form, status_code=422)
    return go(request, PATH, said=WORDS[language_of(request)]["removed"])


async def _mine(request: Asked, database: Database, passkeys: Passkeys, form: Form, *, status_code: int = 200) -> Page:
    async with database.look() as unit:
        known = await unit.passkeys.of(request.user.id)
    return draw(
        request,
        "passkeys/mine.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        known=known,
        offered=bool(passkeys.host),
        says_password=_says_password(request),
        longest=LONGEST_NAME,
    )


def _says_password(request: Asked) -> bool:
    return request.auth.session.proof in _BY_PASSWORD
