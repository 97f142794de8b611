"""The server is killed in the middle of a burst, as by a power cut: what it said it has, it has, and once."""

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import aiomqtt
import httpx
import pytest
from sqlalchemy import func, select

from adapters.clock import utc_now
from domain.devices import register_device
from store.database import Database
from store.tables import tour as t
from store.tables.arrivals import device_event
from tests.processes import Running
from tests.servers import Address
from tests.tour_world import SOURCE, TourWorld, eui, frame, room, tour_world

pytestmark = pytest.mark.servers

TOKEN = "the network server's"
ROOMS = range(1, 11)
FRAMES = 50
"""Of each room, by each way."""

POSTERS = 16


class Server:
    """The application as a process of its own, that may be killed. The door stays ours: whoever knocks waits."""

    def __init__(self, door: socket.socket, environment: dict[str, str], log: Path) -> None:
        self._door = door
        self._environment = environment
        self._log = log
        self._process: Running | None = None

    def start(self) -> None:
        words = ("--factory", "multipass:create_app", "--no-access-log")
        self._process = Running("uvicorn", words, self._environment, self._log, door=self._door)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None


@contextlib.contextmanager
def server_of(url: str, folder: Path, mqtt: Address, name: str) -> Iterator[tuple[Server, str]]:
    """A server on a database that hears our network server by HTTP and a broker by MQTT."""
    sources = folder / "sources.toml"
    sources.write_text(
        f"""
[{SOURCE}]
format = "chirpstack"
models = ["milesight-am307"]
token_sha256 = "{sha256(TOKEN.encode()).hexdigest()}"

[radio]
format = "chirpstack"
models = ["milesight-am307"]
mqtt = {{ host = "{mqtt.host}", port = {mqtt.port}, tls = false, client_id = "{name}", topics = ["{name}/#"] }}
"""
    )
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("MULTIPASS_")},
        "MULTIPASS_DATABASE_URL": url,
        "MULTIPASS_KEYS_FOLDER": str(folder / "keys"),
        "MULTIPASS_SOURCES_FILE": str(sources),
    }
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(128)
        server = Server(door, environment, folder / "server.log")
        server.start()
        try:
            yield server, f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.kill()


def frames(start: datetime) -> list[tuple[int, bytes]]:
    """A burst: every room in turn, a minute apart. Each says a pressure that cannot be, which is counted."""
    return [
        (number, frame(number, step, start + timedelta(minutes=step), co2=500 + step, pressure=8_000))
        for step in range(FRAMES)
        for number in ROOMS
    ]


class Burst:
    """What is sent by both ways, and how much of it was acknowledged."""

    def __init__(self, url: str, mqtt: Address, name: str) -> None:
        self.said = frames(utc_now() - timedelta(hours=2))
        self.posted = 0
        self.halfway = asyncio.Event()
        self._url = url
        self._mqtt = mqtt
        self._name = name

    async def run(self) -> None:
        """Send everything, each frame until it is acknowledged."""
        left = deque(self.said)
        async with httpx.AsyncClient(timeout=20, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            await asyncio.gather(self._publish(), *(self._post(client, left) for _ in range(POSTERS)))

    async def _post(self, client: httpx.AsyncClient, left: deque[tuple[int, bytes]]) -> None:
        while left:
            _, body = left.popleft()
            while True:
                try:
                    answer = await client.post(f"{self._url}/hooks/{SOURCE}?event=up", content=body)
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                    continue
                if answer.status_code == 204:
                    break
                assert answer.status_code == 503, answer.text
                await asyncio.sleep(0.05)
            self.posted += 1
            if 2 * self.posted >= len(self.said):
                self.halfway.set()

    async def _publish(self) -> None:
        async with aiomqtt.Client(self._mqtt.host, self._mqtt.port) as sender:
            for number, body in self.said:
                await sender.publish(f"{self._name}/device/{eui(number)}/event/up", body, qos=1)


async def stored(world: TourWorld) -> dict[str, int]:
    """How many good readings there are by source, and how many frames were counted there."""
    async with world.database.read() as connection:
        values = await connection.execute(
            select(t.device.c.source, func.count())
            .join(t.stream, t.stream.c.device_id == t.device.c.id)
            .join(t.reading, t.reading.c.stream_id == t.stream.c.id)
            .where(t.stream.c.quantity == "co2")
            .group_by(t.device.c.source)
        )
        counted = await connection.execute(
            select(t.device.c.source, func.sum(device_event.c.times))
            .join(device_event, device_event.c.device_id == t.device.c.id)
            .where(device_event.c.kind == "out-of-range")
            .group_by(t.device.c.source)
        )
        return {source: int(many) for source, many in values} | {
            f"{source}, counted": int(many) for source, many in counted
        }


async def listening(mqtt: Address, name: str, world: TourWorld) -> None:
    """Wait until the server has its session at the broker: before, nobody keeps anything for it."""
    at = utc_now() - timedelta(hours=5)
    async with aiomqtt.Client(mqtt.host, mqtt.port) as sender:
        for counter in range(400):
            body = frame(1, counter, at + timedelta(seconds=counter), session="first", temperature=20)
            await sender.publish(f"{name}/device/{eui(1)}/event/up", body, qos=1)
            await asyncio.sleep(0.05)
            if await world.count():
                return
    raise AssertionError("the server never listened")


async def test_a_server_that_is_killed_has_what_it_acknowledged_and_stores_nothing_twice(
    database_url: str, mqtt_address: Address, tmp_path: Path
) -> None:
    database = Database(database_url, patience=30)
    world = await tour_world(database, ROOMS)
    async with database.begin() as unit:
        for number in ROOMS:
            await register_device(unit, *room(number, world.authority.id, unit.ids, "radio"))
    name = f"killed-{uuid4().hex}"
    with server_of(database_url, tmp_path, mqtt_address, name) as (server, url):
        await listening(mqtt_address, name, world)
        burst = Burst(url, mqtt_address, name)
        sending = asyncio.create_task(burst.run())
        await burst.halfway.wait()
        server.kill()
        assert (await stored(world))[SOURCE] >= burst.posted
        server.start()
        async with asyncio.timeout(30):
            await sending
            all_of_it = {
                **dict.fromkeys((SOURCE, "radio"), len(burst.said)),
                **dict.fromkeys((f"{SOURCE}, counted", "radio, counted"), len(burst.said)),
            }
            while (now := await stored(world)) != all_of_it:
                assert all(now.get(what, 0) <= many for what, many in all_of_it.items()), now
                await asyncio.sleep(0.05)
    await database.close()
