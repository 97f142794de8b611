"""Registers drawn at random: who is over goes whole, and of everybody else not a word changes."""

import asyncio
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct
from sqlalchemy import select

from domain.guardians import GuardianKind, Guardianship
from domain.passes import MediumKind, issue
from domain.people import KEPT_AFTER, found_household, join, register_holder
from domain.places import local_day
from domain.ports import Unit
from domain.products import grant
from store.database import Database
from store.passage_retention import LATE
from store.retention import walk
from store.tables import metadata
from tests.city import NOW, City
from tests.contract.ledger_lanes import Here

DAY = local_day(NOW, "Europe/Paris")
A_DAY = timedelta(days=1)
DATES = (DAY - 800 * A_DAY, DAY - 400 * A_DAY, DAY - LATE, DAY - A_DAY, DAY, DAY + A_DAY, DAY + 400 * A_DAY)
REGISTER = (
    *("holder", "holder_name", "household", "beneficiary", "circumstance", "guardianship", "pass", "medium"),
    *("medium_change", "entitlement"),
)
Rows = dict[str, list[tuple[Any, ...]]]


class Drawn(Struct):
    """Somebody of the register, or a household, and by what they may have to stay."""

    id: UUID
    keep_until: date
    stays: bool
    ids: set[object]


async def rows_of(database: Database) -> Rows:
    found = {}
    async with database.read() as connection:
        for name in REGISTER:
            table = metadata.tables[name]
            found[name] = [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]
    return found


class Drawing:
    """A register that nobody has thought of."""

    def __init__(self, unit: Unit, city: City, seed: int) -> None:
        self.unit, self.city, self.random = unit, city, Random(seed)

    def day(self) -> date:
        return self.random.choice(DATES)

    async def right(self, subject_id: UUID, code: str) -> bool:
        """Grant a right, and tell whether it keeps its owner."""
        until, keep = self.day(), self.day()
        product = self.city.products[code]
        begins = DAY - 900 * A_DAY
        await grant(
            self.unit,
            product=product,
            subject_id=subject_id,
            valid_from=begins,
            valid_until=until,
            now=NOW,
            keep_until=keep,
        )
        return until > DAY - LATE or keep > DAY

    async def person(self, number: int) -> Drawn:
        keep, ends, expires = self.day(), self.day(), self.day()
        holder = await register_holder(
            self.unit,
            authority_id=self.city.authority.id,
            reference=f"P{number}",
            first_name="Zoé",
            last_name="Lefèvre",
            born_on=date(1980, 5, 17),
            commune_code="00101",
            now=NOW,
            keep_until=keep,
        )
        found = Drawn(holder.id, keep, keep > DAY, {holder.id})
        if self.random.random() < 0.7:
            issued = await issue(
                self.unit,
                holder,
                kind=MediumKind.PRINT,
                valid_from=DAY - 900 * A_DAY,
                valid_until=ends,
                expires_at=NOW + (expires - DAY),
                now=NOW,
            )
            found.ids |= {issued.pass_.id, issued.medium.id}
            found.stays |= ends > DAY - KEPT_AFTER or expires > DAY
        if self.random.random() < 0.5:
            found.stays |= await self.right(holder.id, "reader")
        return found

    async def home(self, number: int, members: list[Drawn]) -> Drawn:
        keep = self.day()
        household = await found_household(
            self.unit,
            authority_id=self.city.authority.id,
            reference=f"H{number}",
            commune_code="00101",
            now=NOW,
            keep_until=keep,
            since=DAY - 950 * A_DAY,
        )
        found = Drawn(household.id, keep, keep > DAY, {household.id})
        for member in members:
            holder = await self.unit.people.holder_by_id(self.city.authority.id, member.id)
            await join(self.unit, holder, household.id, since=DAY - 950 * A_DAY)
        if self.random.random() < 0.5:
            found.stays |= await self.right(household.id, "waste-24")
        return found


async def drawn(here: Here, seed: int) -> set[object]:
    """Draw a register, and return the ids of everybody and everything that is to be gone."""
    async with here.database.begin() as unit:
        drawing = Drawing(unit, here.city, seed)
        people = [await drawing.person(number) for number in range(16)]
        for ward, guardian in zip(people[:4], people[4:8], strict=True):
            await unit.people.add_guardianship(
                Guardianship(
                    here.city.authority.id,
                    ward.id,
                    guardian.id,
                    GuardianKind.PARENT,
                    DAY - 900 * A_DAY,
                    DAY + A_DAY,
                    ward.keep_until,
                )
            )
            guardian.stays |= ward.keep_until > DAY
        homes = []
        for number in range(6):
            members = drawing.random.sample(people, 3)
            home = await drawing.home(number, members)
            home.stays |= any(member.stays for member in members)
            homes.append(home)
    return {one for each in (*people, *homes) if not each.stays for one in each.ids}


def is_over(row: tuple[Any, ...]) -> bool:
    """A right that is over by itself, whoever has it."""
    by_name = dict(zip(metadata.tables["entitlement"].c.keys(), row, strict=True))
    return bool(by_name["keep_until"] <= DAY and by_name["valid_until"] <= DAY - LATE)


def without(rows: Rows, gone: set[object]) -> Rows:
    left = {name: [row for row in found if not gone & set(row)] for name, found in rows.items()}
    left["entitlement"] = [row for row in left["entitlement"] if not is_over(row)]
    return left


@pytest.mark.parametrize("seed", range(4))
async def test_who_is_over_goes_whole_and_of_everybody_else_not_a_word_changes(here: Here, seed: int) -> None:
    gone = await drawn(here, seed)
    before = await rows_of(here.database)
    assert gone, "somebody is over"
    assert len(before["holder"]) > len(gone & {row[0] for row in before["holder"]}), "and somebody is not"
    await walk(here.database, here.city.authority.id, day=DAY, now=NOW)
    assert await rows_of(here.database) == without(before, gone)


async def test_a_neighbour_keeps_its_own(here: Here) -> None:
    await drawn(here, 0)
    before = await rows_of(here.database)
    await walk(here.database, here.city.neighbour.id, day=DAY + 4_000 * A_DAY, now=NOW + 4_000 * A_DAY)
    assert await rows_of(here.database) == before


async def test_a_walk_that_is_cut_off_leaves_nobody_half_and_the_next_ends_it(here: Here) -> None:
    gone = await drawn(here, 1)
    before = await rows_of(here.database)
    for moment in range(12):
        walking = asyncio.create_task(walk(here.database, here.city.authority.id, day=DAY, now=NOW))
        await asyncio.wait([walking], timeout=0.02 * moment)
        walking.cancel()
        await asyncio.gather(walking, return_exceptions=True)
        now = await rows_of(here.database)
        left = {row[0] for name in ("holder", "household") for row in now[name]}
        away = {row[0] for name in ("holder", "household") for row in before[name]} - left
        assert away <= gone
        for name in ("pass", "circumstance", "beneficiary", "holder_name"):
            whose = [row for row in before[name] if not away & set(row)]
            assert now[name] == whose, "what is left of each is whole"
    await walk(here.database, here.city.authority.id, day=DAY, now=NOW)
    assert await rows_of(here.database) == without(before, gone)
