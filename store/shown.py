"""What of the register anybody may see: public streams of public devices, never of one home or one person."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Device, Stream
from domain.errors.devices import StreamNotFound
from domain.points import Point
from domain.readings import Reading
from domain.sheets import HIDDEN_LEVEL
from store.readings import SHOWN
from store.rows import to_struct, to_structs
from store.tables import places
from store.tables import tour as t


class Shown(Struct, frozen=True):
    """A stream that anybody may read, with its device and the zone (IANA) of their authority."""

    device: Device
    stream: Stream
    zone: str


class Window(Struct, frozen=True):
    """From an instant to before another; None where that side is open."""

    start: datetime | None = None
    end: datetime | None = None


async def shown_streams(connection: AsyncConnection) -> list[Shown]:
    """List what anybody may read of devices in service, by the code of the device, the quantity and the channel."""
    found = await connection.execute(select(t.device).where(t.device.c.public, t.device.c.retired_on.is_(None)))
    every = await to_structs(found, Device)
    devices = {device.id: device for device in every if device.protection_level < HIDDEN_LEVEL}
    of_devices = await connection.execute(
        select(t.stream)
        .join(t.device, t.device.c.id == t.stream.c.device_id)
        .where(t.stream.c.public, t.device.c.public, t.device.c.retired_on.is_(None))
        .order_by(t.device.c.code, t.device.c.id, t.stream.c.quantity, t.stream.c.channel)
    )
    zones = await _zones(connection)
    return [
        Shown(devices[stream.device_id], stream, zones[stream.authority_id])
        for stream in await to_structs(of_devices, Stream)
        if stream.device_id in devices
    ]


async def shown_stream(connection: AsyncConnection, stream_id: UUID) -> Shown:
    """Find a stream that anybody may read; what a device measured before it was retired stays readable.

    Raises:
        StreamNotFound: there is none of this id, or it is not for everybody: one answer for both.
    """
    of_stream = select(t.stream).where(t.stream.c.id == stream_id, t.stream.c.public)
    row = (await connection.execute(of_stream)).one_or_none()
    if row is None:
        raise StreamNotFound("No such stream.")
    of_device = select(t.device).where(t.device.c.id == row.device_id)
    device = to_struct((await connection.execute(of_device)).one(), Device)
    if not device.public or device.protection_level >= HIDDEN_LEVEL:
        raise StreamNotFound("No such stream.")
    return Shown(device, to_struct(row, Stream), (await _zones(connection))[device.authority_id])


async def observations(
    connection: AsyncConnection, stream_id: UUID, asked: Window, *, skip: int, most: int, newest_first: bool = False
) -> list[Reading]:
    """Read single values of a stream that may be shown, in the order of time or against it."""
    order = t.reading.c.observed_at.desc() if newest_first else t.reading.c.observed_at
    columns = [t.reading.c[name] for name in Reading.__struct_fields__]
    within = select(*columns).where(*_within(stream_id, asked)).order_by(order).offset(skip).limit(most)
    return [to_struct(row, Reading) for row in await connection.execute(within)]


async def count_observations(connection: AsyncConnection, stream_id: UUID, asked: Window) -> int:
    """Count the single values of a stream that may be shown."""
    counted = select(func.count()).select_from(t.reading).where(*_within(stream_id, asked))
    return int((await connection.execute(counted)).scalar_one())


def _within(stream_id: UUID, asked: Window) -> list[ColumnElement[bool]]:
    column = t.reading.c.observed_at
    conditions = [t.reading.c.stream_id == stream_id, t.reading.c.quality.in_(SHOWN)]
    if asked.start is not None:
        conditions.append(column >= asked.start)
    if asked.end is not None:
        conditions.append(column < asked.end)
    return conditions


async def devices_of(connection: AsyncConnection, points: Iterable[Point]) -> list[Device]:
    """List every device that the public sheets of points name: public or not, for the level of a point is theirs."""
    codes = {code for point in points if point.public is not None for code in point.public.devices}
    found = await connection.execute(select(t.device).where(t.device.c.code.in_(sorted(codes))))
    return [to_struct(row, Device) for row in found]


async def _zones(connection: AsyncConnection) -> dict[UUID, str]:
    found = await connection.execute(select(places.authority.c.id, places.authority.c.zone))
    return {row.id: row.zone for row in found}
