"""Passkeys of residents: coming in with one, and those of my account. A code opens it too, without JavaScript."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.boards import Boards
from api.pace import Pace
from api.provider_logins import ProviderLogins
from api.resident_passkeys import ResidentPasskeys
from api.rules import Rule
from domain.account_sessions import LoginWay
from domain.errors import AlreadyExists, NotFound, TooManyAttempts
from domain.errors.accounts import PasskeyUnusable
from domain.errors.agents import PasskeyRefused, TooManyPasskeys
from domain.passkeys import LONGEST_NAME, rename
from portal.account import RESIDENT
from portal.door import HOME, WaysIn, city_of, login_page_with
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked, begin_visit
from portal.words import read_words
from store.database import Database
from web.browsers import browser_of
from web.cookies import local_path
from web.forms import Form, read

WORDS = read_words("passkeys")
PATH = "/moi/account/passkeys"

Anybody = Request[Any, Any, Any]


@post("/login/passkey/challenge", status_code=200, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def challenge(
    request: Anybody, boards: NamedDependency[Boards], resident_passkeys: NamedDependency[ResidentPasskeys]
) -> Response[bytes]:
    """Tell a browser what a passkey is to sign, and the number that goes with its answer. No address is asked for."""
    city = city_of(await read(request), await boards.authorities())
    if city is None:
        raise NotFound("No city of this installation was named.")
    asked = msgspec.json.encode(resident_passkeys.ask_for_one(city))
    return Response(asked, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


@post("/login/passkey", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def log_in(
    *,
    request: Anybody,
    boards: NamedDependency[Boards],
    database: NamedDependency[Database],
    provider_logins: NamedDependency[ProviderLogins],
    resident_passkeys: NamedDependency[ResidentPasskeys],
    pace: NamedDependency[Pace],
) -> Page | Response[None]:
    """Let in whose passkey has answered. The session is new, whatever cookie the browser had."""
    form = await read(request)
    try:
        account = await resident_passkeys.prove(_attempt(form), form.kept("answer"), pace.source(request))
        async with database.begin() as unit:
            session = await begin_visit(request, unit, account, way=LoginWay.PASSKEY, stays=form.ticked("stays"))
    except (PasskeyRefused, TooManyAttempts) as refusal:
        often = isinstance(refusal, TooManyAttempts)
        form.refuse("passkey", "too_many" if often else "passkey_refused")
        ways = WaysIn(await boards.authorities(), provider_logins, resident_passkeys)
        return login_page_with(request, form, ways, status_code=429 if often else 401)
    answer = go(request, local_path(form.kept("next"), HOME))
    answer.set_cookie(session)
    return answer


@get("/account/passkeys", opt=RESIDENT, include_in_schema=False)
async def mine(
    request: Asked, database: NamedDependency[Database], resident_passkeys: NamedDependency[ResidentPasskeys]
) -> Page:
    """Show my passkeys, and how another is added."""
    form = Form({"name": browser_of(request.headers.get("user-agent", ""))})
    return await _mine(request, database, resident_passkeys, form)


@post("/account/passkeys/new", status_code=200, opt=RESIDENT, include_in_schema=False)
async def begin_one(
    request: Asked, database: NamedDependency[Database], resident_passkeys: NamedDependency[ResidentPasskeys]
) -> Page:
    """Ask the browser for a new passkey."""
    form = await read(request)
    name = form.text("name", longest=LONGEST_NAME)
    if form.is_wrong:
        return await _mine(request, database, resident_passkeys, form, status_code=422)
    asked = await resident_passkeys.ask_for_new(request.user)
    return draw(
        request,
        "passkeys/new.html",
        words=WORDS,
        scripts=True,
        name=name,
        asked=msgspec.json.encode(asked.options).decode(),
        host=resident_passkeys.host,
    )


@post("/account/passkeys", opt=RESIDENT, include_in_schema=False)
async def add(
    request: Asked, database: NamedDependency[Database], resident_passkeys: NamedDependency[ResidentPasskeys]
) -> Page | Response[None]:
    """Take the passkey that the browser has made; my addresses are told of it."""
    form = await read(request)
    name = form.text("name", longest=LONGEST_NAME)
    if not form.is_wrong:
        try:
            await resident_passkeys.register(request.user, form.kept("answer"), name=name)
        except PasskeyUnusable:
            form.refuse("passkey", "not_made")
        except AlreadyExists:
            form.refuse("passkey", "made_before")
        except TooManyPasskeys:
            form.refuse("passkey", "too_many_passkeys")
    if form.is_wrong:
        return await _mine(request, database, resident_passkeys, form, status_code=422)
    return go(request, PATH, said=WORDS[language_of(request)]["added"])


@post("/account/passkeys/{passkey_id:uuid}/name", opt=RESIDENT, include_in_schema=False)
async def name_one(request: Asked, passkey_id: FromPath[UUID], database: NamedDependency[Database]) -> Response[None]:
    """Give one of my passkeys another name."""
    form, say = await read(request), WORDS[language_of(request)]
    name = form.text("name", longest=LONGEST_NAME)
    if form.is_wrong:
        return go(request, PATH, said=say["not_renamed"])
    async with database.begin() as unit:
        await rename(unit.account_passkeys, request.user.account, passkey_id, name)
    return go(request, PATH, said=say["renamed"])


@post("/account/passkeys/{passkey_id:uuid}/end", opt=RESIDENT, include_in_schema=False)
async def end_one(request: Asked, passkey_id: FromPath[UUID], database: NamedDependency[Database]) -> Response[None]:
    """Let a passkey open my account no more; one that is gone is gone. Codes go on opening it."""
    async with database.begin() as unit:
        await unit.account_passkeys.remove(request.user.account.id, passkey_id)
    return go(request, PATH, said=WORDS[language_of(request)]["removed"])


async def _mine(
    request: Asked, database: Database, passkeys: ResidentPasskeys, form: Form, *, status_code: int = 200
) -> Page:
    async with database.look() as unit:
        known = await unit.account_passkeys.of(request.user.account.id)
    return draw(
        request,
        "passkeys/mine.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        known=known,
        offered=bool(passkeys.host),
        longest=LONGEST_NAME,
    )


def _attempt(form: Form) -> UUID:
    try:
        return UUID(form.kept("attempt"))
    except ValueError:
        raise PasskeyRefused("No attempt reads so.") from None


ROUTES = (challenge, log_in, mine, begin_one, add, name_one, end_one)
