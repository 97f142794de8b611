"""Whose rights a pass spends, on the real ledger: two homes, a split in October, a move, a firm (`domain.md` 2.6)."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from adapters.keyring import KeyRing
from domain.households import move_household, split_household
from domain.limits import Window
from domain.organisations import OrganisationKind, register_organisation
from domain.people import Household, Subject, join, leave
from domain.places import Gate
from domain.products import Product
from store.database import Database
from store.ledger import Lane, lane_for
from tests.city import KEEP, NOW, City, TestPass, resident, small_city
from tests.contract.ledger_audit import audit
from tests.contract.ledger_world import add_place, add_product, give, scan

OCTOBER = date(2026, 10, 15)
BEFORE, AFTER = datetime(2026, 10, 14, 9, tzinfo=UTC), datetime(2026, 10, 15, 9, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 1, 4, 9, tzinfo=UTC)
QUOTA = 8


class Here(Struct):
    """A city with a waste centre that knows no bar but rights, and its lane."""

    database: Database
    keyring: KeyRing
    city: City
    lane: Lane
    tip: Gate
    product: Product
    keys: "count[int]"

    async def resident(self, reference: str) -> TestPass:
        return await resident(self.database, self.keyring, self.city, reference)

    async def couple(self) -> tuple[TestPass, TestPass]:
        """Two people in the household of the first, with its quota of the year."""
        zoe, yann = await self.resident("zoe"), await self.resident("yann")
        async with self.database.begin() as unit:
            await leave(unit, yann.holder, yann.household.id, on=date(2020, 1, 1))
            await join(unit, yann.holder, zoe.household.id, since=date(2020, 1, 1))
        await give(self.database, self.product, zoe.household.id)
        return zoe, yann

    async def split(self, household: Household, *leavers: TestPass) -> Household:
        async with self.database.begin() as unit:
            return await split_household(
                unit,
                household,
                [one.holder for one in leavers],
                on=OCTOBER,
                reference="new",
                commune_code="00102",
                now=NOW,
                keep_until=KEEP,
            )

    async def tap(self, who: TestPass, at: datetime) -> dict[str, Any]:
        number = next(self.keys)
        at += timedelta(seconds=5 * number)  # one tap after the other: at once they would be one scan
        tap = scan(self.city.terminal.terminal.id, f"k{number}", self.tip.id, who.medium.id, at=at)
        settled = await self.lane.submit(tap)
        assert isinstance(settled, bytes), settled
        found: dict[str, Any] = msgspec.json.decode(settled)
        return found

    async def visits(self, who: TestPass, at: datetime) -> int:
        """Come until the gate stays shut; return how often it opened."""
        times = 0
        while (await self.tap(who, at))["outcome"] in {"granted", "granted_with_warning"}:
            times += 1
            assert times < 100
        return times


@pytest.fixture
async def here(database_url: str, keyring: KeyRing) -> AsyncIterator[Here]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    (tip,) = await add_place(database, city, "tip", service="waste-centre")
    product = await add_product(
        database, city, "eight", (QUOTA, Window.YEAR), service="waste-centre", subject=Subject.HOUSEHOLD
    )
    lane = lane_for(database)
    await lane.open()
    yield Here(database, keyring, city, lane, tip, product, count())
    await lane.close()
    await audit(database)
    await database.close()


async def test_a_child_of_two_households_spends_the_rights_of_both(here: Here) -> None:
    child, mother, father = [await here.resident(name) for name in ("child", "mother", "father")]
    async with here.database.begin() as unit:
        for parent in (mother, father):
            await join(unit, child.holder, parent.household.id, since=date(2020, 1, 1))
    for parent in (mother, father):
        await give(here.database, here.product, parent.household.id)
    assert await here.visits(mother, BEFORE) == QUOTA
    assert await here.visits(child, BEFORE) == QUOTA  # those of the father's household
    assert (await here.tap(father, BEFORE))["reason"] == "quota_spent"


async def test_a_split_in_october_leaves_together_what_was_left_before(here: Here) -> None:
    zoe, yann = await here.couple()
    for who in (zoe, zoe, yann):
        assert (await here.tap(who, BEFORE))["outcome"] == "granted"
    left = QUOTA - 3

    await here.split(zoe.household, yann)

    first = [await here.tap(who, AFTER) for who in (yann, zoe, yann)]
    assert [answer["remaining"][0]["left"] for answer in first] == [left - 1, left - 2, left - 3]
    assert await here.visits(yann, AFTER) + await here.visits(zoe, AFTER) == left - 3
    assert (await here.tap(yann, AFTER))["reason"] == "quota_spent"


async def test_after_the_year_each_half_has_a_quota_of_its_own_and_only_that(here: Here) -> None:
    zoe, yann = await here.couple()
    # A right of another kind that runs on keeps Yann a former member in the new year too.
    await give(here.database, here.city.products["bus-year"], zoe.household.id, ends=date(2027, 7, 1))
    new = await here.split(zoe.household, yann)
    for household_id in (zoe.household.id, new.id):
        await give(here.database, here.product, household_id, starts=date(2027, 1, 1), ends=date(2028, 1, 1))
    async with here.database.look() as unit:
        assert zoe.household.id in await unit.people.subjects_of(yann.holder.id, NEXT_YEAR.date())
    assert [await here.visits(who, NEXT_YEAR) for who in (yann, zoe)] == [QUOTA, QUOTA]


async def test_a_renewal_before_the_split_is_not_shared(here: Here) -> None:
    zoe, yann = await here.couple()
    await give(here.database, here.product, zoe.household.id, starts=date(2027, 1, 1), ends=date(2028, 1, 1))
    await here.split(zoe.household, yann)
    assert (await here.tap(yann, NEXT_YEAR))["outcome"] == "denied"
    assert await here.visits(zoe, NEXT_YEAR) == QUOTA


async def test_a_move_inside_the_territory_keeps_what_the_year_has_counted(here: Here) -> None:
    zoe, yann = await here.couple()
    for who in (zoe, yann):
        await here.tap(who, BEFORE)
    async with here.database.begin() as unit:
        moved = await move_household(unit, zoe.household, commune_code="00102", on=OCTOBER)
    assert {holder.id for holder in moved} == {zoe.holder.id, yann.holder.id}
    answer = await here.tap(yann, AFTER)
    assert answer["remaining"][0]["left"] == QUOTA - 3
    assert await here.visits(zoe, AFTER) == QUOTA - 3


async def test_the_members_of_a_firm_share_its_quota_each_with_a_pass_of_their_own(here: Here) -> None:
    zoe, yann = await here.resident("zoe"), await here.resident("yann")
    firm = await registered(here, "SERV-1")
    async with here.database.begin() as unit:
        await join(unit, zoe.holder, firm, since=date(2026, 1, 1))
        await join(unit, yann.holder, firm, since=date(2026, 1, 1), until=OCTOBER)
    product = await add_product(
        here.database, here.city, "firms", (QUOTA, Window.YEAR), service="waste-centre", subject=Subject.ORGANISATION
    )
    await give(here.database, product, firm)
    answers = [await here.tap(who, BEFORE) for who in (zoe, yann)]
    assert [answer["remaining"][0]["left"] for answer in answers] == [QUOTA - 1, QUOTA - 2]
    assert (await here.tap(yann, AFTER))["reason"] == "no_right"
    assert await here.visits(zoe, AFTER) == QUOTA - 2


async def registered(here: Here, reference: str) -> UUID:
    async with here.database.begin() as unit:
        found = await register_organisation(
            unit,
            authority_id=here.city.authority.id,
            reference=reference,
            name="Espaces verts",
            kind=OrganisationKind.MUNICIPAL,
            registration=None,
            commune_code="00101",
            now=NOW,
            keep_until=KEEP,
        )
    return found.id
