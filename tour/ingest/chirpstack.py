"""ChirpStack v4, JSON: `POST <address>?event=up`, or `application/<app>/device/<devEui>/event/up` over MQTT.

https://www.chirpstack.io/docs/chirpstack/integrations/events.html. Values equal to zero may be left out (fCnt 0 is
the first frame, not an unknown one). Of the envelope only what is named here is read: no gateway, no position, no
name that somebody typed.
"""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from msgspec import Meta, Struct

from tour.ingest.documents import device_key, read
from tour.ingest.gathering import Gathering
from tour.ingest.objects import read_object
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant
from tour.measures import EventKind, Frame, Parsed, digest

Counter = Annotated[int, Meta(ge=0, lt=2**32)]

ABOUT_THE_NETWORK = frozenset({"ack", "txack", "location", "integration"})


class DeviceInfo(Struct, rename="camel"):
    dev_eui: str = ""


class Envelope(Struct, rename="camel"):
    """The members of all events that we read."""

    device_info: DeviceInfo
    time: str | None = None
    dev_addr: str | None = None
    f_cnt: Counter | None = None
    data: str | None = None
    object: dict[str, Any] | None = None
    level: str | None = None
    code: str | None = None
    margin: int | None = None
    battery_level: float | None = None
    battery_level_unavailable: bool = False
    external_power_source: bool = False


def parse(message: Message, source: Source) -> Parsed:
    """Read one event.

    Raises:
        Malformed: what came is no event of ChirpStack.
    """
    said = read(message.body, Envelope)
    into = Gathering(message, source)
    key = device_key(said.device_info.dev_eui)
    at = instant(said.time, source) if said.time else into.now(key, suspect=True)
    event = _event(message.address, said)
    if event == "up":
        return into.parsed(_read_uplink(into, key, said, at))
    if event == "join":
        into.happened(EventKind.JOIN, key)
    elif event == "status":
        known = said.battery_level is not None and not said.battery_level_unavailable
        mains = said.external_power_source
        into.happened(EventKind.STATUS, key, battery_percent=said.battery_level if known and not mains else None)
    elif event == "log":
        into.happened(EventKind.LOG, key, detail=said.code or "")
    elif event in ABOUT_THE_NETWORK:
        into.happened(EventKind.NETWORK, key, detail=event)
    return into.parsed()


def _read_uplink(into: Gathering, key: str, said: Envelope, at: datetime) -> Frame:
    """A decoder that is fed an empty payload invents values (-32 °C, 0 %): without bytes there is no reading."""
    counter = said.f_cnt or 0
    if not said.data:
        into.happened(EventKind.EMPTY_PAYLOAD, key)
    elif said.object is None:
        into.happened(EventKind.DECODER_MISSING, key)
    else:
        read_object(into, key, said.object, at, counter=counter)
    return Frame(key, said.dev_addr or "", counter, at, digest(said.data or ""))


def _event(address: str, said: Envelope) -> str:
    """The kind of event: the address says it. Where it does not, what the event alone carries does."""
    parts = urlsplit(address)
    if named := parse_qs(parts.query).get("event"):
        return named[0]
    _, found, last = parts.path.rpartition("/event/")
    if found:
        return last
    if said.data is not None or said.object is not None:
        return "up"
    if said.level and said.code:
        return "log"
    return "join" if said.dev_addr and said.margin is None else "status"
