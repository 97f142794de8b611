"""OGC SensorThings 1.1 (18-088): single Observations, lists of them, and the dataArray of CreateObservations.

The device is the Datastream: `POST /v1.1/Observations` names it in the body, `/v1.1/Datastreams(42)/Observations`, by
HTTP or MQTT, in the address. Version 2.0 (23-019) renames links and keeps these members.
"""

import re
from typing import Any

from tour.ingest.documents import device_key, read, records
from tour.ingest.gathering import Gathering
from tour.ingest.sources import Message, Source
from tour.ingest.times import interval
from tour.measures import Malformed, Parsed

RESULT = frozenset({"result"})
"""The standard has one name for a value, so no allow-list of the source is needed."""

DATASTREAM = re.compile(r"Datastreams\('?([^')]{1,200})'?\)")


def parse(message: Message, source: Source) -> Parsed:
    """Read what was posted or polled.

    Raises:
        Malformed: what came holds no Observations.
        TimeWithoutZone: a phenomenonTime without its offset, and the source declares no zone.
    """
    into = Gathering(message, source, allowed=RESULT)
    found = DATASTREAM.search(message.address)
    _read(into, read(message.body, Any), found[1] if found else None)
    return into.parsed()


def _read(into: Gathering, said: object, stream: str | None) -> None:
    if isinstance(said, dict) and isinstance(said.get("value"), list):
        said = said["value"]
    for record in records(said):
        if "dataArray" in record:
            for row in _rows(record):
                _read_observation(into, row, _stream(record, stream))
        else:
            _read_observation(into, record, _stream(record, stream))


def _rows(group: dict[str, Any]) -> list[dict[str, Any]]:
    names, rows = group.get("components"), group["dataArray"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or not isinstance(rows, list):
        raise Malformed("a dataArray without its components")
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        raise Malformed("a row of the dataArray does not fit its components")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _read_observation(into: Gathering, said: dict[str, Any], stream: object) -> None:
    if "result" not in said:
        raise Malformed("an Observation without a result")
    key = device_key(stream)
    if said.get("phenomenonTime") is None:
        begin, end = into.now(key), None
    else:
        begin, end = interval(said["phenomenonTime"], into.source)
    into.add(key, "result", said["result"], begin, until=end)


def _stream(said: dict[str, Any], named: str | None) -> object:
    stream = said.get("Datastream")
    return stream.get("@iot.id") if isinstance(stream, dict) else named
