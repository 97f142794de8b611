"""Rights that are granted so often a year, asked for in time; services from which somebody is kept. On both engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
from msgspec import Struct
from msgspec.structs import replace

from adapters.keyring import KeyRing
from domain.access.decide import decide
from domain.access.reasons import Reason
from domain.circumstances import resume, suspend
from domain.conditions import Lift
from domain.errors import ContradictoryPeriod, DomainError
from domain.errors.people import CircumstanceNotFound
from domain.errors.products import TooLateToAsk, UnknownService, YearlyAllowanceSpent
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.places import Site, open_site
from domain.products import Entitlement, Product, Terms, grant, publish_product
from domain.text import Text
from store.database import Database
from store.ledger.what_if import WhatIf, imagine
from tests.city import ALWAYS_OPEN, KEEP, NOW, TODAY, City, TestPass, resident, small_city

A_DAY = timedelta(days=1)
IN_TIME = date(2026, 11, 23)
"""Three working days after the Wednesday of the tests: the Monday."""


class Desk(Struct, frozen=True):
    """A city with a derogation in its catalogue, and a household that asks for it."""

    database: Database
    city: City
    derogation: Product
    who: TestPass

    async def grants(self, day: date, *, household: TestPass | None = None, now: datetime = NOW) -> Entitlement:
        async with self.database.begin() as unit:
            return await grant(
                unit,
                product=self.derogation,
                subject_id=(household or self.who).household.id,
                valid_from=day,
                valid_until=day + A_DAY,
                now=now,
                keep_until=KEEP,
            )

    async def hears(self, site: str, day: date) -> Reason:
        at = NOW + (day - TODAY)
        asked = WhatIf(authority_id=self.city.authority.id, number=self.who.pass_.number, site=site, at=at)
        return decide((await imagine(self.database, asked)).facts).reason


@pytest_asyncio.fixture
async def desk(database_url: str, keyring: KeyRing) -> AsyncIterator[Desk]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    who = await resident(database, keyring, city, "R-1", rights=("reader", "pool-year"), starts=date(2026, 1, 1))
    async with database.begin() as unit:
        derogation = await publish_product(
            unit,
            Product(
                unit.ids.row(),
                city.authority.id,
                "derogation",
                "waste-centre",
                Subject.HOUSEHOLD,
                Text(fr="Dérogation", en="Derogation"),
                (Limit(0, Measure.M3, 5 * ONE, Window.WHOLE),),
                terms=Terms(lifts=(Lift.VEHICLE,), yearly=4, notice_days=3),
            ),
        )
    yield Desk(database, city, derogation, who)
    await database.close()


async def test_a_derogation_is_granted_four_times_a_calendar_year(desk: Desk) -> None:
    """Est Ensemble."""
    for week in range(4):
        await desk.grants(IN_TIME + week * 7 * A_DAY)
    with pytest.raises(YearlyAllowanceSpent, match="4 times in 2026"):
        await desk.grants(date(2026, 12, 31))
    assert (await desk.grants(date(2027, 1, 1))).valid_from == date(2027, 1, 1)


async def test_each_household_has_an_allowance_of_its_own(desk: Desk, keyring: KeyRing) -> None:
    for week in range(4):
        await desk.grants(IN_TIME + week * 7 * A_DAY)
    neighbour = await resident(desk.database, keyring, desk.city, "R-2")
    await desk.grants(IN_TIME, household=neighbour)


async def test_a_derogation_is_asked_for_three_working_days_before(desk: Desk) -> None:
    """SMIRTOM Vexin: 72 working hours. From a Wednesday that is the Monday, whatever lies between."""
    with pytest.raises(TooLateToAsk, match="2026-11-23 at the earliest"):
        await desk.grants(IN_TIME - A_DAY)
    assert (await desk.grants(IN_TIME)).valid_from == IN_TIME


async def test_notice_is_counted_from_the_day_it_is_where_the_authority_is(desk: Desk) -> None:
    """Half past midnight of a Friday in Paris is still Thursday evening in UTC."""
    friday = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    with pytest.raises(TooLateToAsk, match="2026-11-25 at the earliest"):
        await desk.grants(date(2026, 11, 24), now=friday)
    wednesday = date(2026, 11, 25)
    assert (await desk.grants(wednesday, now=friday)).valid_from == wednesday


async def test_a_bank_holiday_is_no_day_of_notice(desk: Desk) -> None:
    """Vexin counts working hours: nobody works on Christmas Day."""
    eve = datetime(2026, 12, 23, 12, tzinfo=UTC)
    with pytest.raises(TooLateToAsk, match="2026-12-29 at the earliest"):
        await desk.grants(date(2026, 12, 28), now=eve)


@pytest.mark.parametrize(("service", "earliest"), [("pool", "2027-03-30"), ("waste-centre", "2027-03-31")])
async def test_the_bank_holidays_are_those_of_the_sites_where_the_right_serves(
    desk: Desk, service: str, earliest: str
) -> None:
    """Good Friday is one in Moselle: for the derogation of a waste centre that lies there, and for no other."""
    async with desk.database.begin() as unit:
        name = Text(fr="Site", en="Site")
        site = Site(unit.ids.row(), desk.city.authority.id, "moselle", service, name, "57463", ALWAYS_OPEN)
        await open_site(unit, replace(site, holiday_region="57"))
    with pytest.raises(TooLateToAsk, match=f"{earliest} at the earliest"):
        await desk.grants(date(2027, 3, 29), now=datetime(2027, 3, 24, 12, tzinfo=UTC))


async def test_what_was_refused_is_not_written(desk: Desk) -> None:
    with pytest.raises(TooLateToAsk):
        await desk.grants(TODAY)
    with pytest.raises(ContradictoryPeriod):
        async with desk.database.begin() as unit:
            await grant(
                unit,
                product=desk.derogation,
                subject_id=desk.who.household.id,
                valid_from=IN_TIME,
                valid_until=IN_TIME,
                now=NOW,
                keep_until=KEEP,
            )
    async with desk.database.begin() as unit:
        assert await unit.products.entitlements([desk.who.household.id], TODAY) == []


async def test_of_many_desks_at_once_only_four_grant_one(desk: Desk) -> None:
    async def try_it(week: int) -> bool:
        try:
            await desk.grants(IN_TIME + week * A_DAY)
        except YearlyAllowanceSpent:
            return False
        return True

    granted = await asyncio.gather(*(try_it(week) for week in range(8)))
    assert granted.count(True) == 4
    async with desk.database.begin() as unit:
        assert len(await unit.products.entitlements([desk.who.household.id], TODAY)) == 4


# --- suspensions -----------------------------------------------------------------------------------

MONDAY, LATER = date(2026, 11, 23), date(2026, 12, 23)


async def suspended(desk: Desk, service_code: str, since: date = MONDAY, until: date | None = None) -> None:
    async with desk.database.begin() as unit:
        if until is None:
            await suspend(unit, desk.who.holder, service_code=service_code, since=since)
        else:
            await suspend(unit, desk.who.holder, service_code=service_code, since=since, until=until)


async def test_a_silent_suspension_by_the_library_does_not_close_the_pool(desk: Desk) -> None:
    """Section 7: the block signal of the library's software stays with the library."""
    await suspended(desk, "library", until=LATER)
    tuesday = MONDAY + A_DAY
    assert await desk.hears("library", tuesday) is Reason.SERVICE_SUSPENDED
    assert await desk.hears("pool", tuesday) is Reason.WELCOME
    assert await desk.hears("library", MONDAY - 3 * A_DAY) is Reason.WELCOME
    assert await desk.hears("library", LATER) is not Reason.SERVICE_SUSPENDED


async def test_somebody_may_be_kept_from_several_services_at_once(desk: Desk) -> None:
    await suspended(desk, "library")
    await suspended(desk, "pool")
    tuesday = MONDAY + A_DAY
    assert await desk.hears("library", tuesday) is Reason.SERVICE_SUSPENDED
    assert await desk.hears("pool", tuesday) is Reason.SERVICE_SUSPENDED
    async with desk.database.begin() as unit:
        await resume(unit, desk.who.holder, service_code="library", on=tuesday)
    assert await desk.hears("library", tuesday) is Reason.WELCOME
    assert await desk.hears("pool", tuesday) is Reason.SERVICE_SUSPENDED


async def test_a_second_suspension_from_one_service_has_the_last_word(desk: Desk) -> None:
    await suspended(desk, "pool")
    await suspended(desk, "pool", since=MONDAY + A_DAY, until=MONDAY + 2 * A_DAY)
    assert await desk.hears("pool", MONDAY) is Reason.SERVICE_SUSPENDED
    assert await desk.hears("pool", MONDAY + A_DAY) is Reason.SERVICE_SUSPENDED
    assert await desk.hears("pool", MONDAY + 2 * A_DAY) is Reason.WELCOME


@pytest.mark.parametrize(
    ("service_code", "until", "error"),
    [("museum", LATER, UnknownService), ("pool", MONDAY, ContradictoryPeriod)],
)
async def test_a_suspension_that_means_nothing_is_refused(
    desk: Desk, service_code: str, until: date, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        await suspended(desk, service_code, until=until)


async def test_nobody_resumes_what_is_not_suspended(desk: Desk) -> None:
    with pytest.raises(CircumstanceNotFound):
        async with desk.database.begin() as unit:
            await resume(unit, desk.who.holder, service_code="pool", on=MONDAY)
