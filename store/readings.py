"""Writing readings in batches, and reading them back.

A batch is one insert, whatever is there already left alone, one move of the newest values, one note of what is to be
rolled up. Rows go in the order of their keys, so that two workers never wait for each other in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Stream
from domain.readings import HIDDEN, NEVER, Last, Newest, Quality, Reading, advance, chosen
from domain.rollups import Sample
from store import months
from store.bulk import INSTANT, Row, Write, one_of, put
from store.tables import tour as t

SHOWN = [int(quality) for quality in Quality if quality not in HIDDEN]

_READING = Write(
    "reading",
    {
        "stream_id": "uuid",
        "observed_at": INSTANT,
        "authority_id": "uuid",
        "until": INSTANT,
        "received_at": INSTANT,
        "value": "float8",
        "quality": "int2",
        "source_id": "bytea",
    },
    "DO NOTHING",
)
_NEWEST_COLUMNS = {
    "stream_id": "uuid",
    "shown": "bool",
    "authority_id": "uuid",
    "observed_at": INSTANT,
    "until": INSTANT,
    "received_at": INSTANT,
    "value": "float8",
    "quality": "int2",
    "same_since": INSTANT,
}
_NEWEST = Write(
    "reading_latest",
    _NEWEST_COLUMNS,
    "(stream_id, shown) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in list(_NEWEST_COLUMNS)[3:])
    + " WHERE excluded.observed_at > reading_latest.observed_at",
)
_DUE = Write(
    "rollup_due",
    {"stream_id": "uuid", "starts_at": INSTANT, "authority_id": "uuid", "touched": "int8"},
    # Not DO NOTHING: touching the row holds it until this batch can be seen.
    "(stream_id, starts_at) DO UPDATE SET touched = rollup_due.touched + 1",
)


class Written(Struct, frozen=True):
    """What became of a batch: `new` readings, streams whose newest shown value `moved`, how many came `too_old`."""

    new: int
    moved: tuple[UUID, ...]
    too_old: int


class ReadingWriter:
    """Writes batches, and remembers which months have a table. One for each process; it belongs to no connection."""

    def __init__(self) -> None:
        self._months: set[date] = set()

    async def write(
        self,
        connection: AsyncConnection,
        readings: Sequence[Reading],
        streams: Mapping[UUID, Stream],
        *,
        before: Mapping[UUID, Last] | None = None,
    ) -> Written:
        """Write a batch. What is older than single readings are kept is left out, and counted.

        `streams` holds the stream of each reading: whose it is. `before` is what was newest of them, where the caller
        has read it in this transaction and keeps others from changing it.
        """
        kept = chosen(reading for reading in readings if not reading.too_old)
        too_old = sum(reading.too_old for reading in readings)
        if not kept:
            return Written(0, (), too_old)
        if connection.dialect.name == "postgresql":
            await self._months_for(connection, kept)
        owners = {stream_id: stream.authority_id for stream_id, stream in streams.items()}
        new = await put(connection, _READING, [_reading_row(one, owners) for one in kept])
        if before is None:
            before = await newest(connection, {one.stream_id for one in kept})
        after = {
            stream_id: advance(before.get(stream_id, NEVER), of_stream)
            for stream_id, of_stream in groupby(kept, attrgetter("stream_id"))
        }
        await put(connection, _NEWEST, _newest_rows(before, after, owners))
        quarters = sorted({(one.stream_id, _quarter(one.observed_at)) for one in kept if one.quality.shown})
        await put(connection, _DUE, [(stream_id, at, owners[stream_id], 1) for stream_id, at in quarters])
        moved = (stream_id for stream_id, last in after.items() if last.shown != before.get(stream_id, NEVER).shown)
        return Written(new, tuple(moved), too_old)

    async def _months_for(self, connection: AsyncConnection, readings: list[Reading]) -> None:
        wanted = {months.month_of(reading.observed_at) for reading in readings}
        if wanted <= self._months:
            return
        # Remembered only when found: what this transaction makes, it may still take back.
        self._months = await months.there(connection)
        if missing := wanted - self._months:
            await months.make(connection, missing)


def _reading_row(reading: Reading, owners: Mapping[UUID, UUID]) -> Row:
    return (
        reading.stream_id,
        reading.observed_at,
        owners[reading.stream_id],
        reading.until,
        reading.received_at,
        reading.value,
        int(reading.quality),
        reading.source_id,
    )


def _newest_rows(before: Mapping[UUID, Last], after: Mapping[UUID, Last], owners: Mapping[UUID, UUID]) -> list[Row]:
    rows = []
    for stream_id, last in after.items():
        known = before.get(stream_id, NEVER)
        for shown, was, now in ((False, known.hidden, last.hidden), (True, known.shown, last.shown)):
            if now is not None and now != was:
                _, *rest = astuple(now)
                rows.append((stream_id, shown, owners[stream_id], *rest))
    return rows


def _quarter(at: datetime) -> datetime:
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


async def newest(connection: AsyncConnection, stream_ids: Iterable[UUID]) -> dict[UUID, Last]:
    """Read the newest values of streams; one that has never said anything is left out."""
    found: dict[UUID, dict[bool, Newest]] = {}
    rows = await connection.execute(
        select(t.reading_latest).where(one_of(connection, t.reading_latest.c.stream_id, set(stream_ids)))
    )
    for row in rows:
        stream_id, shown, _, observed_at, until, received_at, value, quality, same_since = row
        found.setdefault(stream_id, {})[shown] = Newest(
            stream_id, observed_at, until, received_at, value, Quality(quality), same_since
        )
    return {stream_id: Last(both.get(True), both.get(False)) for stream_id, both in found.items()}


async def samples(
    connection: AsyncConnection, stream_id: UUID, start: datetime, end: datetime, *, most: int
) -> list[Sample]:
    """Read the shown values of a stream from an instant to before another, in the order of time, `most` at most."""
    found = await connection.execute(
        select(t.reading.c.observed_at, t.reading.c.value)
        .where(
            t.reading.c.stream_id == stream_id,
            t.reading.c.observed_at >= start,
            t.reading.c.observed_at < end,
            t.reading.c.quality.in_(SHOWN),
        )
        .order_by(t.reading.c.observed_at)
        .limit(most)
    )
    return [Sample(row.observed_at, row.value) for row in found]
