"""Bringing a file of devices into the register, every line told what became of it; and keeping one from residents."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict, replace

from domain.device_changes import LONGEST_REASON, DeviceChange, Difference, differences
from domain.device_states import DeviceEvent
from domain.devices import Device, Position, Stream, check_position, register_device
from domain.errors import DomainError
from domain.places import Authority
from domain.ports import Unit
from tour.cells import CellFault
from tour.device_cells import of_device, of_stream
from tour.device_file import Known, Line, read

KEPT_BACK = "kept-back"
SHOWN_AGAIN = "shown-again"
"""What agents do with a device, beside what it tells itself."""


class Result(StrEnum):
    """What became of a line."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "there already"
    REFUSED = "refused"


class Outcome(Struct, frozen=True):
    """One line of the report."""

    number: int
    device_code: str
    quantity: str
    result: Result
    faults: tuple[CellFault, ...] = ()
    changes: tuple[str, ...] = ()
    """Names of what is not as it was."""


class Report(Struct, frozen=True):
    """What became of a file, line by line. Whoever applies it keeps all of it, or nothing."""

    lines: tuple[Outcome, ...]

    @property
    def refused(self) -> int:
        """How many lines are refused."""
        return sum(line.result is Result.REFUSED for line in self.lines)


class Hand(Struct, frozen=True):
    """Who writes into the register, and when; `by` is None for a command."""

    by: UUID | None
    now: datetime


async def bring_in(unit: Unit, authority: Authority, text: str, known: Known, hand: Hand) -> Report:
    """Register what a file says, in the unit's transaction: with one line refused, the caller takes all of it back.

    What is not as it was stands in each device's history.

    Raises:
        BadDeviceFile: it is no table of devices at all.
    """
    lines = read(text, known)
    devices = await unit.devices.all_of(authority.id)
    there = {device.code: device for device in devices}
    positions = [Position(device.latitude, device.longitude) for device in devices if device.retired_on is None]
    said = {line.device.code: line.device for line in lines if not line.faults}
    positions += [Position(device.latitude, device.longitude) for device in said.values()]
    by_device: dict[str, list[Line]] = {}
    for line in lines:
        by_device.setdefault(line.device.code, []).append(line)
    told: list[Outcome] = []
    for code, said_of in by_device.items():
        told += await _device(unit, authority, said_of, there.get(code), positions, hand=hand)
    return Report(tuple(sorted(told, key=lambda outcome: outcome.number)))


async def _device(
    unit: Unit, authority: Authority, lines: list[Line], there: Device | None, positions: list[Position], *, hand: Hand
) -> list[Outcome]:
    faulty = [line for line in lines if line.faults]
    whole = [line for line in lines if not line.faults]
    told = [_refused(line, *line.faults) for line in faulty]
    if not whole:
        return told
    device = Device(
        id=there.id if there is not None else unit.ids.row(), authority_id=authority.id, **asdict(whole[0].device)
    )
    before = {(one.quantity, one.channel): one for one in await unit.devices.streams(device.id)} if there else {}
    streams = [_stream(unit, authority, device, line, before) for line in whole]
    try:
        check_position(device, positions)
        await register_device(unit, device, streams)
    except DomainError as problem:
        return told + [_refused(line, CellFault("", problem.code, problem.detail)) for line in whole]
    after = await unit.devices.by_code(authority.id, device.code)
    await _note(unit, (there, after), [(before.get((one.quantity, one.channel)), one) for one in streams], hand)
    of_all = _changes(there, after)
    for line, stream in zip(whole, streams, strict=True):
        was = before.get((stream.quantity, stream.channel))
        changes = (*of_all, *_changes(was, stream))
        result = Result.NEW if was is None else Result.CHANGED if changes else Result.SAME
        told.append(Outcome(line.number, line.device.code, line.stream.quantity, result, changes=changes))
    return told


async def keep_back(unit: Unit, device: Device, reason: str, hand: Hand) -> Device:
    """Show a device to residents no more, and note for agents why. It is heard and watched as before."""
    return await _shown_or_not(unit, device, KEPT_BACK, reason, hand, public=False)


async def show_again(unit: Unit, device: Device, hand: Hand) -> Device:
    """Show a device to residents again.

    Raises:
        HomeShown: it tells of one home or one person, and was never shown.
    """
    return await _shown_or_not(unit, device, SHOWN_AGAIN, "", hand, public=True)


async def _shown_or_not(unit: Unit, device: Device, kind: str, detail: str, hand: Hand, *, public: bool) -> Device:
    changed = replace(device, public=public)
    await register_device(unit, changed, [])
    await unit.devices.add_event(device.authority_id, DeviceEvent(device.id, kind, detail, hand.now, hand.now))
    await _note(unit, (device, changed), [], hand, why=detail)
    return changed


async def _note(
    unit: Unit,
    device: tuple[Device | None, Device],
    streams: Sequence[tuple[Stream | None, Stream]],
    hand: Hand,
    *,
    why: str = "",
) -> None:
    """Write what is not as it was; of a new device, that it is there."""
    before, after = device
    changed: list[Difference] = []
    if before is not None:
        changed += differences("", of_device(before), of_device(after))
        for was, now in streams:
            name = f"{now.quantity} {now.channel}".strip()
            changed += differences(name, of_stream(was) if was is not None else {}, of_stream(now))
    if before is None or changed:
        change = DeviceChange(after.authority_id, after.id, hand.now, hand.by, tuple(changed), why[:LONGEST_REASON])
        await unit.devices.add_change(change)


def _stream(
    unit: Unit, authority: Authority, device: Device, line: Line, before: dict[tuple[str, str], Stream]
) -> Stream:
    cells = line.stream
    known = before.get((cells.quantity, cells.channel))
    return Stream(
        id=known.id if known is not None else unit.ids.row(),
        authority_id=authority.id,
        device_id=device.id,
        **{**asdict(cells), "time_zone": cells.time_zone or authority.zone},
    )


def _changes(before: Struct | None, after: Struct) -> tuple[str, ...]:
    if before is None:
        return ()
    return tuple(name for name in after.__struct_fields__ if getattr(before, name) != getattr(after, name))


def _refused(line: Line, *faults: CellFault) -> Outcome:
    return Outcome(line.number, line.device.code, line.stream.quantity, Result.REFUSED, faults)
