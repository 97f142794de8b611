"""Passages become counts: each once, on its own local day, and the same again when they are counted anew."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy import func, select

from domain.access.facts import Direction
from domain.access.merge import Said
from domain.access.reasons import Outcome, Reason
from store.database import Database
from store.figures.counting import count_again, count_all, count_on
from store.ledger.scan import Fact, Scan
from store.tables.figures import passage_day, passage_hour
from store.tables.ledger import passage_fact, validation
from store.tables.places import authority
from tests.city import NOW, TODAY
from tests.contract.ledger_lanes import Here, everywhere
from tests.contract.ledger_world import scan

PARIS = ZoneInfo("Europe/Paris")
LATE = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)
"""Half past midnight of the 18th in Paris."""


async def days(database: Database) -> dict[tuple[Any, ...], int]:
    async with database.read() as connection:
        rows = await connection.execute(
            select(
                passage_day.c.day,
                passage_day.c.outcome,
                passage_day.c.reason,
                passage_day.c.offline,
                func.sum(passage_day.c.passages),
            ).group_by(*(passage_day.c[name] for name in ("day", "outcome", "reason", "offline")))
        )
        return {tuple(row[:-1]): int(row[-1]) for row in rows}


async def hours(database: Database) -> dict[tuple[date, int], tuple[int, int]]:
    async with database.read() as connection:
        rows = await connection.execute(
            select(
                passage_hour.c.day,
                passage_hour.c.hour,
                func.sum(passage_hour.c.admitted),
                func.sum(passage_hour.c.refused),
            ).group_by(passage_hour.c.day, passage_hour.c.hour)
        )
        return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in rows}


async def straight(database: Database) -> dict[tuple[Any, ...], int]:
    """The same by the events themselves, one by one."""
    async with database.read() as connection:
        rows = await connection.execute(
            select(
                validation.c.recorded_at, passage_fact.c.happened_at, validation.c.outcome, validation.c.reason
            ).outerjoin(passage_fact, passage_fact.c.number == validation.c.number)
        )
        found: Counter[tuple[Any, ...]] = Counter()
        for recorded, happened, outcome, reason in rows:
            found[(happened or recorded).astimezone(PARIS).date(), outcome, reason, happened is not None] += 1
        return dict(found)


async def taps(here: Here, count: int, *, start: int = 0, gate: str = "bus") -> None:
    """People without any right, and one who has one, come one after the other."""
    rider = await here.resident(f"R{start}", "bus-year")
    stranger = await here.resident(f"S{start}")
    scans = []
    for number in range(start, start + count):
        who = rider if number % 3 else stranger
        at = LATE + timedelta(hours=2 * (number - start))
        scans.append(scan(here.terminal, f"t{number}", here.city.gates[gate].id, who.medium.id, at=at))
    for one in scans:
        await everywhere(here, [one])


def told_late(here: Here, medium_id: int, at: datetime) -> Scan:
    """A passage that a terminal settled alone at an instant, and tells now."""
    tap = scan(here.terminal, f"late {at}", here.city.gates["bus"].id, medium_id, direction=Direction.ENTRY)
    said = Said(Outcome.GRANTED, Reason.WELCOME)
    return replace(
        tap,
        fingerprint=sha256(str(at).encode()).digest(),
        terminal_at=at,
        fact=Fact(at, said, sequence=1, bundle=1, drift_seconds=0),
    )


async def test_passages_are_counted_on_their_local_day_and_hour(here: Here) -> None:
    await taps(here, 6)
    counted = await count_all(here.database)
    assert counted == 6
    assert await days(here.database) == await straight(here.database)
    by_hour = await hours(here.database)
    assert by_hour[TODAY, 0] == (0, 1)  # 23:30 UTC of the day before
    assert sum(admitted for admitted, _ in by_hour.values()) == 4


async def test_where_clocks_stand_half_an_hour_apart_hours_are_theirs(here: Here) -> None:
    await taps(here, 1)
    async with here.database.write() as connection:
        await connection.execute(authority.update().values(zone="Pacific/Marquesas"))
    await count_all(here.database)
    assert await hours(here.database) == {(TODAY - timedelta(days=1), 14): (0, 1)}  # 23:30 UTC, less nine and a half


async def test_counting_in_small_steps_counts_the_same_and_nothing_twice(here: Here) -> None:
    await taps(here, 5)
    while await count_on(here.database, most=2):
        pass
    await taps(here, 4, start=5)
    assert await count_on(here.database, most=100) > 0
    assert await count_on(here.database) == 0
    assert await days(here.database) == await straight(here.database)


async def test_of_several_who_count_at_once_each_passage_is_counted_once(here: Here) -> None:
    await taps(here, 8)
    await asyncio.gather(*(count_on(here.database, most=3) for _ in range(4)))
    await count_all(here.database)
    assert await days(here.database) == await straight(here.database)


async def test_what_a_terminal_tells_late_counts_on_its_own_day_and_as_offline(here: Here) -> None:
    rider = await here.resident("R1", "bus-year")
    await count_all(here.database)
    await everywhere(here, [told_late(here, rider.medium.id, NOW - timedelta(days=3))])
    await count_all(here.database)
    assert await days(here.database) == {(TODAY - timedelta(days=3), "granted", "welcome", True): 1}


async def test_counting_again_gives_the_same_and_keeps_days_whose_passages_may_be_gone(here: Here) -> None:
    await taps(here, 6)
    await taps(here, 3, start=10, gate="free")
    await count_all(here.database)
    before, by_hour = await days(here.database), await hours(here.database)
    async with here.database.write() as connection:
        await connection.execute(passage_day.update().values(passages=passage_day.c.passages + 7))
    first = await count_again(here.database, here.city.authority.id, date(2020, 1, 1), LATE + timedelta(days=2))
    assert first == date(2026, 8, 21)  # a pool's passages are kept 92 days
    assert await hours(here.database) == by_hour
    again = await days(here.database)
    # The bus keeps two days: those of the 18th are not counted anew on the 20th.
    old = {key for key in again if again[key] != before[key]}
    assert {key[0] for key in old} == {TODAY}
    assert await count_on(here.database) == 0


async def test_counting_again_and_counting_on_at_once_lose_nothing(here: Here) -> None:
    await taps(here, 6, gate="free")
    await count_on(here.database, most=3)
    await asyncio.gather(
        count_again(here.database, here.city.authority.id, TODAY, LATE + timedelta(days=1)), count_all(here.database)
    )
    await count_all(here.database)
    assert await days(here.database) == await straight(here.database)
