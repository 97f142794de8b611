"""The identity provider of residents, as an app asks for it: whether there is one, logging in by it, taking it off."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.agents import PRINTABLE
from api.messenger import Messenger
from api.provider_logins import ProviderLogins
from api.resident_account import RESIDENT
from api.resident_answers import UNCHANGED, tagged
from api.resident_logins import TAGS, ResidentToken, let_in
from api.residents import Asked, ResidentTokens
from api.rules import Rule
from domain.account_identities import attach, detach, log_in, turn_in
from domain.account_letters import Subject
from domain.account_sessions import LoginWay
from domain.accounts import Account
from domain.errors import NotFound
from domain.ports import Clock
from store.database import Database


class ProviderOffered(Struct, frozen=True):
    """Where residents may log in too, and what that is called on the button."""

    name: str


class TicketShown(Struct, frozen=True, forbid_unknown_fields=True):
    """The ticket that came back from the provider, and the secret whose SHA-256 was the `challenge`."""

    ticket: Annotated[str, Meta(min_length=1, max_length=100, pattern=PRINTABLE)]
    verifier: Annotated[str, Meta(min_length=43, max_length=128, pattern=r"^[A-Za-z0-9._~-]+$")]


class ProviderTokenRequest(TicketShown, frozen=True, forbid_unknown_fields=True):
    """The same, to log in. `device` is what the list of devices will call this one."""

    device: Annotated[str, Meta(min_length=1, max_length=60, pattern=PRINTABLE)]


class ProviderToken(ResidentToken, frozen=True):
    """Tokens as a code gives them. `providerLogout`: where to send the browser once more when logging out; or empty."""

    provider_logout: str


class MyIdentity(Struct, frozen=True, rename="camel"):
    """A provider that opens the account, since when. What it said of anybody is not kept."""

    id: UUID
    name: str
    linked_at: datetime


class MyIdentities(Struct, frozen=True):
    """The providers that open an account."""

    identities: list[MyIdentity]


@get("/provider", opt={"rule": Rule.PUBLIC}, summary="See where residents may log in", tags=TAGS)
async def offered(provider_logins: NamedDependency[ProviderLogins]) -> ProviderOffered:
    """Tell whether residents may log in at an identity provider, and how it is called."""
    if not provider_logins.name:
        raise NotFound("Nobody logs in here by a provider.")
    return ProviderOffered(provider_logins.name)


@post("/tokens/provider", status_code=200, opt={"rule": Rule.PUBLIC}, summary="Log in by a provider", tags=TAGS)
async def enter(
    *,
    data: JSONBody[ProviderTokenRequest],
    database: NamedDependency[Database],
    provider_logins: NamedDependency[ProviderLogins],
    resident_tokens: NamedDependency[ResidentTokens],
    clock: NamedDependency[Clock],
) -> ProviderToken:
    """Exchange a ticket for tokens. Who comes for the first time has an account from now on, which sees nobody yet."""
    now = clock()
    async with database.begin() as unit:
        ticket = await turn_in(unit, data.ticket, data.verifier, now=now)
        account = await log_in(unit, ticket, now=now)
        tokens = await let_in(unit, resident_tokens, account, data.device, way=LoginWay.PROVIDER, now=now)
    said = {name: getattr(tokens, name) for name in ResidentToken.__struct_fields__}
    return ProviderToken(**said, provider_logout=await provider_logins.way_out(ticket.id_token))


@get("/account/identities", opt=RESIDENT, responses=UNCHANGED, summary="List my providers", tags=TAGS)
async def mine(
    request: Asked, database: NamedDependency[Database], provider_logins: NamedDependency[ProviderLogins]
) -> Response[MyIdentities]:
    """List the identity providers that open your account."""
    async with database.look() as unit:
        found = await unit.account_identities.of(request.user.account.id)
    views = [MyIdentity(one.id, provider_logins.name or one.issuer, one.linked_at) for one in found]
    return tagged(request, MyIdentities(views))


@post("/account/identities", opt=RESIDENT, summary="Add a provider", tags=TAGS)
async def add(
    *,
    request: Asked,
    data: JSONBody[TicketShown],
    database: NamedDependency[Database],
    provider_logins: NamedDependency[ProviderLogins],
    messenger: NamedDependency[Messenger],
    clock: NamedDependency[Clock],
) -> MyIdentity:
    """Let whoever came back with this ticket open your account too; your addresses are told. The ticket is the key."""
    account, now = request.user.account, clock()
    async with database.begin() as unit:
        ticket = await turn_in(unit, data.ticket, data.verifier, now=now)
        added = await attach(unit, account, ticket, now=now)
    name = provider_logins.name or added.issuer
    await tell_added(database, messenger, account, name)
    return MyIdentity(added.id, name, added.linked_at)


async def tell_added(database: Database, messenger: Messenger, account: Account, name: str) -> None:
    """Tell the addresses of an account that a provider opens it from now on."""
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(account.authority_id)
        contacts = await unit.accounts.contacts(account.id)
    await messenger.tell(Subject.IDENTITY, authority, contacts, language=account.language, added=name)


@delete("/account/identities/{identity_id:uuid}", status_code=204, opt=RESIDENT, summary="Remove a provider", tags=TAGS)
async def remove(request: Asked, identity_id: FromPath[UUID], database: NamedDependency[Database]) -> None:
    """Let a provider open your account no more; one that is gone is gone. An address must be left to send a code to."""
    async with database.begin() as unit:
        await detach(unit, request.user.account, identity_id)


HANDLERS = [offered, enter, mine, add, remove]
