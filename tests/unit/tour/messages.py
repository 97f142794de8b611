"""Messages of sensors as tests change them, and how they are read."""

import json

from tests.uplinks_said import RECEIVED_AT, SAMPLES, SOURCE
from tour.ingest import read_message
from tour.ingest.sources import Message, Source
from tour.measures import EventKind, Parsed

UPLINK = json.loads(SAMPLES["chirpstack-v4-em500-udl-distance"].bodies[0])


def read(format_code: str, said: object, *, source: Source = SOURCE, address: str = "") -> Parsed:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return read_message(format_code, Message(body, RECEIVED_AT, address), source)


def chirpstack(**members: object) -> Parsed:
    return read("chirpstack", {**UPLINK, **members}, address="/hooks?event=up")


def decoded(**values: object) -> dict[str, float | str | None]:
    return {measure.name: measure.text or measure.value for measure in chirpstack(object=values).measures}


def entity(**attributes: object) -> Parsed:
    said = {"id": "urn:ngsi-ld:X:1", "type": "X", "dateObserved": "2026-11-21T07:00:00Z", **attributes}
    return read("ngsi-ld", said)


def kinds(one: Parsed) -> list[EventKind]:
    return [event.kind for event in one.events]
