"""From claims to the readings to store: each is judged by what was before it, of the same group too."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.devices import Device
from domain.readings import NEVER, Last, Reading, advance
from tour.ingest.meaning import Meant
from tour.quality import Fault, assess, contradicted, reading_of


class Heard(Struct, frozen=True):
    """A claim of one device, and the id (32 bytes) of the message that brought it."""

    device: Device
    meant: Meant
    message_id: bytes


class Doubt(Struct, frozen=True):
    """What was wrong with a value, for the agents. `stream` names it as they know it: "co2", or "tilt x"."""

    device_id: UUID
    fault: Fault
    stream: str
    at: datetime


def judge(heard: Iterable[Heard], before: Mapping[UUID, Last]) -> tuple[list[Reading], list[Doubt]]:
    """Judge claims in the order of their times. `before` is what was newest of each stream."""
    newest = dict(before)
    readings: list[Reading] = []
    doubts: list[Doubt] = []
    for one in sorted(heard, key=lambda one: one.meant.claim.observed_at):
        stream, claim = one.meant.stream, one.meant.claim
        last = newest.get(stream.id, NEVER)
        assessment = assess(
            claim,
            sentinel=lambda _, void=one.meant.void: void,  # type: ignore[misc]  # mypy cannot infer it
            stream=stream,
            installed_on=one.device.installed_on,
            before=last.shown,
        )
        if one.meant.contradicted:
            assessment = contradicted(assessment)
        if assessment.fault is not None:
            name = f"{stream.quantity} {stream.channel}".rstrip()
            doubts.append(Doubt(one.device.id, assessment.fault, name, min(claim.observed_at, claim.received_at)))
        reading = reading_of(claim, assessment, stream, one.message_id)
        if reading is not None:
            readings.append(reading)
            newest[stream.id] = advance(last, [reading])
    return readings, doubts
