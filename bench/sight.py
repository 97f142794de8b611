"""When a reading can be seen: the newest values of some devices are asked for, again and again."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from adapters.clock import utc_now
from store.tables.types import from_microseconds

SAMPLE = 100
"""Devices that are watched, evenly spread over all."""

PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 20.0
"""When nothing new has come for so long, the rest is lost."""

Ask = Callable[[str], list[tuple[Any, ...]]]


class Sight:
    """Watches the newest values of some devices of a source.

    Every frame carries the moment at which it was due, so the time until its value is seen is the time of all that lies
    between. `seconds` are those of every value that was seen.
    """

    def __init__(self, url: str, source: str, devices: int) -> None:
        self.seconds: list[float] = []
        self._closing = ExitStack()
        self._ask = _sqlite(url, self._closing) if url.startswith("sqlite") else _postgres(url, self._closing)
        self._devices = devices
        self._apart = max(devices // SAMPLE, 1)
        watched = ", ".join(f"'{number:016x}'" for number in range(1, devices + 1, self._apart))
        of_source = f"JOIN device AS d ON d.id = s.device_id WHERE d.source = '{source}'"
        ids = self._ask(
            f"SELECT s.id FROM stream AS s {of_source} AND s.quantity = 'co2' AND d.source_key IN ({watched})"  # noqa: S608 - ours
        )
        names = ", ".join(f"'{one}'" for (one,) in ids)
        self._newest = f"SELECT stream_id, observed_at FROM reading_latest WHERE shown AND stream_id IN ({names})"  # noqa: S608 - ours
        self._count = f"SELECT count(*) FROM reading AS r JOIN stream AS s ON s.id = r.stream_id {of_source}"  # noqa: S608 - ours

    def close(self) -> None:
        """Let go of the database."""
        self._closing.close()

    def count(self) -> int:
        """How many readings of the source are stored."""
        return int(self._ask(self._count)[0][0])

    def watch(self, begin: datetime, per_second: int, frames: int) -> None:
        """Watch until the last frame of a watched device is seen, or nothing new has come for long."""
        place = next(place for place in range(frames - 1, -1, -1) if place % self._devices % self._apart == 0)
        last = begin + timedelta(seconds=place / per_second)
        seen: dict[object, datetime] = {}
        newest, news_at = begin, time.monotonic() + max((begin - utc_now()).total_seconds(), 0)
        while newest < last and time.monotonic() - news_at < PATIENCE_SECONDS:
            time.sleep(PAUSE_SECONDS)
            found = self._ask(self._newest)
            now = utc_now()
            for stream, at in found:
                observed_at = at if isinstance(at, datetime) else from_microseconds(at)
                if observed_at >= begin and seen.get(stream) != observed_at:
                    seen[stream] = observed_at
                    self.seconds.append((now - observed_at).total_seconds())
                    newest, news_at = max(newest, observed_at), time.monotonic()

    def settled(self, before: int, expected: int) -> int:
        """Count what is new once all is there, or nothing more comes."""
        new, news_at = self.count() - before, time.monotonic()
        while new < expected and time.monotonic() - news_at < PATIENCE_SECONDS / 2:
            time.sleep(0.2)
            now = self.count() - before
            if now != new:
                new, news_at = now, time.monotonic()
        return new


def _sqlite(url: str, closed: ExitStack) -> Ask:
    connection = closed.enter_context(closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10)))
    return lambda question: connection.execute(question).fetchall()


def _postgres(url: str, closed: ExitStack) -> Ask:
    runner = closed.enter_context(asyncio.Runner())
    connection = runner.run(asyncpg.connect(url))
    closed.callback(lambda: runner.run(connection.close()))
    return lambda question: [tuple(row) for row in runner.run(connection.fetch(question))]
