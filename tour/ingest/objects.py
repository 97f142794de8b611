"""What the decoder of a network server makes of a payload: an object of no standard, in the shapes that decoders use.

{"co2": 936}                                    a value
{"co2": {"value": 455, "unit": "ppm"}}          a value with its unit (Decentlab)
{"co2": {"unit": "ppm", "values": [420, 421]}}  samples, newest first, one sampling period apart (Adeunis)
{"history": [{"timestamp": 1665561758, ...}]}   what was measured before, each at its own time (Milesight)
{"bytes": {"co2": ...}}                         a group: the name becomes "bytes.co2"
"""

from datetime import datetime
from typing import Any

from tour.ingest.documents import short
from tour.ingest.gathering import Gathering
from tour.ingest.times import instant
from tour.measures import EventKind, TimeUnreadable

TIMES = ("timestamp", "time", "ts")
"""Members that date a record of a history."""

MAX_DEPTH = 3


def read_object(
    into: Gathering, key: str, said: dict[str, Any], at: datetime, *, counter: int | None = None, group: str = ""
) -> None:
    """Gather the values of a decoded object that belong to one device and moment."""
    for member, value in said.items():
        name = f"{group}{member}"
        if isinstance(value, dict) and "value" in value:
            into.add(key, name, value["value"], at, unit=_unit(value), counter=counter)
        elif isinstance(value, dict) and isinstance(value.get("values"), list):
            for ago, sample in enumerate(value["values"]):
                into.add(key, name, sample, at, unit=_unit(value), counter=counter, periods_ago=ago)
        elif isinstance(value, dict):
            if name.count(".") < MAX_DEPTH:
                read_object(into, key, value, at, counter=counter, group=f"{name}.")
            else:
                into.drop(name)
        elif isinstance(value, list):
            _read_history(into, key, name, value, counter=counter, group=group)
        else:
            into.add(key, name, value, at, counter=counter)


def _read_history(into: Gathering, key: str, name: str, said: list[Any], *, counter: int | None, group: str) -> None:
    for record in said:
        time = next((field for field in TIMES if field in record), None) if isinstance(record, dict) else None
        if time is None:
            into.drop(name)
            continue
        try:
            at = instant(record[time], into.source)
        except TimeUnreadable:
            into.happened(EventKind.FALSE_TIME, key)
            continue
        values = {member: value for member, value in record.items() if member != time and not isinstance(value, list)}
        read_object(into, key, values, at, counter=counter, group=group)


def _unit(said: dict[str, Any]) -> str | None:
    """The declared unit; some decoders write "None" where there is none."""
    unit = short(said.get("unit"))
    return unit if unit and unit != "None" else None
