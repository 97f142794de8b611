"""Listening while the application lives: one process does what is one's work, another takes over, all end at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import aiomqtt
import pytest
from litestar import Litestar
from sqlalchemy import text

from api.settings import Settings
from store.database import Database
from store.turns import in_turn
from tests.servers import Address, PostgresServer
from tests.tour_world import NOW, SOURCE, TourWorld, eui, frame, tour_world
from tour.catalogue import NotInCatalogue
from tour.hearing import Hearing, hearing_of
from tour.ingest.source_file import BadSourceFile

pytestmark = pytest.mark.servers


class Worker:
    """A process of an installation, as far as turns go."""

    def __init__(self, url: str) -> None:
        self.database = Database(url, patience=30)
        self.works = asyncio.Event()
        self.ends = asyncio.Event()
        self.task = asyncio.create_task(in_turn(self.database, 4711, self._work))

    async def _work(self) -> None:
        self.works.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.works.clear()
            self.ends.set()

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.database.close()


_ASKED_IN_VAIN = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND query LIKE '%pg_try_advisory_lock%'"
    " AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711)"
)


async def somebody_asks_in_vain(database: Database) -> None:
    """Wait until a session has asked for the lock without getting it.

    Looked at in a transaction of its own each time: within one, what sessions do is shown as it was at the first look.
    """
    async with asyncio.timeout(30):
        while True:
            async with database.read() as connection:
                if (await connection.execute(_ASKED_IN_VAIN)).scalar_one():
                    return
            await asyncio.sleep(0.01)


async def test_one_works_at_a_time_and_the_next_when_it_ends(postgres: PostgresServer) -> None:
    first, second = Worker(postgres.url), Worker(postgres.url)
    waiting = {asyncio.create_task(worker.works.wait()): worker for worker in (first, second)}
    done, _ = await asyncio.wait(waiting, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    works = waiting[done.pop()]
    other = second if works is first else first
    await somebody_asks_in_vain(works.database)
    assert not other.works.is_set()
    await works.stop()
    await asyncio.wait_for(other.works.wait(), 30)
    await other.stop()


async def test_who_loses_the_session_with_its_lock_stops_working(postgres: PostgresServer) -> None:
    worker = Worker(postgres.url)
    await asyncio.wait_for(worker.works.wait(), 30)
    async with worker.database.write() as connection:
        await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711")
        )
    await asyncio.wait_for(worker.ends.wait(), 30)
    await asyncio.wait_for(worker.works.wait(), 30)
    await worker.stop()


async def test_on_sqlite_there_is_one_process_and_it_works(tmp_path: Path) -> None:
    worker = Worker(f"sqlite:///{tmp_path}/city.sqlite3")
    await asyncio.wait_for(worker.works.wait(), 30)
    await worker.stop()
    assert worker.ends.is_set()


@asynccontextmanager
async def listening(hearing: Hearing) -> AsyncIterator[None]:
    async with hearing.lifespan(Litestar([])):
        yield


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[TourWorld]:
    database = Database(database_url, patience=30)
    yield await tour_world(database)
    await database.close()


async def test_a_source_is_listened_to_while_the_application_lives_and_no_longer(
    world: TourWorld, database_url: str, mqtt_address: Address, tmp_path: Path
) -> None:
    name = f"hears-{uuid4().hex}"
    sources = tmp_path / "sources.toml"
    sources.write_text(
        f"""
[{SOURCE}]
format = "chirpstack"
models = ["milesight-am307"]
token_sha256 = "{sha256(b"secret").hexdigest()}"
[{SOURCE}.mqtt]
host = "{mqtt_address.host}"
port = {mqtt_address.port}
tls = false
client_id = "{name}"
topics = ["{name}/#"]

[away]
format = "hubeau"
poll = {{ url = "http://127.0.0.1:1/", every_minutes = 5 }}
"""
    )
    hearing = hearing_of(Settings(database_url=database_url, sources_file=str(sources)), lambda: NOW)
    async with aiomqtt.Client(mqtt_address.host, mqtt_address.port) as sender:

        async def say(counter: int) -> None:
            await sender.publish(f"{name}/device/{eui(1)}/event/up", frame(1, counter, NOW, co2=600), qos=1)
            await asyncio.sleep(0.05)

        async with listening(hearing):
            for counter in range(800):
                await say(counter)
                if await world.count():
                    break
        assert await world.count() == 1
        await say(1_000)
    await asyncio.sleep(0.3)
    assert (await world.readings())[0][2] == 600
    assert await world.count() == 1


async def test_without_a_file_nothing_is_listened_to(tmp_path: Path) -> None:
    hearing = hearing_of(Settings(database_url=f"sqlite:///{tmp_path}/none.sqlite3"), lambda: NOW)
    async with listening(hearing):
        assert len(asyncio.all_tasks()) == 1
    assert not (tmp_path / "none.sqlite3").exists()


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ('[a]\nformat = "sigfox"', BadSourceFile),
        ('[a]\nformat = "chirpstack"\nmodels = ["teapot"]', NotInCatalogue),
        (None, BadSourceFile),
    ],
)
def test_a_file_that_cannot_be_meant_stops_the_start(
    said: str | None, refusal: type[Exception], tmp_path: Path
) -> None:
    sources = tmp_path / "sources.toml"
    if said is not None:
        sources.write_text(said)
    with pytest.raises(refusal):
        hearing_of(Settings(sources_file=str(sources)), lambda: NOW)
