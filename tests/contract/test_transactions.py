"""Units of work on both engines: what they hold, what they leave behind, and what the ledger refuses to run on."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text, update

from adapters.keyring import KeyRing
from domain.errors import Overloaded
from store import migrate
from store.catalogue import has_changed
from store.database import Database
from store.ledger import lane_for
from store.tables.ledger import ledger_head
from store.tables.places import catalogue
from store.unit import SqlUnit
from tests import servers
from tests.city import resident, small_city
from tests.contract.ledger_audit import audit
from tests.contract.ledger_world import scan


async def test_units_that_read_and_then_write_at_once_lose_no_count(database_url: str) -> None:
    """On SQLite it takes BEGIN IMMEDIATE: with the driver's late BEGIN this leaves a count that is too low."""
    database = Database(database_url, patience=30)

    async def ten_times() -> None:
        for _ in range(10):
            async with database.begin() as unit:
                connection = unit.connection  # type: ignore[attr-defined]
                look = select(catalogue.c.version)
                version = (
                    await connection.execute(look if database.is_sqlite else look.with_for_update())
                ).scalar_one()
                await asyncio.sleep(0)
                await connection.execute(update(catalogue).values(version=version + 1))

    def version(connection: Connection) -> int:
        return int(connection.execute(select(catalogue.c.version)).scalar_one())

    async with database.read() as connection:
        before = await connection.run_sync(version)
    await asyncio.gather(*(ten_times() for _ in range(8)))
    async with database.read() as connection:
        assert await connection.run_sync(version) == before + 80
    await database.close()


async def test_a_unit_that_fails_leaves_nothing(database_url: str) -> None:
    database = Database(database_url, patience=30)

    async def fail() -> None:
        async with database.begin() as unit:
            assert isinstance(unit, SqlUnit)
            await has_changed(unit.connection)
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        await fail()
    async with database.read() as connection:
        assert (await connection.execute(select(catalogue.c.version))).scalar_one() == 1
    await database.close()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_sqlite_syncs_every_commit_on_every_connection(database_url: str) -> None:
    database = Database(database_url, patience=30)
    async with database.begin() as unit:
        asked = unit.connection  # type: ignore[attr-defined]
        mode = (await asked.execute(text("PRAGMA journal_mode"))).scalar_one()
        sync = (await asked.execute(text("PRAGMA synchronous"))).scalar_one()
        keys = (await asked.execute(text("PRAGMA foreign_keys"))).scalar_one()
        assert (mode, sync, keys) == ("wal", 2, 1)

    lane = lane_for(database)
    await lane.open()
    engine: Any = lane._engine

    def pragmas() -> tuple[str, int, int]:
        ask = engine._connection.execute
        return tuple(ask(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys"))

    assert await asyncio.get_running_loop().run_in_executor(engine._thread, pragmas) == ("wal", 2, 1)
    await lane.close()
    await database.close()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_unit_holds_the_write_lock_from_its_first_statement_and_a_reader_does_not(database_url: str) -> None:
    database = Database(database_url, patience=30)
    path = database_url.removeprefix("sqlite:///")
    async with database.begin() as unit:
        await unit.connection.execute(select(ledger_head.c.number))  # type: ignore[attr-defined]
        assert not _may_write(path)
    async with database.read() as connection:
        await connection.execute(select(ledger_head.c.number))
        assert _may_write(path)
    await database.close()


def _may_write(path: str) -> bool:
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    else:
        return True
    finally:
        other.close()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_gate_hears_when_another_program_holds_the_file_and_goes_on_afterwards(
    database_url: str, keyring: KeyRing
) -> None:
    """Bounded: nothing is granted, and the same key settles once the lock is gone."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1", rights=("carnet-10",))
    lane = lane_for(database)
    await lane.open()
    tap = scan(city.terminal.terminal.id, "k1", city.gates["pool"].id, zoe.medium.id)
    holder = sqlite3.connect(database.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(Overloaded):
        await lane.submit(tap)

    holder.execute("ROLLBACK")
    holder.close()
    assert isinstance(await lane.submit(tap), bytes)
    assert len((await audit(database)).events) == 1
    await lane.close()
    await database.close()


@pytest.mark.servers
async def test_the_ledger_refuses_a_postgresql_that_may_lose_what_it_confirmed(tmp_path: Path) -> None:
    """A door that opens is an external action: it relies on the commit."""
    with servers.postgres_server(tmp_path, durable=False) as server:
        await asyncio.to_thread(migrate.upgrade, server.url)
        database = Database(server.url)
        lane = lane_for(database)
        with pytest.raises(RuntimeError, match="fsync=off"):
            await lane.open()
        await lane.close()
        await database.close()
