"""What a right would be is what it becomes; of two desks that saw the same, one grants. On both engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
import pytest_asyncio
from msgspec import Struct

from adapters.keyring import KeyRing
from domain.access.reasons import Reason
from domain.circumstances import suspend
from domain.conditions import Conditions
from domain.errors.products import EndMissing, GrantedMeanwhile
from domain.foreseen_rights import ForeseenRight, foresee
from domain.limits import Window
from domain.people import Subject
from domain.periods import FOREVER
from domain.products import Entitlement, Price, Product, Term, Terms, publish_product
from domain.rights import Wish, grant_to
from domain.text import Text
from store.database import Database
from store.suspensions import suspensions_of
from tests.city import NOW, TODAY, City, TestPass, resident, small_city

FULL = Price(0, 3000, date(2026, 1, 1), FOREVER)
OLD = Price(1, 1500, date(2026, 1, 1), FOREVER, Conditions(age_from=60))
LAST_YEAR = Price(2, 100, date(2025, 1, 1), date(2026, 1, 1))


class Desk(Struct, frozen=True):
    """A city that offers a month at the pool to young people of another commune, and somebody of 46 years."""

    database: Database
    city: City
    month: Product
    who: TestPass

    async def foresees(self, wish: Wish) -> ForeseenRight:
        async with self.database.look() as unit:
            return await foresee(unit, self.who.holder, wish, today=TODAY, now=NOW)

    async def grants(self, wish: Wish, *, had: int) -> Entitlement:
        async with self.database.begin() as unit:
            return await grant_to(unit, self.who.holder, wish, today=TODAY, now=NOW, had=had)


@pytest_asyncio.fixture
async def desk(database_url: str, keyring: KeyRing) -> AsyncIterator[Desk]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    who = await resident(database, keyring, city, "R-1")
    terms = Terms(Conditions(age_below=26, communes=("59512",)), term=Term(Window.ROLLING_DAYS, days=30))
    async with database.begin() as unit:
        name = Text(fr="Mois", en="Month")
        month = await publish_product(
            unit,
            Product(
                unit.ids.row(), city.authority.id, "month", "pool", Subject.PERSON, name, terms=terms,
                prices=(FULL, OLD, LAST_YEAR),
            ),
        )  # fmt: skip
    yield Desk(database, city, month, who)
    await database.close()


async def test_what_is_foreseen_is_what_is_granted(desk: Desk) -> None:
    wish = Wish(desk.month, since=date(2026, 12, 1))
    foreseen = await desk.foresees(wish)
    right = await desk.grants(wish, had=foreseen.had)
    assert (foreseen.subject_id, foreseen.since, foreseen.until) == (
        right.subject_id,
        right.valid_from,
        right.valid_until,
    )
    assert foreseen.lacking == (Reason.AGE_NOT_INCLUDED, Reason.NOT_RESIDENT)
    assert (foreseen.price, foreseen.held, foreseen.had) == (FULL, (), 0)
    again = await desk.foresees(Wish(desk.month))
    assert (again.held, again.had) == ((right,), 1)


async def test_looking_writes_nothing_and_refuses_what_granting_would(desk: Desk) -> None:
    for _ in range(2):
        assert (await desk.foresees(Wish(desk.month))).had == 0
    with pytest.raises(EndMissing):
        await desk.foresees(Wish(desk.city.products["carnet-10"]))


async def test_of_two_desks_that_saw_the_same_one_grants(desk: Desk) -> None:
    wish = Wish(desk.month)
    answers = await asyncio.gather(*(desk.grants(wish, had=0) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, Entitlement) for one in answers) == 1
    assert {type(one) for one in answers} == {Entitlement, GrantedMeanwhile}


async def test_a_service_that_is_closed_on_the_first_day_is_said(desk: Desk) -> None:
    async with desk.database.begin() as unit:
        closed = await suspend(unit, desk.who.holder, service_code="pool", since=TODAY, until=TODAY + timedelta(days=3))
        await suspend(unit, desk.who.household, service_code="library", since=TODAY)
    assert (await desk.foresees(Wish(desk.month))).suspended
    assert not (await desk.foresees(Wish(desk.month, since=TODAY + timedelta(days=3)))).suspended
    async with desk.database.read() as connection:
        owner, mine = desk.city.authority.id, [desk.who.holder.id]
        assert await suspensions_of(connection, owner, mine, TODAY) == [closed]
        assert await suspensions_of(connection, owner, mine, TODAY + timedelta(days=3)) == []
        assert await suspensions_of(connection, desk.city.neighbour.id, mine, TODAY) == []
