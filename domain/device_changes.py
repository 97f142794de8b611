"""What agents have changed of a device: which cells of the register's file, from what to what."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

LONGEST_REASON: Final = 120


class Difference(Struct, frozen=True):
    """A cell that is not as it was, under its column's name. `stream` is empty where it is one of the device itself."""

    stream: str
    column: str
    before: str
    after: str


class DeviceChange(Struct, frozen=True):
    """What one act has changed of a device; nothing where it was registered. `by` is None for commands."""

    authority_id: UUID
    device_id: UUID
    at: datetime
    by: UUID | None
    differences: tuple[Difference, ...] = ()
    why: str = ""


class ToldChange(Struct, frozen=True):
    """A change as agents read it: its place in the register's history, and who made it."""

    number: int
    change: DeviceChange
    name: str | None


def differences(stream: str, before: dict[str, str], after: dict[str, str]) -> tuple[Difference, ...]:
    """Compare the cells of a device, or of one of its streams; of a new stream, `before` is empty."""
    return tuple(
        Difference(stream, column, before.get(column, ""), said)
        for column, said in after.items()
        if before.get(column, "") != said
    )
