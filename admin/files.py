"""What stands in somebody's file, as far as an agent's roles may see it."""

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.document_vault import DocumentVault
from admin.finding import services_seen
from admin.past import PastPassage, newest
from domain.access.answer import left_of
from domain.access.catalogue import Catalogue
from domain.access.facts_in_words import quantity
from domain.agents import Agent, Permission
from domain.circumstances import Circumstance, CircumstanceKind
from domain.errors.requests import DocumentNotFound
from domain.guardians import AUTONOMY_AGE, GuardianKind
from domain.organisations import Organisation
from domain.passes import Pass, PassStatus, medium_bytes
from domain.people import Holder, age_on
from domain.periods import FOREVER
from domain.places import Authority, local_day
from domain.portraits import Portrait
from domain.products import Entitlement
from domain.reach import services_for
from domain.services import BY_CODE
from domain.tariff_names import STATUSES
from domain.text import Text
from store import person_files, requests_of_people
from store.balances import rights_with_balances
from store.database import Database
from store.person_files import Acting, MediumOfPass, Member, Stay
from store.portraits import portraits_of
from store.requests_of_people import RequestOfPerson
from store.suspensions import suspensions_of

_KINDS = list(CircumstanceKind)

SHOWN = 5
"""Passages on the page; a page of their own has all."""


class MediumInFile(Struct, frozen=True):
    """A medium. `name` is as addresses write it."""

    name: str
    medium: MediumOfPass
    last_day: date


class PassInFile(Struct, frozen=True):
    """A pass with its media. `temporary`: it was given with a request, until that is decided."""

    pass_: Pass
    last_day: date | None
    media: list[MediumInFile]
    temporary: bool


class Home(Struct, frozen=True):
    """A household of today or to come, and who spends its rights."""

    stay: Stay
    members: list[Member]


class Left(Struct, frozen=True):
    """A household that somebody has left. `last_day` is their last one in it."""

    stay: Stay
    last_day: date


class RightInFile(Struct, frozen=True):
    """A right, with what is left of each of its limits, until which day. `last_day` is None where no end is known."""

    name: Text
    valid_from: date
    last_day: date | None
    left: list[tuple[Text, float, date | None]]


class Holding(Struct, frozen=True):
    """What holds of somebody. No `since` where it holds from birth on: the day of birth stays in the register."""

    kind: CircumstanceKind
    words: Text
    since: date | None
    last_day: date | None


class KeptFrom(Struct, frozen=True):
    """A service that is closed to somebody, or to the household or organisation of this name."""

    whose: str | None
    service: Text
    since: date
    last_day: date | None


class Register(Struct, frozen=True):
    """What those who keep the register see; of services that are closed, those of their roles."""

    homes: list[Home]
    left: list[Left]
    organisations: list[Organisation]
    circumstances: list[Holding]
    kept: list[KeptFrom]
    rights: list[RightInFile]
    mandates: list[Acting]
    unreachable_since: datetime | None
    """Since when letters to an address of their account come back."""


class File(Struct, frozen=True):
    """Somebody's file. `age` is in completed years: the day of birth stays in the register.

    What an agent may not see is None: register, passages, requests. `some_requests`: there may be others, of services
    that are not theirs.
    """

    holder: Holder
    age: int
    acts_alone: bool
    today: date
    passes: list[PassInFile]
    register: Register | None
    passages: list[PastPassage] | None
    requests: list[RequestOfPerson] | None
    some_requests: bool = False
    photo: str = ""
    """As the address of a picture that is in the page itself: nobody asks for it by another way."""

    @property
    def running(self) -> list[PassInFile]:
        """The passes that are open; most people have one."""
        return [one for one in self.passes if one.pass_.status is not PassStatus.ENDED]

    @property
    def ended(self) -> list[PassInFile]:
        """The passes that are over."""
        return [one for one in self.passes if one.pass_.status is PassStatus.ENDED]


async def read_file(
    database: Database, vault: DocumentVault, agent: Agent, authority: Authority, reference: str, *, now: datetime
) -> File:
    """Read somebody's file: a dozen questions on one connection, however many passes and households they have.

    Raises:
        HolderNotFound: the authority has nobody of this reference.
    """
    day = local_day(now, authority.zone)
    catalogue, among = await database.catalogue(), await services_seen(database, agent)
    mine = await _services_served(database, agent)
    async with database.read() as connection:
        holder = await person_files.holder(connection, authority.id, reference)
        media = await person_files.media_of(connection, holder)
        passes = [
            PassInFile(
                one,
                last_day(one.valid_until),
                [_medium(each, authority.zone) for each in media.get(one.id, [])],
                temporary=temporary,
            )
            for one, temporary in await person_files.passes_of(connection, holder)
        ]
        mandates = await person_files.acting_of(connection, holder, day)
        register = passages = requests = None
        if agent.may(Permission.PERSON_MANAGE):
            register = await _register(connection, holder, mandates, catalogue, day, mine=mine)
        if agent.may_somewhere(Permission.VALIDATION_CANCEL):
            passages, _ = await newest(connection, agent, catalogue, holder, limit=SHOWN)
        if agent.may_somewhere(Permission.REQUEST_READ):
            requests = await requests_of_people.requests_of(connection, holder, among=among)
        portrait = None
        if agent.may(Permission.PHOTO_SEE):
            portrait = (await portraits_of(connection, authority.id, [holder.id])).get(holder.id)
    return File(
        holder=holder,
        age=age_on(holder.born_on, day),
        acts_alone=_acts_alone(holder, mandates, day),
        today=day,
        passes=passes,
        register=register,
        passages=passages,
        requests=requests,
        some_requests=among is not None,
        photo=await _photo(vault, authority, portrait) if portrait is not None else "",
    )


async def _services_served(database: Database, agent: Agent) -> frozenset[str] | None:
    """Name the services whose rights are an agent's to give; None: all."""
    if agent.may(Permission.RIGHT_MANAGE):
        return None
    if not agent.may_somewhere(Permission.RIGHT_MANAGE):
        return frozenset()
    async with database.look() as unit:
        return await services_for(unit, agent, Permission.RIGHT_MANAGE)


async def _photo(vault: DocumentVault, authority: Authority, portrait: Portrait) -> str:
    """Return a photo as it stands in a page; nothing where its file is lost."""
    with suppress(DocumentNotFound):
        return f"data:image/jpeg;base64,{base64.b64encode(await vault.portrait(authority.code, portrait)).decode()}"
    return ""


def last_day(until: date) -> date | None:
    """Return the last day of a period that ends before `until`; None where no end is known."""
    return None if until == FOREVER else until - timedelta(days=1)


async def rights_left(
    connection: AsyncConnection, owned: Sequence[Entitlement], catalogue: Catalogue, day: date
) -> list[RightInFile]:
    """Read rights with what is left of each."""
    return [
        RightInFile(
            right.product.name,
            right.valid_from,
            last_day(right.valid_until),
            [
                (quantity(left.left, left.unit), left.of, last_day(left.until))
                for left in (left_of(right.product.code, one) for one in right.balances)
            ],
        )
        for right in await rights_with_balances(connection, list(owned), catalogue, day)
    ]


async def kept_from(
    connection: AsyncConnection,
    authority_id: UUID,
    whose: Mapping[UUID, str | None],
    day: date,
    *,
    mine: frozenset[str] | None,
) -> list[KeptFrom]:
    """Read which services are closed on a day or later to whom a page is about, of the agent's services (None: all)."""
    return [
        KeptFrom(whose[one.subject_id], BY_CODE[one.value].name, one.valid_from, last_day(one.valid_until))
        for one in await suspensions_of(connection, authority_id, list(whose), day)
        if mine is None or one.value in mine
    ]


def _acts_alone(holder: Holder, mandates: list[Acting], day: date) -> bool:
    """As `domain.guardians.acts_alone`, of the mandates of this day."""
    tutored = any(one.is_guardian and one.kind is GuardianKind.TUTOR for one in mandates)
    return age_on(holder.born_on, day) >= AUTONOMY_AGE and not tutored


def _medium(one: MediumOfPass, zone: str) -> MediumInFile:
    return MediumInFile(medium_bytes(one.id).hex(), one, local_day(one.expires_at - timedelta(seconds=1), zone))


async def _register(
    connection: AsyncConnection,
    holder: Holder,
    mandates: list[Acting],
    catalogue: Catalogue,
    day: date,
    *,
    mine: frozenset[str] | None,
) -> Register:
    stays = await person_files.stays_of(connection, holder)
    here = [one for one in stays if one.valid_until > day]
    members = await person_files.members_of(connection, holder.authority_id, [one.household_id for one in here], day)
    owned = await person_files.rights_of(connection, holder, day)
    organisations = await person_files.organisations_of(connection, holder, day)
    whose: dict[UUID, str | None] = {
        holder.id: None,
        **{one.household_id: one.reference for one in here if one.valid_from <= day},
    }
    whose |= {one.id: one.name for one in organisations}
    return Register(
        homes=[Home(one, members.get(one.household_id, [])) for one in here],
        left=[Left(one, one.valid_until - timedelta(days=1)) for one in stays if one.valid_until <= day],
        organisations=organisations,
        circumstances=sorted(
            (
                _holding(holder, *one)
                for one in await person_files.circumstances_of(connection, holder, day)
                if one[0].kind is not CircumstanceKind.SUSPENDED
            ),
            key=lambda one: _KINDS.index(one.kind),
        ),
        kept=await kept_from(connection, holder.authority_id, whose, day, mine=mine),
        rights=await rights_left(connection, owned, catalogue, day),
        mandates=mandates,
        unreachable_since=await person_files.unreachable_since(connection, holder),
    )


def _holding(holder: Holder, one: Circumstance, commune: str | None) -> Holding:
    words = Text(*[f"{commune} ({one.value})" if commune else one.value] * 2)
    if one.kind is CircumstanceKind.STATUS:
        words = STATUSES.get(one.value, words)
    since = one.valid_from if one.valid_from > holder.born_on else None
    return Holding(one.kind, words, since, last_day(one.valid_until))
