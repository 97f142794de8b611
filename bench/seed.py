"""Loading the benchmark's city into a migrated database, in bulk, with the loader of each engine."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import asyncpg

from bench.population import Population
from bench.rows import Cell, Cells, Instants, tables
from store import migrate
from store.tables.types import to_microseconds

BATCH = 20_000
LIFE = timedelta(days=365)


def fill_sqlite(path: Path, population: Population, now: datetime) -> None:
    """Build a city in a new file."""
    migrate.upgrade(f"sqlite:///{path}")
    at = Instants(to_microseconds(now), to_microseconds(now + LIFE))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-500000")
        connection.execute("BEGIN IMMEDIATE")
        for table in tables(population, at, now):
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(
                f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks})",  # noqa: S608 - our own names
                table.rows(),
            )
        connection.execute("UPDATE catalogue SET version = version + 1")
        connection.execute("COMMIT")
        connection.execute("PRAGMA analysis_limit=1000")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def create_database(server_url: str, name: str) -> None:
    """Make an empty database beside the one of this address."""
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()


def fill_postgres(url: str, population: Population, now: datetime) -> None:
    """Build a city in an empty database."""
    migrate.upgrade(url)
    asyncio.run(_copy(url, population, now))


async def _copy(url: str, population: Population, now: datetime) -> None:
    at = Instants(now.isoformat(), (now + LIFE).isoformat())
    connection = await asyncpg.connect(url)
    try:
        # The rows agree by construction: looking up every parent of nine million rows would only take longer.
        await connection.execute("SET session_replication_role = replica")
        loaded = tables(population, at, now)
        for table in loaded:
            await connection.copy_to_table(table.name, columns=table.columns, source=_lines(table.rows()))
        await connection.execute("UPDATE catalogue SET version = version + 1")
        for table in loaded:
            await connection.execute(f"VACUUM ANALYZE {table.name}")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _lines(rows: Iterator[Cells]) -> AsyncIterator[bytes]:
    """Rows in the text format of COPY."""
    while batch := list(islice(rows, BATCH)):
        yield "".join("\t".join(map(_cell, row)) + "\n" for row in batch).encode()


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if cell is None:
        return "\\N"
    return f"\\\\x{cell.hex()}" if isinstance(cell, bytes) else str(cell)
