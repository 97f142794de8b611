"""`python -m bench figures`: what the dashboards cost with millions of passages behind them, on PostgreSQL.

Passages of three years are written by the database itself; then they are counted as a server does it, by one process
in rounds of 20,000, and every dashboard is drawn for a school year beside the one before.
"""

import asyncio
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from uuid import UUID

import asyncpg
import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from bench.engines import opened
from bench.seed import create_database
from domain.figures.dashboards import Topic, asked
from domain.places import Authority, Site
from domain.text import Text
from store import migrate
from store.database import Database
from store.figures.counting import count_all
from store.figures.dashboards import dashboard
from store.figures.upkeep import snapshot

BUILD = Path(__file__).parents[1] / "build"
FOLDER = BUILD / "bench-figures"
REPORT = BUILD / "bench-figures.json"
DATABASE = "figures"
OWNER = UUID(int=1)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAYS = 3 * 365
SITES = 20
BAR_SECONDS = 1.0
"""A dashboard is drawn within it."""

SERVICES = ("pool", "library", "waste-centre", "transport", "sports-hall")

_PASSAGES = """
INSERT INTO validation (number, authority_id, recorded_at, terminal_id, gate_id, site_id, service_code, direction,
    medium_id, outcome, reason, charges, keep_until)
SELECT n, $1, $2::timestamptz + (n::float8 / $3::float8) * $4::interval
        + ((n * 7919) % 36000) * interval '1 second', $1, $1,
    ('00000000-0000-0000-0000-0000000001' || lpad(to_hex((n * 31) % $5), 2, '0'))::uuid,
    ($6::varchar[])[1 + ((n * 31) % $5) % array_length($6::varchar[], 1)], 'entry', n % 300000,
    CASE WHEN n % 23 = 0 THEN 'denied' ELSE 'granted' END,
    CASE WHEN n % 23 > 0 THEN 'welcome' WHEN n % 2 = 0 THEN 'no_right' WHEN n % 5 = 0 THEN 'site_closed'
        ELSE 'right_expired' END, '[]', date '2030-01-01'
FROM generate_series($7::bigint, $8::bigint) AS n
"""

_PEOPLE = """
INSERT INTO holder (id, authority_id, reference, first_name, last_name, born_on, created_at, keep_until)
SELECT ('00000000-0000-0000-0001-' || lpad(to_hex(n), 12, '0'))::uuid, $1, 'H' || n, 'x', 'x',
    date '1940-01-01' + (n % 29000)::int, $2, date '2032-01-01' FROM generate_series(1, $3::bigint) AS n;
"""
_HOMES = """
INSERT INTO circumstance (authority_id, subject_id, kind, valid_from, value, valid_until, keep_until)
SELECT $1, ('00000000-0000-0000-0001-' || lpad(to_hex(n), 12, '0'))::uuid, 'commune', date '2000-01-01',
    lpad((101 + n % 30)::text, 5, '0'), date '9999-12-31', date '2032-01-01' FROM generate_series(1, $2::bigint) AS n
"""
_PASSES = """
INSERT INTO pass (id, authority_id, holder_id, number, status, valid_from, valid_until, created_at, keep_until)
SELECT ('00000000-0000-0000-0002-' || lpad(to_hex(n), 12, '0'))::uuid, $1,
    ('00000000-0000-0000-0001-' || lpad(to_hex(n), 12, '0'))::uuid, lpad(n::text, 10, '0'), 'active',
    date '2022-01-01' + (n % 1700)::int, date '2027-06-01' + (n % 1700)::int, $2, date '2032-01-01'
FROM generate_series(1, $3::bigint) AS n
"""


class Measured(Struct, frozen=True, rename="camel"):
    """What was measured: seconds, and rows of the roll-ups."""

    passages: int
    holders: int
    counting_seconds: float
    passages_per_second: float
    snapshot_seconds: float
    rows_by_day: int
    rows_by_hour: int
    drawing_seconds: dict[str, float]


@click.command("figures")
@click.option("--passages", type=click.IntRange(10_000), default=5_000_000, show_default=True, help="Passages.")
@click.option("--holders", type=click.IntRange(100), default=300_000, show_default=True, help="Holders of a pass.")
def command(passages: int, holders: int) -> None:
    """Measure counting and drawing. Exits with 1 when a dashboard takes too long."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with ExitStack() as stack:
        engine = stack.enter_context(opened("postgresql", FOLDER))
        measured = asyncio.run(_measure(engine.url("postgres"), engine.url(DATABASE), passages, holders))
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=2))
    table = Table("what", "measured")
    for name, value in _told(measured):
        table.add_row(name, value)
    Console(highlight=False).print(table)
    sys.exit(0 if max(measured.drawing_seconds.values()) <= BAR_SECONDS else 1)


async def _measure(server: str, url: str, passages: int, holders: int) -> Measured:
    await create_database(server, DATABASE)
    await asyncio.to_thread(migrate.upgrade, url)
    database = Database(url)
    try:
        await _found(database)
        await _fill(database.dsn, passages, holders)
        began = time.perf_counter()
        await count_all(database)
        counting = time.perf_counter() - began
        began = time.perf_counter()
        await snapshot(database, NOW)
        snapshots = time.perf_counter() - began
        async with database.read() as connection:
            rows = [
                (await connection.exec_driver_sql(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - our own names
                for name in ("passage_day", "passage_hour")
            ]
        drawing = {topic.value: await _drawing(database, topic) for topic in Topic}
    finally:
        await database.close()
    return Measured(passages, holders, counting, passages / counting, snapshots, rows[0], rows[1], drawing)


async def _drawing(database: Database, topic: Topic) -> float:
    """Draw a school year beside the one before; the median of five."""
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        async with database.read() as connection:
            await dashboard(connection, OWNER, topic, asked("2025-2026", None, NOW.date()), threshold=5)
        taken.append(time.perf_counter() - began)
    return median(taken)


async def _found(database: Database) -> None:
    name = Text(fr="Banc d’essai", en="Benchmark")
    async with database.begin() as unit:
        await unit.places.add_authority(Authority(OWNER, "bench", name, "Europe/Paris", "#000000", NOW))
        for number in range(SITES):
            service = SERVICES[number % len(SERVICES)]
            site_id = UUID(f"00000000-0000-0000-0000-0000000001{number:02x}")
            await unit.places.add_site(Site(site_id, OWNER, f"site-{number}", service, name, "00101"))


async def _fill(dsn: str, passages: int, holders: int) -> None:
    """Let the database write the city; its rows agree by construction."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(_PEOPLE, OWNER, NOW, holders)
        await connection.execute(_HOMES, OWNER, holders)
        await connection.execute(_PASSES, OWNER, NOW, holders)
        since = NOW - timedelta(days=DAYS)
        for first, last in _portions(passages):
            await connection.execute(
                _PASSAGES, OWNER, since, passages, timedelta(days=DAYS - 1), SITES, list(SERVICES), first, last
            )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _portions(passages: int) -> Iterator[tuple[int, int]]:
    step = 500_000
    return ((first, min(first + step - 1, passages)) for first in range(1, passages + 1, step))


def _told(measured: Measured) -> list[tuple[str, str]]:
    return [
        ("passages counted", f"{measured.passages:,} in {measured.counting_seconds:.1f} s"),
        ("counted a second", f"{measured.passages_per_second:,.0f}"),
        ("register of a day and 13 months", f"{measured.snapshot_seconds:.1f} s, {measured.holders:,} holders"),
        ("rows by day, by hour", f"{measured.rows_by_day:,}, {measured.rows_by_hour:,}"),
        *((f"drawing {topic}", f"{seconds * 1000:.0f} ms") for topic, seconds in measured.drawing_seconds.items()),
    ]
