"""Whom a desk means by what was typed or read: a name, a birthday, a number, a contact, or a code or card shown."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.cards import CardKeys
from adapters.keyring import KeyMissing
from admin.people_filters import ANY, Filters
from admin.typed import Typed, read_typed, read_uid
from domain.agents import Agent, Permission
from domain.card_batches import is_card_number
from domain.contacts import ContactKind
from domain.names import wanted_names
from domain.passes import is_number, medium_from_bytes
from domain.places import Authority, local_day
from domain.reach import services_for
from domain.requests import is_request_reference
from nfc import sdm
from nfc.errors import CodeError
from nfc.qr import CodeReader
from store import search
from store.database import Database
from store.search import Asking, Found, FoundPass

PAGE = 25
LONGEST = 2_500
"""Letters of what a reader types: a phone's code is the longest."""

_SHOWN = ("MP1:", "MP2:", "UID:", "https://")


class Readers(Struct, frozen=True):
    """What reads that which was shown."""

    reader: CodeReader
    card_keys: CardKeys


class Seeker(Struct, frozen=True):
    """Who looks for somebody, where and when. `filters` narrow names.

    `among` are the services whose requests they see; None: all.
    """

    agent: Agent
    authority: Authority
    now: datetime
    filters: Filters = ANY
    among: frozenset[str] | None = frozenset()

    @property
    def day(self) -> date:
        """The day that it is there."""
        return local_day(self.now, self.authority.zone)


class Why(StrEnum):
    """By what somebody was found."""

    NAME = "name"
    BORN = "born"
    PASS = "pass"
    CARD = "card"
    REFERENCE = "reference"
    PHONE = "phone"
    EMAIL = "email"
    SHOWN = "shown"


class Match(Struct, frozen=True):
    """Somebody who may be meant, by what they were found, and their passes."""

    person: Found
    why: Why
    passes: list[FoundPass]


class People(Struct, frozen=True):
    """Who was found. `sure`: what was typed names one person alone. `more` is where the list goes on.

    `asking` are requests that give the contact and are not decided: nobody of the register yet. `request` is the one
    whose reference was typed: nobody else is meant.
    """

    found: list[Match]
    sure: bool
    more: str = ""
    asking: tuple[Asking, ...] = ()
    request: str = ""


async def services_seen(database: Database, agent: Agent) -> frozenset[str] | None:
    """Name the services whose requests an agent sees, as in the queue; None: all of them (ADR 0055)."""
    if agent.may(Permission.REQUEST_READ):
        return None
    if not agent.may_somewhere(Permission.REQUEST_READ):
        return frozenset()
    async with database.look() as unit:
        return await services_for(unit, agent, Permission.REQUEST_READ)


def is_shown(said: str) -> bool:
    """Tell whether this comes from a reader rather than from fingers."""
    return said.startswith(_SHOWN)


async def find(
    connection: AsyncConnection,
    seeker: Seeker,
    said: str,
    *,
    readers: Readers,
    after: tuple[str, UUID] | None = None,
) -> People:
    """Find whom somebody means. A code or a card that nobody knows finds nobody."""
    authority_id, typed = seeker.authority.id, read_typed(said)
    exact: dict[UUID, tuple[Found, Why]] = {}
    asking: list[Asking] = []
    if is_shown(said):
        return await find_shown(connection, seeker, said, readers=readers)
    if said:
        if is_request_reference(said) and seeker.agent.may_somewhere(Permission.REQUEST_READ):
            request = await search.request_of(connection, authority_id, said, among=seeker.among)
            if request is not None:
                return People([], sure=True, request=request)
        exact = await _by_number(connection, authority_id, said)
        if typed.contact is not None and seeker.agent.may_somewhere(Permission.REQUEST_READ):
            kind, key = typed.contact
            why, among = Why.PHONE if kind is ContactKind.PHONE else Why.EMAIL, seeker.among
            named = await search.by_contact(connection, authority_id, key, day=seeker.day, limit=PAGE, among=among)
            exact |= _by(why, named)
            asking = await search.asking_by_contact(connection, authority_id, key, limit=PAGE, among=among)
        if not exact and typed.uid is not None:
            exact = _by(Why.SHOWN, await _by_chip(connection, seeker, typed.uid, readers))
    if exact or asking:
        matches = await _with_passes(connection, authority_id, exact)
        return People(matches, sure=len(exact) == 1 and not asking, asking=tuple(asking))
    return await _by_name(connection, seeker, typed, after)


async def find_shown(connection: AsyncConnection, seeker: Seeker, said: str, *, readers: Readers) -> People:
    """Find whose code or card a reader has read: a code, the address that a card opens, or the UID of a chip."""
    found = _by(Why.SHOWN, await _by_what_was_shown(connection, seeker, said, readers))
    return People(await _with_passes(connection, seeker.authority.id, found), sure=True)


def behind(cursor: str) -> tuple[str, UUID] | None:
    """Read where a list goes on; what is no cursor begins it anew."""
    holder_id, _, key = cursor.partition(".")
    try:
        return (key, UUID(holder_id)) if key.isprintable() else None
    except ValueError:
        return None


async def _by_number(connection: AsyncConnection, authority_id: UUID, said: str) -> dict[UUID, tuple[Found, Why]]:
    """Find who has this number: of a pass, of a card or, where that is nobody, of the authority's own files."""
    digits = "".join(said.split())
    found: dict[UUID, tuple[Found, Why]] = {}
    if is_number(digits):
        found = _by(Why.PASS, await search.by_pass(connection, authority_id, digits))
    elif is_card_number(digits):
        found = _by(Why.CARD, await search.by_card_number(connection, authority_id, digits))
    return found or _by(Why.REFERENCE, await search.by_reference(connection, authority_id, said))


async def _by_name(connection: AsyncConnection, seeker: Seeker, typed: Typed, after: tuple[str, UUID] | None) -> People:
    """List whose name it may be. A birthday narrows it for those who keep the register alone."""
    authority_id, keeps = seeker.authority.id, seeker.agent.may(Permission.PERSON_MANAGE)
    born_on = typed.born_on if keeps else None
    narrowed = seeker.filters.narrowed(seeker.day, seeker.agent, born_on)
    listed: list[Found] = []
    for wanted in wanted_names(typed.name):
        listed = listed or await search.by_name(
            connection, authority_id, wanted, limit=PAGE + 1, after=after, narrowed=narrowed
        )
    page = listed[:PAGE]
    more = f"{page[-1].id}.{page[-1].key}" if len(listed) > PAGE else ""
    found = _by(Why.BORN if born_on is not None else Why.NAME, page)
    return People(await _with_passes(connection, authority_id, found), sure=False, more=more)


async def _by_what_was_shown(connection: AsyncConnection, seeker: Seeker, said: str, readers: Readers) -> list[Found]:
    authority = seeker.authority
    uid = read_uid(said)
    try:
        if said.startswith("https://"):
            uid = sdm.read(said, readers.card_keys.sun(authority.code)).uid
        elif uid is None:
            medium_id = readers.reader.read(said, int(seeker.now.timestamp())).medium_id
            return await search.by_medium(connection, authority.id, medium_from_bytes(medium_id))
    except (CodeError, KeyMissing):
        return []
    return await _by_chip(connection, seeker, uid, readers)


async def _by_chip(connection: AsyncConnection, seeker: Seeker, uid: bytes, readers: Readers) -> list[Found]:
    try:
        digest = readers.card_keys.digest(seeker.authority.code, uid)
    except (CodeError, KeyMissing):
        return []
    return await search.by_chip(connection, seeker.authority.id, digest)


def _by(why: Why, found: list[Found]) -> dict[UUID, tuple[Found, Why]]:
    return {one.id: (one, why) for one in found}


async def _with_passes(
    connection: AsyncConnection, authority_id: UUID, found: dict[UUID, tuple[Found, Why]]
) -> list[Match]:
    passes = await search.passes_of(connection, authority_id, list(found))
    return [Match(person, why, [one for one in passes if one.holder_id == person.id]) for person, why in found.values()]
