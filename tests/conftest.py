"""Real servers, started once per process and only when asked for; migrated databases; an application to talk to."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
from hypothesis import settings
from msgspec import Struct

from adapters import wrapping
from adapters.keyring import KeyRing
from api import background, collector
from store import migrate
from store.database import Database
from tests import servers, statements
from tests.city import City, small_city
from tests.house_app import House, TestClock, running
from tests.memory_disk import memory_disk
from tests.migrated import lay

# No test asserts how long something takes on a machine that others may use too; `bench` measures.
settings.register_profile("multipass", deadline=None)
settings.load_profile("multipass")


def pytest_configure() -> None:
    """Let `tmp_path` lie in memory, unless somebody has said where, and compile each statement once.

    In a test a job of the background runs once something calls it, unless the test asks for `jobs_at_once`: the first
    rounds of all of them took longer than most tests. A server in a process of its own does as ever.

    What goes wrong is told as a server tells it: in colours and with all that was at hand it took two seconds each.
    """
    home = memory_disk()
    if home is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(home))
    statements.share()
    background.START_SECONDS = 24 * 3600.0
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None]:
    """Let the garbage collector look at what tests leave behind, as a server's does: twelve thousand tests stay."""
    try:
        yield
    finally:
        collector.tune()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let modules with slow tests go first, whole: begun last, one test of two minutes would keep one core idle.

    All else stays in its random order.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.PostgresServer]:
    """A PostgreSQL with the settings of production: with fewer, the ledger refuses to start."""
    with servers.postgres_server(tmp_path_factory.mktemp("servers"), durable=True) as server:
        yield server


class Clerk:
    """Makes databases and throws them away, over one connection: a new one for each would cost as much as a test.

    He works beside the tests: the next copy is begun as soon as one is taken, and nobody waits for what is thrown away.
    """

    def __init__(self, url: str) -> None:
        self._beside = ThreadPoolExecutor(1, "clerk")
        self._loop = asyncio.new_event_loop()
        self._connection: asyncpg.Connection = self._done(asyncpg.connect(url)).result()
        # By its files: half the work of writing all of them into the log first, where no disk has to follow. Before
        # PostgreSQL 15 there was no other way, and no word for it.
        choice = memory_disk() is not None and self._connection.get_server_version().major >= 15
        self._how = "STRATEGY FILE_COPY" if choice else ""
        self._next: dict[str, tuple[str, Future[Any]]] = {}
        self._thrown_away: list[Future[Any]] = []

    def copy(self, template: str) -> str:
        """Make a database like another one, which nobody has open, and return its name."""
        name, made = self._next.pop(template) if template in self._next else self._begun(template)
        self._next[template] = self._begun(template)
        made.result()
        return name

    def throw_away(self, name: str) -> None:
        """Drop a database, whoever has it open, by and by."""
        self._thrown_away.append(self._done(self._connection.execute(f"DROP DATABASE {name} WITH (FORCE)")))

    def make(self, name: str) -> None:
        """Make an empty database."""
        self._done(self._connection.execute(f"CREATE DATABASE {name}")).result()

    def close(self) -> None:
        """Go home, once all is done."""
        for dropped in self._thrown_away:
            dropped.result()
        self._done(self._connection.close()).result()
        self._beside.shutdown()
        self._loop.close()

    def _begun(self, template: str) -> tuple[str, Future[Any]]:
        name = f"city_{secrets.token_hex(6)}"
        return name, self._done(self._connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {self._how}"))

    def _done(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Do it beside the tests, one thing after the other."""
        return self._beside.submit(self._loop.run_until_complete, work)


@pytest.fixture(scope="session")
def clerk(postgres: servers.PostgresServer) -> Iterator[Clerk]:
    """Of the server that all tests share."""
    at_work = Clerk(postgres.url)
    yield at_work
    at_work.close()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.redis_server(tmp_path_factory.mktemp("servers")) as url:
        yield url


@pytest.fixture(scope="session")
def mqtt_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Address]:
    with servers.mosquitto_server(tmp_path_factory.mktemp("servers")) as address:
        yield address


@pytest.fixture(scope="module")
def quick_secrets() -> Iterator[None]:
    """Secrets of keyrings are stretched in no time: for modules that open one a hundred times. Others do it in full."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrapping, "COST", 16)
        yield


@pytest.fixture(scope="session")
def chromium() -> Path:
    return servers.chromium_path()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database at the newest revision, to copy."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    lay(path)
    return path


@pytest.fixture(scope="session")
def migrated_template(postgres: servers.PostgresServer, clerk: Clerk) -> str:
    """An empty PostgreSQL database at the newest revision, to copy."""
    clerk.make("empty_city")
    migrate.upgrade(_beside(postgres.url, "empty_city"))
    return "empty_city"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each test that asks for a database runs on both engines."""
    return str(request.param)


class Model(Struct, frozen=True):
    """The small city, built once: a database and a folder of keys to copy."""

    city: City
    database: str
    keys: Path


@pytest.fixture(scope="session")
def model_file(migrated_file: Path) -> Model:
    """The small city in SQLite."""
    path, keys = migrated_file.with_name("model.sqlite3"), migrated_file.with_name("model-keys")
    shutil.copyfile(migrated_file, path)
    return Model(asyncio.run(_build(f"sqlite:///{path}", keys)), str(path), keys)


@pytest.fixture(scope="session")
def model_database(
    postgres: servers.PostgresServer, clerk: Clerk, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Model:
    """The small city in PostgreSQL."""
    keys = tmp_path_factory.mktemp("model") / "keys"
    name = clerk.copy(migrated_template)
    return Model(asyncio.run(_build(_beside(postgres.url, name), keys)), name, keys)


async def _build(url: str, keys: Path) -> City:
    database = Database(url, patience=30)
    try:
        return await small_city(database, KeyRing(keys))
    finally:
        await database.close()


@pytest.fixture
def model(engine_name: str, request: pytest.FixtureRequest) -> Model:
    """The small city in the engine of this test."""
    found: Model = request.getfixturevalue("model_file" if engine_name == "sqlite" else "model_database")
    return found


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database at the newest revision, of this test alone: empty, or that of the `house` it asks for too."""
    model: Model | None = request.getfixturevalue("model") if "house" in request.fixturenames else None
    if engine_name == "sqlite":
        path = tmp_path / "city.sqlite3"
        shutil.copyfile(model.database if model else request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
        return
    server: servers.PostgresServer = request.getfixturevalue("postgres")
    template: str = model.database if model else request.getfixturevalue("migrated_template")
    clerk: Clerk = request.getfixturevalue("clerk")
    name = clerk.copy(template)
    yield _beside(server.url, name)
    clerk.throw_away(name)


@pytest.fixture
def jobs_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs of the background begin by themselves. For `usefixtures`: it must be so before a house opens."""
    monkeypatch.setattr(background, "START_SECONDS", 0)


@pytest.fixture
def keyring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def house(
    database_url: str, model: Model, keyring: KeyRing, clock: TestClock, tmp_path: Path
) -> AsyncIterator[House]:
    """The small city of `tests.city`, with the application running on it."""
    shutil.copytree(model.keys, tmp_path / "keys", dirs_exist_ok=True)
    keyring.refresh()
    async with running(database_url, keyring, clock, tmp_path / "keys", model.city) as opened:
        yield opened


def _beside(url: str, name: str) -> str:
    return url.rsplit("/", 1)[0] + "/" + name
