"""Heads that agents count where gates are wrong, on both engines: what gates, facts and cancellations make of them."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from domain.access.facts import Direction
from domain.access.merge import Said
from domain.access.reasons import Outcome, Reason
from domain.agents import Role
from domain.errors.places import CountMoved, HeadsBeyondBounds, ZoneNotCounted
from domain.head_counts import CountMotive, HeadCount, Heads, Seen, put_right
from domain.limits import ONE, Measure
from domain.places import Gate, Passback, Zone
from store import head_counts
from store.ledger.scan import Fact
from store.tables.attendance import attendance
from store.tables.ledger import occupancy, presence, validation
from tests.city import KEEP, NOW, TODAY, TestPass
from tests.contract.ledger_audit import audit
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_world import add_place, add_zone, cancellation, scan

EXIT = Direction.EXIT
MINUTE = timedelta(minutes=1)


async def zone_of(here: Here, door: Gate) -> Zone:
    return (await here.database.catalogue()).doorways[door.id].zone


async def see(here: Here, door: Gate, at: datetime = NOW) -> Seen:
    async with here.database.read() as connection:
        return await head_counts.see(connection, await zone_of(here, door), TODAY, at)


async def count(
    here: Here,
    door: Gate,
    users: int,
    *,
    seen: Seen | None = None,
    others: int | None = None,
    role: Role = Role.SITE_AGENT,
    at: datetime = NOW,
) -> HeadCount:
    """Count heads in the zone of a gate."""
    seen = seen or await see(here, door, at)
    async with here.database.begin() as unit:
        return await put_right(
            unit,
            await zone_of(here, door),
            seen=seen,
            counted=Heads(users, seen.heads.others if others is None else others),
            motive=CountMotive.LEFT_UNSEEN,
            by=here.city.agents[role].id,
            day=TODAY,
            now=max(at, seen.at),
            keep_until=KEEP,
        )


async def inside(here: Here, door: Gate) -> Heads:
    return (await see(here, door)).heads


async def tap(here: Here, key: str, door: Gate, who: TestPass, **more: Any) -> str:  # noqa: ANN401 - as `scan`
    return reasons(await everywhere(here, [scan(here.terminal, key, door.id, who.medium.id, **more)]))[0]


async def tell(here: Here, key: str, door: Gate, who: TestPass, *, at: datetime, way: Direction) -> None:
    """Have a terminal tell late what it settled alone."""
    said = Said(Outcome.GRANTED, Reason.WELCOME if way is Direction.ENTRY else Reason.GOODBYE)
    sequence = int(at.timestamp())
    one = scan(here.terminal, key, door.id, who.medium.id, direction=way, at=NOW + 30 * MINUTE)
    await everywhere(here, [replace(one, fact=Fact(at, said, sequence, 1, 0))])


async def people(here: Here, number: int) -> list[TestPass]:
    return [await here.resident(f"R{one}", "pool-year") for one in range(number)]


async def test_whoever_was_refused_at_a_full_pool_comes_in_once_heads_are_counted(here: Here) -> None:
    """The maximum attendance is a matter of who is there, not of who showed a pass (CSP D.1332-7)."""
    (door,) = await add_place(here.database, here.city, "bath", capacity=3, passback=Passback.HARD)
    zoe, *others = await people(here, 5)
    assert [await tap(here, f"in-{n}", door, one) for n, one in enumerate(others[:3])] == ["welcome"] * 3
    assert await tap(here, "full", door, zoe) == "site_full"
    async with here.database.read() as connection:
        before = [
            list(await connection.execute(select(*table.c).order_by(*table.primary_key)))
            for table in (validation, presence, attendance)
        ]

    counted = await count(here, door, 2)

    assert (counted.was, counted.counted) == (Heads(3), Heads(2))
    async with here.database.read() as connection:
        after = [
            list(await connection.execute(select(*table.c).order_by(*table.primary_key)))
            for table in (validation, presence, attendance)
        ]
        entries = (await connection.execute(select(func.sum(occupancy.c.entries)))).scalar_one()
    assert after == before, "no passage, no last state and no hour has moved"
    assert entries == 3, "a head count lets nobody in"
    for lane in here.lanes:
        assert await lane.submit(scan(here.terminal, f"l-{id(lane)}", door.id, others[0].medium.id, at=NOW + MINUTE))
    assert await tap(here, "now", door, zoe, at=NOW + 2 * MINUTE) == "welcome"
    assert await tap(here, "again", door, others[3], at=NOW + 2 * MINUTE) == "site_full"
    assert await inside(here, door) == Heads(3)
    await audit(here.database, one_writer=True)


async def test_a_count_that_says_more_than_gates_do_keeps_people_out_until_some_leave(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=2, passback=Passback.HARD)
    zoe, yan, _ = await people(here, 3)
    assert await tap(here, "in", door, zoe) == "welcome"
    await count(here, door, 3)
    assert await tap(here, "no", door, yan, at=NOW + MINUTE) == "site_full"
    assert await tap(here, "out", door, zoe, direction=EXIT, at=NOW + 2 * MINUTE) == "goodbye"
    assert await inside(here, door) == Heads(2)
    assert await tap(here, "still", door, yan, at=NOW + 3 * MINUTE) == "site_full"


async def test_more_leave_than_an_agent_has_counted_and_nobody_is_kept_in(here: Here) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", capacity=9, passback=Passback.HARD)
    sauna = await add_zone(here.database, here.city, bath, "sauna", capacity=9)
    zoe, yan, xavier = await people(here, 3)
    for key, who in (("a", zoe), ("b", yan), ("c", xavier)):
        await tap(here, key, bath, who)
    await count(here, bath, 1)
    assert await tap(here, "out-a", bath, zoe, direction=EXIT, at=NOW + MINUTE) == "goodbye"
    assert await tap(here, "out-b", bath, yan, direction=EXIT, at=NOW + 2 * MINUTE) == "goodbye"
    assert await tap(here, "on", sauna, xavier, at=NOW + 3 * MINUTE) == "welcome"
    assert (await inside(here, bath), await inside(here, sauna)) == (Heads(0), Heads(1))
    await audit(here.database, one_writer=True)


async def test_all_leave_at_once_while_an_agent_counts_and_every_gate_opens(here: Here) -> None:
    """Two workers whose batches cross the head count: whoever goes out goes out."""
    (door,) = await add_place(here.database, here.city, "bath", capacity=20, passback=Passback.HARD)
    crowd = await people(here, 8)
    await everywhere(here, [scan(here.terminal, f"i-{n}", door.id, one.medium.id) for n, one in enumerate(crowd)])
    out = [
        scan(here.terminal, f"o-{n}", door.id, one.medium.id, direction=EXIT, at=NOW + MINUTE)
        for n, one in enumerate(crowd)
    ]
    seen = await see(here, door)
    answers, _ = await asyncio.gather(everywhere(here, out), count(here, door, 2, seen=seen))
    assert reasons(answers) == ["goodbye"] * 8
    assert await inside(here, door) == Heads(0)


async def test_swimmers_and_those_who_accompany_them_are_put_right_apart(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=9, capacity_others=4)
    (zoe,) = await people(here, 1)
    assert await tap(here, "in", door, zoe, asked={Measure.VISIT: 4 * ONE}) == "welcome"
    await count(here, door, 4, others=2)
    assert await inside(here, door) == Heads(4, 2)
    await count(here, door, 3)
    assert await inside(here, door) == Heads(3, 2)


async def test_whoever_passes_a_gate_while_an_agent_counts_is_in_the_count(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=9)
    zoe, yan, xavier = await people(here, 3)
    await tap(here, "a", door, zoe)
    await tap(here, "b", door, yan)
    seen = await see(here, door, NOW + 2 * MINUTE)
    assert await tap(here, "c", door, xavier, at=NOW + 3 * MINUTE) == "welcome"
    await count(here, door, 1, seen=seen, at=NOW + 5 * MINUTE)
    assert await inside(here, door) == Heads(2), "one of two had gone, and one came in meanwhile"


async def test_of_two_agents_who_count_at_once_the_second_is_told_to_look_again(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=9)
    (zoe,) = await people(here, 1)
    await tap(here, "a", door, zoe)
    seen = await see(here, door)
    both = await asyncio.gather(
        count(here, door, 5, seen=seen),
        count(here, door, 7, seen=seen, role=Role.MANAGER),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in both) == ["CountMoved", "HeadCount"]
    (won,) = [one for one in both if isinstance(one, HeadCount)]
    assert await inside(here, door) == won.counted


async def test_a_count_that_is_sent_twice_counts_once(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=9)
    seen = await see(here, door)
    first = await count(here, door, 4, seen=seen)
    assert await count(here, door, 4, seen=seen) == first
    assert await inside(here, door) == Heads(4), "a zone that no gate has counted that day can be counted"
    async with here.database.read() as connection:
        site_id = (await zone_of(here, door)).site_id
        (told,) = await head_counts.of_day(connection, site_id, TODAY)
    assert (told.count, told.by) == (first, here.city.agents[Role.SITE_AGENT].name)


async def test_what_was_before_the_count_and_is_told_later_moves_nobody(here: Here) -> None:
    """O1: a passage counts once; whoever stood there was counted, by whichever of the two told it first."""
    (door,) = await add_place(here.database, here.city, "bath", capacity=9)
    zoe, yan, xavier, will = await people(here, 4)
    await tap(here, "a", door, zoe, at=NOW - 20 * MINUTE)
    await count(here, door, 3)
    await tell(here, "t-1", door, yan, at=NOW - 10 * MINUTE, way=Direction.ENTRY)
    await tell(here, "t-2", door, zoe, at=NOW - 5 * MINUTE, way=EXIT)
    assert await inside(here, door) == Heads(3)
    await tell(here, "t-3", door, xavier, at=NOW + 5 * MINUTE, way=Direction.ENTRY)
    await tell(here, "t-4", door, yan, at=NOW + 6 * MINUTE, way=EXIT)
    await tell(here, "t-5", door, will, at=NOW + 7 * MINUTE, way=Direction.ENTRY)
    assert await inside(here, door) == Heads(4), "what was after the count moves it"
    async with here.database.read() as connection:
        entries = (await connection.execute(select(func.sum(attendance.c.entries)))).scalar_one()
    assert entries == 4, "each came in, and is in the attendance of the day"


async def test_facts_and_a_head_count_that_cross_agree_on_who_was_counted(here: Here) -> None:
    """Whichever is written first, people who were there when heads were counted are in the count once."""
    (door,) = await add_place(here.database, here.city, "bath", capacity=30)
    crowd = await people(here, 6)
    seen = await see(here, door)
    told = [
        tell(here, f"f-{n}", door, one, at=NOW - (n + 1) * MINUTE, way=Direction.ENTRY) for n, one in enumerate(crowd)
    ]
    said, *_ = await asyncio.gather(count(here, door, 6, seen=seen), *told, return_exceptions=True)
    if isinstance(said, CountMoved):
        await count(here, door, 6)
    else:
        assert isinstance(said, HeadCount)
    assert await inside(here, door) == Heads(6)


async def test_an_entry_that_is_cancelled_after_the_count_takes_nobody_out_of_it(here: Here) -> None:
    """Whoever turned back at the gate was not there to be counted."""
    (door,) = await add_place(here.database, here.city, "bath", capacity=9)
    zoe, yan = await people(here, 2)
    await tap(here, "in", door, zoe, at=NOW - MINUTE)
    event = (await audit(here.database)).event_of(here.terminal, "in")
    await count(here, door, 5)
    back = cancellation(here.terminal, "no-in", event, at=NOW + MINUTE)
    assert reasons(await everywhere(here, [back])) == ["cancelled"]
    assert await inside(here, door) == Heads(5)
    await tap(here, "after", door, yan, at=NOW + 2 * MINUTE)
    event = (await audit(here.database)).event_of(here.terminal, "after")
    await everywhere(here, [cancellation(here.terminal, "no-after", event, at=NOW + 3 * MINUTE)])
    assert await inside(here, door) == Heads(5), "who came after the count leaves it again"
    await audit(here.database, one_writer=True)


async def test_a_count_is_refused_once_its_beginning_has_changed(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=9)
    (open_air,) = await add_place(here.database, here.city, "lake")
    zoe, yan = await people(here, 2)
    await tap(here, "in", door, zoe, at=NOW - 2 * MINUTE)
    event = (await audit(here.database)).event_of(here.terminal, "in")
    seen = await see(here, door)
    await tell(here, "t-1", door, yan, at=NOW - MINUTE, way=Direction.ENTRY)
    with pytest.raises(CountMoved):
        await count(here, door, 2, seen=seen)
    seen = await see(here, door)
    await everywhere(here, [cancellation(here.terminal, "no-in", event, at=NOW)])
    with pytest.raises(CountMoved):
        await count(here, door, 2, seen=seen)
    with pytest.raises(CountMoved):
        await count(here, door, 2, seen=await see(here, door), at=NOW + timedelta(hours=2))
    for users in (-1, 28):
        with pytest.raises(HeadsBeyondBounds):
            await count(here, door, users)
    with pytest.raises(ZoneNotCounted):
        await count(here, open_air, 2)


async def test_the_next_day_begins_with_nobody(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=2, passback=Passback.HARD)
    zoe, _ = await people(here, 2)
    await count(here, door, 2)
    assert await tap(here, "full", door, zoe, at=NOW + MINUTE) == "site_full"
    assert await tap(here, "tomorrow", door, zoe, at=NOW + timedelta(days=1)) == "welcome"


async def test_sites_hear_of_a_count_as_they_hear_of_a_passage(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=9)
    async with here.database.read() as connection:
        before = await head_counts.newest(connection)
    counted = await count(here, door, 3)
    async with here.database.read() as connection:
        heard = await head_counts.counted_since(connection, before)
        assert await head_counts.counted_since(connection, counted.number) == (counted.number, set())
    assert heard == (counted.number, {counted.site_id})
    assert isinstance(counted.site_id, UUID)
