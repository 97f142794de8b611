"""When the days of people are over: what goes, what stays, and what nobody notices."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from msgspec.structs import replace
from sqlalchemy import func, select, update

from adapters.antivirus import Antivirus
from adapters.document_vault import DocumentVault
from api.eraser import Eraser
from domain.people import KEPT_AFTER
from domain.places import local_day
from domain.portraits import Portrait
from store.figures.counting import count_all
from store.ledger.scan import Repeated
from store.retention import Walked, foresee, walk
from store.tables import metadata
from store.tables.ledger import counter, passage_fact, presence, scan_key, validation
from tests.city import KEEP, NOW, TestPass
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_world import scan
from tests.contract.test_figures_counting import told_late
from tests.hostile_files import letter
from tests.house_app import TestClock

A_DAY = timedelta(days=1)
AFTERWARDS = datetime.combine(KEEP, NOW.timetz()) + KEPT_AFTER
"""Everything that the small city keeps is over, and nothing may be told late any more."""

FIGURES = ("passage_day", "passage_hour", "adoption_month", "quota_month", "attendance", "occupancy")
OF_PEOPLE = (
    *("holder", "holder_name", "household", "beneficiary", "circumstance", "guardianship", "pass", "pass_change"),
    *("medium", "medium_change", "entitlement", "counter", "presence", "medium_use", "scan_key", "replacement"),
)


async def kept(here: Here, *names: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of these tables."""
    found = {}
    async with here.database.read() as connection:
        for name in names:
            table = metadata.tables[name]
            rows = await connection.execute(select(table).order_by(*table.primary_key))
            found[name] = [tuple(row) for row in rows]
    return found


async def retain(here: Here, now: datetime) -> Walked:
    return await walk(here.database, here.city.authority.id, day=local_day(now, here.city.authority.zone), now=now)


async def tap(here: Here, who: TestPass, gate: str, key: str, *, at: datetime = NOW) -> str:
    one = scan(here.terminal, key, here.city.gates[gate].id, who.medium.id, at=at)
    return reasons(await everywhere(here, [one]))[0]


async def named(here: Here) -> list[str]:
    """Services of the passages that still name somebody."""
    async with here.database.read() as connection:
        rows = await connection.execute(
            select(validation.c.service_code).where(validation.c.pass_id.is_not(None)).order_by(validation.c.number)
        )
        return list(rows.scalars())


async def test_a_bus_forgets_who_rode_after_two_days_and_a_pool_after_three_months(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year", "carnet-10")
    await tap(here, zoe, "bus", "t1")
    await tap(here, zoe, "pool", "t2")
    await retain(here, NOW + A_DAY)
    assert await named(here) == ["transport", "pool"]
    await retain(here, NOW + 2 * A_DAY)
    assert await named(here) == ["pool"]
    async with here.database.read() as connection:
        assert (await connection.execute(select(counter.c.used))).scalar_one() == 1_000, "the carnet still runs"
    await retain(here, NOW + 91 * A_DAY)
    assert await named(here) == ["pool"]
    await retain(here, NOW + 92 * A_DAY)
    assert await named(here) == []
    async with here.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(validation))).scalar_one() == 2
        assert (await connection.execute(select(func.count()).select_from(presence))).scalar_one() == 0


async def test_a_passage_that_is_told_twice_counts_once_though_its_person_is_forgotten(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year")
    late = told_late(here, zoe.medium.id, NOW - 3 * A_DAY)
    await everywhere(here, [late])
    await retain(here, NOW)
    assert await named(here) == []
    await retain(here, NOW + 28 * A_DAY)
    (again,) = await everywhere(here, [replace(late, at=NOW + 28 * A_DAY)])
    assert isinstance(again, Repeated)
    async with here.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(validation))).scalar_one() == 1
    await retain(here, NOW + 29 * A_DAY)
    async with here.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(scan_key))).scalar_one() == 0


async def test_when_all_is_over_nothing_of_anybody_is_left_and_the_figures_are_the_same(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year", "carnet-10", "waste-24")
    await here.resident("max", "reader")
    for number, gate in enumerate(("bus", "pool", "waste")):
        await tap(here, zoe, gate, f"t{number}")
    await count_all(here.database)
    figures = await kept(here, *FIGURES)
    foreseen = await foresee(
        here.database, here.city.authority.id, day=local_day(AFTERWARDS, here.city.authority.zone), now=AFTERWARDS
    )
    walked = await retain(here, AFTERWARDS)
    assert await kept(here, *OF_PEOPLE) == {name: [] for name in OF_PEOPLE}
    assert await named(here) == []
    assert await kept(here, *FIGURES) == figures
    reached = {name: rows for name, rows in walked.rows.items() if name != "household"}
    assert foreseen.rows.keys() == reached.keys(), "a household is over once its last member is gone"
    assert (walked.rows["holder"], walked.rows["household"], walked.rows["validation"]) == (2, 2, 3)
    assert (await retain(here, AFTERWARDS)).rows == {}, "there is nothing to do twice"


async def test_the_card_of_somebody_forgotten_is_unknown(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year")
    assert await tap(here, zoe, "bus", "t1") == "welcome"
    await retain(here, AFTERWARDS)
    assert await tap(here, zoe, "bus", "t2", at=AFTERWARDS) == "unknown_medium"
    late = told_late(here, zoe.medium.id, AFTERWARDS - A_DAY)
    await everywhere(here, [replace(late, at=AFTERWARDS)])
    async with here.database.read() as connection:
        facts = await connection.execute(select(passage_fact.c.flags, passage_fact.c.judged_reason))
        assert tuple(facts.one()) == ("not_entitled", "unknown_medium")
    assert await named(here) == []


async def test_a_pass_that_runs_keeps_its_people_whatever_their_date_says(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year", "waste-24")
    before = await kept(here, *OF_PEOPLE)
    async with here.database.write() as connection:
        for table in metadata.sorted_tables:
            if table.name in OF_PEOPLE:
                await connection.execute(update(table).values(keep_until=date(2026, 1, 2)))
    dated = await kept(here, *OF_PEOPLE)
    await retain(here, NOW + 400 * A_DAY)
    after = await kept(here, *OF_PEOPLE)
    assert {name: rows for name, rows in after.items() if rows != dated[name]} == {"entitlement": []}
    assert len(before["entitlement"]) == 2, "their rights ended in the year before"
    assert zoe.holder.id in {row[0] for row in after["holder"]}


async def test_whoever_renewed_stays_two_years_after_the_last_pass(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year")
    for day, stays in ((date(2032, 12, 30), True), (date(2032, 12, 31), False)):
        await retain(here, datetime.combine(day, NOW.timetz()))
        there = {row[0] for row in (await kept(here, "holder"))["holder"]}
        assert (zoe.holder.id in there) is stays, f"their date was {KEEP}, their pass ended on 1 January 2031"


def sealed(folder: Path) -> int:
    return len(list(folder.rglob("*.sealed")))


async def test_the_server_walks_once_a_day_and_takes_photos_off_the_disk(here: Here, tmp_path: Path) -> None:
    zoe = await here.resident("zoe", "bus-year")
    await tap(here, zoe, "bus", "t1")
    vault, file = DocumentVault(tmp_path, here.keyring, Antivirus("")), uuid4()
    safe = await vault.keep(here.city.authority.code, file, letter())
    agent = next(iter(here.city.agents.values()))
    photo = Portrait(
        zoe.holder.id,
        here.city.authority.id,
        safe.id,
        safe.wrapped_key,
        NOW,
        agent.id,
        zoe.holder.id,
        AFTERWARDS.date(),
    )
    async with here.database.begin() as unit:
        await unit.portraits.save(photo)
    clock = TestClock()
    eraser = Eraser(here.database, clock, vault)
    await eraser.round()
    async with here.database.write() as connection:
        await connection.execute(update(validation).values(keep_until=NOW.date()))
    await eraser.round()
    assert await named(here) == ["transport"], "this day is done"
    clock.turn(days=1)
    await eraser.round()
    assert await named(here) == []
    assert sealed(tmp_path) == 1
    clock.now = AFTERWARDS
    await eraser.round()
    assert sealed(tmp_path) == 0
