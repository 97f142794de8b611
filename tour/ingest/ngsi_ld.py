"""NGSI-LD (ETSI GS CIM 009): notifications of a subscription, and answers to polls.

Entities come normalized (`{"type": "Property", "value": 69, "unitCode": "GQ"}`), as key-values (`69`) or with a history
(`{"values": [[69, "2026-09-22T00:00:00Z"], ...]}`). Positions are never read: they are the register's, and those of
messages have been seen with their axes swapped. Relations to people are no measures whatever they are called.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tour.ingest.documents import device_key, read, records, short
from tour.ingest.gathering import Gathering
from tour.ingest.sources import Message, Source
from tour.ingest.times import between, instant, interval
from tour.measures import EventKind, Judgement, Malformed, Parsed, TimeUnreadable

STRUCTURE = frozenset(
    {
        *("id", "type", "@context", "location", "observationSpace", "operationSpace", "outlier"),
        *(
            "dateObserved",
            "dateObservedFrom",
            "dateObservedTo",
            "dateCreated",
            "dateModified",
            "createdAt",
            "modifiedAt",
        ),
    }
)
"""What every entity has; none of it is a measure."""

CONTENTS = {"Notification": "data", "FeatureCollection": "features"}

NO_VALUES = frozenset({"Relationship", "GeoProperty"})

TIME_IN_ID = re.compile(r"[-:]\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z?$", re.ASCII)
"""Some publish a new entity for each observation: its id is the device's, and a time."""

Window = tuple[datetime, datetime | None]


def parse(message: Message, source: Source) -> Parsed:
    """Read a notification, an entity, a list of them or a GeoJSON collection.

    Raises:
        Malformed: what came is none of them.
        TimeWithoutZone: an entity gives a local time and the source declares no zone.
    """
    into = Gathering(message, source)
    for entity in _entities(read(message.body, Any)):
        _Entity(into, entity).read()
    return into.parsed()


def _entities(said: object, *, envelopes: int = 2) -> Iterator[dict[str, Any]]:
    """The entities inside a notification, a collection, or a notification of a collection."""
    for record in records(said):
        kind = record.get("type")
        inside = CONTENTS.get(kind) if isinstance(kind, str) else None
        if inside and not envelopes:
            raise Malformed("an envelope within envelopes")
        if inside:
            yield from _entities(record.get(inside), envelopes=envelopes - 1)
        elif record.get("type") == "Feature" and isinstance(record.get("properties"), dict):
            yield {**record["properties"], "id": record.get("id")}
        else:
            yield record


class _Entity:
    """One entity while it is read."""

    def __init__(self, into: Gathering, said: dict[str, Any]) -> None:
        self.into = into
        self.said = said
        identity = said.get("id")
        if "numValue" in said and (device := _plain(said.get("refDevice"))):
            identity = device
        self.key = device_key(TIME_IN_ID.sub("", identity) if isinstance(identity, str) else identity)
        self.judged = Judgement.DOUBTFUL if _plain(said.get("outlier")) is True else Judgement.NONE

    def read(self) -> None:
        """Gather the attributes; one whose time cannot be read is left out, and said so."""
        for name, attribute in self._attributes():
            if name not in self.into.allowed:
                self.into.drop(name)
                continue
            try:
                self._read_attribute(name, attribute)
            except TimeUnreadable:
                self.into.happened(EventKind.FALSE_TIME, self.key)

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        """The attributes that may be measures. A DeviceMeasurement says in another attribute what its number is."""
        quantity = short(_plain(self.said.get("controlledProperty")))
        for name, attribute in self.said.items():
            if name == "numValue" and quantity:
                yield quantity, {"value": _plain(attribute), "unitCode": _plain(self.said.get("unit"))}
            elif name not in STRUCTURE:
                yield name, attribute

    def _read_attribute(self, name: str, attribute: object) -> None:
        if not isinstance(attribute, list | dict):
            self._add(name, attribute, self._window())
            return
        for one in attribute if isinstance(attribute, list) else [attribute]:
            if not isinstance(one, dict) or short(one.get("type")) in NO_VALUES:
                self.into.drop(name)
            elif isinstance(one.get("values"), list):
                self._read_history(name, one, one["values"])
            elif "value" in one:
                observed = one.get("observedAt")
                window = self._window() if observed is None else (instant(observed, self.into.source), None)
                self._add(name, _plain(one), window, attribute=one)
            else:
                self.into.drop(name)

    def _read_history(self, name: str, attribute: dict[str, Any], values: list[Any]) -> None:
        for pair in values:
            if not isinstance(pair, list) or len(pair) < len(("value", "time")):
                raise Malformed("a history of values without times")
            try:
                self._add(name, pair[0], (instant(pair[1], self.into.source), None), attribute=attribute)
            except TimeUnreadable:
                self.into.happened(EventKind.FALSE_TIME, self.key)

    def _add(self, name: str, value: object, window: Window, *, attribute: dict[str, Any] | None = None) -> None:
        begin, end = window
        self.into.add(
            self.key,
            name,
            value,
            begin,
            until=end,
            unit=short((attribute or {}).get("unitCode")) or None,
            channel=short((attribute or {}).get("datasetId")),
            judged=self.judged,
        )

    def _window(self) -> Window:
        """When the entity was observed: its interval, else its moment, else (and agents are told) when it came."""
        begin, end = _plain(self.said.get("dateObservedFrom")), _plain(self.said.get("dateObservedTo"))
        observed = _plain(self.said.get("dateObserved"))
        source = self.into.source
        if begin and end:
            return between(instant(begin, source), instant(end, source))
        if observed or begin:
            return interval(observed or begin, source)
        return self.into.now(self.key, suspect=True), None


def _plain(attribute: object) -> object:
    """The value of an attribute, however it is wrapped; the target of a relation."""
    for _ in range(4):
        if not isinstance(attribute, dict):
            return attribute
        wrapped = next((member for member in ("@value", "value", "object") if member in attribute), None)
        if wrapped is None:
            return None
        attribute = attribute[wrapped]
    return None
