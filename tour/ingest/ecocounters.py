"""Eco-counters as the portal of Montpellier Méditerranée Métropole publishes them: two feeds, both a day late, both
local time.

The hourly feed is NGSI-LD whose times end in Z and are Paris time all the same (the sum of its day is the official
total of the day). The daily one is JSON objects glued together. Source: 3615nulsi/velos_montpellier, from captured
answers.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec import structs

from tour.ingest import ngsi_ld
from tour.ingest.documents import device_key
from tour.ingest.gathering import Gathering
from tour.ingest.sources import Message, Source
from tour.ingest.times import believable, interval
from tour.measures import DeviceMissing, EventKind, Malformed, Parsed, TimeUnreadable

ZONE = "Europe/Paris"
HOUR = timedelta(hours=1)
COUNT = frozenset({"intensity"})
DAILY_ID = re.compile(r"MMM_EcoCompt_(\w{1,40})_\d{12}", re.ASCII)
BLANK = re.compile(r"\s*")


def parse_hourly(message: Message, source: Source) -> Parsed:
    """Read the hourly feed: each count is that of the hour that begins at its time.

    The hour that summer time leaves out is an event, not a count. An hour that is not over is none yet.

    Raises:
        Malformed: what came is not this feed.
    """
    local = structs.replace(source, fields=COUNT, zone=ZONE, false_utc=True)
    parsed = ngsi_ld.parse(message, local)
    counts = [structs.replace(measure, until=measure.observed_at + HOUR) for measure in parsed.measures]
    over = tuple(count for count in counts if count.until and believable(count.until, message.received_at))
    return structs.replace(parsed, measures=over)


def parse_daily(message: Message, source: Source) -> Parsed:
    """Read the daily file: counts of whole days, in a channel of their own.

    Two records of one id have been seen, the second a stray that stands in several files: the first counts. The file is
    rewritten each evening: read empty, nothing is new; read cut, it is refused whole and read again.

    Raises:
        Malformed: what came is not this file, or a part of it.
    """
    local = structs.replace(source, zone=ZONE, false_utc=True)
    into = Gathering(message, local, allowed=COUNT)
    seen = set()
    for record in _glued(message.body):
        identity = record.get("id")
        found = DAILY_ID.fullmatch(identity) if isinstance(identity, str) else None
        if found is None:
            raise DeviceMissing("a record of no counter")
        if found[0] in seen:
            continue
        seen.add(found[0])
        key = device_key(f"urn:ngsi-ld:EcoCounter:{found[1]}")
        try:
            begin, end = interval(record.get("dateObserved"), local)
        except TimeUnreadable:
            into.happened(EventKind.FALSE_TIME, key)
            continue
        into.add(key, "intensity", record.get("intensity"), begin, until=end, channel="day")
    return into.parsed()


def _glued(body: bytes) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(parse_constant=_refuse)
    try:
        text = body.decode()
        position = _skip_blank(text, 0)
        while position < len(text):
            record, position = decoder.raw_decode(text, position)
            if not isinstance(record, dict):
                raise Malformed("expected objects")
            yield record
            position = _skip_blank(text, position)
    except (ValueError, RecursionError) as problem:
        raise Malformed(str(problem)[:200]) from problem


def _skip_blank(text: str, position: int) -> int:
    match = BLANK.match(text, position)
    return match.end() if match else position


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
