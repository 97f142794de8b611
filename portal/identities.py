"""The identity provider (FranceConnect) that opens my account: added, seen, and taken off again."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.messenger import Messenger
from api.provider_logins import ProviderLogins
from api.resident_identities import tell_added
from api.settings import Settings
from domain.account_identities import attach, detach, turn_in
from domain.errors import NotFound
from domain.errors.accounts import IdentityTaken, TicketRefused
from domain.errors.agents import LastWayIn
from domain.ports import Clock
from portal.account import PATH, RESIDENT, WORDS
from portal.door import INSIDE
from portal.provider import GONE, gone_for, sent_to
from portal.shell import go, language_of
from portal.visits import Asked
from store.database import Database
from web.cookies import cookie

_HERE = f"{PATH}/provider"


@get("/account/provider", opt=RESIDENT, include_in_schema=False)
async def leave(
    request: Asked, provider_logins: NamedDependency[ProviderLogins], settings: NamedDependency[Settings]
) -> Response[None]:
    """Send somebody who is logged in to the provider. A link, no form: browsers lead no form to another origin."""
    if not provider_logins.name:
        raise NotFound("Nobody logs in here by a provider.")
    return sent_to(request, settings, request.auth.authority.code, back=f"{_HERE}/back", wanted=PATH)


@get("/account/provider/back", opt=RESIDENT, include_in_schema=False)
async def come_back(
    *,
    request: Asked,
    database: NamedDependency[Database],
    provider_logins: NamedDependency[ProviderLogins],
    messenger: NamedDependency[Messenger],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[None]:
    """Let whoever this browser went for open my account too; my addresses are told."""
    mine, say = request.user.account, WORDS[language_of(request)]
    verifier, _ = gone_for(request)
    name = provider_logins.name
    try:
        async with database.begin() as unit:
            ticket = await turn_in(unit, request.query_params.get("ticket", ""), verifier, now=clock())
            added = await attach(unit, mine, ticket, now=clock())
    except TicketRefused:
        answer = go(request, PATH, said=say["provider_refused"].format(name=name))
    except IdentityTaken:
        answer = go(request, PATH, said=say["provider_taken"].format(name=name))
    else:
        await tell_added(database, messenger, mine, name or added.issuer)
        answer = go(request, PATH, said=say["provider_added"].format(name=name))
        answer.set_cookie(cookie(settings, INSIDE, ticket.id_token))
    answer.set_cookie(cookie(settings, GONE, "", seconds=0))
    return answer


@post("/account/provider/{identity_id:uuid}/remove", opt=RESIDENT, include_in_schema=False)
async def remove(request: Asked, identity_id: FromPath[UUID], database: NamedDependency[Database]) -> Response[None]:
    """Let it open my account no more. An address must be left to send a code to."""
    say = WORDS[language_of(request)]
    try:
        async with database.begin() as unit:
            await detach(unit, request.user.account, identity_id)
    except LastWayIn:
        return go(request, PATH, said=say["provider_last"])
    return go(request, PATH, said=say["provider_removed"])


ROUTES = (leave, come_back, remove)
