"""What agents look for among devices, messages and terminals, through both engines."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.device_changes import Difference
from domain.device_states import DeviceEvent
from domain.readings import DeadLetter
from store.arrivals import events_since
from store.database import Database
from store.dead_letters import Sort, discard_letters, heaps, page_of_letters, replayed, set_aside, waiting_of_sort
from store.device_lists import Believed, Wanted, believed_by, devices_wanted, last_said, spells_of
from store.ids import RandomIds
from tests.tour_world import NOW, SOURCE, TourWorld, frame, minutes, tour_world
from tour.register import KEPT_BACK, Hand, keep_back, show_again
from tour.upkeep import upkeep
from tour.watch import Trouble


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[TourWorld]:
    database = Database(database_url, patience=30)
    yield await tour_world(database, rooms=(1, 2, 3))
    await database.close()


async def found(world: TourWorld, wanted: Wanted, *, after: str = "", most: int = 10) -> list[str]:
    async with world.database.read() as connection:
        page = await devices_wanted(connection, world.authority.id, wanted, after=after, most=most)
    return [device.code for device, _ in page]


async def test_devices_are_found_by_part_of_a_name_and_by_what_is_wrong(world: TourWorld) -> None:
    await world.say(frame(1, 1, NOW, co2=640, temperature=20.5, humidity=40, pressure=1013))
    await upkeep(world.database, NOW)
    assert await found(world, Wanted()) == ["room-1", "room-2", "room-3"]
    assert await found(world, Wanted(), after="room-1", most=1) == ["room-2"]
    assert await found(world, Wanted(text="ROOM-2")) == ["room-2"]
    assert await found(world, Wanted(text="%")) == []
    assert await found(world, Wanted(text="école")) == ["room-1", "room-2", "room-3"], "a French name"
    assert await found(world, Wanted(troubles=frozenset({Trouble.NEVER_HEARD}))) == ["room-2", "room-3"]
    assert await found(world, Wanted(troubles=frozenset({Trouble.STUCK}))) == []
    assert await found(world, Wanted(well=True)) == ["room-1"]
    assert await found(world, Wanted(retired=True)) == []


async def test_what_a_device_said_is_counted_day_by_day_with_what_was_not_believed(world: TourWorld) -> None:
    day = timedelta(days=1)
    await world.say(frame(1, 1, NOW - day, co2=640), frame(1, 2, NOW - minutes(30), co2=65535))
    await world.say(frame(1, 3, NOW, co2=700))
    async with world.database.look() as unit:
        device = await unit.devices.by_code(world.authority.id, "room-1")
        streams = [one for one in await unit.devices.streams(device.id) if one.quantity == "co2"]
    async with world.database.read() as connection:
        edges = [NOW - 2 * day, NOW - day, NOW - minutes(60), NOW + minutes(1)]
        assert await believed_by(connection, world.authority.id, streams, edges) == [
            Believed(0, 0),
            Believed(1, 0),
            Believed(1, 1),
        ]
        said = await last_said(connection, world.authority.id, streams, NOW - day, most=2)
        assert [one.observed_at for one in said] == [NOW, NOW - minutes(30)]
        other = RandomIds().row()
        assert await last_said(connection, other, streams, NOW - day, most=2) == [], "another authority's"
        assert await believed_by(connection, other, streams, edges) == [Believed()] * 3
    await upkeep(world.database, NOW + 2 * day)
    async with world.database.read() as connection:
        spells = await spells_of(connection, world.authority.id, streams, most=5)
    assert [(one.trouble, one.ended_at) for one in spells] == [(Trouble.SILENT, None)]


async def test_a_device_is_kept_from_residents_and_shown_again_with_who_reads_why(world: TourWorld) -> None:
    async with world.database.begin() as unit:
        device = await unit.devices.by_code(world.authority.id, "room-1")
        kept = await keep_back(unit, device, "peinture", Hand(None, NOW))
        assert not (await unit.devices.by_code(world.authority.id, "room-1")).public
        await show_again(unit, kept, Hand(None, NOW + minutes(5)))
        assert (await unit.devices.hold(world.authority.id, "room-1")).public
        shown, hidden = await unit.devices.changes(device.id, after=0, most=5)
        assert hidden.change.differences == (Difference("", "public", "yes", "no"),)
        assert (hidden.change.why, hidden.change.at, shown.change.at) == ("peinture", NOW, NOW + minutes(5))
        assert await unit.devices.changes(device.id, after=hidden.number, most=5) == [shown]
    async with world.database.read() as connection:
        events = await events_since(connection, world.authority.id, NOW, device_id=device.id)
    assert DeviceEvent(device.id, KEPT_BACK, "peinture", NOW, NOW) in events


async def test_messages_put_aside_come_in_pages_even_of_one_instant_and_are_discarded_by_sort(
    world: TourWorld,
) -> None:
    ids = RandomIds()
    letters = [
        DeadLetter(ids.row(), world.authority.id, SOURCE, NOW, why, "x", b"{", None)
        for why in ("malformed-message",) * 3 + ("unknown-device",) * 2
    ]
    async with world.database.write() as connection:
        await set_aside(connection, *letters)
        await replayed(connection, letters[0].id, NOW)
    sort, owner = Sort(SOURCE, "malformed-message"), world.authority.id
    async with world.database.read() as connection:
        told = [(one.why, one.count, one.waiting) for one in await heaps(connection, owner)]
        assert told == [("malformed-message", 3, 2), ("unknown-device", 2, 2)]
        first = await page_of_letters(connection, owner, Sort(), before=None, most=3)
        rest = await page_of_letters(connection, owner, Sort(), before=(NOW, first[-1].id), most=3)
        assert {one.id for one in (*first, *rest)} == {one.id for one in letters}
        (one,) = await waiting_of_sort(connection, owner, sort, after=None, most=1)
        (other,) = await waiting_of_sort(connection, owner, sort, after=(NOW, one.id), most=2)
        assert {one.id, other.id} == {letters[1].id, letters[2].id}
    async with world.database.write() as connection:
        assert await discard_letters(connection, ids.row(), sort) == 0, "another authority discards nothing of ours"
        assert await discard_letters(connection, owner, sort, letter_id=letters[3].id) == 0, "it is of another sort"
        assert await discard_letters(connection, owner, sort) == 3
        assert [one.why for one in await heaps(connection, owner)] == ["unknown-device"]
