"""Flood levels as people confirm them, and the journal of what was behind each change.

A turn that readings have brought about (`domain.floods`) is written down with what is behind it, and waits. Nothing
becomes public before somebody has confirmed it; whoever sees the water before the readings tell may say so.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.devices import Device, Stream
from domain.errors.floods import AlreadyDecided
from domain.flood_thresholds import Station, Thresholds, ThresholdsStatus
from domain.floods import Agreement, Cause, Level, Sighting, Turn
from domain.ports import Unit
from domain.readings import Last, Reading
from domain.rule_notices import tell_level
from domain.text import Text
from domain.webhooks import Kind, announce


class ChangeStatus(StrEnum):
    """What became of a change."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    OVERTAKEN = "overtaken"
    """Another change came before anybody decided."""
    NOTHING_TO_SAY = "nothing-to-say"
    """The public level was this one already."""


class Change(Struct, frozen=True):
    """One line of the journal. Kept with everything behind it, whatever became of it."""

    id: UUID
    authority_id: UUID
    stream_id: UUID
    thresholds_id: UUID | None
    noticed_at: datetime
    before: Level
    after: Level
    cause: Cause
    behind: tuple[Sighting, ...]
    agreements: tuple[Agreement, ...]
    status: ChangeStatus
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    words: str = ""
    """Why it was declined, or what somebody has seen."""


class Watched(Struct, frozen=True):
    """A station with everything a watch needs."""

    device: Device
    stream: Stream
    station: Station
    thresholds: Thresholds


class Floods(Protocol):
    """Thresholds, stations and the journal (`store.floods`)."""

    async def add_thresholds(self, new: Thresholds) -> None: ...
    async def save_thresholds(self, changed: Thresholds, *, was: ThresholdsStatus) -> None:
        """Write what became of thresholds.

        Raises:
            AlreadyDecided: they are not what they were any more.
        """
        ...

    async def thresholds(self, authority_id: UUID, thresholds_id: UUID) -> Thresholds: ...
    async def thresholds_of(self, stream_id: UUID, status: ThresholdsStatus) -> Thresholds | None: ...
    async def all_thresholds(self, authority_id: UUID, statuses: Sequence[ThresholdsStatus]) -> list[Thresholds]: ...
    async def gauge(self, authority_id: UUID, code: str) -> tuple[Device, Stream]:
        """Find the gauge of a device by its code.

        Raises:
            FloodStationNotFound: no device of this authority has this code and measures the water's level.
        """
        ...

    async def measure(self, authority_id: UUID, code: str, quantity: str) -> tuple[Device, Stream]: ...
    async def newest(self, ids: Sequence[UUID]) -> dict[UUID, Last]: ...

    async def device_of(self, stream_id: UUID) -> Device: ...
    async def hold(self, authority_id: UUID, stream_id: UUID) -> Station | None:
        """Find a station, and keep others from changing it to the end of the unit."""
        ...

    async def stations(self, stream_ids: Sequence[UUID]) -> list[Station]:
        """List where those of these gauges stand whose thresholds two people have set, in service or not."""
        ...

    async def save_station(self, station: Station) -> None: ...
    async def watched(self, authority_id: UUID) -> list[Watched]:
        """List the stations in service whose thresholds are in force, by the code of their device."""
        ...

    async def streams(self, ids: Sequence[UUID]) -> dict[UUID, Stream]: ...
    async def readings(self, stream_id: UUID, since: datetime) -> list[Reading]:
        """List the readings of a stream from an instant on, bad ones too."""
        ...

    async def add_change(self, new: Change) -> None: ...
    async def save_change(self, changed: Change, *, was: ChangeStatus) -> None:
        """Write what became of a change.

        Raises:
            AlreadyDecided: it is not what it was any more.
        """
        ...

    async def change(self, authority_id: UUID, change_id: UUID) -> Change: ...
    async def waiting(self, stream_id: UUID) -> list[Change]: ...
    async def journal(
        self, authority_id: UUID, stream_id: UUID | None, most: int, *, before: tuple[datetime, UUID] | None = None
    ) -> list[tuple[str, Change]]: ...


async def record_turn(unit: Unit, watched: Watched, turn: Turn, now: datetime) -> Change:
    """Write a turn into the journal. It waits for somebody, unless the public level is this one already."""
    station = watched.station
    await _overtake(unit, station.stream_id, now)
    change = Change(
        id=unit.ids.row(),
        authority_id=station.authority_id,
        stream_id=station.stream_id,
        thresholds_id=watched.thresholds.id,
        noticed_at=now,
        before=turn.before,
        after=turn.after,
        cause=turn.cause,
        behind=turn.behind,
        agreements=turn.agreements,
        status=ChangeStatus.NOTHING_TO_SAY if turn.after == station.public_level else ChangeStatus.WAITING,
    )
    await unit.floods.add_change(change)
    await unit.floods.save_station(replace(station, level=turn.after, level_since=now))
    if change.status is ChangeStatus.WAITING:
        await _tell(unit, Kind.FLOOD_WAITING, change, station, now)
    return change


async def confirm_change(unit: Unit, change: Change, station: Station, *, agent_id: UUID, now: datetime) -> Change:
    """Make a level public, and tell everybody who wants to be told.

    Raises:
        AlreadyDecided: it was decided, or something newer has taken its place.
    """
    _check_undecided(change)
    confirmed = replace(change, status=ChangeStatus.CONFIRMED, decided_by=agent_id, decided_at=now)
    await unit.floods.save_change(confirmed, was=change.status)
    await _publish(unit, confirmed, station, now)
    return confirmed


async def decline_change(unit: Unit, change: Change, *, agent_id: UUID, words: str, now: datetime) -> Change:
    """Leave the public level as it is, and say why. The level of the readings stays what they made it.

    Raises:
        AlreadyDecided: it was decided, or something newer has taken its place.
    """
    _check_undecided(change)
    declined = replace(change, status=ChangeStatus.DECLINED, decided_by=agent_id, decided_at=now, words=words)
    await unit.floods.save_change(declined, was=change.status)
    return declined


async def declare(unit: Unit, station: Station, level: Level, *, agent_id: UUID, words: str, now: datetime) -> Change:
    """Make a level public because somebody has seen it: gauges fall silent in the very flood.

    Raises:
        AlreadyDecided: it is the public level already.
    """
    if level == station.public_level:
        raise AlreadyDecided("This is the public level already.")
    await _overtake(unit, station.stream_id, now)
    change = Change(
        id=unit.ids.row(),
        authority_id=station.authority_id,
        stream_id=station.stream_id,
        thresholds_id=None,
        noticed_at=now,
        before=station.public_level,
        after=level,
        cause=Cause.SEEN,
        behind=(),
        agreements=(),
        status=ChangeStatus.CONFIRMED,
        decided_by=agent_id,
        decided_at=now,
        words=words,
    )
    await unit.floods.add_change(change)
    await _publish(unit, change, station, now)
    return change


def _check_undecided(change: Change) -> None:
    if change.status is not ChangeStatus.WAITING:
        raise AlreadyDecided(f"This change is {change.status}.")


async def _overtake(unit: Unit, stream_id: UUID, now: datetime) -> None:
    for old in await unit.floods.waiting(stream_id):
        overtaken = replace(old, status=ChangeStatus.OVERTAKEN, decided_at=now)
        await unit.floods.save_change(overtaken, was=old.status)


class LevelTold(Struct, frozen=True, rename="camel"):
    """What a webhook is told of a level, beside the public one before it. Metres are not public."""

    change_id: UUID
    station: str
    name: Text
    level: int
    before: int
    since: datetime


async def _publish(unit: Unit, change: Change, station: Station, now: datetime) -> None:
    await unit.floods.save_station(replace(station, public_level=change.after, public_since=now))
    await _tell(unit, Kind.FLOOD_LEVEL, change, station, now)
    device = await unit.floods.device_of(station.stream_id)
    if device.public:
        await tell_level(unit, device, change.after, change_id=change.id, now=now)


async def _tell(unit: Unit, kind: Kind, change: Change, station: Station, now: datetime) -> None:
    device = await unit.floods.device_of(station.stream_id)
    told = LevelTold(change.id, device.code, device.name, int(change.after), int(station.public_level), now)
    await announce(unit, station.authority_id, kind=kind, subject=device.code, data=told, now=now)
