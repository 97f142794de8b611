"""My account: who it is for, by which addresses it opens, where it is logged in, its language and its end."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.keyring import KeyRing
from api.days import today
from api.ended_sessions import end_session
from api.provider_logins import ProviderLogins
from api.resident_notices import forget_choices
from api.rules import Rule
from domain.accounts import shown
from domain.ports import Clock
from portal.shell import Page, chosen_language, draw, go, language_of
from portal.visits import SESSION, Asked
from portal.words import read_words
from store.database import Database
from web.cookies import cookie
from web.forms import read
from web.wording import ours

WORDS = read_words("account")
PATH = "/moi/account"
RESIDENT = {"rule": Rule.RESIDENT}


@get("/account", opt=RESIDENT, include_in_schema=False)
async def account(
    request: Asked,
    database: NamedDependency[Database],
    provider_logins: NamedDependency[ProviderLogins],
    clock: NamedDependency[Clock],
) -> Page:
    """Show my account."""
    mine, now = request.user.account, clock()
    async with database.look() as unit:
        contacts = await unit.accounts.contacts(mine.id)
        persons = await unit.accounts.persons(mine.id, await today(unit, mine.authority_id, now))
        sessions = await unit.account_sessions.of(mine.id)
        passkeys = await unit.account_passkeys.of(mine.id)
        identities = await unit.account_identities.of(mine.id)
    return draw(
        request,
        "account/account.html",
        words=WORDS,
        persons=persons,
        passkeys=passkeys,
        identities=identities,
        provider=provider_logins.name or next((one.issuer for one in identities), ""),
        may_add=bool(provider_logins.name) and not identities,
        contacts=[(one, shown(one)) for one in contacts],
        devices=[one for one in sessions if one.is_open(now)],
        this=request.user.session.id,
    )


@post("/account/language", opt=RESIDENT, include_in_schema=False)
async def choose_language(request: Asked, database: NamedDependency[Database]) -> Response[None]:
    """Write to me in this language, and show me pages in it."""
    wanted = ours((await read(request)).kept("language")) or language_of(request)
    async with database.begin() as unit:
        await unit.accounts.speak(request.user.account.id, wanted)
    answer = go(request, PATH, said=WORDS[wanted]["language_chosen"])
    answer.set_cookie(chosen_language(request, wanted))
    return answer


@post("/account/devices/{device_id:uuid}/end", opt=RESIDENT, include_in_schema=False)
async def end_device(
    request: Asked,
    device_id: FromPath[UUID],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Log one of my devices out, at once."""
    async with database.begin() as unit:
        session = await unit.account_sessions.one(request.user.account.id, device_id)
        await end_session(unit, keyring, session, now=clock())
    return go(request, PATH, said=WORDS[language_of(request)]["device_ended"])


@get("/account/delete", opt=RESIDENT, include_in_schema=False)
async def ask_delete(request: Asked) -> Page:
    """Ask whether the account shall really go, and say what stays."""
    return draw(
        request,
        "ask.html",
        words=WORDS,
        title=WORDS[language_of(request)]["delete_title"],
        lead=WORDS[language_of(request)]["delete_lead"],
        button=WORDS[language_of(request)]["delete_now"],
        action=f"{PATH}/delete",
        back=PATH,
    )


@post("/account/delete", opt=RESIDENT, include_in_schema=False)
async def delete(
    request: Asked, database: NamedDependency[Database], keyring: NamedDependency[KeyRing]
) -> Response[None]:
    """Delete the account, its addresses and devices, at once and for good."""
    async with database.begin() as unit:
        await forget_choices(unit, keyring, request.user.account)
        await unit.accounts.remove(request.user.account.id)
    answer = go(request, "/moi/login?said=deleted")
    answer.set_cookie(cookie(request.app.state.settings, SESSION, "", seconds=0))
    return answer


ROUTES = (account, choose_language, end_device, ask_delete, delete)
