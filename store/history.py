"""What a stream was over some time, in no more points than a chart can show."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Stream, Summary
from domain.errors.devices import HistoryTooLong
from domain.readings import MOST_POINTS
from domain.rollups import Bucket, Step, merged, since_before, start_of, steps_for, value_of
from store.readings import samples
from store.rows import to_struct
from store.tables import tour as t


class Point(Struct, frozen=True):
    """One point of a history: the value by which its time is shown, and the least and most in it."""

    at: datetime
    value: float
    low: float
    high: float
    count: int


class History(Struct, frozen=True):
    """A stream over some time, in at most 500 points of one step. `days` of a point is more than 1 over many years."""

    step: Step
    points: tuple[Point, ...]
    days: int = 1


async def history(
    connection: AsyncConnection,
    stream: Stream,
    zone: ZoneInfo,
    start: datetime,
    end: datetime,
    *,
    step: Step | None = None,
) -> History:
    """Read a stream from an instant to before another, in the finest step that needs no more than 500 points.

    Over more than 500 days a point is several days.

    Raises:
        HistoryTooLong: the step that is asked for needs more points, or the time ends before it begins.
    """
    if start >= end:
        raise HistoryTooLong("A history ends after it begins.")
    if step and end - start > MOST_POINTS * step.length:
        raise HistoryTooLong(f"More than {MOST_POINTS} points: ask for less time, or for a longer step.")
    for finest in [step] if step is not None else steps_for(end - start, stream.period_seconds):
        if finest is not Step.RAW:
            first = start_of(finest, start, zone)
            return _of_buckets(finest, stream, await _buckets(connection, stream, finest, first, end))
        found = await samples(connection, stream.id, start, end, most=MOST_POINTS + 1)
        if len(found) <= MOST_POINTS:
            return History(finest, tuple(Point(one.observed_at, *(one.value,) * 3, 1) for one in found))
    raise HistoryTooLong(f"More than {MOST_POINTS} readings: ask for less time, or for a longer step.")


async def _buckets(
    connection: AsyncConnection, stream: Stream, step: Step, first: datetime, end: datetime
) -> list[Bucket]:
    """Read buckets from the one that begins at `first`; those of a counter with what it grew since the one before."""
    of_step = and_(t.rollup.c.stream_id == stream.id, t.rollup.c.step == step)
    within = and_(of_step, t.rollup.c.starts_at >= first, t.rollup.c.starts_at < end)
    found = await connection.execute(select(t.rollup).where(within).order_by(t.rollup.c.starts_at))
    buckets = [to_struct(row, Bucket) for row in found]
    if stream.summary is not Summary.DIFFERENCE:
        return buckets
    before = await connection.execute(
        select(t.rollup).where(of_step, t.rollup.c.starts_at < first).order_by(t.rollup.c.starts_at.desc()).limit(1)
    )
    row = before.one_or_none()
    return since_before(buckets, to_struct(row, Bucket) if row is not None else None)


def _of_buckets(step: Step, stream: Stream, buckets: list[Bucket]) -> History:
    days = -(-len(buckets) // MOST_POINTS) or 1
    parts = [buckets[place : place + days] for place in range(0, len(buckets), days)]
    summary = Summary.SUM if stream.summary is Summary.DIFFERENCE else stream.summary
    whole = (merged(part, step, part[0].starts_at, summary) for part in parts)
    return History(
        step,
        tuple(
            Point(one.starts_at, value_of(one, stream.summary), one.low, one.high, one.count)
            for one in whole
            if one is not None
        ),
        days,
    )
