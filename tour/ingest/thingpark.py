"""Actility ThingPark, JSON: `POST <address>?LrnDevEui=..&LrnFPort=..` with one `DevEUI_uplink`.

The payload is hexadecimal; where a driver is set up for the device, `payload` holds the decoded object.
`CustomerData` (a name, a position, tags) and the customer's number are never read.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from tour.ingest.documents import device_key, read
from tour.ingest.gathering import Gathering
from tour.ingest.objects import read_object
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant
from tour.measures import EventKind, Frame, Malformed, Parsed, digest


class Uplink(Struct):
    key: str = field(default="", name="DevEUI")
    time: str = field(default="", name="Time")
    address: str = field(default="", name="DevAddr")
    counter: Annotated[int, Meta(ge=0, lt=2**32)] = field(default=0, name="FCntUp")
    data: str = field(default="", name="payload_hex")
    payload: dict[str, Any] | None = None


class Other(Struct):
    key: str = field(default="", name="DevEUI")


class Envelope(Struct):
    uplink: Uplink | None = field(default=None, name="DevEUI_uplink")
    location: Other | None = field(default=None, name="DevEUI_location")
    notification: Other | None = field(default=None, name="DevEUI_notification")
    downlink_sent: Other | None = field(default=None, name="DevEUI_downlink_Sent")


def parse(message: Message, source: Source) -> Parsed:
    """Read one report of the network.

    Raises:
        Malformed: what came is no report of ThingPark.
    """
    said = read(message.body, Envelope)
    into = Gathering(message, source)
    if said.uplink is not None:
        return into.parsed(_read_uplink(into, said.uplink))
    for kind in ("location", "notification", "downlink_sent"):
        other: Other | None = getattr(said, kind)
        if other is not None:
            into.happened(EventKind.NETWORK, device_key(other.key), detail=kind)
            return into.parsed()
    raise Malformed("a report of no known kind")


def _read_uplink(into: Gathering, said: Uplink) -> Frame:
    key = device_key(said.key)
    at = instant(said.time, into.source) if said.time else into.now(key, suspect=True)
    if not said.data:
        into.happened(EventKind.EMPTY_PAYLOAD, key)
    elif said.payload is None:
        into.happened(EventKind.DECODER_MISSING, key)
    else:
        read_object(into, key, said.payload, at, counter=said.counter)
    return Frame(key, said.address, said.counter, at, digest(said.data.lower()))
