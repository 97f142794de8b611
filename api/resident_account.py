"""A resident's account: the addresses that open it, the persons it acts for, the devices that are logged in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters.attempts import Attempts
from adapters.keyring import KeyRing
from api.agents import PRINTABLE
from api.bodies import Key
from api.days import named, today
from api.ended_sessions import end_session
from api.messenger import Messenger
from api.pace import Pace
from api.resident_answers import UNCHANGED, once, tagged
from api.resident_logins import TAGS, Address, CodeTyped, LoginCodes, LoginCodeSent
from api.resident_notices import forget_choices
from api.residents import Asked
from api.rules import Rule
from domain import account_links
from domain.account_letters import Subject
from domain.account_links import Bond, Linked, LinkKind
from domain.account_logins import confirm_contact
from domain.account_sessions import Client
from domain.accounts import Account, Contact, ContactChannel, remove_contact, shown
from domain.errors.accounts import LinkCodeWrong
from domain.ports import Clock, Unit
from store.database import Database

RESIDENT = {"rule": Rule.RESIDENT}

WRONG_LINKS = 10
"""Codes of letters typed wrong within a quarter of an hour, by one account and from one address."""


class ContactView(Struct, frozen=True, rename="camel"):
    """An address that opens the account, as much of it as its owner needs to know it.

    `unreachableSince`: letters came back from it, and nothing is sent there until a code that it gets is typed.
    """

    id: UUID
    channel: ContactChannel
    address: str
    unreachable_since: datetime | None = None


class PersonView(Struct, frozen=True):
    """Somebody for whom the account acts: its owner, or by a mandate, as a parent or as a tutor."""

    reference: str
    name: str
    bond: Bond


class ResidentAccount(Struct, frozen=True):
    """Who opens the account, and for whom it acts today."""

    language: str
    contacts: list[ContactView]
    persons: list[PersonView]


class MyDevice(Struct, frozen=True, rename="camel"):
    """A device that was logged in: `isThis` is the one that asks, `isOpen` says whether it still is."""

    id: UUID
    name: str
    client: Client
    created_at: datetime
    renewed_at: datetime
    expires_at: datetime
    is_open: bool
    is_this: bool


class MyDevices(Struct, frozen=True):
    """The devices of an account, the one that was used last first."""

    devices: list[MyDevice]


class ContactRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """An address that is to open the account too: one of `email` and `phone`."""

    email: Address | None = None
    phone: Address | None = None


class LinkRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The sixteen signs that a letter or a desk gave. `key` is made for this act alone."""

    key: Key
    code: Annotated[str, Meta(min_length=1, max_length=40, pattern=PRINTABLE)]


class PersonLinked(Struct, frozen=True):
    """For whom the account acts from now on, and why."""

    person: PersonView


@get("/account", opt=RESIDENT, responses=UNCHANGED, summary="See my account", tags=TAGS)
async def account(
    request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Response[ResidentAccount]:
    """Show by which addresses you log in, and whose passes you see."""
    mine = request.user.account
    async with database.look() as unit:
        contacts = await unit.accounts.contacts(mine.id)
        persons = await unit.accounts.persons(mine.id, await today(unit, mine.authority_id, clock()))
    return tagged(
        request,
        ResidentAccount(
            mine.language,
            [ContactView(one.id, one.channel, shown(one), one.unreachable_at) for one in contacts],
            [PersonView(one.reference, f"{one.first_name} {one.last_name}", one.bond) for one in persons],
        ),
    )


@delete("/account", status_code=204, opt=RESIDENT, summary="Delete my account", tags=TAGS)
async def remove(
    request: Asked,
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> None:
    """Delete the account, its addresses, devices and drafts, for good. Passes, rights and requests stay valid."""
    mine = request.user.account
    async with database.begin() as unit:
        await forget_choices(unit, keyring, mine)
        await unit.resident_requests.forget_drafts(mine.id, await today(unit, mine.authority_id, clock()))
        await unit.accounts.remove(mine.id)


@post("/account/contacts/codes", status_code=202, opt=RESIDENT, summary="Send a code to a new address", tags=TAGS)
async def send_contact_code(
    *,
    request: Asked,
    data: JSONBody[ContactRequest],
    database: NamedDependency[Database],
    codes: NamedDependency[LoginCodes],
    pace: NamedDependency[Pace],
) -> LoginCodeSent:
    """Send six digits to an address that is to open your account too: so you get in again if you lose the other."""
    mine = request.user.account
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(mine.authority_id)
    said = (data.email, data.phone)
    return await codes.send(authority, said, language=mine.language, source=pace.source(request), account=mine)


@post("/account/contacts", opt=RESIDENT, summary="Confirm a new address", tags=TAGS)
async def add_contact(
    *,
    request: Asked,
    data: JSONBody[CodeTyped],
    database: NamedDependency[Database],
    codes: NamedDependency[LoginCodes],
    messenger: NamedDependency[Messenger],
    pace: NamedDependency[Pace],
    clock: NamedDependency[Clock],
) -> ContactView:
    """Type the code of a new address; your other addresses are told that it was added. The code is the act's key.

    An address that opens your account already is confirmed anew: letters go there again, and nobody is told.
    """
    mine = request.user.account
    attempt = await codes.take(data, pace.source(request))
    async with database.begin() as unit:
        others = await unit.accounts.contacts(mine.id)
        added = await confirm_contact(unit, mine, attempt, now=clock())
        authority = await unit.places.authority_by_id(mine.authority_id)
    if added.id not in {one.id for one in others}:
        await messenger.tell(Subject.CONTACT_ADDED, authority, others, language=mine.language, added=shown(added))
    return ContactView(added.id, added.channel, shown(added))


@delete("/account/contacts/{contact_id:uuid}", status_code=204, opt=RESIDENT, summary="Remove an address", tags=TAGS)
async def drop_contact(request: Asked, contact_id: FromPath[UUID], database: NamedDependency[Database]) -> None:
    """Let an address open your account no more; one that is gone is gone. The last one stays."""
    mine = request.user.account
    async with database.begin() as unit:
        found: Contact | None = next(
            (one for one in await unit.accounts.contacts(mine.id) if one.id == contact_id), None
        )
        if found is not None:
            await remove_contact(unit, mine, found)


@get("/devices", opt=RESIDENT, responses=UNCHANGED, summary="List my devices", tags=TAGS)
async def devices(
    request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Response[MyDevices]:
    """List the devices that are or were logged in to your account: those of the last months, the newest first."""
    now, this = clock(), request.user.session.id
    async with database.look() as unit:
        found = await unit.account_sessions.of(request.user.account.id)
    views = [
        MyDevice(
            id=one.id,
            name=one.name,
            client=one.client,
            created_at=one.created_at,
            renewed_at=one.renewed_at,
            expires_at=one.expires_at,
            is_open=one.is_open(now),
            is_this=one.id == this,
        )
        for one in found
    ]
    return tagged(request, MyDevices(views))


@post("/devices/{device_id:uuid}/end", status_code=204, opt=RESIDENT, summary="Log a device out", tags=TAGS)
async def end_device(
    request: Asked,
    device_id: FromPath[UUID],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> None:
    """Log one of your devices out, at once. It is over however often it is said."""
    async with database.begin() as unit:
        session = await unit.account_sessions.one(request.user.account.id, device_id)
        await end_session(unit, keyring, session, now=clock())


@post("/persons", opt=RESIDENT, summary="Follow a pass by its code", tags=TAGS)
async def link(
    *,
    request: Asked,
    data: JSONBody[LinkRequest],
    database: NamedDependency[Database],
    attempts: NamedDependency[Attempts],
    messenger: NamedDependency[Messenger],
    pace: NamedDependency[Pace],
    clock: NamedDependency[Clock],
) -> PersonLinked:
    """Tie whom a letter or a desk gave you a code for to your account. If they had another one, it is told."""
    mine, now = request.user.account, clock()
    made: list[Linked] = []

    async def act(unit: Unit) -> PersonLinked:
        day = await today(unit, mine.authority_id, now)
        linked = await account_links.redeem(unit, mine, data.code, now=now, today=day)
        holder = await unit.people.holder_by_id(mine.authority_id, linked.link.holder_id)
        made.append(linked)
        bond = Bond.OWN if linked.link.kind is LinkKind.OWN else Bond.MANDATE
        return PersonLinked(PersonView(holder.reference, f"{holder.first_name} {holder.last_name}", bond))

    async with few_wrong_links(attempts, mine, pace.source(request)):
        answer = await once(database, clock, mine, ("persons", data), act, kind=PersonLinked)
    if made:
        await tell_taken(database, messenger, made[-1])
    return answer


@asynccontextmanager
async def few_wrong_links(attempts: Attempts, account: Account, source: str) -> AsyncIterator[None]:
    """Count codes of letters that are typed wrong, by an account and from an address.

    Raises:
        TooManyAttempts: there were too many.
    """
    names = (f"link:{account.id}", f"link-from:{source}")
    for name in names:
        await attempts.check(name, limit=WRONG_LINKS)
    try:
        yield
    except LinkCodeWrong:
        for name in names:
            await attempts.fail(name)
        raise


@delete("/persons/{reference:str}", status_code=204, opt=RESIDENT, summary="Follow a pass no more", tags=TAGS)
async def unlink(request: Asked, reference: FromPath[str], database: NamedDependency[Database]) -> None:
    """Let your account act no more for somebody whom a code has tied to it. Guardianships are for a desk to end."""
    async with database.begin() as unit:
        await account_links.unlink(unit, request.user.account, named(reference))


async def tell_taken(database: Database, messenger: Messenger, linked: Linked) -> None:
    """Tell the account that was a person's own until now, if there was one."""
    authority_id, account_id = linked.link.authority_id, linked.taken_from
    if account_id is None:
        return
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(authority_id)
        before = await unit.accounts.by_id(authority_id, account_id)
        contacts = await unit.accounts.contacts(account_id)
    if before is not None:
        await messenger.tell(Subject.TAKEN, authority, contacts, language=before.language)


HANDLERS = [
    account,
    remove,
    send_contact_code,
    add_contact,
    drop_contact,
    devices,
    end_device,
    link,
    unlink,
]
