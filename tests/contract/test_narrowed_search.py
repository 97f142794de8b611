"""A search for a name that is narrowed: it finds whom anybody would pick by hand, and reads no more than it must."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from bench import register as large
from cli.demo.places import Territory, open_city
from domain.names import wanted_names
from domain.passes import MediumKind, PassStatus, change_status, issue
from domain.people import Holder, register_holder
from domain.places import local_day
from store import search
from store.database import Database
from store.search import Narrowed
from store.unit import SqlUnit
from tests.city import KEEP, NOW
from tests.contract.register import A_DAY, DOUAI, LILLE, ROUBAIX, Register

LEFEVRE = wanted_names("lefevre")[0]
YOUNG, OLD = (date(2000, 1, 1), date(2026, 1, 1)), (date(1930, 1, 1), date(1999, 12, 31))
HOLDERS = 20_000


class Known(Struct, frozen=True):
    """What we know of somebody without asking the database."""

    holder: Holder
    commune: str
    rights: frozenset[str]
    status: PassStatus | None

    def fits(self, wanted: Narrowed) -> bool:
        """Tell whether they are wanted, as whoever reads a list by hand would."""
        if wanted.born is not None and not wanted.born[0] <= self.holder.born_on <= wanted.born[1]:
            return False
        if wanted.commune and self.commune != wanted.commune:
            return False
        if wanted.product and wanted.product not in self.rights:
            return False
        return self.status is None if wanted.without_pass else wanted.status in {None, self.status}


async def crowd(register: Register, dice: Random, count: int = 24) -> list[Known]:
    """Draw people of one name: some with rights that are over, or with those of their household."""
    today, known = NOW.date(), []
    for number in range(count):
        commune = dice.choice((LILLE, ROUBAIX, DOUAI))
        born_on = dice.choice((date(1950, 2, 3), date(1999, 12, 31), date(2000, 1, 1), date(2012, 7, 9)))
        one = await register.person(f"p{number:02}", born_on=born_on, commune=commune)
        rights = set()
        for code in ("carnet-10", "pool-year"):
            since, until = dice.choice(((-9, 9), (-9, 0), (1, 9), (0, 1), (0, 0)))
            if since < until:
                await register.give(one.id, code, today + since * A_DAY, today + until * A_DAY)
            if since <= 0 < until:
                rights.add(code)
        if dice.random() < 0.4:
            home = await register.home(f"h{number:02}", one)
            await register.give(home.id, "waste-24", today, today + A_DAY)
            rights.add("waste-24")
        status = dice.choice((None, *PassStatus))
        if status is not None:
            await a_pass(register, one, status)
        known.append(Known(one, commune, frozenset(rights), status))
    return known


async def a_pass(register: Register, holder: Holder, status: PassStatus) -> None:
    until = NOW + timedelta(days=300)
    issued = await issue(
        register.unit,
        holder,
        kind=MediumKind.PRINT,
        valid_from=NOW.date(),
        valid_until=until.date(),
        expires_at=until,
        now=NOW,
    )
    if status is not PassStatus.ACTIVE:
        await change_status(register.unit, issued.pass_, status, now=NOW)


def connection_of(register: Register) -> AsyncConnection:
    assert isinstance(register.unit, SqlUnit)
    return register.unit.connection


async def test_every_combination_of_filters_finds_whom_one_would_pick_by_hand(register: Register) -> None:
    known = await crowd(register, Random(58))
    neighbour = await register_holder(
        register.unit,
        authority_id=register.city.neighbour.id,
        reference="p00",
        first_name="P00",
        last_name="Lefèvre",
        born_on=date(2000, 1, 1),
        commune_code=LILLE,
        now=NOW,
        keep_until=KEEP,
    )
    states: list[dict[str, Any]] = [{}, {"without_pass": True}, *({"status": status} for status in PassStatus)]
    found_somebody = 0
    for commune, born, code, state in product(("", LILLE), (None, YOUNG, OLD), ("", "waste-24", "carnet-10"), states):
        wanted = Narrowed(NOW.date(), commune, born, code, **state)
        people = await search.by_name(
            connection_of(register), register.owner, LEFEVRE, limit=len(known) + 1, narrowed=wanted
        )
        expected = [one.holder.id for one in known if one.fits(wanted)]
        assert sorted(one.id for one in people) == sorted(expected), wanted
        assert neighbour.id not in {one.id for one in people}
        found_somebody += bool(expected)
    assert found_somebody > 40


async def test_a_product_that_the_city_has_not_finds_nobody(register: Register) -> None:
    await crowd(register, Random(1), 3)
    wanted = Narrowed(NOW.date(), product="elsewhere")
    assert await search.by_name(connection_of(register), register.owner, LEFEVRE, limit=9, narrowed=wanted) == []


async def test_a_narrowed_list_goes_on_where_its_page_ended(register: Register) -> None:
    known = await crowd(register, Random(7))
    wanted = Narrowed(NOW.date(), LILLE)
    seen: list[UUID] = []
    after = None
    while page := await search.by_name(
        connection_of(register), register.owner, LEFEVRE, limit=2, after=after, narrowed=wanted
    ):
        seen += [one.id for one in page]
        after = (page[-1].key, page[-1].id)
    assert seen == [one.holder.id for one in known if one.fits(wanted)]
    assert len(seen) > 4


@pytest.fixture
async def large_city(database_url: str) -> AsyncIterator[tuple[Database, Territory]]:
    """Twenty thousand people on PostgreSQL, whose plans only a register of some size shows."""
    database = Database(database_url, patience=30)
    async with database.begin() as unit:
        city = await open_city(unit, now=NOW, first_year=NOW.year)
    await large.fill(database.dsn, city, holders=HOLDERS, passages=0, dice=Random(1), now=NOW)
    yield database, city
    await database.close()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_narrowed_search_reads_indexes_and_no_table_from_end_to_end(
    large_city: tuple[Database, Territory],
) -> None:
    """Issue F's bar: how many rows it reads, not how long some machine takes."""
    database, city = large_city
    today = local_day(NOW, city.authority.zone)
    rare = next(iter(city.products))
    for wanted in (
        Narrowed(today, commune=str(large.FIRST_COMMUNE + 7)),
        Narrowed(today, born=(date(1981, 1, 1), date(1996, 1, 1))),
        Narrowed(today, born=(date(1981, 1, 1), date(1981, 1, 1))),
        Narrowed(today, product=rare),
        Narrowed(today, status=PassStatus.SUSPENDED),
        Narrowed(today, status=PassStatus.ACTIVE),
        Narrowed(today, str(large.FIRST_COMMUNE + 7), (date(1981, 1, 1), date(1996, 1, 1)), rare, PassStatus.SUSPENDED),
    ):
        plan = await plan_of(database, city.authority.id, wanted)
        walked = [node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"]
        assert set(walked) <= {"product"}, (wanted, plan)


async def plan_of(database: Database, authority_id: UUID, wanted: Narrowed) -> list[dict[str, Any]]:
    """Return the steps by which PostgreSQL finds names in "ma", of which there are many, so narrowed."""
    asked: list[tuple[str, Any]] = []
    async with database.read() as connection:

        def listen(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:  # noqa: ANN401 - the library's own
            if "holder_name" in statement:
                asked.append((statement, parameters))

        event.listen(connection.sync_connection, "before_cursor_execute", listen)
        await search.by_name(connection, authority_id, wanted_names("ma")[0], limit=26, narrowed=wanted)
        (statement, parameters) = asked[0]
        explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        ((root,),) = (row[0] for row in explained)
    return list(steps(root["Plan"]))


def steps(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(one for child in node.get("Plans", ()) for one in steps(child))]
