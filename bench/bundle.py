"""`python -m bench bundle`: how large an offline bundle is, how long it takes, and whom it keeps waiting.

A city of its own on a durable SQLite or PostgreSQL: of its media 60 in 100 have a right to the pool, half of these have
used some of it, and 2 in 100 were lost. Exits with 1 when a bar of the issue is missed.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from sqlalchemy import bindparam, select, text, update

from adapters.clock import utc_now
from adapters.keyring import KeyRing, Purpose
from api.bundles import LOOK, Bundles
from bench.engines import Engine, opened
from bench.population import Population
from domain.passes import STATUS_LIST_SIZE
from nfc import bundle, bundle_delta
from store.database import Database
from store.tables.passes import medium

BUILD = Path(__file__).parents[1] / "build"
SERVICE, AUTHORITY = "pool", "bench"
PAUSE_SECONDS = 0.002
MET, MISSED = 0, 1

T = TypeVar("T")

_LIVES = """
DELETE FROM entitlement WHERE service_code = 'pool' AND subject_id IN
    (SELECT p.holder_id FROM pass AS p JOIN medium AS m ON m.pass_id = p.id WHERE m.status_index % 10 >= 6);
INSERT INTO counter (entitlement_id, ends_before, position, starts_on, authority_id, used, version, keep_until)
    SELECT e.id, e.valid_until, 0, e.valid_from, e.authority_id, 1000 * (m.status_index % 9), 1, e.valid_until
    FROM entitlement AS e JOIN pass AS p ON p.holder_id = e.subject_id JOIN medium AS m ON m.pass_id = p.id
    WHERE e.service_code = 'pool' AND m.status_index % 2 = 0;
UPDATE medium SET status = 'lost' WHERE status_index % 50 = 7
"""
"""Of the numbered media of a city; `_scatter` then draws their places anew, or deflate would find the pattern."""

_CHANGE = """
UPDATE medium SET status = 'lost' WHERE id IN (SELECT id FROM medium WHERE status = 'active' ORDER BY id LIMIT 100);
DELETE FROM counter WHERE entitlement_id IN
    (SELECT id FROM entitlement WHERE service_code = 'pool' ORDER BY id DESC LIMIT 100);
DELETE FROM entitlement WHERE id IN
    (SELECT id FROM entitlement WHERE service_code = 'pool' ORDER BY id DESC LIMIT 100)
"""
"""Two hundred changes."""


class Figure(Struct, frozen=True):
    """One thing that was measured, and what was promised of it; `bound` None: nothing was."""

    name: str
    value: float
    unit: str
    bound: float | None = None

    @property
    def met(self) -> bool:
        """Whether the promise holds."""
        return self.bound is None or self.value < self.bound


class Clock:
    """A clock that is turned on between two looks."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time it shows."""
        return self.now


@click.command("bundle")
@click.option("--media", type=click.IntRange(1_000, 262_000), default=200_000, show_default=True, help="In one list.")
@click.option("--engine", "engines", multiple=True, type=click.Choice(["sqlite", "postgresql"]), help="Only this one.")
def command(media: int, engines: tuple[str, ...]) -> None:
    """Measure offline bundles against their bars. Exits with 1 when one is missed."""
    found: dict[str, list[Figure]] = {}
    BUILD.mkdir(exist_ok=True)
    for name in engines or ("sqlite", "postgresql"):
        with TemporaryDirectory(dir=BUILD) as folder, opened(name, Path(folder)) as engine:
            fill, arguments = engine.filling("bundles", Population(media, 2), utc_now())
            fill(*arguments)
            found[name] = asyncio.run(_measure(engine, Path(folder)))
    (BUILD / "bench-bundle.json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))
    table = Table("engine", "what", "", "bar", "")
    for name, figures in found.items():
        for figure in figures:
            bar = ("", "") if figure.bound is None else (f"{figure.bound:,g}", "met" if figure.met else "MISSED")
            table.add_row(name, figure.name, f"{figure.value:,.7g} {figure.unit}", *bar)
    Console(highlight=False).print(table)
    sys.exit(MET if all(figure.met for figures in found.values() for figure in figures) else MISSED)


async def _measure(engine: Engine, folder: Path) -> list[Figure]:
    clock, keyring = Clock(utc_now()), KeyRing(folder / "keys")
    keyring.generate(AUTHORITY, Purpose.BUNDLE, now=clock())
    trusted = keyring.verify_keys(Purpose.BUNDLE)
    database = Database(engine.url("bundles"))
    try:
        async with database.look() as unit:
            authority = (await unit.places.authority(AUTHORITY)).id
        await _write(database, _LIVES)
        await _scatter(database)
        makers = Bundles(database, keyring, clock)
        old, first, pause = await _timed(makers.current(authority, SERVICE))
        _, quiet, _ = await _timed(makers.current(authority, SERVICE))
        await _write(database, _CHANGE)
        clock.now += LOOK + timedelta(seconds=1)
        new, again, _ = await _timed(makers.current(authority, SERVICE))
        delta, told, _ = await _timed(makers.changes(new, authority, old.bundle.sequence))
    finally:
        await database.close()
    if delta is None:
        raise RuntimeError("200 changes take no less than the whole bundle")
    started = time.perf_counter()
    bundle.read(new.body, trusted, authority=AUTHORITY, service=SERVICE, newest=0)
    read = time.perf_counter()
    bundle_delta.apply(old.bundle, delta, trusted)
    applied = time.perf_counter()
    may = sum(int.from_bytes(places, "little").bit_count() for places in new.bundle.entitled.values())
    return [
        Figure("media entitled", may, ""),
        Figure("bundle", len(new.body), "bytes", 60_000),
        Figure("delta of 200 changes", len(delta), "bytes", 2_000),
        Figure("made anew", first, "s", 30),
        Figure("looked at again", again, "s"),
        Figure("longest pause for others meanwhile", 1000 * pause, "ms"),
        Figure("asked when nothing has moved", 1000 * quiet, "ms"),
        Figure("delta made", 1000 * told, "ms"),
        Figure("bundle read by a gate", 1000 * (read - started), "ms"),
        Figure("delta applied by a gate", 1000 * (applied - read), "ms"),
    ]


async def _scatter(database: Database) -> None:
    """Give every medium of the list a place at random, as issuing does. Each place is held once: by negative ones."""
    async with database.write() as connection:
        taken = list((await connection.execute(select(medium.c.id))).scalars())
        drawn = Random(7).sample(range(STATUS_LIST_SIZE), len(taken))
        moved = update(medium).where(medium.c.id == bindparam("medium")).values(status_index=bindparam("new"))
        pairs = [{"medium": one, "new": -1 - new} for one, new in zip(taken, drawn, strict=True)]
        for first in range(0, len(pairs), 5_000):  # a statement has thirty seconds
            await connection.execute(moved, pairs[first : first + 5_000])
        for low in range(-STATUS_LIST_SIZE, 0, 20_000):
            some = medium.c.status_index.between(low, min(low + 19_999, -1))
            await connection.execute(update(medium).where(some).values(status_index=-1 - medium.c.status_index))


async def _write(database: Database, statements: str) -> None:
    async with database.write() as connection:
        for statement in statements.split(";"):
            await connection.execute(text(statement))


async def _timed(work: Awaitable[T]) -> tuple[T, float, float]:
    """What comes of it, how many seconds it took, and the longest that nobody else had their turn."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(PAUSE_SECONDS)
            longest = max(longest, time.perf_counter() - before - PAUSE_SECONDS)

    watcher = asyncio.create_task(watch())
    started = time.perf_counter()
    done = await work
    seconds = time.perf_counter() - started
    watcher.cancel()
    with suppress(asyncio.CancelledError):
        await watcher
    return done, seconds, longest
