"""What dashboards are drawn from, on both engines: weekdays, months, rights, terminals, pages, and what was entered."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from adapters.keyring import KeyRing
from api.tallying import Tallier
from domain.errors.figures import CostNotFound, ImpossibleCost, ImpossiblePopulation
from domain.figures.bands import ALL
from domain.figures.dashboards import Dashboard, Topic, asked
from domain.figures.entered import Heading, enter_cost, enter_population
from domain.figures.figure import Blank, Figure
from domain.places import Commune
from domain.terminals import Heartbeat
from store.database import Database
from store.figures.dashboards import dashboard
from store.figures.looks import look_at_terminals
from store.figures.upkeep import snapshot
from store.tables.figures import adoption_month, passage_hour, terminal_day, visit_day
from store.tables.ledger import counter
from tests.city import KEEP, NOW, TODAY, City, resident, small_city
from tests.house_app import TestClock

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, patience=30)
    yield opened
    await opened.close()


@pytest.fixture
async def city(database: Database, keyring: KeyRing) -> City:
    return await small_city(database, keyring)


async def drawn(database: Database, city: City, topic: Topic, period: str, *, threshold: int = 1) -> Dashboard:
    wanted = asked(period, None, TOMORROW)
    async with database.read() as connection:
        return await dashboard(connection, city.authority.id, topic, wanted, threshold=threshold)


def named(told: Dashboard, code: str) -> Figure:
    return next(figure for figure in told.figures if figure.code == code)


async def test_hours_stand_under_their_weekday(database: Database, city: City) -> None:
    pool = city.sites["pool"]
    sunday, wednesday = date(2026, 11, 15), date(2026, 11, 18)
    rows = [
        {
            "site_id": pool.id,
            "day": day,
            "hour": hour,
            "authority_id": pool.authority_id,
            "admitted": count,
            "refused": 0,
        }
        for day, hour, count in ((sunday, 10, 30), (wednesday, 9, 20), (wednesday - timedelta(weeks=1), 9, 7))
    ]
    async with database.write() as connection:
        await connection.execute(insert(passage_hour), rows)
    figure = named(await drawn(database, city, Topic.PASSAGES, "2026-11"), "hours-pool")
    filled = {line.code: line.cells for line in figure.lines if any(line.cells)}
    assert filled == {"3": (27.0, 0.0), "7": (0.0, 30.0)}


async def test_of_another_authority_nothing_is_told(database: Database, city: City) -> None:
    pool = city.sites["pool"]
    row = {"site_id": pool.id, "day": TODAY, "hour": 9, "authority_id": city.neighbour.id, "admitted": 9, "refused": 0}
    async with database.write() as connection:
        await connection.execute(insert(passage_hour).values(row))
    assert [one.code for one in (await drawn(database, city, Topic.PASSAGES, "2026-11")).figures if one.lines] == []


async def test_the_register_is_told_by_commune_and_age_and_once_a_day(
    database: Database, keyring: KeyRing, city: City
) -> None:
    async with database.begin() as unit:
        await unit.places.add_commune(Commune(unit.ids.row(), city.authority.id, "00101", "Clairourle", 4))
    for number, born in enumerate((date(2015, 3, 1), date(1980, 5, 17), date(1981, 5, 17))):
        await resident(database, keyring, city, f"R{number}", born_on=born)
    await snapshot(database, NOW)
    told = named(await drawn(database, city, Topic.ADOPTION, "2026-11"), "adoption-by-commune-and-age")
    assert told.lines[0].cells == (1.0, 0.0, 0.0, 2.0, 0.0, 0.0)
    by_commune = named(await drawn(database, city, Topic.ADOPTION, "2026-11"), "adoption-by-commune")
    assert by_commune.lines[0].cells[:3] == (75.0, 3.0, 4.0)
    async with database.write() as connection:
        await connection.execute(update(adoption_month).values(passes=99))
    await snapshot(database, NOW + timedelta(hours=1))
    again = named(await drawn(database, city, Topic.ADOPTION, "2026-11"), "adoption-by-commune")
    assert again.lines[0].cells[1] == 2 * 99.0, "not before tomorrow"
    await snapshot(database, NOW + timedelta(days=1))
    again = named(await drawn(database, city, Topic.ADOPTION, "2026-11"), "adoption-by-commune")
    assert again.lines[0].cells[1] == 3.0


async def test_use_of_rights_is_told_in_tenths(database: Database, keyring: KeyRing, city: City) -> None:
    for number in range(4):
        await resident(database, keyring, city, f"R{number}", rights=("carnet-10",))
    async with database.write() as connection:
        rights = (await connection.execute(select(counter.c.entitlement_id))).scalars().all()
        assert rights == []
    async with database.look() as unit:
        holder = await unit.people.holder(city.authority.id, "R0")
        (right,) = await unit.products.entitlements([holder.id], TODAY)
    async with database.write() as connection:
        await connection.execute(
            insert(counter).values(
                entitlement_id=right.id,
                ends_before=right.valid_until,
                position=0,
                starts_on=right.valid_from,
                authority_id=city.authority.id,
                used=1_500,
                version=1,
                keep_until=KEEP,
            )
        )
    await snapshot(database, NOW)
    (figure,) = (await drawn(database, city, Topic.QUOTAS, "2026-11")).figures
    assert {line.code: line.cells[0] for line in figure.lines if line.cells[0]} == {"0": 3.0, "2": 1.0}


async def test_a_silent_terminal_is_noted_while_its_site_is_open(database: Database, city: City) -> None:
    terminal = city.terminal.terminal
    async with database.begin() as unit:
        await unit.terminals.beat(Heartbeat(terminal.id, NOW, "1", 0.0, 0))
    catalogue = await database.catalogue()
    for minutes in (1, 4, 30):
        async with database.write() as connection:
            await look_at_terminals(connection, catalogue, NOW + timedelta(minutes=minutes))
    async with database.read() as connection:
        found = await connection.execute(
            select(terminal_day.c.day, terminal_day.c.looks, terminal_day.c.silent).where(
                terminal_day.c.terminal_id == terminal.id
            )
        )
    assert [tuple(row) for row in found] == [(TODAY, 3, 1)]


async def test_pages_of_the_tour_that_were_shown_add_up(database: Database, city: City) -> None:
    tallier = Tallier(database, lambda: NOW)
    for _ in range(3):
        tallier.visited(city.authority.id, UUID(int=7), TODAY)
    await tallier.write_visits()
    tallier.visited(city.authority.id, UUID(int=7), TODAY)
    await tallier.write_visits()
    await tallier.write_visits()
    async with database.read() as connection:
        assert list((await connection.execute(select(visit_day.c.visits))).scalars()) == [4]


async def test_a_population_counts_from_its_day_on(database: Database, city: City) -> None:
    owner = city.authority.id
    async with database.begin() as unit:
        await unit.places.add_commune(Commune(unit.ids.row(), owner, "00101", "Clairourle", 50))
        await enter_population(unit, owner, "00101", {ALL: 60, "75+": 9}, since=date(2026, 1, 1))
        await enter_population(unit, owner, "00101", {ALL: 70}, since=date(2027, 1, 1))
        await enter_population(unit, owner, "00101", {ALL: 61}, since=date(2026, 1, 1))
    async with database.look() as unit:
        assert await unit.entered.people(owner, date(2025, 6, 1)) == {("00101", ALL): 50}
        assert await unit.entered.people(owner, TODAY) == {("00101", ALL): 61, ("00101", "75+"): 9}
        assert await unit.entered.people(city.neighbour.id, TODAY) == {}


@pytest.mark.parametrize(
    ("commune", "persons"),
    [
        ("99999", {ALL: 1}),
        ("00101", {"75+": 1}),
        ("00101", {ALL: 5, "75+": 6}),
        ("00101", {ALL: -1}),
        ("00101", {ALL: 9, "x": 1}),
    ],
)
async def test_a_population_that_contradicts_itself_is_refused(
    database: Database, city: City, commune: str, persons: dict[str, int]
) -> None:
    async with database.begin() as unit:
        await unit.places.add_commune(Commune(unit.ids.row(), city.authority.id, "00101", "Clairourle", 50))
        with pytest.raises(ImpossiblePopulation):
            await enter_population(unit, city.authority.id, commune, persons, since=TODAY)


async def test_costs_are_told_by_heading_and_only_their_own_authority_removes_them(
    database: Database, city: City
) -> None:
    owner = city.authority.id
    async with database.begin() as unit:
        _, cost = [
            await enter_cost(
                unit, owner, heading=Heading.CARDS, spent_on=day, amount_cents=cents, agent_id=UUID(int=1), now=NOW
            )
            for day, cents in ((TODAY, 120_00), (date(2026, 10, 31), 900_00))
        ]
        with pytest.raises(ImpossibleCost):
            await enter_cost(
                unit, owner, heading=Heading.CARDS, spent_on=TODAY, amount_cents=0, agent_id=UUID(int=1), now=NOW
            )
        with pytest.raises(CostNotFound):
            await unit.entered.remove_cost(city.neighbour.id, cost.id)
    (figure,) = (await drawn(database, city, Topic.COSTS, "2026-11")).figures
    assert [(line.code, line.cells) for line in figure.lines] == [("cards", (120.0, Blank.UNKNOWN))]
    async with database.begin() as unit:
        await unit.entered.remove_cost(owner, cost.id)
        assert [one.spent_on for one in await unit.entered.costs(owner, date(2026, 1, 1), TOMORROW)] == [TODAY]


async def test_a_server_looks_around_five_minutes_after_its_start(database: Database, city: City) -> None:
    clock = TestClock()
    tallier = Tallier(database, clock)
    for minutes, days in ((0, 0), (4, 0), (1, 1), (1, 1)):
        clock.turn(minutes=minutes)
        await tallier.round()
        async with database.read() as connection:
            seen = await connection.execute(select(terminal_day.c.looks).where(terminal_day.c.looks > 0))
            assert len(seen.all()) == 2 * days, minutes
