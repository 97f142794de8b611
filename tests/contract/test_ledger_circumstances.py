"""Residence, quotient and suspension at a real gate, on the day of the passage (`domain.md` 2.3, 2.6, 7)."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from adapters.keyring import KeyRing
from domain.circumstances import CircumstanceKind, move, record_circumstance, suspend
from domain.conditions import Conditions
from domain.households import move_household, split_household
from domain.organisations import OrganisationKind, register_organisation
from domain.people import Subject, join
from domain.places import Gate
from domain.products import Grace, Terms
from store.database import Database
from store.ledger import Lane, lane_for
from tests.city import KEEP, NOW, TODAY, City, TestPass, resident, small_city
from tests.contract.ledger_audit import audit
from tests.contract.ledger_world import add_place, add_product, give, scan

HERE, ELSEWHERE = "00101", "99999"
DAY = timedelta(days=1)


class Town(Struct):
    """A pool without any bar but rights, and a right for the residents of one commune."""

    database: Database
    keyring: KeyRing
    city: City
    lane: Lane
    gate: Gate
    keys: "count[int]"

    async def resident(self, reference: str) -> TestPass:
        return await resident(self.database, self.keyring, self.city, reference)

    async def tap(self, who: TestPass, at: datetime = NOW, gate: Gate | None = None) -> dict[str, Any]:
        number = next(self.keys)
        tap = scan(
            self.city.terminal.terminal.id,
            f"k{number}",
            (gate or self.gate).id,
            who.medium.id,
            at=at + timedelta(seconds=5 * number),
        )
        settled = await self.lane.submit(tap)
        assert isinstance(settled, bytes), settled
        found: dict[str, Any] = msgspec.json.decode(settled)
        return found

    async def heard(self, who: TestPass, at: datetime = NOW) -> str:
        reason: str = (await self.tap(who, at))["reason"]
        return reason


@pytest.fixture
async def town(database_url: str, keyring: KeyRing) -> AsyncIterator[Town]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    (gate,) = await add_place(database, city, "lido")
    lane = lane_for(database)
    await lane.open()
    yield Town(database, keyring, city, lane, gate, count())
    await lane.close()
    await audit(database)
    await database.close()


async def residents_only(town: Town, *, subject: Subject = Subject.PERSON) -> Any:  # noqa: ANN401 - a Product
    terms = Terms(conditions=Conditions(communes=(HERE,)))
    return await add_product(town.database, town.city, "residents", subject=subject, terms=terms)


async def test_who_moves_away_loses_the_right_of_residents_on_that_day_and_not_before(town: Town) -> None:
    zoe = await town.resident("zoe")
    await give(town.database, await residents_only(town), zoe.holder.id)
    async with town.database.begin() as unit:
        await move_household(unit, zoe.household, commune_code=ELSEWHERE, on=TODAY + 2 * DAY)
    assert await town.heard(zoe) == "welcome"
    assert await town.heard(zoe, NOW + DAY) == "welcome"
    assert await town.heard(zoe, NOW + 2 * DAY) == "not_resident"


async def test_a_child_of_two_households_is_a_resident_while_one_of_them_lives_here(town: Town) -> None:
    child, away = await town.resident("child"), await town.resident("away")
    await give(town.database, await residents_only(town), child.holder.id)
    async with town.database.begin() as unit:
        await join(unit, child.holder, away.household.id, since=date(2020, 1, 1))
        await move_household(unit, away.household, commune_code=ELSEWHERE, on=date(2026, 2, 1))
        await move(unit, child.holder, commune_code=ELSEWHERE, on=date(2026, 2, 1))
    assert await town.heard(child) == "welcome"
    async with town.database.begin() as unit:
        await move_household(unit, child.household, commune_code=ELSEWHERE, on=TODAY + DAY)
    assert await town.heard(child, NOW + DAY) == "not_resident"


async def test_the_seat_of_a_firm_makes_nobody_a_resident(town: Town) -> None:
    zoe = await town.resident("zoe")
    await give(town.database, await residents_only(town), zoe.holder.id)
    async with town.database.begin() as unit:
        firm = await register_organisation(
            unit,
            authority_id=town.city.authority.id,
            reference="S-1",
            name="Espaces verts",
            kind=OrganisationKind.MUNICIPAL,
            registration=None,
            commune_code=HERE,
            now=NOW,
            keep_until=KEEP,
        )
        await join(unit, zoe.holder, firm.id, since=date(2026, 1, 1))
        await move_household(unit, zoe.household, commune_code=ELSEWHERE, on=date(2026, 2, 1))
    assert await town.heard(zoe) == "not_resident"


async def test_who_left_a_household_and_the_area_no_longer_shares_the_rights_of_residents(town: Town) -> None:
    """`domain.md` 7: move from a commune to the outside. Those who stay go on."""
    zoe, yann = await town.resident("zoe"), await town.resident("yann")
    await give(town.database, await residents_only(town, subject=Subject.HOUSEHOLD), zoe.household.id)
    async with town.database.begin() as unit:
        await join(unit, yann.holder, zoe.household.id, since=date(2020, 1, 1))
    assert await town.heard(yann) == "welcome"
    async with town.database.begin() as unit:
        await move_household(unit, yann.household, commune_code=ELSEWHERE, on=TODAY)
        await split_household(
            unit,
            zoe.household,
            [yann.holder],
            on=TODAY,
            reference="new",
            commune_code=ELSEWHERE,
            now=NOW,
            keep_until=KEEP,
        )
        await move(unit, yann.holder, commune_code=ELSEWHERE, on=TODAY)
    assert await town.heard(yann) == "not_resident"
    assert await town.heard(zoe) == "welcome"


async def test_a_social_tariff_goes_on_for_its_grace_and_says_so(town: Town) -> None:
    """`domain.md` 7: social tariff expiring, then grace."""
    zoe = await town.resident("zoe")
    terms = Terms(conditions=Conditions(bands=("A", "B")), grace=Grace(days=30))
    await give(town.database, await add_product(town.database, town.city, "social", terms=terms), zoe.holder.id)
    assert await town.heard(zoe) == "tariff_ended"  # nobody has ever said anything of a band
    async with town.database.begin() as unit:
        await record_circumstance(
            unit, zoe.holder, kind=CircumstanceKind.QUOTIENT, value="B", since=date(2026, 1, 1), until=TODAY + DAY
        )
    assert await town.heard(zoe) == "welcome"
    assert await town.heard(zoe, NOW + DAY) == "grace"
    assert await town.heard(zoe, NOW + 30 * DAY) == "grace"
    assert await town.heard(zoe, NOW + 31 * DAY) == "tariff_ended"


async def test_a_suspension_by_the_library_does_not_close_the_pool(town: Town) -> None:
    """`domain.md` 7, by its name."""
    zoe = await town.resident("zoe")
    await give(town.database, town.city.products["pool-year"], zoe.holder.id)
    await give(town.database, town.city.products["reader"], zoe.holder.id)
    async with town.database.begin() as unit:
        await suspend(unit, zoe.holder, service_code="library", since=TODAY, until=TODAY + 2 * DAY)
    library = town.city.gates["library"]
    assert (await town.tap(zoe, gate=library))["reason"] == "service_suspended"
    assert (await town.tap(zoe))["outcome"] == "granted"
    assert (await town.tap(zoe, NOW + 2 * DAY, library))["outcome"] == "granted"
