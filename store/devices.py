"""Queries on the register of the connected city: devices and their streams."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.device_changes import DeviceChange, ToldChange
from domain.device_states import DeviceEvent
from domain.devices import Device, Stream
from domain.errors.devices import DeviceNotFound
from store.arrivals import add_events
from store.bulk import one_of
from store.device_changes import changes_of
from store.rows import insert, only, to_row, to_struct
from store.tables import tour as t

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class SqlDevices:
    """`domain.ports.Devices` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, device: Device) -> None:
        """Write a device over what was known of it."""
        await self._save(t.device, device)

    async def save_stream(self, stream: Stream) -> None:
        """Write a stream over what was known of it."""
        await self._save(t.stream, stream)

    async def _save(self, table: Table, struct: msgspec.Struct) -> None:
        values = to_row(struct)
        write = _INSERT[self._connection.dialect.name](table).values(values)
        await self._connection.execute(
            write.on_conflict_do_update(
                index_elements=[table.c.id],
                set_={name: write.excluded[name] for name in values if name not in {"id", "authority_id"}},
            )
        )

    async def add_event(self, authority_id: UUID, event: DeviceEvent) -> None:
        """Write what happened to a device; what happened before is counted on."""
        await add_events(self._connection, authority_id, [event])

    async def find(self, authority_id: UUID, code: str) -> Device | None:
        """Find a device by its code, if there is one."""
        row = (
            await self._connection.execute(
                select(t.device).where(t.device.c.authority_id == authority_id, t.device.c.code == code)
            )
        ).one_or_none()
        return to_struct(row, Device) if row is not None else None

    async def by_code(self, authority_id: UUID, code: str) -> Device:
        """Find a device by its code."""
        device = await self.find(authority_id, code)
        if device is None:
            raise DeviceNotFound(f"No device has the code {code}.")
        return device

    async def hold(self, authority_id: UUID, code: str) -> Device:
        """Find a device by its code and lock it: of two agents who change it, one waits for the other."""
        found = await self._connection.execute(
            select(t.device).where(t.device.c.authority_id == authority_id, t.device.c.code == code).with_for_update()
        )
        return only(found, Device, DeviceNotFound(f"No device has the code {code}."))

    async def add_change(self, new: DeviceChange) -> None:
        """Write what was changed of a device."""
        await insert(self._connection, t.device_change, new)

    async def changes(self, device_id: UUID, *, after: int, most: int) -> list[ToldChange]:
        """List what was changed after a place in its history, the newest first."""
        return await changes_of(self._connection, device_id, after=after, most=most)

    async def by_source(self, authority_id: UUID, source: str, source_key: str) -> Device | None:
        """Find whose messages come under this key, if any."""
        row = (
            await self._connection.execute(
                select(t.device).where(
                    t.device.c.authority_id == authority_id,
                    t.device.c.source == source,
                    t.device.c.source_key == source_key,
                )
            )
        ).one_or_none()
        return to_struct(row, Device) if row is not None else None

    async def streams(self, device_id: UUID) -> list[Stream]:
        """List the streams of a device by quantity and channel."""
        found = await self._connection.execute(
            select(t.stream).where(t.stream.c.device_id == device_id).order_by(t.stream.c.quantity, t.stream.c.channel)
        )
        return [to_struct(row, Stream) for row in found]

    async def all_of(self, authority_id: UUID) -> list[Device]:
        """List the devices of an authority by code."""
        found = await self._connection.execute(
            select(t.device).where(t.device.c.authority_id == authority_id).order_by(t.device.c.code)
        )
        return [to_struct(row, Device) for row in found]


async def speaking(
    connection: AsyncConnection, authority_id: UUID, source: str, keys: Iterable[str]
) -> dict[str, tuple[Device, list[Stream]]]:
    """Read which devices in service speak through a source under these keys: where ingest looks messages up."""
    found = await connection.execute(
        select(t.device).where(
            t.device.c.authority_id == authority_id,
            t.device.c.source == source,
            one_of(connection, t.device.c.source_key, sorted(keys)),
            t.device.c.retired_on.is_(None),
        )
    )
    devices = {row.id: to_struct(row, Device) for row in found}
    streams: dict[UUID, list[Stream]] = {}
    if devices:
        of_devices = select(t.stream).where(one_of(connection, t.stream.c.device_id, devices))
        for row in await connection.execute(of_devices):
            streams.setdefault(row.device_id, []).append(to_struct(row, Stream))
    return {device.source_key: (device, streams.get(device.id, [])) for device in devices.values()}


async def page_of(
    connection: AsyncConnection, authority_id: UUID, *, after: str, most: int, in_service: bool = False
) -> list[tuple[Device, list[Stream]]]:
    """List devices of an authority in the order of their codes, from after one of them, with their streams.

    With `in_service` only those that are not retired.
    """
    asked = select(t.device).where(t.device.c.authority_id == authority_id, t.device.c.code > after)
    if in_service:
        asked = asked.where(t.device.c.retired_on.is_(None))
    found = await connection.execute(asked.order_by(t.device.c.code).limit(most))
    return await with_streams(connection, [to_struct(row, Device) for row in found])


async def with_streams(connection: AsyncConnection, devices: list[Device]) -> list[tuple[Device, list[Stream]]]:
    """Read the streams of devices, by quantity and channel."""
    streams: dict[UUID, list[Stream]] = {device.id: [] for device in devices}
    of_devices = await connection.execute(
        select(t.stream)
        .where(one_of(connection, t.stream.c.device_id, streams))
        .order_by(t.stream.c.quantity, t.stream.c.channel)
    )
    for row in of_devices:
        streams[row.device_id].append(to_struct(row, Stream))
    return [(device, streams[device.id]) for device in devices]


async def codes_of(connection: AsyncConnection, authority_id: UUID) -> dict[UUID, str]:
    """Name the devices of an authority."""
    found = await connection.execute(
        select(t.device.c.id, t.device.c.code).where(t.device.c.authority_id == authority_id)
    )
    return {row.id: row.code for row in found}


async def streams_in_service(connection: AsyncConnection, authority_id: UUID) -> list[tuple[Device, Stream]]:
    """List the streams of all devices of an authority that are not retired, with their devices."""
    found = await connection.execute(
        select(t.device).where(t.device.c.authority_id == authority_id, t.device.c.retired_on.is_(None))
    )
    devices = {row.id: to_struct(row, Device) for row in found}
    streams = await connection.execute(
        select(t.stream)
        .join(t.device, t.device.c.id == t.stream.c.device_id)
        .where(t.device.c.authority_id == authority_id, t.device.c.retired_on.is_(None))
        .order_by(t.device.c.code, t.stream.c.quantity, t.stream.c.channel)
    )
    return [(devices[row.device_id], to_struct(row, Stream)) for row in streams]


async def streams_measuring(
    connection: AsyncConnection, authority_id: UUID, *quantities: str
) -> list[tuple[Device, Stream]]:
    """List the streams of these quantities, of devices of an authority that are not retired, with their devices."""
    measures = t.stream.c.quantity.in_(quantities)
    in_service = (t.device.c.authority_id == authority_id, t.device.c.retired_on.is_(None))
    found = await connection.execute(
        select(t.device).where(*in_service, t.device.c.id.in_(select(t.stream.c.device_id).where(measures)))
    )
    devices = {row.id: to_struct(row, Device) for row in found}
    streams = await connection.execute(
        select(t.stream)
        .join(t.device, t.device.c.id == t.stream.c.device_id)
        .where(*in_service, measures)
        .order_by(t.device.c.code, t.stream.c.channel)
    )
    return [(devices[row.device_id], to_struct(row, Stream)) for row in streams]


async def streams_by_id(connection: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, Stream]:
    """Read streams by their ids."""
    found = await connection.execute(select(t.stream).where(t.stream.c.id.in_(list(ids))))
    return {row.id: to_struct(row, Stream) for row in found}
