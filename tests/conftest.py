"""Real servers, started once per process and only when asked for; migrated databases; an application to talk to."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings
from msgspec import Struct

from adapters import wrapping
from adapters.keyring import KeyRing
from store import migrate
from store.database import Database
from tests import servers
from tests.city import City, small_city
from tests.house_app import House, TestClock, running
from tests.memory_disk import memory_disk
from tests.migrated import lay

# No test asserts how long something takes on a machine that others may use too; `bench` measures.
settings.register_profile("multipass", deadline=None)
settings.load_profile("multipass")


def pytest_configure() -> None:
    """Let `tmp_path` lie in memory, unless somebody has said where."""
    home = memory_disk()
    if home is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(home))


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
def migrated_template(postgres: servers.PostgresServer) -> str:
    """An empty PostgreSQL database at the newest revision, to copy."""
    asyncio.run(_execute(postgres.url, "CREATE DATABASE empty_city"))
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
    postgres: servers.PostgresServer, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Model:
    """The small city in PostgreSQL."""
    keys = tmp_path_factory.mktemp("model") / "keys"
    asyncio.run(_execute(postgres.url, f"CREATE DATABASE model_city TEMPLATE {migrated_template}"))
    return Model(asyncio.run(_build(_beside(postgres.url, "model_city"), keys)), "model_city", keys)


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
    name = f"city_{secrets.token_hex(6)}"
    asyncio.run(_execute(server.url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield _beside(server.url, name)
    asyncio.run(_execute(server.url, f"DROP DATABASE {name} WITH (FORCE)"))


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


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _beside(url: str, name: str) -> str:
    return url.rsplit("/", 1)[0] + "/" + name
