"""Queries on flood levels: thresholds, stations and the journal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Device, Stream
from domain.errors.floods import AlreadyDecided, FloodChangeNotFound, FloodStationNotFound, ThresholdsNotFound
from domain.flood_levels import Change, ChangeStatus, Watched
from domain.flood_thresholds import WATER_LEVEL, Station, Thresholds, ThresholdsStatus
from domain.floods import Agreement, Sighting
from domain.readings import Last, Reading
from store.devices import streams_by_id
from store.readings import newest
from store.rows import insert as insert_one
from store.rows import only, to_row, to_struct
from store.tables import floods as f
from store.tables import tour as t

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}

MOST_READINGS = 2_000
"""Of one station in one look: more than a reading every two seconds for an hour."""


class SqlFloods:
    """`domain.flood_levels.Floods` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # --- thresholds ---------------------------------------------------------------------------------

    async def add_thresholds(self, new: Thresholds) -> None:
        """Write a proposal."""
        await insert_one(self._connection, f.flood_thresholds, new)

    async def save_thresholds(self, changed: Thresholds, *, was: ThresholdsStatus) -> None:
        """Write what became of thresholds.

        Raises:
            AlreadyDecided: they are not what they were any more.
        """
        done = await self._connection.execute(
            update(f.flood_thresholds)
            .where(f.flood_thresholds.c.id == changed.id, f.flood_thresholds.c.status == was)
            .values(status=changed.status.value, decided_by=changed.decided_by, decided_at=changed.decided_at)
        )
        if done.rowcount != 1:
            raise AlreadyDecided("Somebody has decided a moment ago.")

    async def thresholds(self, authority_id: UUID, thresholds_id: UUID) -> Thresholds:
        """Find thresholds by their id."""
        found = await self._connection.execute(
            select(f.flood_thresholds).where(
                f.flood_thresholds.c.authority_id == authority_id, f.flood_thresholds.c.id == thresholds_id
            )
        )
        return only(found, Thresholds, ThresholdsNotFound("No such thresholds."))

    async def thresholds_of(self, stream_id: UUID, status: ThresholdsStatus) -> Thresholds | None:
        """Find the newest thresholds of a station in one state."""
        found = await self._connection.execute(
            select(f.flood_thresholds)
            .where(f.flood_thresholds.c.stream_id == stream_id, f.flood_thresholds.c.status == status)
            .order_by(f.flood_thresholds.c.proposed_at.desc())
            .limit(1)
        )
        row = found.one_or_none()
        return to_struct(row, Thresholds) if row is not None else None

    async def all_thresholds(self, authority_id: UUID, statuses: Sequence[ThresholdsStatus]) -> list[Thresholds]:
        """List the thresholds of an authority in some states, the newest first."""
        found = await self._connection.execute(
            select(f.flood_thresholds)
            .where(f.flood_thresholds.c.authority_id == authority_id, f.flood_thresholds.c.status.in_(statuses))
            .order_by(f.flood_thresholds.c.proposed_at.desc(), f.flood_thresholds.c.id)
        )
        return [to_struct(row, Thresholds) for row in found]

    # --- stations -----------------------------------------------------------------------------------

    async def gauge(self, authority_id: UUID, code: str) -> tuple[Device, Stream]:
        """Find the gauge of a device in service by its code."""
        return await self.measure(authority_id, code, WATER_LEVEL)

    async def measure(self, authority_id: UUID, code: str, quantity: str) -> tuple[Device, Stream]:
        """Find what a device in service measures, on its first channel."""
        found = await self._connection.execute(
            select(t.stream.c.id)
            .join(t.device)
            .where(
                t.device.c.authority_id == authority_id,
                t.device.c.code == code,
                t.device.c.retired_on.is_(None),
                t.stream.c.quantity == quantity,
            )
            .order_by(t.stream.c.channel)
            .limit(1)
        )
        stream_id = found.scalar_one_or_none()
        if stream_id is None:
            raise FloodStationNotFound(f"No device {code} in service measures {quantity} there.")
        streams = await streams_by_id(self._connection, [stream_id])
        return await self.device_of(stream_id), streams[stream_id]

    async def device_of(self, stream_id: UUID) -> Device:
        """Find the device of a station."""
        found = await self._connection.execute(select(t.device).join(t.stream).where(t.stream.c.id == stream_id))
        return only(found, Device, FloodStationNotFound("No such station."))

    async def hold(self, authority_id: UUID, stream_id: UUID) -> Station | None:
        """Find a station, and keep others from changing it to the end of the unit."""
        found = await self._connection.execute(
            select(f.flood_station)
            .where(f.flood_station.c.authority_id == authority_id, f.flood_station.c.stream_id == stream_id)
            .with_for_update()
        )
        row = found.one_or_none()
        return to_struct(row, Station) if row is not None else None

    async def stations(self, stream_ids: Sequence[UUID]) -> list[Station]:
        """List where those of these gauges stand whose thresholds two people have set, in service or not."""
        found = await self._connection.execute(
            select(f.flood_station)
            .where(f.flood_station.c.stream_id.in_(stream_ids))
            .order_by(f.flood_station.c.stream_id)
        )
        return [to_struct(row, Station) for row in found]

    async def save_station(self, station: Station) -> None:
        """Write where a station stands over what was known of it."""
        values = to_row(station)
        write = _INSERT[self._connection.dialect.name](f.flood_station).values(values)
        changed = {name: write.excluded[name] for name in values if name not in {"stream_id", "authority_id"}}
        await self._connection.execute(
            write.on_conflict_do_update(index_elements=[f.flood_station.c.stream_id], set_=changed)
        )

    async def watched(self, authority_id: UUID) -> list[Watched]:
        """List the stations in service whose thresholds are in force, by the code of their device."""
        stations = await self._connection.execute(
            select(f.flood_station)
            .join(t.stream, t.stream.c.id == f.flood_station.c.stream_id)
            .join(t.device, t.device.c.id == t.stream.c.device_id)
            .where(f.flood_station.c.authority_id == authority_id, t.device.c.retired_on.is_(None))
            .order_by(t.device.c.code, t.stream.c.channel)
        )
        known = [to_struct(row, Station) for row in stations]
        streams = await streams_by_id(self._connection, [one.stream_id for one in known])
        in_force = {one.stream_id: one for one in await self.all_thresholds(authority_id, [ThresholdsStatus.CONFIRMED])}
        return [
            Watched(await self.device_of(one.stream_id), streams[one.stream_id], one, in_force[one.stream_id])
            for one in known
            if one.stream_id in in_force
        ]

    async def streams(self, ids: Sequence[UUID]) -> dict[UUID, Stream]:
        """Read the streams of witnesses."""
        return await streams_by_id(self._connection, ids)

    async def readings(self, stream_id: UUID, since: datetime) -> list[Reading]:
        """List the newest readings of a stream from an instant on, bad ones too."""
        found = await self._connection.execute(
            select(t.reading)
            .where(t.reading.c.stream_id == stream_id, t.reading.c.observed_at >= since)
            .order_by(t.reading.c.observed_at.desc())
            .limit(MOST_READINGS)
        )
        return [to_struct(row, Reading) for row in found]

    async def newest(self, ids: Sequence[UUID]) -> dict[UUID, Last]:
        """Read the newest values of gauges."""
        return await newest(self._connection, ids)

    # --- the journal --------------------------------------------------------------------------------

    async def add_change(self, new: Change) -> None:
        """Write a line of the journal."""
        await self._connection.execute(insert(f.flood_change).values(to_row(new)))

    async def save_change(self, changed: Change, *, was: ChangeStatus) -> None:
        """Write what became of a change.

        Raises:
            AlreadyDecided: it is not what it was any more.
        """
        done = await self._connection.execute(
            update(f.flood_change)
            .where(f.flood_change.c.id == changed.id, f.flood_change.c.status == was)
            .values(
                status=changed.status.value,
                decided_by=changed.decided_by,
                decided_at=changed.decided_at,
                words=changed.words,
            )
        )
        if done.rowcount != 1:
            raise AlreadyDecided("Somebody has decided a moment ago.")

    async def change(self, authority_id: UUID, change_id: UUID) -> Change:
        """Find a change by its id."""
        found = await self._connection.execute(
            select(f.flood_change).where(
                f.flood_change.c.authority_id == authority_id, f.flood_change.c.id == change_id
            )
        )
        row = found.one_or_none()
        if row is None:
            raise FloodChangeNotFound("No such change.")
        return _change(row)

    async def waiting(self, stream_id: UUID) -> list[Change]:
        """List what nobody has decided yet of a station."""
        found = await self._connection.execute(
            select(f.flood_change).where(
                f.flood_change.c.stream_id == stream_id, f.flood_change.c.status == ChangeStatus.WAITING
            )
        )
        return [_change(row) for row in found]

    async def journal(
        self, authority_id: UUID, stream_id: UUID | None, most: int, *, before: tuple[datetime, UUID] | None = None
    ) -> list[tuple[str, Change]]:
        """List changes with the codes of their devices, the newest first."""
        place = (f.flood_change.c.noticed_at, f.flood_change.c.id)
        wanted = (
            select(f.flood_change, t.device.c.code)
            .join(t.stream, t.stream.c.id == f.flood_change.c.stream_id)
            .join(t.device, t.device.c.id == t.stream.c.device_id)
            .where(f.flood_change.c.authority_id == authority_id)
        )
        if stream_id is not None:
            wanted = wanted.where(f.flood_change.c.stream_id == stream_id)
        if before is not None:
            wanted = wanted.where(tuple_(*place) < before)
        newest = wanted.order_by(f.flood_change.c.noticed_at.desc(), f.flood_change.c.id.desc()).limit(most)
        return [(row.code, _change(row)) for row in await self._connection.execute(newest)]


def _change(row: Row[Any]) -> Change:
    return to_struct(
        row,
        Change,
        # As JSON holds them: bytes are base64 there, unlike in columns.
        behind=msgspec.convert(row.behind, tuple[Sighting, ...]),
        agreements=msgspec.convert(row.agreements, tuple[Agreement, ...]),
    )
