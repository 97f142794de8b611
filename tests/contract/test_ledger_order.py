"""Passages that are settled out of their order, and changes of zone that are taken back: where a pass is afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.access.facts import Direction
from domain.limits import ONE, Measure
from domain.places import Passback
from store.tables.ledger import passage_detail, presence
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
