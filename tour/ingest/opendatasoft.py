"""Opendatasoft-like portals: rows of a table. Which column is the device and which the time is agreed with the source.

Answers of the Explore API v2.1 (`results`), of v1 (`records` with `fields`), and exported lists of rows are one here.
Rows come in any order, and a row may be keyed by a name that people read: it is taken as it is written.
"""

from collections.abc import Iterator
from typing import Any

from tour.ingest.documents import device_key, read, records
from tour.ingest.gathering import Gathering
from tour.ingest.sources import Message, Source
from tour.ingest.times import interval
from tour.measures import EventKind, Parsed, TimeUnreadable


def parse(message: Message, source: Source) -> Parsed:
    """Read one page.

    Raises:
        Malformed: what came is no table, or its rows lack the column of the device.
    """
    into = Gathering(message, source)
    for row in _rows(read(message.body, Any)):
        key = device_key(row.get(source.device_field))
        try:
            begin, end = interval(row.get(source.time_field), source)
        except TimeUnreadable:
            into.happened(EventKind.FALSE_TIME, key)
            continue
        for name, value in row.items():
            if name not in {source.device_field, source.time_field}:
                into.add(key, name, value, begin, until=end)
    return into.parsed()


def _rows(said: object) -> Iterator[dict[str, Any]]:
    if isinstance(said, dict):
        said = said.get("results", said.get("records"))
    for record in records(said):
        fields = record.get("fields")
        yield fields if isinstance(fields, dict) else record
