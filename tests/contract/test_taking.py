"""Messages through both engines: stored once, judged by what was before, set aside where nobody can use them."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest
from msgspec.structs import replace

from domain.device_states import DeviceEvent
from store.arrivals import dropped_names, events_since, states_of
from store.database import Database
from store.dead_letters import dead_letters
from store.devices import codes_of
from tests.tour_world import AGREEMENT, NOW, SOURCE, TourWorld, eui, frame, join, minutes, register, tour_world
from tour.ingest.arrivals import NotStored, arrive
from tour.ingest.leftovers import leftover
from tour.ingest.sources import Message
from tour.ingest.taking import Taker


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[TourWorld]:
    database = Database(database_url, patience=30)
    yield await tour_world(database)
    await database.close()


async def events(world: TourWorld) -> list[DeviceEvent]:
    async with world.database.read() as connection:
        return await events_since(connection, world.authority.id, NOW - minutes(60))


async def test_a_frame_becomes_the_readings_that_its_model_means(world: TourWorld) -> None:
    await world.say(frame(1, 1, co2=936, temperature=23.8, humidity=62, pressure=1008.6, battery=85))
    assert await world.readings() == [
        ("air_pressure", NOW, 1008.6, 0),
        ("air_temperature", NOW, 23.8, 0),
        ("co2", NOW, 936, 0),
        ("relative_humidity", NOW, 62, 0),
    ]
    async with world.database.read() as connection:
        devices = await codes_of(connection, world.authority.id)
        (state,) = (await states_of(connection, devices)).values()
    assert (state.heard_at, state.battery_percent, state.battery_at, state.counter) == (NOW, 85, NOW, 1)


async def test_messages_count_once_in_whatever_order_and_however_often(world: TourWorld) -> None:
    """Forty rounds: frames of a quarter of an hour each, cut into groups, some of them twice, some 48 s later too."""
    random = Random(20)
    expected: dict[object, float] = {}
    for turn in range(40):
        start = NOW - minutes(60 * 24) + turn * minutes(30)
        said = []
        for step in range(6):
            counter, at = turn * 6 + step, start + minutes(step)
            expected["co2", at] = value = 500 + random.randrange(400)
            said += [frame(1, counter, at, co2=value)] * random.choice([1, 1, 2, 3])
        # The shortest honest overtaking: the network server hands frames of one minute over in another order.
        random.shuffle(said)
        while said:
            size = random.randint(1, len(said))
            group, said = said[:size], said[size:]
            await world.say(*group, at=start + minutes(6))
            if random.random() < 0.3:
                await world.say(*group, at=start + minutes(6.5))
    stored = await world.readings()
    assert {(name, at): value for name, at, value, _ in stored} == expected
    assert len(stored) == len(expected)


async def test_a_frame_that_the_network_server_hands_over_again_48_seconds_later_counts_once(world: TourWorld) -> None:
    """The same counter and bytes under another id and time: chirpstack-application-server #460."""
    later = NOW + minutes(0.8)
    await world.say(frame(1, 104, NOW, said=b"same", co2=936), at=later)
    await world.say(frame(1, 104, later, said=b"same", co2=936), at=later)
    assert await world.readings() == [("co2", NOW, 936, 0)]


async def test_a_device_that_joins_anew_may_send_the_counters_and_bytes_of_its_first_day(world: TourWorld) -> None:
    await world.say(frame(1, 0, NOW, said=b"same", co2=500))
    joined = arrive(AGREEMENT, Message(join(1, NOW + minutes(1)), NOW + minutes(1), "?event=join"))
    again = arrive(
        AGREEMENT, Message(frame(1, 0, NOW + minutes(2), said=b"same", co2=500), NOW + minutes(2), "?event=up")
    )
    await world.taker.take([joined, again])
    # Handed over once more, with its join: nothing begins anew.
    await world.taker.take([joined, again])
    assert [at for _, at, _, _ in await world.readings()] == [NOW, NOW + minutes(2)]
    assert [(one.kind, one.times) for one in await events(world)] == [("join", 1)]


async def test_two_workers_with_the_same_messages_store_them_once(world: TourWorld) -> None:
    others = Database(world.database.url.render_as_string(hide_password=False))
    bodies = [frame(1, step, NOW + minutes(step), co2=500 + step) for step in range(20)]
    workers = (world.taker, Taker(others, {SOURCE: "ville"}))
    at = NOW + minutes(20)

    async def bring(worker: Taker) -> None:
        for place in range(0, 20, 5):
            group = [arrive(AGREEMENT, Message(body, at, "?event=up")) for body in bodies[place : place + 5]]
            for _ in range(10):
                try:
                    await worker.take(group)
                    break
                except NotStored:
                    await asyncio.sleep(0.05)

    await asyncio.gather(*(bring(worker) for worker in workers * 2))
    await others.close()
    assert [value for _, _, value, _ in await world.readings()] == [500 + step for step in range(20)]


async def test_what_cannot_be_is_stored_hidden_and_told_to_agents(world: TourWorld) -> None:
    """65535 is the AM307's word for "no value"; 6000 ppm is beyond its sensor, 8000 hPa beyond all weather."""
    for step in range(3):
        at = NOW + minutes(step)
        await world.say(frame(1, step, at, co2=(65535, 6000, 640)[step], pressure=8000), at=at)
    stored = [(name, value, quality) for name, _, value, quality in await world.readings()]
    assert stored == [
        ("air_pressure", 8000, 4),
        ("co2", 65535, 15),
        ("air_pressure", 8000, 4),
        ("co2", 6000, 4),
        ("air_pressure", 8000, 4),
        ("co2", 640, 0),
    ]
    assert {(one.kind, one.detail, one.times, one.since, one.last_at) for one in await events(world)} == {
        ("sentinel", "co2", 1, NOW, NOW),
        ("out-of-range", "co2", 1, NOW + minutes(1), NOW + minutes(1)),
        ("out-of-range", "air_pressure", 3, NOW, NOW + minutes(2)),
    }


async def test_bytes_without_a_decoder_are_told_and_are_no_reading(world: TourWorld) -> None:
    naked = frame(1, 1).replace(b'"object": {}', b'"object": null')
    await world.say(naked)
    assert await world.readings() == []
    assert [(one.kind, one.times) for one in await events(world)] == [("decoder-missing", 1)]


async def test_a_device_that_nobody_knows_leaves_what_the_source_may_bring_and_counts_when_it_is_known(
    world: TourWorld,
) -> None:
    await world.say(*[frame(7, 1, co2=700, plate="AB-123-CD")] * 2, frame(1, 1, co2=500))
    await world.say(frame(7, 1, co2=700, plate="AB-123-CD"))
    async with world.database.read() as connection:
        (letter,) = await dead_letters(connection, world.authority.id)
        assert await dropped_names(connection, world.authority.id) == {SOURCE: ["plate"]}
    assert (letter.why, letter.detail, letter.source) == ("unknown-device", eui(7), SOURCE)
    assert b"AB-123-CD" not in letter.payload
    assert b"Dupont" not in letter.payload
    await register(world, 7)
    kept = arrive(AGREEMENT, Message(b"", letter.received_at, letter.address))
    for new in (1, 0):
        assert await world.taker.take_again(replace(kept, parsed=leftover(letter), refusal=None)) == new
    assert sorted(value for _, _, value, _ in await world.readings()) == [500, 700]


async def test_what_cannot_be_read_is_kept_once_as_it_came(world: TourWorld) -> None:
    for _ in range(2):
        await world.say(b'{"cut": ', b"\0\xff", frame(1, 1, co2=500))
    async with world.database.read() as connection:
        letters = await dead_letters(connection, world.authority.id, source=SOURCE)
    assert {(one.why, one.payload, one.address) for one in letters} == {
        ("malformed-message", b'{"cut": ', "?event=up"),
        ("malformed-message", b"\0\xff", "?event=up"),
    }
    assert await world.count() == 1


async def test_nothing_is_stored_for_an_authority_that_is_not_there(database_url: str) -> None:
    database = Database(database_url, patience=30)
    world = await tour_world(database)
    arrival = arrive(AGREEMENT, Message(frame(1, 1, co2=500), NOW, "?event=up"))
    with pytest.raises(NotStored):
        await Taker(database, {SOURCE: "elsewhere"}).take([arrival])
    await Taker(database, {SOURCE: "ville"}).take([arrival])
    assert await world.count() == 1
    await database.close()


async def test_a_database_that_is_away_stores_nothing() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    arrival = arrive(AGREEMENT, Message(frame(1, 1, co2=500), NOW, "?event=up"))
    with pytest.raises(NotStored):
        await Taker(database, {SOURCE: "ville"}).take([arrival])
    await database.close()
