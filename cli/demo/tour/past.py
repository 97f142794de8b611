"""What was measured before anybody looked: weeks of hours, so that there is something usual to compare with.

The last days are readings, written and rolled up as those of any day. What lies before is laid in as hours and days,
the form in which it will be kept for years anyway.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple, replace
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cli.demo.tour.mishaps import LAST_HEARD
from cli.demo.tour.plan import HOUR, PLACES, ZONE, Simulated, simulated
from cli.demo.tour.systems import CURVES
from domain.devices import Device, Stream
from domain.readings import Quality, Reading
from domain.rollups import Bucket, Sample, Step, merged, of_samples, start_of
from store.bulk import INSTANT, Write, put
from store.database import Database
from store.readings import ReadingWriter
from store.rollups import roll_up
from store.tables.attendance import attendance
from store.tables.places import site, zone
from tour.cooling import GAIN, WARMTH
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


class Series(Struct, frozen=True):
    """What one stream said hour by hour, or day by day, in the order of time, each over some time or none."""

    stream: Stream
    over: timedelta
    samples: list[Sample]


async def remember(database: Database, authority_id: UUID, since: datetime, until: datetime) -> int:
    """Write what was measured from an instant to another; how many values. What is there already stays."""
    async with database.look() as unit:
        registered = await unit.devices.all_of(authority_id)
        streams = [(device, stream) for device in registered for stream in await unit.devices.streams(device.id)]
    async with database.read() as connection:
        counted = await _counted(connection, authority_id, since, until)
    every = [
        *_of_devices(streams, since, until),
        *_of_gains(streams, since, until),
        *_of_gates(streams, counted),
    ]
    midnight = (until - _AS_READINGS).astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    readings: list[Reading] = []
    async with database.write() as connection:
        for series in every:
            edge = min([midnight, *(_midnight(sample.observed_at) for sample in series.samples[-1:])])
            await _lay_in(connection, series, edge)
            readings += _readings(series, edge)
        known = {stream.id: stream for _, stream in streams}
        await ReadingWriter().write(connection, sorted(readings, key=lambda one: one.observed_at), known)
    while True:
        async with database.write() as connection:
            if not await roll_up(connection, most=_AT_ONCE):
                return sum(len(series.samples) for series in every)


def _of_devices(streams: Iterable[tuple[Device, Stream]], since: datetime, until: datetime) -> list[Series]:
    found = {(device.code, stream.quantity): stream for device, stream in streams}
    return [
        Series(
            found[one.code, part.field.quantity],
            one.over,
            [Sample(at, round(part.curve(at.astimezone(ZONE)), 3)) for at in _instants(one, since, until)],
        )
        for one in simulated()
        for part in one.parts
    ]


def _of_gains(streams: Iterable[tuple[Device, Stream]], since: datetime, until: datetime) -> list[Series]:
    """How much cooler places were than their reference, which is named by the channel of the stream."""
    speaking = {one.code: one for one in simulated()}
    told = []
    for device, stream in streams:
        if stream.quantity == GAIN:
            here, there = CURVES[device.code, WARMTH], CURVES[stream.channel, WARMTH]
            instants = _instants(speaking[device.code], since, until)
            local = ((at, at.astimezone(ZONE)) for at in instants)
            told.append(Series(stream, timedelta(), [Sample(at, round(there(by) - here(by), 3)) for at, by in local]))
    return told


def _of_gates(streams: Iterable[tuple[Device, Stream]], counted: dict[str, list[Sample]]) -> list[Series]:
    return [
        Series(stream, timedelta(), counted.get(device.source_key, []))
        for device, stream in streams
        if device.source == PLACES
    ]


async def _counted(
    connection: AsyncConnection, authority_id: UUID, since: datetime, until: datetime
) -> dict[str, list[Sample]]:
    """What the gates of each site counted, hour by hour: the most that were inside, in percent of the room."""
    found = await connection.execute(
        select(site.c.code, attendance.c.day, attendance.c.hour, func.sum(attendance.c.most), func.sum(zone.c.capacity))
        .join(zone, zone.c.id == attendance.c.zone_id)
        .join(site, site.c.id == zone.c.site_id)
        .where(site.c.authority_id == authority_id, zone.c.capacity.is_not(None))
        .group_by(site.c.code, attendance.c.day, attendance.c.hour)
        .order_by(site.c.code, attendance.c.day, attendance.c.hour)
    )
    counted: dict[str, list[Sample]] = {}
    for code, day, hour, most, capacity in found:
        at = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC)
        if since <= at <= until:
            counted.setdefault(code, []).append(Sample(at, round(100 * most / capacity, 1)))
    return counted


async def _lay_in(connection: AsyncConnection, series: Series, until: datetime) -> None:
    stream = series.stream
    hours = [
        replace(bucket, step=Step.HOUR)
        for one in series.samples
        if one.observed_at < until
        and (bucket := of_samples(stream.id, one.observed_at, [one], stream.summary)) is not None
    ]
    days = [
        bucket
        for begins, parts in groupby(hours, key=lambda hour: start_of(Step.DAY, hour.starts_at, ZONE))
        if (bucket := merged(list(parts), Step.DAY, begins, stream.summary)) is not None
    ]
    await put(connection, _ROLLUPS, [_row(bucket, stream) for bucket in (*hours, *days)])


def _row(bucket: Bucket, stream: Stream) -> tuple[object, ...]:
    stream_id, step, *rest = astuple(bucket)
    return (stream_id, int(step), *rest, stream.authority_id)


def _readings(series: Series, since: datetime) -> list[Reading]:
    return [
        Reading(
            series.stream.id,
            one.observed_at,
            one.observed_at + series.over if series.over else None,
            one.observed_at + series.over + timedelta(minutes=1),
            one.value,
            Quality.PROBABLY_GOOD,
            digest(str(series.stream.id), one.observed_at.isoformat()),
        )
        for one in series.samples
        if one.observed_at >= since
    ]


def _instants(one: Simulated, since: datetime, until: datetime) -> list[datetime]:
    """Whole hours, or local days, that were over and had come in by then."""
    known = _known_until(one, until)
    if one.over > HOUR:
        begin = _midnight(since)
        days = (begin + timedelta(days=day) for day in range((until - since).days + 2))
        return [day.astimezone(UTC) for day in days if since <= day and day + one.over <= known]
    first = -(-int(since.timestamp()) // 3600)
    last = int((known - one.over).timestamp()) // 3600
    return [datetime.fromtimestamp(hour * 3600, UTC) for hour in range(first, last + 1)]


def _known_until(one: Simulated, until: datetime) -> datetime:
    heard = until - LAST_HEARD.get(one.code, timedelta())
    return _midnight(one.instants(heard - timedelta(days=2), heard)[-1]) if one.daily else heard


def _midnight(at: datetime) -> datetime:
    """The midnight before an instant, by the clock of the place."""
    return at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
