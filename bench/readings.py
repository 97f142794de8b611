"""`python -m bench readings`: what storing readings costs, beside a raw batch insert of the same rows in the same run.

The raw insert is the floor: one statement of the bare driver into a plain table with the same columns and key, durable,
one commit a batch. The path writes the same batch as ingest does: months, duplicates, newest values, what is to be
rolled up. Medians of interleaved batches.
"""

import asyncio
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from statistics import median
from uuid import UUID

import asyncpg
import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from bench.engines import Engine, opened
from bench.seed import create_database
from domain.devices import Device, DeviceKind, Sight, Stream, Summary
from domain.places import Authority
from domain.readings import Quality, Reading
from domain.text import Text
from store import migrate
from store.database import Database
from store.readings import ReadingWriter
from store.rollups import roll_up
from store.rows import to_row
from store.tables import tour
from store.tables.types import to_microseconds

BUILD = Path(__file__).parents[1] / "build"
FOLDER = BUILD / "bench-readings"
REPORT = BUILD / "bench-readings.json"
DATABASE = "readings"
BEGINS = datetime(2026, 11, 2, tzinfo=UTC)
PERIOD = timedelta(minutes=15)
OWNER = UUID(int=1)
SLOWEST = 0.08
"""The path writes three tables where the bare insert writes one. Under this part of it, something is wrong."""

BATCHES = (100, 500, 2_500)

RAW_SQLITE = (
    "stream_id CHAR(32), observed_at BIGINT, authority_id CHAR(32), until BIGINT, received_at BIGINT, value FLOAT, "
    "quality SMALLINT, source_id BLOB, PRIMARY KEY (stream_id, observed_at)"
)
RAW_POSTGRES = (
    "stream_id uuid, observed_at timestamptz, authority_id uuid, until timestamptz, received_at timestamptz, "
    "value float8, quality int2, source_id bytea, PRIMARY KEY (stream_id, observed_at)"
)

Write = Callable[[list[Reading]], Awaitable[object]]


class Figure(Struct, frozen=True, rename="camel"):
    """What came of one engine and one size of batch."""

    engine: str
    batch: int
    raw_per_second: float
    path_per_second: float
    ratio: float
    rolled_up_per_second: float


@click.command("readings")
@click.option(
    "--engine", "engines", multiple=True, type=click.Choice(["sqlite", "postgresql"]), help="Only this engine."
)
@click.option("--rounds", type=click.IntRange(3), default=40, show_default=True, help="Batches of each kind and size.")
@click.option("--streams", type=click.IntRange(100), default=5_000, show_default=True, help="Streams that report.")
def command(engines: tuple[str, ...], rounds: int, streams: int) -> None:
    """Measure what storing readings costs. Exits with 1 when the path is too far from the raw insert."""
    with suppress(PermissionError):
        os.nice(-18)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with ExitStack() as stack:
        there = [stack.enter_context(opened(name, FOLDER)) for name in engines or ("sqlite", "postgresql")]
        figures = [figure for engine in there for figure in asyncio.run(_measure(engine, rounds, streams))]
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))
    table = Table("engine", "batch", "raw insert/s", "path/s", "ratio", "rolled up/s")
    for one in figures:
        numbers = (one.raw_per_second, one.path_per_second)
        table.add_row(
            one.engine,
            f"{one.batch:,}",
            *(f"{number:,.0f}" for number in numbers),
            f"{one.ratio:.2f}",
            f"{one.rolled_up_per_second:,.0f}",
        )
    Console(highlight=False).print(table)
    sys.exit(0 if all(one.ratio >= SLOWEST for one in figures) else 1)


async def _measure(engine: Engine, rounds: int, many: int) -> list[Figure]:
    if engine.name == "postgresql":
        await create_database(engine.url("postgres"), DATABASE)
    url = engine.url(DATABASE)
    await asyncio.to_thread(migrate.upgrade, url)
    database = Database(url)
    streams = {stream.id: stream for stream in map(_stream, range(1, many + 1))}
    source = _readings(list(streams))
    try:
        await _register(database, list(streams.values()))
        async with _raw(engine) as raw:
            path = _path(database, streams)
            return [
                await _sample(engine.name, database, (raw, path), source, batch=batch, rounds=rounds)
                for batch in BATCHES
            ]
    finally:
        await database.close()


async def _sample(
    engine: str, database: Database, writes: tuple[Write, Write], source: Iterator[Reading], *, batch: int, rounds: int
) -> Figure:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        readings = list(islice(source, batch))
        for write, seconds in zip(writes, taken, strict=True):
            began = time.perf_counter()
            await write(readings)
            seconds.append(time.perf_counter() - began)
    raw, path = (batch / median(seconds[2:]) for seconds in taken)
    quarters, began = 0, time.perf_counter()
    while True:
        async with database.write() as connection:
            done = await roll_up(connection)
        if not done:
            break
        quarters += done
    return Figure(engine, batch, raw, path, path / raw, quarters / (time.perf_counter() - began))


def _path(database: Database, streams: dict[UUID, Stream]) -> Write:
    writer = ReadingWriter()

    async def write(readings: list[Reading]) -> None:
        async with database.write() as connection:
            written = await writer.write(connection, readings, streams)
        if written.new != len(readings):
            raise RuntimeError(f"{written.new} of {len(readings)} readings were stored.")

    return write


@asynccontextmanager
async def _raw(engine: Engine) -> AsyncIterator[Write]:
    """Insert by the bare driver: what the path is compared with."""
    if engine.name == "sqlite":
        with closing(sqlite3.connect(FOLDER / "raw.sqlite3", isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(f"CREATE TABLE raw ({RAW_SQLITE}) WITHOUT ROWID")
            yield _sqlite_insert(connection)
        return
    bare = await asyncpg.connect(engine.url(DATABASE))
    try:
        await bare.execute(f"CREATE TABLE raw ({RAW_POSTGRES})")
        statement = await bare.prepare(
            "INSERT INTO raw SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::timestamptz[], "
            "$5::timestamptz[], $6::float8[], $7::int2[], $8::bytea[])"
        )

        async def write(readings: list[Reading]) -> None:
            await statement.fetch(*zip(*map(_row, readings), strict=True))

        yield write
    finally:
        await bare.close()


def _sqlite_insert(connection: sqlite3.Connection) -> Write:
    async def write(readings: list[Reading]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [_cells(one) for one in readings])
        connection.execute("COMMIT")

    return write


def _row(one: Reading) -> tuple[object, ...]:
    return (
        one.stream_id,
        one.observed_at,
        OWNER,
        one.until,
        one.received_at,
        one.value,
        int(one.quality),
        one.source_id,
    )


def _cells(one: Reading) -> tuple[object, ...]:
    at, came = to_microseconds(one.observed_at), to_microseconds(one.received_at)
    return one.stream_id.hex, at, OWNER.hex, None, came, one.value, int(one.quality), one.source_id


def _stream(number: int) -> Stream:
    return Stream(
        id=UUID(int=number),
        authority_id=OWNER,
        device_id=OWNER,
        quantity="co2",
        channel=str(number),
        unit="[ppm]",
        summary=Summary.MEAN,
        period_seconds=900,
        delay_seconds=0,
        low=0.0,
        high=40_000.0,
        max_step_per_minute=None,
        may_stand_still=False,
        public=True,
        calibrated_on=None,
        time_zone="Europe/Paris",
    )


def _readings(ids: list[UUID]) -> Iterator[Reading]:
    """Every stream in turn, every quarter of an hour, for ever."""
    for turn in count():
        at = BEGINS + turn * PERIOD
        for place, stream_id in enumerate(ids):
            message = sha256(f"{turn} {place // 5}".encode()).digest()
            came = at + timedelta(seconds=2)
            yield Reading(stream_id, at, None, came, 400.0 + (turn + place) % 600, Quality.CORRECT, message)


async def _register(database: Database, streams: list[Stream]) -> None:
    name = Text(fr="Banc d’essai", en="Benchmark")
    async with database.begin() as unit:
        await unit.places.add_authority(Authority(OWNER, "bench", name, "Europe/Paris", "#000000", BEGINS))
        device = Device(
            id=OWNER,
            authority_id=OWNER,
            code="bench",
            name=name,
            kind=DeviceKind.ROOM_AIR,
            model="bench",
            sight=Sight.NONE,
            latitude=43.61,
            longitude=3.88,
            commune_code="34172",
            installed_on=BEGINS.date(),
            source="bench",
            source_key="bench",
            public=True,
        )
        await unit.devices.save(device)
    async with database.write() as connection:
        await connection.execute(insert(tour.stream), [to_row(stream) for stream in streams])
