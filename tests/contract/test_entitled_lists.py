"""Entitled lists agree with the gate: a bit is set if, and only if, the gate would refuse for no reason of rights.

The gate is asked itself, by the ledger's own statements and `decide`, at every door and at moments all over the day.
"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, select

from adapters.keyring import KeyRing
from domain import passes, people, places, products
from domain.access.decide import EXCUSED, decide
from domain.access.facts import Direction
from domain.calendars import Session
from domain.circumstances import CircumstanceKind, move, record_circumstance, suspend
from domain.conditions import Conditions, Vehicle, VehicleClass
from domain.limits import ONE, Limit, Measure, Settlement, Window
from domain.offline import doorways_of
from domain.passes import BlockReason, PassStatus
from domain.people import Subject
from domain.places import Doorway, Gate, Passback, Site, Zone
from domain.products import Grace, Product, Terms
from domain.services import BY_CODE
from domain.text import Text
from store.database import Database
from store.entitled_lists import Question, entitled
from store.ledger.judge import facts_of
from store.ledger.scan import Scan
from store.ledger.what_if import evidence_of, look
from store.tables.ledger import counter
from store.tables.products import entitlement
from tests.city import ALWAYS_OPEN, KEEP, NOW, City, TestPass, resident, small_city

DAY = date(2026, 11, 18)
THE_DAY_BEFORE = NOW - timedelta(days=1)
"""When what stops a pass all day has stopped it."""

NAME = Text(fr="Essai", en="Trial")
TUESDAY_CLUB, TODAYS_CLUB = (
    Session(code, NAME, weekday, 600, 660, date(2026, 1, 1), date(2027, 1, 1), reserved=reserved)
    for code, weekday, reserved in (("tuesday-club", 1, False), ("todays-club", 2, True))
)
DAILY = Limit(0, Measure.VISIT, ONE, Window.DAY)

OFFERED: dict[str, tuple[tuple[Limit, ...], Terms]] = {
    "plain": ((), Terms()),
    "daily": ((DAILY,), Terms()),
    "carnet": ((Limit(0, Measure.VISIT, 3 * ONE, Window.WHOLE),), Terms()),
    "paid-beyond": (
        (Limit(0, Measure.VISIT, 3 * ONE, Window.YEAR, free=ONE, price_cents=500, settlement=Settlement.AT_GATE),),
        Terms(),
    ),
    "billed-beyond": ((Limit(0, Measure.VISIT, 3 * ONE, Window.YEAR, free=ONE, price_cents=500),), Terms()),
    "hours": ((Limit(0, Measure.MINUTE, 120 * ONE, Window.WHOLE),), Terms(entry_minutes=60)),
    "summer": ((Limit(0, Measure.VISIT, 9 * ONE, Window.SEASON, starts=(6, 1), ends=(9, 1)),), Terms()),
    "young": ((), Terms(conditions=Conditions(age_below=25))),
    "old": ((), Terms(conditions=Conditions(age_from=60))),
    "local": ((), Terms(conditions=Conditions(communes=("00101",)))),
    "social": ((), Terms(conditions=Conditions(bands=("A",)), grace=Grace(30))),
    "graced": ((), Terms(grace=Grace(30, entries=2))),
    "sundays": ((), Terms(conditions=Conditions(weekdays=(6,)))),
    "elsewhere": ((), Terms(conditions=Conditions(sites=("nowhere",)))),
    "here": ((), Terms(conditions=Conditions(sites=("free",)))),
    "club": ((), Terms(conditions=Conditions(sessions=("todays-club",)))),
    "other-club": ((), Terms(conditions=Conditions(sessions=("tuesday-club",)))),
    "points": (
        (Limit(0, Measure.POINT, 2 * ONE, Window.YEAR),),
        Terms(points={VehicleClass.FOOT: 0, VehicleClass.CAR: ONE, VehicleClass.VAN: 2 * ONE}),
    ),
    "heaps": ((Limit(0, Measure.M3, ONE, Window.YEAR),), Terms()),
}
"""One product for each thing that may stand in the way of a right, all of them for the pool `free`."""


class World:
    """The small city, its open pool with these products, and residents with rights to them."""

    def __init__(self, database: Database, keyring: KeyRing, city: City) -> None:
        self.database, self.keyring, self.city = database, keyring, city
        self.people: list[TestPass] = []

    async def person(self, **more: Any) -> TestPass:  # noqa: ANN401 - as `tests.city.resident`
        made = await resident(self.database, self.keyring, self.city, f"R{len(self.people)}", **more)
        self.people.append(made)
        return made

    async def use(self, owner: TestPass, limit: Limit, product: str, used: int) -> None:
        """Count what passages would have counted."""
        async with self.database.write() as connection:
            product_id = self.city.products[product].id
            found = select(entitlement).where(
                entitlement.c.subject_id == owner.holder.id, entitlement.c.product_id == product_id
            )
            row = (await connection.execute(found)).one()
            starts_on, ends_before = limit.period(DAY, row.valid_from, row.valid_until)
            await connection.execute(
                insert(counter).values(
                    entitlement_id=row.id,
                    ends_before=ends_before,
                    position=limit.position,
                    starts_on=starts_on,
                    authority_id=row.authority_id,
                    used=used,
                    version=1,
                    keep_until=KEEP,
                )
            )

    async def told(self, service: str = "pool", *, day: date = DAY) -> set[int]:
        """What the list says, by place."""
        catalogue = await self.database.catalogue()
        authority_id = self.city.authority.id
        doors = doorways_of(catalogue, authority_id, service)
        question = Question(authority_id, service, day, catalogue, doors)
        return set(await entitled(self.database, question, 0, 1 << 18))

    async def gate_lets_in(self, owner: TestPass, service: str = "pool") -> bool:
        """Whether some gate, at some hour of the day, says nothing of rights. All are read for in one batch."""
        catalogue = await self.database.catalogue()
        scans = [
            _entry(owner, door, datetime(DAY.year, DAY.month, DAY.day, hour, 30, tzinfo=UTC))
            for door in doorways_of(catalogue, self.city.authority.id, service)
            for hour in (8, 9, 15)  # in Paris: before the club, during it, after it
        ]
        known = await look(self.database, scans, catalogue, seconds=self.database.soon)
        assert known is not None, "nobody changes the catalogue meanwhile"
        for facts in [facts_of(scan, known, catalogue) for scan in scans]:
            for vehicle in (None, VehicleClass.CAR):
                asked = replace(facts, vehicle=Vehicle(vehicle) if vehicle else None)
                verdict = decide(asked)
                needs = verdict.reason == "quantity_needed" and not _points(asked)
                if verdict.opens or needs:
                    return True
                assert verdict.reason in EXCUSED | _STOPPED, verdict.reason
        return False


def _entry(owner: TestPass, door: Doorway, at: datetime) -> Scan:
    """A genuine code at a door, for one visit."""
    return Scan(
        terminal_id=UUID(int=0),
        key="",
        fingerprint=b"",
        gate_id=door.gate.id,
        direction=Direction.ENTRY,
        evidence=evidence_of(owner.medium, door.authority_code, at),
        asked={Measure.VISIT: ONE},
        at=at,
    )


_STOPPED = {"medium_lost", "pass_suspended", "pass_ended", "pass_not_started", "session_reserved", "quantity_needed"}


def _points(facts: Any) -> bool:  # noqa: ANN401 - facts
    return any(right.product.terms.points for right in facts.rights)


@pytest.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    authority_id = city.authority.id
    made = dict(city.products)
    async with database.begin() as unit:
        site = Site(
            unit.ids.row(),
            authority_id,
            "club",
            "pool",
            NAME,
            "00101",
            replace(ALWAYS_OPEN, sessions=(TUESDAY_CLUB, TODAYS_CLUB)),
        )
        zone = Zone(unit.ids.row(), authority_id, site.id, "club", None, Passback.NONE, 0, supplement_cents=200)
        await places.open_site(unit, site)
        await places.open_zone(unit, zone)
        await unit.places.add_gate(Gate(unit.ids.row(), authority_id, zone.id, "club-1", NAME))
        for code, (limits, terms) in OFFERED.items():
            product = Product(
                unit.ids.row(), authority_id, code, "pool", Subject.PERSON, NAME, limits=limits, terms=terms
            )
            made[code] = await products.publish_product(unit, product)
    yield World(database, keyring, replace(city, products=made))
    await database.close()


async def test_a_bit_is_set_where_the_gate_refuses_for_no_reason_of_rights(world: World) -> None:
    """Every product alone: in its life, before, after, lately after, used up and not; of young and old."""
    for code, (limits, _) in OFFERED.items():
        lives = ((-300, 60), (5, 60), (-300, -10), (-300, -60))
        for born_on in (date(1980, 5, 17), date(2010, 11, 19), date(1950, 11, 18)):
            for since, until in lives[: 4 if born_on.year == 1980 else 1]:
                days = {"starts": DAY + timedelta(since), "ends": DAY + timedelta(until)}
                owner = await world.person(rights=(code,), born_on=born_on, **days)
                if limits and since < 0 < until and born_on.year != 1980:
                    (limit,) = limits
                    if limit.window is not Window.SEASON:
                        used = limit.amount if born_on.year == 2010 else limit.amount - ONE
                        await world.use(owner, limit, code, used)
    told = await world.told()
    gate = {one.medium.status_index: await world.gate_lets_in(one) for one in world.people}
    assert told == {place for place, opens in gate.items() if opens}
    assert 20 < len(told) < len(world.people) - 20, "it tells people apart"


async def test_random_people_with_random_lives_are_told_as_the_gate_would(world: World) -> None:
    """Several rights at once, moves, bands, suspensions, stopped media and passes, households that were left."""
    chance = Random(2026)
    codes = list(OFFERED)
    for _ in range(45):
        rights = tuple(chance.sample(codes, chance.randint(0, 2)))
        born_on = date(chance.choice((1950, 1990, 2010)), 6, 1)
        starts = DAY + timedelta(chance.choice((-200, -200, -200, 3)))
        ends = starts + timedelta(chance.choice((400, 400, 190)))
        owner = await world.person(rights=rights, born_on=born_on, starts=starts, ends=ends)
        for code in rights:
            if (limits := OFFERED[code][0]) and limits[0].window is not Window.SEASON and chance.random() < 0.6:
                await world.use(owner, limits[0], code, chance.choice((ONE, limits[0].amount)))
        async with world.database.begin() as unit:
            fate = chance.randrange(8)
            if fate == 0:
                await passes.block(unit, owner.pass_, owner.medium.id, reason=BlockReason.LOST, now=THE_DAY_BEFORE)
            elif fate == 1:
                await passes.change_status(unit, owner.pass_, PassStatus.SUSPENDED, now=THE_DAY_BEFORE)
            elif fate == 2:
                await suspend(unit, owner.holder, service_code="pool", since=DAY, until=DAY + timedelta(9))
            elif fate == 3:
                await move(unit, owner.household, commune_code="00999", on=DAY - timedelta(9))
                await move(unit, owner.holder, commune_code="00999", on=DAY - timedelta(9))
            elif fate == 4:
                since, until = DAY - timedelta(90), DAY + timedelta(chance.choice((-5, 9)))
                await record_circumstance(
                    unit, owner.holder, kind=CircumstanceKind.QUOTIENT, value="A", since=since, until=until
                )
    told = await world.told()
    gate = {one.medium.status_index: await world.gate_lets_in(one) for one in world.people}
    assert told == {place for place, opens in gate.items() if opens}
    assert len({*gate.values()}) == 2


async def test_a_households_right_is_every_members(world: World) -> None:
    zoe = await world.person(rights=("waste-24",))
    max_ = await world.person()
    async with world.database.begin() as unit:
        await people.join(unit, max_.holder, zoe.household.id, since=date(2026, 1, 1))
    other = await world.person()
    told = await world.told("waste-centre")
    assert told == {zoe.medium.status_index, max_.medium.status_index}
    assert other.medium.status_index not in told


async def test_a_pass_that_has_not_begun_or_is_over_may_use_nothing(world: World) -> None:
    zoe = await world.person(rights=("plain",), ends=date(2040, 1, 1), starts=date(2020, 1, 1))
    assert await world.told() == {zoe.medium.status_index}
    assert await world.told(day=date(2025, 12, 31)) == set()
    assert await world.told(day=date(2031, 1, 1)) == set()


async def test_whoever_has_a_pass_may_use_a_service_that_asks_for_no_right(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, lost = await world.person(), await world.person()
    async with world.database.begin() as unit:
        await passes.block(unit, lost.pass_, lost.medium.id, reason=BlockReason.LOST, now=NOW)
    monkeypatch.setitem(BY_CODE, "library", replace(BY_CODE["library"], rules=()))
    assert await world.told("library") == {zoe.medium.status_index}


async def test_media_of_a_neighbour_are_in_no_list_of_ours(world: World) -> None:
    theirs = await resident(
        world.database, world.keyring, world.city, "N", rights=("pool-year",), authority=world.city.neighbour
    )
    assert theirs.medium.status_index not in await world.told()


async def test_places_of_every_stretch_are_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    owners = [await world.person(rights=("plain",)) for _ in range(6)]
    monkeypatch.setattr("store.entitled_lists.STRETCH", 1 << 15)
    monkeypatch.setattr("store.entitled_lists.SLICE", 1)
    assert await world.told() == {owner.medium.status_index for owner in owners}
