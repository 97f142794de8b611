"""What the devices said before anybody looked: weeks of hours, so that there is something usual to compare with.

The last days are readings, written and rolled up as those of any day. What lies before is laid in as hours and days,
the form in which it will be kept for years anyway.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple, replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cli.demo.tour.mishaps import LAST_HEARD
from cli.demo.tour.plan import HOUR, ZONE, Part, Simulated, simulated
from domain.devices import Stream
from domain.readings import Quality, Reading
from domain.rollups import Bucket, Sample, Step, merged, of_samples, start_of
from store.bulk import INSTANT, Write, put
from store.database import Database
from store.readings import ReadingWriter
from store.rollups import roll_up
from tour.measures import digest

DAYS = 57
"""Eight weeks, and the day with which the first of them begins."""

_AS_READINGS = timedelta(days=2)
_AT_ONCE = 3_000

_ROLLUPS = Write(
    "rollup",
    {
        "stream_id": "uuid",
        "step": "int2",
        "starts_at": INSTANT,
        "count": "int8",
        **dict.fromkeys(("low", "high", "total", "cross", "first", "last"), "float8"),
        "authority_id": "uuid",
    },
    "DO NOTHING",
)


class _Told(Struct, frozen=True):
    """A device's part with the stream that the register made of it."""

    one: Simulated
    part: Part
    stream: Stream


async def remember(database: Database, authority_id: UUID, since: datetime, until: datetime) -> int:
    """Write what the devices said from an instant to another; how many hours. What is there already stays."""
    async with database.look() as unit:
        every = await unit.devices.all_of(authority_id)
        ids = {device.code: device.id for device in every}
        told = [
            _Told(one, part, stream)
            for one in simulated()
            for stream in await unit.devices.streams(ids[one.code])
            for part in one.parts
            if part.stream.quantity == stream.quantity
        ]
    midnight = (until - _AS_READINGS).astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    edge = max(since, midnight.astimezone(UTC))
    readings = [reading for one in told for reading in _readings(one, edge, until)]
    streams = {one.stream.id: one.stream for one in told}
    hours = 0
    async with database.write() as connection:
        for one in told:
            hours += await _lay_in(connection, one, since, edge)
        await ReadingWriter().write(connection, sorted(readings, key=_by_time), streams)
    while True:
        async with database.write() as connection:
            if not await roll_up(connection, most=_AT_ONCE):
                return hours + len(readings)


async def _lay_in(connection: AsyncConnection, one: _Told, since: datetime, until: datetime) -> int:
    summary = one.stream.summary
    hours = [
        replace(bucket, step=Step.HOUR)
        for at in _instants(one.one, since, until)
        if (bucket := of_samples(one.stream.id, at, [Sample(at, _value(one, at))], summary)) is not None
    ]
    days = [
        bucket
        for begins, parts in groupby(hours, key=lambda hour: start_of(Step.DAY, hour.starts_at, ZONE))
        if (bucket := merged(list(parts), Step.DAY, begins, summary)) is not None
    ]
    return await put(connection, _ROLLUPS, [_row(bucket, one.stream) for bucket in (*hours, *days)])


def _row(bucket: Bucket, stream: Stream) -> tuple[object, ...]:
    stream_id, step, *rest = astuple(bucket)
    return (stream_id, int(step), *rest, stream.authority_id)


def _readings(one: _Told, since: datetime, until: datetime) -> Iterator[Reading]:
    for at in _instants(one.one, since, until):
        end = at + one.one.over if one.one.over else None
        yield Reading(
            one.stream.id,
            at,
            end,
            (end or at) + timedelta(minutes=1),
            _value(one, at),
            Quality.PROBABLY_GOOD,
            digest(one.one.code, at.isoformat()),
        )


def _instants(one: Simulated, since: datetime, until: datetime) -> Iterable[datetime]:
    """Whole hours, or local days, that were over and had come in by then."""
    if one.over > HOUR:
        begin = since.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        days = (begin + timedelta(days=day) for day in range((until - since).days + 2))
        return [day.astimezone(UTC) for day in days if since <= day and day + one.over <= _known_until(one, until)]
    first = -(-int(since.timestamp()) // 3600)
    last = int((_known_until(one, until) - one.over).timestamp()) // 3600
    return [datetime.fromtimestamp(hour * 3600, UTC) for hour in range(first, last + 1)]


def _known_until(one: Simulated, until: datetime) -> datetime:
    heard = until - LAST_HEARD.get(one.code, timedelta())
    if not one.daily:
        return heard
    mornings: Sequence[datetime] = one.instants(heard - timedelta(days=2), heard)
    return mornings[-1].replace(hour=0, minute=0)


def _value(one: _Told, at: datetime) -> float:
    return round(one.part.curve(at.astimezone(ZONE)), 3)


def _by_time(reading: Reading) -> datetime:
    return reading.observed_at
