"""Rolling readings up, and forgetting what is old enough.

One roll-up runs at a time: two that work on quarters of one hour would each write the hour without the other's.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import (
    and_,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Stream
from domain.readings import RAW_KEPT
from domain.rollups import (
    KEPT,
    Bucket,
    Sample,
    Step,
    end_of,
    merged,
    of_samples,
    start_of,
)
from store import months
from store.devices import streams_by_id
from store.readings import SHOWN
from store.rows import to_row
from store.tables import places
from store.tables import tour as t

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_LOCK = 0x726F_6C6C
_MARGIN = timedelta(days=2)
"""A month is dropped this long after its last reading may have come: what is on its way is rolled up before."""

Key = tuple[UUID, datetime]
Span = tuple[UUID, datetime, datetime]


async def roll_up(connection: AsyncConnection, *, most: int = 500, now: datetime | None = None) -> int:
    """Roll up quarters in which something has come, with their hours and days; how many quarters, 0 when none is due.

    With `now` only those that are over: of the one that runs every device would wait for us, minute after minute.
    Nothing is done where another worker is at it.
    """
    if connection.dialect.name == "postgresql":
        mine = await connection.execute(select(func.pg_try_advisory_xact_lock(_LOCK)))
        if not mine.scalar_one():
            return 0
    due = await _take_due(connection, most, now)
    if not due:
        return 0
    streams = await streams_by_id(connection, {stream_id for stream_id, _ in due})
    zones = await _zones(connection)
    keys = [key for key in due if key[0] in streams]
    await _save(connection, streams, await _quarters(connection, streams, keys))
    for step, below in ((Step.HOUR, Step.QUARTER), (Step.DAY, Step.HOUR)):
        zone = {stream_id: zones[stream.authority_id] for stream_id, stream in streams.items()}
        keys = sorted({(stream_id, start_of(step, at, zone[stream_id])) for stream_id, at in keys})
        spans = [(stream_id, at, end_of(step, at, zone[stream_id])) for stream_id, at in keys]
        parts = await _parts(connection, below, spans)
        longer = (merged(parts.get(key, []), step, key[1], streams[key[0]].summary) for key in keys)
        await _save(connection, streams, longer)
    return len(due)


async def _take_due(connection: AsyncConnection, most: int, now: datetime | None) -> list[Key]:
    key = tuple_(t.rollup_due.c.stream_id, t.rollup_due.c.starts_at)
    # A row that a batch holds is left for the next time, when what the batch writes can be seen.
    first = (
        select(t.rollup_due.c.stream_id, t.rollup_due.c.starts_at)
        .order_by(t.rollup_due.c.starts_at, t.rollup_due.c.stream_id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    if now is not None:
        first = first.where(t.rollup_due.c.starts_at <= now - Step.QUARTER.length)
    found = await connection.execute(
        delete(t.rollup_due).where(key.in_(first)).returning(t.rollup_due.c.stream_id, t.rollup_due.c.starts_at)
    )
    return sorted((row.stream_id, row.starts_at) for row in found)


async def _zones(connection: AsyncConnection) -> dict[UUID, ZoneInfo]:
    found = await connection.execute(select(places.authority.c.id, places.authority.c.zone))
    return {row.id: ZoneInfo(row.zone) for row in found}


async def _quarters(
    connection: AsyncConnection, streams: dict[UUID, Stream], keys: Sequence[Key]
) -> list[Bucket | None]:
    inside: dict[Key, list[Sample]] = {}
    for (start, end), ids in _together((stream_id, at, at + Step.QUARTER.length) for stream_id, at in keys).items():
        found = await connection.execute(
            select(t.reading.c.stream_id, t.reading.c.observed_at, t.reading.c.value)
            .where(
                t.reading.c.stream_id.in_(ids),
                t.reading.c.observed_at >= start,
                t.reading.c.observed_at < end,
                t.reading.c.quality.in_(SHOWN),
            )
            .order_by(t.reading.c.observed_at)
        )
        for stream_id, at, value in found:
            inside.setdefault((stream_id, start), []).append(Sample(at, value))
    return [of_samples(*key, inside.get(key, []), streams[key[0]].summary) for key in keys]


async def _parts(connection: AsyncConnection, step: Step, spans: Iterable[Span]) -> dict[Key, list[Bucket]]:
    parts: dict[Key, list[Bucket]] = {}
    columns = [t.rollup.c[name] for name in Bucket.__struct_fields__]
    for (start, end), ids in _together(spans).items():
        found = await connection.execute(
            select(*columns)
            .where(
                t.rollup.c.stream_id.in_(ids),
                t.rollup.c.step == step,
                t.rollup.c.starts_at >= start,
                t.rollup.c.starts_at < end,
            )
            .order_by(t.rollup.c.starts_at)
        )
        for row in found:
            parts.setdefault((row.stream_id, start), []).append(Bucket(*row))
    return parts


def _together(spans: Iterable[Span]) -> dict[tuple[datetime, datetime], list[UUID]]:
    """Put the streams of one span together: what is due is mostly the same quarter of many streams."""
    together: dict[tuple[datetime, datetime], list[UUID]] = {}
    for stream_id, start, end in spans:
        together.setdefault((start, end), []).append(stream_id)
    return together


async def _save(connection: AsyncConnection, streams: dict[UUID, Stream], buckets: Iterable[Bucket | None]) -> None:
    rows = [
        {**to_row(bucket), "authority_id": streams[bucket.stream_id].authority_id}
        for bucket in buckets
        if bucket is not None
    ]
    if not rows:
        return
    write = _INSERT[connection.dialect.name](t.rollup)
    changed = {name: write.excluded[name] for name in Bucket.__struct_fields__[3:]}
    key = [t.rollup.c.stream_id, t.rollup.c.step, t.rollup.c.starts_at]
    await connection.execute(write.on_conflict_do_update(index_elements=key, set_=changed), rows)


async def lowest_of_days(
    connection: AsyncConnection, stream_ids: Sequence[UUID], since: datetime, *, days: int
) -> dict[UUID, float]:
    """Read the lowest value of streams since a day, where so many days have any."""
    if not stream_ids:
        return {}
    found = await connection.execute(
        select(t.rollup.c.stream_id, func.min(t.rollup.c.low).label("low"))
        .where(t.rollup.c.stream_id.in_(stream_ids), t.rollup.c.step == Step.DAY, t.rollup.c.starts_at >= since)
        .group_by(t.rollup.c.stream_id)
        .having(func.count() >= days)
    )
    return {row.stream_id: row.low for row in found}


class Forgotten(Struct, frozen=True):
    """How much was deleted: months of readings on PostgreSQL, single ones on SQLite; roll-ups; dead letters."""

    readings: int
    rollups: int
    dead_letters: int


async def forget(connection: AsyncConnection, now: datetime) -> Forgotten:
    """Delete what is older than it may be kept: readings by whole months, roll-ups by their step, dead letters."""
    rollups = 0
    for step, kept in KEPT.items():
        if kept is not None:
            too_old = and_(t.rollup.c.step == step, t.rollup.c.starts_at < now - kept)
            rollups += (await connection.execute(delete(t.rollup).where(too_old))).rowcount
    letters = await connection.execute(delete(t.dead_letter).where(t.dead_letter.c.keep_until <= now.date()))
    # Months come last: whoever writes a reading waits from the drop to the commit.
    oldest = months.month_of(now - RAW_KEPT - _MARGIN)
    if connection.dialect.name == "postgresql":
        readings = len(await months.drop(connection, before=oldest))
    else:
        before = datetime(oldest.year, oldest.month, 1, tzinfo=UTC)
        readings = (await connection.execute(delete(t.reading).where(t.reading.c.observed_at < before))).rowcount
    return Forgotten(readings, rollups, letters.rowcount)
