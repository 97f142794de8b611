"""Plain MQTT: no standard, so the source says how its topics are read. The body is a number, or an object of members.

city/school-42/room-3/co2   936
city/school-42/room-3       {"co2": 936, "t": 23.8, "ts": 1732176000}
"""

from typing import Any

from tour.ingest.documents import device_key, read, records
from tour.ingest.gathering import Gathering
from tour.ingest.objects import TIMES, read_object
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant
from tour.measures import DeviceMissing, EventKind, Malformed, Parsed


def parse(message: Message, source: Source) -> Parsed:
    """Read one message.

    Raises:
        DeviceMissing: the topic fits none that the source declares.
        Malformed: the body begins as JSON and is none, or is no text.
    """
    key, name = _read_topic(message.address, source)
    into = Gathering(message, source)
    body = _text(message.body)
    if not body:
        # An empty retained message takes the one before off the broker: nothing was measured.
        into.happened(EventKind.CLEARED, key)
        into.now(key)
    elif body[0] in "{[":
        for record in records(read(message.body, Any)):
            _read_members(into, key, record)
    else:
        into.add(key, name, body.strip('"'), into.now(key))
    return into.parsed()


def _text(body: bytes) -> str:
    try:
        return body.decode().strip()
    except UnicodeDecodeError as problem:
        raise Malformed("a body that is no text") from problem


def _read_members(into: Gathering, key: str, said: dict[str, Any]) -> None:
    """A `unit` counts for all members of its object."""
    source = into.source
    time = next((field for field in (source.time_field, *TIMES) if field and said.get(field) is not None), None)
    at = into.now(key) if time is None else instant(said[time], source)
    if source.device_field:
        key = device_key(said.get(source.device_field))
    unit = said.get("unit") if isinstance(said.get("unit"), str) else None
    for member, value in said.items():
        if member in {time, "unit", source.device_field}:
            continue
        if unit and not isinstance(value, dict | list):
            into.add(key, member, value, at, unit=unit)
        else:
            read_object(into, key, {member: value}, at)


def _read_topic(topic: str, source: Source) -> tuple[str, str]:
    """The device, and the name of a measure that stands in the topic ("" where none does)."""
    levels = topic.split("/")
    for pattern in source.topics:
        wanted = pattern.split("/")
        if len(wanted) == len(levels) and all(map(_fits, wanted, levels)):
            named = list(zip(wanted, levels, strict=True))
            device = "/".join(level for want, level in named if want == "{device}")
            return device_key(device), ".".join(level for want, level in named if want == "{name}")
    raise DeviceMissing("a topic that the source does not declare")


def _fits(wanted: str, level: str) -> bool:
    """A level of dots leads out of a folder, one with `+` or `#` is no topic: neither names a device."""
    if wanted == "+":
        return True
    if wanted in {"{device}", "{name}"}:
        return bool(level.strip(".")) and not set(level) & set("+#$\0")
    return wanted == level
