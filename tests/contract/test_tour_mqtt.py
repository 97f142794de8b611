"""Messages of a real broker: none is acknowledged before it is stored, none that was acknowledged is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import aiomqtt
import pytest
from msgspec import structs

from tests.servers import Address
from tests.uplinks_said import SAMPLES, SOURCE
from tour.ingest import mqtt
from tour.ingest.arrivals import BATCH, Agreement, Arrival, NotStored
from tour.ingest.mqtt import listen
from tour.ingest.sources import Broker

pytestmark = pytest.mark.servers

CHIRPSTACK = Agreement("chirpstack", SOURCE)

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Store:
    """What commits: in memory, for the tests. It waits for `open`; `away` is how often it cannot."""

    def __init__(self, *, away: int = 0) -> None:
        self.kept: list[Arrival] = []
        self.batches: list[int] = []
        self.away = away
        self.changed = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def take(self, arrivals: Sequence[Arrival]) -> None:
        await self.open.wait()
        if self.away:
            self.away -= 1
            raise NotStored("the database is away")
        self.kept += arrivals
        self.batches.append(len(arrivals))
        self.changed.set()

    @property
    def bodies(self) -> list[bytes]:
        return [arrival.message.body for arrival in self.kept]

    def has(self, body: bytes) -> bool:
        return body in self.bodies

    async def until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not reached():
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
def broker(mqtt_address: Address) -> Broker:
    """A session and topics that no other test uses."""
    name = uuid4().hex
    return Broker(mqtt_address.host, mqtt_address.port, f"city-{name}", (f"{name}/#",))


@pytest.fixture(params=[True, False], ids=["MQTT 5", "MQTT 3.1.1"])
def either(broker: Broker, request: pytest.FixtureRequest) -> Broker:
    return structs.replace(broker, mqtt_5=request.param)


@asynccontextmanager
async def listening(broker: Broker, store: Store) -> AsyncIterator[None]:
    task = asyncio.create_task(listen(broker, CHIRPSTACK, store.take, lambda: NOW))
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def say(broker: Broker, *bodies: bytes, topic: str = "room", retain: bool = False) -> None:
    async with aiomqtt.Client(broker.host, broker.port) as sender:
        for body in bodies:
            await sender.publish(broker.topics[0].replace("#", topic), body, qos=1, retain=retain)


async def begin(broker: Broker, store: Store) -> None:
    """Open the session at the broker, and see it work."""
    async with listening(broker, store):
        while not store.kept:
            await say(broker, b"begin")
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    store.kept.clear()


async def test_what_is_said_while_we_are_away_is_there_when_we_come_back(either: Broker) -> None:
    store = Store()
    await begin(either, store)
    await say(either, b"1", b"2", b"3")
    async with listening(either, store):
        await store.until(lambda: b"3" in store.bodies)
    assert [body for body in store.bodies if body != b"begin"] == [b"1", b"2", b"3"]


async def test_what_was_not_stored_comes_again(either: Broker) -> None:
    store = Store()
    await begin(either, store)
    store.away = 3
    await say(either, b"1", b"2")
    async with listening(either, store):
        await store.until(lambda: b"2" in store.bodies)
    assert store.away == 0
    assert [body for body in store.bodies if body != b"begin"] == [b"1", b"2"]


async def test_what_was_stored_does_not_come_again(broker: Broker) -> None:
    store = Store()
    await begin(broker, store)
    async with listening(broker, store):
        # Two batches are stored at a time: the third is not begun before the first is acknowledged.
        for body in (b"1", b"2", b"3"):
            await say(broker, body)
            await store.until(partial(store.has, body))
    store.kept.clear()
    await say(broker, b"4")
    async with listening(broker, store):
        await store.until(lambda: b"4" in store.bodies)
    assert b"1" not in store.bodies


async def test_a_connection_that_is_cut_is_opened_again(broker: Broker) -> None:
    """The broker cuts a session's connection when another one takes the session over."""
    store = Store()
    await begin(broker, store)
    async with listening(broker, store):
        await say(broker, b"before")
        await store.until(lambda: b"before" in store.bodies)
        async with aiomqtt.Client(
            broker.host,
            broker.port,
            identifier=broker.client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=False,
        ):
            pass
        while b"after" not in store.bodies:
            await say(broker, b"after")
            await asyncio.sleep(0.05)


async def test_a_broker_that_is_not_there_is_waited_for(broker: Broker) -> None:
    """Nobody listens on port 1 of this machine."""
    task = asyncio.create_task(listen(structs.replace(broker, port=1), CHIRPSTACK, Store().take, lambda: NOW))
    await asyncio.sleep(0.3)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_retained_message_is_not_taken_for_a_new_one(either: Broker) -> None:
    await say(either, b"936", retain=True)
    store = Store()
    await begin(either, store)
    async with listening(either, store):
        await say(either, b"last")
        await store.until(lambda: b"last" in store.bodies)
    assert b"936" not in store.bodies
    await say(either, b"", retain=True)


async def test_a_burst_is_stored_in_batches_and_whole(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    await begin(broker, store)
    store.batches.clear()
    bodies = [str(number).encode() for number in range(BATCH)]
    all_here, hear = asyncio.Event(), mqtt._Client._hear

    def told(client: mqtt._Client, *said: Any) -> None:  # noqa: ANN401 - paho's own three arguments
        hear(client, *said)
        if said[-1].payload == bodies[-1]:
            all_here.set()

    monkeypatch.setattr(mqtt._Client, "_hear", told)
    store.open.clear()
    async with listening(broker, store):
        await say(broker, *bodies)
        await asyncio.wait_for(all_here.wait(), 60)
        store.open.set()
        await store.until(lambda: bodies[-1] in store.bodies)
    assert [body for body in store.bodies if body != b"begin"] == bodies
    assert 20 < max(store.batches) <= BATCH, "the broker sends ahead as far as we said, beyond its own twenty"


async def test_a_burst_beyond_what_we_hold_waits_outside_and_is_whole(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mosquitto 2.0.11 sends as much ahead as there is, whatever we said: what we could not hold was lost for ever."""
    monkeypatch.setattr(mqtt, "QUEUED", 50)
    full, hear = asyncio.Event(), mqtt._Client._hear

    def told(client: mqtt._Client, *said: Any) -> None:  # noqa: ANN401 - paho's own three arguments
        hear(client, *said)
        if client._held:
            full.set()

    monkeypatch.setattr(mqtt._Client, "_hear", told)
    store = Store()
    await begin(broker, store)
    store.batches.clear()
    bodies = [str(number).encode() for number in range(400)]
    store.open.clear()
    async with listening(broker, store):
        await say(broker, *bodies)
        await asyncio.wait_for(full.wait(), 60)
        store.open.set()
        await store.until(lambda: bodies[-1] in store.bodies)
        await say(broker, b"after")
        await store.until(lambda: b"after" in store.bodies)
    assert [body for body in store.bodies if body != b"begin"] == [*bodies, b"after"]
    assert max(store.batches) <= 2 * 50


async def test_a_frame_of_a_network_server_arrives_with_its_topic(broker: Broker) -> None:
    store = Store()
    await begin(broker, store)
    body = SAMPLES["chirpstack-v4-em500-udl-distance"].bodies[0]
    async with listening(broker, store):
        await say(broker, body, topic="device/1000000000000001/event/up")
        await store.until(lambda: body in store.bodies)
    arrival = next(arrival for arrival in store.kept if arrival.message.body == body)
    assert arrival.message.received_at == NOW
    assert arrival.parsed is not None
    assert {measure.name: measure.value for measure in arrival.parsed.measures} == {"battery": 100, "distance": 30}


async def test_a_message_that_cannot_be_read_arrives_for_the_agents(broker: Broker) -> None:
    store = Store()
    await begin(broker, store)
    async with listening(broker, store):
        await say(broker, b'{"cut": ')
        await store.until(lambda: b'{"cut": ' in store.bodies)
    (arrival,) = [arrival for arrival in store.kept if arrival.message.body == b'{"cut": ']
    assert (arrival.parsed, arrival.refusal and arrival.refusal.code) == (None, "malformed-message")
