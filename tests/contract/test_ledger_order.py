"""Passages that are settled out of their order, and changes of zone that are taken back: where a pass is afterwards."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from domain.access.facts import Direction
from domain.limits import ONE, Measure
from domain.places import Gate, Passback
from store.tables.ledger import occupancy, passage_detail, presence
from tests.city import NOW
from tests.contract.ledger_audit import audit
from tests.contract.ledger_books import Party
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_world import add_place, add_zone, cancellation, scan

EXIT = Direction.EXIT
MINUTE = timedelta(minutes=1)


async def tap(here: Here, key: str, gate_id: Any, medium_id: int, **more: Any) -> str:  # noqa: ANN401 - as `scan`
    """Come to a gate, and return what the ledger heard of it."""
    return reasons(await everywhere(here, [scan(here.terminal, key, gate_id, medium_id, **more)]))[0]


async def cancel(here: Here, key: str, *, minutes: int = 5) -> str:
    """Take the passage of a key back."""
    event = (await audit(here.database)).event_of(here.terminal, key)
    back = cancellation(here.terminal, f"no-{key}", event, at=NOW + minutes * MINUTE)
    return reasons(await everywhere(here, [back]))[0]


async def zone_now(here: Here) -> list[Any]:
    """The zone in which each pass was last seen, None where it has left."""
    async with here.database.read() as connection:
        return list((await connection.execute(select(presence.c.zone_id))).scalars())


async def admitted(here: Here, gate: Gate) -> int:
    """How many count for the maximum of the day in the zone of a gate."""
    async with here.database.read() as connection:
        counted = select(occupancy.c.admitted).where(occupancy.c.zone_id == gate.zone_id)
        found: int = (await connection.execute(counted)).scalar_one()
    return found


# --- late on the same day -------------------------------------------------------------------------------


async def test_an_entry_that_arrives_after_the_exit_brings_nobody_back_inside(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=3)
    zoe = (await here.resident("R1", "carnet-10")).medium.id
    assert await tap(here, "in", door.id, zoe) == "welcome"
    assert await tap(here, "out", door.id, zoe, direction=EXIT, at=NOW + 60 * MINUTE) == "goodbye"
    assert await tap(here, "late", door.id, zoe, at=NOW + 30 * MINUTE) == "welcome"
    assert await zone_now(here) == [None]
    books = await audit(here.database, one_writer=True)
    assert list(books.used.values()) == [2 * ONE], "it counts in the quota"


async def test_an_exit_that_arrives_after_a_later_entry_takes_nobody_out(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=3)
    zoe = (await here.resident("R1", "pool-year")).medium.id
    assert await tap(here, "in", door.id, zoe) == "welcome"
    assert await tap(here, "again", door.id, zoe, at=NOW + 60 * MINUTE) == "welcome"
    assert await tap(here, "late", door.id, zoe, direction=EXIT, at=NOW + 30 * MINUTE) == "goodbye"
    assert await zone_now(here) == [door.zone_id]
    assert [len(people) for people in (await audit(here.database, one_writer=True)).inside.values()] == [1]


async def test_a_late_group_counts_in_the_attendance_and_not_among_those_inside(here: Here) -> None:
    (door,) = await add_place(here.database, here.city, "bath", capacity=9)
    zoe = (await here.resident("R1", "pool-year")).medium.id
    assert await tap(here, "in", door.id, zoe, at=NOW) == "welcome"
    late = scan(here.terminal, "late", door.id, zoe, asked={Measure.VISIT: 4 * ONE}, at=NOW - MINUTE)
    assert reasons(await everywhere(here, [late])) == ["welcome"]
    books = await audit(here.database, one_writer=True, parties={(here.terminal, "late"): Party(persons=4)})
    assert [len(people) for people in books.inside.values()] == [1]


# --- changes of zone that are taken back ----------------------------------------------------------------


async def test_a_change_of_zone_taken_back_leaves_the_pass_where_it_came_from(here: Here) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", capacity=3, passback=Passback.HARD)
    sauna = await add_zone(here.database, here.city, bath, "sauna", capacity=3)
    zoe = (await here.resident("R1", "carnet-10")).medium.id
    assert await tap(here, "in", bath.id, zoe) == "welcome"
    assert await tap(here, "on", sauna.id, zoe, at=NOW + MINUTE) == "welcome"

    assert await cancel(here, "on") == "cancelled"

    assert await zone_now(here) == [bath.zone_id]
    books = await audit(here.database, one_writer=True)
    assert [zone for (zone, _), people in books.inside.items() if people] == [bath.zone_id]
    assert await tap(here, "twice", bath.id, zoe, at=NOW + 9 * MINUTE) == "already_inside"
    assert await tap(here, "out", bath.id, zoe, direction=EXIT, at=NOW + 10 * MINUTE) == "goodbye"
    assert list((await audit(here.database, one_writer=True)).used.values()) == [ONE], "one visit all along"


async def test_the_entry_can_be_taken_back_after_the_change_of_zone(here: Here) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", capacity=3, passback=Passback.HARD)
    sauna = await add_zone(here.database, here.city, bath, "sauna", capacity=3)
    zoe = (await here.resident("R1", "carnet-10")).medium.id
    await tap(here, "in", bath.id, zoe)
    await tap(here, "on", sauna.id, zoe, at=NOW + MINUTE)
    assert await cancel(here, "on") == "cancelled"
    assert await cancel(here, "in") == "cancelled"
    assert await zone_now(here) == [None]
    assert list((await audit(here.database, one_writer=True)).used.values()) == [0]


async def test_whoever_is_put_back_into_a_zone_that_filled_meanwhile_is_counted_there(here: Here) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", capacity=1, passback=Passback.HARD)
    sauna = await add_zone(here.database, here.city, bath, "sauna", capacity=3)
    zoe = (await here.resident("R1", "pool-year")).medium.id
    ben = (await here.resident("R2", "pool-year")).medium.id
    await tap(here, "in", bath.id, zoe)
    await tap(here, "on", sauna.id, zoe, at=NOW + MINUTE)
    assert await tap(here, "ben", bath.id, ben, at=NOW + 2 * MINUTE) == "welcome"
    assert await cancel(here, "on") == "cancelled"
    books = await audit(here.database, one_writer=True)
    assert [len(people) for (zone, _), people in books.inside.items() if zone == bath.zone_id] == [2]
    third = (await here.resident("R3", "pool-year")).medium.id
    assert await tap(here, "third", bath.id, third, at=NOW + 6 * MINUTE) == "site_full"


async def test_whoever_is_put_back_passes_no_ceiling_though_another_comes_in_at_the_same_moment(here: Here) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", capacity=1, passback=Passback.HARD)
    sauna = await add_zone(here.database, here.city, bath, "sauna", capacity=3)
    zoe = (await here.resident("R1", "pool-year")).medium.id
    ben = (await here.resident("R2", "pool-year")).medium.id
    await tap(here, "in", bath.id, zoe)
    await tap(here, "on", sauna.id, zoe, at=NOW + MINUTE)
    on = (await audit(here.database)).event_of(here.terminal, "on")
    comes = scan(here.terminal, "ben", bath.id, ben, at=NOW + 2 * MINUTE)
    back = cancellation(here.terminal, "no-on", on, at=NOW + 2 * MINUTE)
    lane = here.lanes[0]
    assert reasons(await asyncio.gather(lane.submit(comes), lane.submit(back))) == ["cancelled", "welcome"]
    books = await audit(here.database, one_writer=True)
    assert [len(people) for (zone, _), people in books.inside.items() if zone == bath.zone_id] == [2]


# --- the maximum of the day ------------------------------------------------------------------------------


async def test_a_late_entry_counts_once_for_its_day_and_gives_its_place_back(here: Here) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", passback=Passback.HARD)
    sauna = await add_zone(here.database, here.city, bath, "sauna", daily_capacity=2)
    zoe, ben, ann = [(await here.resident(f"R{n}", "pool-year")).medium.id for n in range(3)]
    await tap(here, "in", bath.id, zoe)
    await tap(here, "out", bath.id, zoe, direction=EXIT, at=NOW + 8 * MINUTE)
    assert await tap(here, "late", sauna.id, zoe, at=NOW + 4 * MINUTE) == "welcome"
    assert await zone_now(here) == [None]
    assert await admitted(here, sauna) == 1
    assert await tap(here, "again", sauna.id, zoe, at=NOW + 9 * MINUTE) == "welcome"
    assert await admitted(here, sauna) == 1, "nobody counts twice"
    assert await tap(here, "ben", sauna.id, ben, at=NOW + 9 * MINUTE) == "welcome"
    assert await tap(here, "ann", sauna.id, ann, at=NOW + 9 * MINUTE) == "day_full"
    assert await cancel(here, "late", minutes=10) == "cancelled"
    assert await admitted(here, sauna) == 1
    assert sauna.zone_id in await zone_now(here), "the late entry had moved nobody"
    assert await tap(here, "ann-2", sauna.id, ann, at=NOW + 11 * MINUTE) == "welcome"
    await audit(here.database, one_writer=True)


async def test_a_supplement_paid_late_is_paid_for_the_day(here: Here) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", passback=Passback.HARD)
    sauna = await add_zone(here.database, here.city, bath, "sauna", supplement_cents=500)
    zoe = (await here.resident("R1", "pool-year")).medium.id
    await tap(here, "in", bath.id, zoe)
    await tap(here, "out", bath.id, zoe, direction=EXIT, at=NOW + 8 * MINUTE)
    assert await tap(here, "late", sauna.id, zoe, at=NOW + 4 * MINUTE, paid_cents=500) == "welcome"
    assert await tap(here, "again", sauna.id, zoe, at=NOW + 9 * MINUTE) == "welcome"
    await audit(here.database, one_writer=True)


@pytest.mark.parametrize(("most", "heard", "count"), [(4, "welcome", 4), (3, "day_full", 1)])
async def test_of_a_late_group_those_count_who_did_not_yet(here: Here, most: int, heard: str, count: int) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", daily_capacity=most)
    zoe = (await here.resident("R1", "pool-year")).medium.id
    assert await tap(here, "in", bath.id, zoe) == "welcome"
    assert await tap(here, "late", bath.id, zoe, asked={Measure.VISIT: 4 * ONE}, at=NOW - MINUTE) == heard
    assert await admitted(here, bath) == count
    await audit(here.database, one_writer=True, parties={(here.terminal, "late"): Party(persons=4)})


async def test_a_change_of_zone_taken_back_gives_its_place_of_the_day_back(here: Here) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", daily_capacity=9, passback=Passback.HARD)
    sauna = await add_zone(here.database, here.city, bath, "sauna", daily_capacity=1)
    zoe = (await here.resident("R1", "pool-year")).medium.id
    ben = (await here.resident("R2", "pool-year")).medium.id
    await tap(here, "in", bath.id, zoe)
    assert await tap(here, "on", sauna.id, zoe, at=NOW + MINUTE) == "welcome"
    assert await tap(here, "full", sauna.id, ben, at=NOW + 2 * MINUTE) == "day_full"
    assert await cancel(here, "on") == "cancelled"
    assert await zone_now(here) == [bath.zone_id]
    assert (await admitted(here, bath), await admitted(here, sauna)) == (1, 0)
    assert await tap(here, "ben", sauna.id, ben, at=NOW + 6 * MINUTE) == "welcome"
    assert await tap(here, "on-2", sauna.id, zoe, at=NOW + 7 * MINUTE) == "day_full"
    await audit(here.database, one_writer=True)


async def test_a_change_of_zone_is_taken_back_cleanly_when_its_counts_are_purged(here: Here) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", capacity=3, passback=Passback.HARD)
    sauna = await add_zone(here.database, here.city, bath, "sauna", daily_capacity=3)
    zoe = (await here.resident("R1", "pool-year")).medium.id
    await tap(here, "in", bath.id, zoe)
    await tap(here, "on", sauna.id, zoe, at=NOW + MINUTE)
    on = (await audit(here.database)).event_of(here.terminal, "on")
    async with here.database.write() as connection:
        await connection.execute(delete(occupancy))
    back = cancellation(here.terminal, "no-on", on, at=NOW + 5 * MINUTE)
    assert reasons(await everywhere(here, [back])) == ["cancelled"]
    assert await zone_now(here) == [bath.zone_id]
    async with here.database.read() as connection:
        assert (await connection.execute(select(occupancy))).all() == []


# --- groups ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("persons", [1, 4])
async def test_an_event_tells_how_many_a_group_was_and_an_ordinary_passage_writes_no_more(
    here: Here, persons: int
) -> None:
    (bath,) = await add_place(here.database, here.city, "bath", capacity=9)
    zoe = (await here.resident("R1", "pool-year")).medium.id
    party = {(here.terminal, "in"): Party(persons=persons)}
    await tap(here, "in", bath.id, zoe, asked={Measure.VISIT: persons * ONE})
    await tap(here, "out", bath.id, zoe, direction=EXIT, at=NOW + MINUTE)
    await audit(here.database, one_writer=True, parties=party)
    async with here.database.read() as connection:
        told = list((await connection.execute(select(passage_detail.c.persons))).scalars())
    assert told == ([] if persons == 1 else [4, 4])
