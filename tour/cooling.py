"""How much cooler a place is than a reference street: worked out from two thermometers, sent by no device.

A stream `cool_gain` names the reference by its channel: the code of the station in the street. Both stations have a
stream `air_temperature`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Device, Stream
from domain.readings import NEVER, Last, Quality, Reading
from store.devices import streams_measuring
from store.readings import ReadingWriter, newest
from tour.measures import digest

GAIN, WARMTH = "cool_gain", "air_temperature"


async def note_gains(connection: AsyncConnection, authority_id: UUID, now: datetime) -> int:
    """Work out what is new since the last time, for every place of an authority; how many values."""
    if not await streams_measuring(connection, authority_id, GAIN):
        return 0
    streams = await streams_measuring(connection, authority_id, GAIN, WARMTH)
    lasts = await newest(connection, [stream.id for _, stream in streams])
    told = gains(streams, lasts, now)
    written = await ReadingWriter().write(connection, told, {stream.id: stream for _, stream in streams})
    return written.new


def gains(streams: Iterable[tuple[Device, Stream]], lasts: Mapping[UUID, Last], now: datetime) -> list[Reading]:
    """Compare the newest value of each place with that of its reference, where both are of one time.

    Two values are of one time when no period of the place lies between them. A value that is hidden compares with
    nothing, and each is compared once.
    """
    streams = list(streams)
    thermometers = {device.code: lasts.get(stream.id, NEVER) for device, stream in streams if stream.quantity == WARMTH}
    told = []
    for device, stream in streams:
        if stream.quantity != GAIN:
            continue
        here, there = (thermometers.get(code, NEVER).shown for code in (device.code, stream.channel))
        before = lasts.get(stream.id, NEVER).shown
        if here is None or there is None or (before is not None and here.observed_at <= before.observed_at):
            continue
        if abs(here.observed_at - there.observed_at) > timedelta(seconds=stream.period_seconds):
            continue
        told.append(
            Reading(
                stream.id,
                here.observed_at,
                None,
                now,
                round(there.value - here.value, 3),
                Quality.PROBABLY_GOOD,
                digest(GAIN, str(stream.id), here.observed_at.isoformat()),
            )
        )
    return told
