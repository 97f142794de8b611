"""What stands in somebody's file, as far as an agent's roles may see it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import households
from domain.access.answer import left_of
from domain.access.facts_in_words import quantity
from domain.access.reasons import REASONS
from domain.agents import Agent, Permission
from domain.circumstances import Circumstance, CircumstanceKind
from domain.guardians import Guardianship, acts_alone
from domain.organisations import Organisation
from domain.passes import Pass, PassStatus, medium_bytes
from domain.people import Beneficiary, Holder, Household, age_on
from domain.periods import FOREVER
from domain.places import Authority, local_day
from domain.ports import Unit
from domain.products import Entitlement
from domain.tariff_names import STATUSES
from domain.text import Text
from store import media, passages, search
from store.balances import rights_with_balances
from store.database import Database
from store.media import Described
from store.passages import Recent

SHOWN = 10
"""Passages on the page."""


class MediumInFile(Struct, frozen=True):
    """A medium. `name` is as addresses write it."""

    name: str
    medium: Described
    last_day: date


class PassInFile(Struct, frozen=True):
    """A pass with its media and, for those who may see them, its newest passages."""

    pass_: Pass
    last_day: date | None
    media: list[MediumInFile]
    passages: list[tuple[Text, Recent]]


class Home(Struct, frozen=True):
    """A household, and who spends its rights."""

    household: Household
    members: list[tuple[Holder, Beneficiary]]


class RightInFile(Struct, frozen=True):
    """A right, with what is left of each of its limits, until which day. `last_day` is None where no end is known."""

    name: Text
    valid_from: date
    last_day: date | None
    left: list[tuple[Text, float, date | None]]


class Other(Struct, frozen=True):
    """Somebody who acts for the holder, or for whom the holder acts."""

    holder: Holder
    guardianship: Guardianship


class Holding(Struct, frozen=True):
    """What holds of somebody. No `since` where it holds from birth on: the day of birth stays in the register."""

    kind: CircumstanceKind
    words: Text
    since: date | None
    last_day: date | None


class Register(Struct, frozen=True):
    """What those who keep the register see."""

    homes: list[Home]
    organisations: list[Organisation]
    circumstances: list[Holding]
    rights: list[RightInFile]
    guardians: list[Other]
    wards: list[Other]


class File(Struct, frozen=True):
    """Somebody's file. `age` is in completed years: the day of birth stays in the register."""

    holder: Holder
    age: int
    acts_alone: bool
    today: date
    passes: list[PassInFile]
    register: Register | None
    sees_passages: bool

    @property
    def has_pass(self) -> bool:
        """Whether a pass is open: most people need one."""
        return any(one.pass_.status is not PassStatus.ENDED for one in self.passes)


async def read_file(database: Database, agent: Agent, authority: Authority, reference: str, *, now: datetime) -> File:
    """Read somebody's file.

    Raises:
        HolderNotFound: the authority has nobody of this reference.
    """
    day = local_day(now, authority.zone)
    sees_passages = agent.may_somewhere(Permission.VALIDATION_CANCEL)
    async with database.look() as unit:
        holder = await unit.people.holder(authority.id, reference)
        guardians = await unit.people.guardians_of(holder.id, day)
        register, owned = None, []
        if agent.may(Permission.PERSON_MANAGE):
            owned = await households.rights_of(unit, holder, day)
            register = await _register(unit, holder, guardians, day)
    async with database.read() as connection:
        numbers = await search.passes_of(connection, authority.id, [holder.id])
    async with database.look() as unit:
        found = [await unit.passes.by_number(authority.id, one.number) for one in numbers]
    async with database.read() as connection:
        at = await passages.sites_of(connection, agent, Permission.VALIDATION_CANCEL) if sees_passages else []
        passes = [
            PassInFile(
                one,
                last_day(one.valid_until),
                [_medium(each, authority.zone) for each in await media.describe(connection, one.id)],
                await _passages(connection, one, at) if sees_passages else [],
            )
            for one in found
        ]
    if register is not None:
        register.rights.extend(await rights_left(database, owned, day))
    alone = acts_alone(holder, day, guardians)
    return File(holder, age_on(holder.born_on, day), alone, day, passes, register, sees_passages)


def last_day(until: date) -> date | None:
    """Return the last day of a period that ends before `until`; None where no end is known."""
    return None if until == FOREVER else until - timedelta(days=1)


def _medium(one: Described, zone: str) -> MediumInFile:
    return MediumInFile(medium_bytes(one.id).hex(), one, local_day(one.expires_at - timedelta(seconds=1), zone))


async def _register(unit: Unit, holder: Holder, guardians: list[Guardianship], day: date) -> Register:
    homes = [
        Home(one, await unit.people.members(one.id, day)) for one in await unit.people.households_of(holder.id, day)
    ]
    return Register(
        homes=homes,
        organisations=await unit.people.organisations_of(holder.id, day),
        circumstances=[
            _holding(holder, one)
            for kind in CircumstanceKind
            for one in await unit.people.circumstances_after(holder.id, kind, day)
        ],
        rights=[],
        guardians=[await _other(unit, one, one.guardian_id) for one in guardians],
        wards=[await _other(unit, one, one.ward_id) for one in await unit.people.wards_of(holder.id, day)],
    )


async def _other(unit: Unit, guardianship: Guardianship, holder_id: UUID) -> Other:
    return Other(await unit.people.holder_by_id(guardianship.authority_id, holder_id), guardianship)


async def _passages(connection: AsyncConnection, of: Pass, at: list[UUID] | None) -> list[tuple[Text, Recent]]:
    """List the newest passages, at these sites; None: wherever."""
    found = await passages.recent(connection, of.id, limit=SHOWN, at=at)
    return [(REASONS[passage.reason].short, passage) for passage in found]


async def rights_left(database: Database, owned: list[Entitlement], day: date) -> list[RightInFile]:
    """Read rights with what is left of each."""
    catalogue = await database.catalogue()
    async with database.read() as connection:
        found = await rights_with_balances(connection, owned, catalogue, day)
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
        for right in found
    ]


def _holding(holder: Holder, one: Circumstance) -> Holding:
    words = Text(one.value, one.value)
    if one.kind is CircumstanceKind.STATUS:
        words = STATUSES.get(one.value, words)
    since = one.valid_from if one.valid_from > holder.born_on else None
    return Holding(one.kind, words, since, last_day(one.valid_until))
