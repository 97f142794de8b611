"""SenML (RFC 8428), JSON: base fields hold for the records that follow; no time means now.

A record's name is the device's and the measure's in one. Where a pack gives the device as its base name, the rest is
the measure ("urn:dev:ow:10e2073a01080063:" and "voltage"); a name alone is a device, and its only measure is called
"v".
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from tour.ingest.documents import device_key, read, shaped
from tour.ingest.gathering import Gathering
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant
from tour.measures import Malformed, Parsed, TimeUnreadable

VERSION = 10

ABSOLUTE_FROM = 2**28
"""Smaller times count seconds from now (RFC 8428, 4.5.3)."""


class Record(Struct):
    """One record, in the labels of the standard."""

    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bver: int = VERSION
    n: str = ""
    u: str | None = None
    t: float = 0
    v: float | None = None
    vb: bool | None = None
    vs: str | None = None


def parse(message: Message, source: Source) -> Parsed:
    """Read one pack.

    Raises:
        Malformed: what came is no pack, or one of a later version, or with a label that must be understood and is not.
    """
    into = Gathering(message, source)
    base = Record()
    for said in read(message.body, list[dict[str, Any]]):
        if any(label.endswith("_") for label in said):
            raise Malformed("a label that must be understood")
        record = shaped(said, Record)
        if record.bver > VERSION:
            raise Malformed("a later version of SenML")
        base = Record(
            bn=base.bn if record.bn is None else record.bn,
            bt=base.bt if record.bt is None else record.bt,
            bu=base.bu if record.bu is None else record.bu,
            bv=base.bv if record.bv is None else record.bv,
        )
        _read_record(into, base, record)
    return into.parsed()


def _read_record(into: Gathering, base: Record, record: Record) -> None:
    value: object = record.vb if record.vb is not None else record.vs
    if record.v is not None:
        value = record.v + (base.bv or 0)
    if value is None:
        return
    if base.bn and record.n:
        key, name = device_key(base.bn.rstrip(":/-._")), record.n
    else:
        key, name = device_key(f"{base.bn or ''}{record.n}"), "v"
    into.add(key, name, value, _time(into, key, (base.bt or 0) + record.t), unit=record.u or base.bu)


def _time(into: Gathering, key: str, seconds: float) -> datetime:
    if abs(seconds) >= ABSOLUTE_FROM:
        return instant(seconds, into.source)
    try:
        return into.now(key) + timedelta(seconds=seconds)
    except OverflowError as problem:
        raise TimeUnreadable("a time outside all calendars") from problem
