"""My last logins, what to do about one that was not mine, and what helps whoever cannot log in any more."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from adapters.keyring import KeyRing
from api.boards import Boards
from api.ended_sessions import end_session
from api.provider_logins import ProviderLogins
from api.resident_passkeys import ResidentPasskeys
from api.rules import Rule
from domain.account_sessions import MOST_LISTED
from domain.ports import Clock
from portal.account import RESIDENT
from portal.door import city_of
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from portal.words import read_words
from store.database import Database
from web.forms import Form

WORDS = read_words("logins")
PATH = "/moi/account/logins"


@get("/account/logins", opt=RESIDENT, include_in_schema=False)
async def mine(
    request: Asked,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    provider_logins: NamedDependency[ProviderLogins],
) -> Page:
    """Show who came into my account: when, by what, with which device."""
    now, this = clock(), request.user.session.id
    async with database.look() as unit:
        found = await unit.account_sessions.logins(request.user.account.id, MOST_LISTED)
    return draw(
        request,
        "account/logins.html",
        words=WORDS,
        logins=[(one, one.ended_at(now)) for one in found],
        this=this,
        others=any(one.is_open(now) and one.id != this for one in found),
        provider=provider_logins.name or WORDS[language_of(request)]["provider"],
    )


@post("/account/logins/end", opt=RESIDENT, include_in_schema=False)
async def end_others(
    request: Asked,
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Log every other device of mine out, at once."""
    now, mine_ = clock(), request.user
    async with database.begin() as unit:
        for session in await unit.account_sessions.of(mine_.account.id):
            if session.id != mine_.session.id:
                await end_session(unit, keyring, session, now=now)
    return go(request, PATH, said=WORDS[language_of(request)]["others_ended"])


@get("/login/lost", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def lost(
    request: Request[Any, Any, Any],
    boards: NamedDependency[Boards],
    provider_logins: NamedDependency[ProviderLogins],
    resident_passkeys: NamedDependency[ResidentPasskeys],
) -> Page:
    """Say how somebody comes back who has lost an address, a telephone, or both."""
    city = city_of(Form(dict(request.query_params)), await boards.authorities())
    return draw(
        request,
        "login_lost.html",
        words=WORDS,
        authority=city,
        provider=provider_logins.name,
        passkeys=resident_passkeys.host,
    )


ROUTES = (mine, end_others, lost)
