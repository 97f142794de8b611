"""What a value is compared with: the same hour of the weeks before, and the value some hours earlier.

Both are bounded by what is asked: eight hours of a stream, and the readings of a short while.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Stream, Summary
from domain.rollups import Bucket, Step, since_before, value_of
from domain.usual import Percentiles, percentiles, same_hours
from store.readings import SHOWN
from store.rows import to_struct
from store.tables import tour as t

Asked = tuple[Stream, datetime]
"""A stream, and the instant for which is asked: one for each stream."""

_AT_ONCE = 50
"""Streams of one question: each names eight hours, and a counter eight more."""

_NEAR = timedelta(minutes=10)
"""A value this near the instant speaks for it, however often the stream reports."""


async def usual(connection: AsyncConnection, asked: Sequence[Asked], zone: ZoneInfo) -> dict[UUID, Percentiles]:
    """Read what was usual of each stream at the weekday and local hour of its instant in the last eight weeks.

    From the roll-ups of hours; `count` is the weeks that have one. A stream without any is left out, and so are
    directions: no direction is more than another.
    """
    told: dict[UUID, Percentiles] = {}
    for some in _in_parts([one for one in asked if one[0].summary is not Summary.VECTOR]):
        hours = {stream.id: same_hours(at, zone) for stream, at in some}
        kept = await _hours(connection, [(stream, at) for stream, _ in some for at in hours[stream.id]])
        for stream, _ in some:
            values = (_value(stream, kept, at) for at in hours[stream.id])
            found = percentiles(value for value in values if value is not None)
            if found is not None:
                told[stream.id] = found
    return told


async def usual_hours(
    connection: AsyncConnection, stream: Stream, hours: Sequence[datetime], zone: ZoneInfo
) -> dict[datetime, Percentiles]:
    """Read what was usual of one stream in each of these hours, as `usual` does for the hour of one value."""
    if stream.summary is Summary.VECTOR:
        return {}
    before = {at: same_hours(at, zone) for at in hours}
    kept = await _hours(connection, [(stream, one) for weeks in before.values() for one in weeks])
    told = {
        at: percentiles(value for one in weeks if (value := _value(stream, kept, one)) is not None)
        for at, weeks in before.items()
    }
    return {at: found for at, found in told.items() if found is not None}


async def earlier(connection: AsyncConnection, asked: Sequence[Asked]) -> dict[UUID, float]:
    """Read the shown value of each stream that lies nearest to its instant, at most a period from it."""
    told: dict[UUID, float] = {}
    for some in _in_parts(asked):
        wanted = {stream.id: at for stream, at in some}
        found = await connection.execute(
            select(t.reading.c.stream_id, t.reading.c.observed_at, t.reading.c.value)
            .where(or_(*(_around(stream, at) for stream, at in some)), t.reading.c.quality.in_(SHOWN))
            .order_by(t.reading.c.observed_at)
        )
        nearest: dict[UUID, timedelta] = {}
        for stream_id, observed_at, value in found:
            apart = abs(observed_at - wanted[stream_id])
            if stream_id not in nearest or apart < nearest[stream_id]:
                nearest[stream_id], told[stream_id] = apart, value
    return told


def _in_parts(asked: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    return (asked[place : place + _AT_ONCE] for place in range(0, len(asked), _AT_ONCE))


def _around(stream: Stream, at: datetime) -> ColumnElement[bool]:
    reach = max(timedelta(seconds=stream.period_seconds), _NEAR)
    return and_(t.reading.c.stream_id == stream.id, t.reading.c.observed_at.between(at - reach, at + reach))


async def _hours(connection: AsyncConnection, wanted: Sequence[Asked]) -> dict[tuple[UUID, datetime], Bucket]:
    keys = {(stream.id, at) for stream, at in wanted}
    # What a counter grew before its first reading of an hour is told by the hour before.
    keys |= {(stream.id, at - Step.HOUR.length) for stream, at in wanted if stream.summary is Summary.DIFFERENCE}
    if not keys:
        return {}
    key = tuple_(t.rollup.c.stream_id, t.rollup.c.starts_at)
    found = await connection.execute(select(t.rollup).where(t.rollup.c.step == Step.HOUR, key.in_(sorted(keys))))
    return {(row.stream_id, row.starts_at): to_struct(row, Bucket) for row in found}


def _value(stream: Stream, kept: dict[tuple[UUID, datetime], Bucket], at: datetime) -> float | None:
    bucket = kept.get((stream.id, at))
    if bucket is None:
        return None
    if stream.summary is Summary.DIFFERENCE:
        (bucket,) = since_before([bucket], kept.get((stream.id, at - Step.HOUR.length)))
    return value_of(bucket, stream.summary)
