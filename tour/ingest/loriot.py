"""LORIOT, JSON: one message a frame, by HTTP push, WebSocket or MQTT.

`ts` is in milliseconds, `data` hexadecimal; where a decoder is set up, `decoded` holds its object. The same
frame comes as `rx` and again, with its gateways, as `gw`: one frame, one id.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from tour.ingest.documents import device_key, read
from tour.ingest.gathering import Gathering
from tour.ingest.objects import read_object
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant
from tour.measures import EventKind, Frame, Parsed, digest

UPLINKS = frozenset({"rx", "gw"})


class Envelope(Struct):
    cmd: str
    key: str = field(default="", name="EUI")
    ts: int | None = None
    fcnt: Annotated[int, Meta(ge=0, lt=2**32)] = 0
    data: str | None = None
    decoded: dict[str, Any] | None = None


def parse(message: Message, source: Source) -> Parsed:
    """Read one message.

    Raises:
        Malformed: what came is no message of LORIOT.
    """
    said = read(message.body, Envelope)
    into = Gathering(message, source)
    key = device_key(said.key)
    if said.cmd not in UPLINKS:
        into.happened(EventKind.NETWORK, key, detail=said.cmd)
        return into.parsed()
    at = instant(said.ts, source) if said.ts is not None else into.now(key, suspect=True)
    if not said.data:
        into.happened(EventKind.EMPTY_PAYLOAD, key)
    elif said.decoded is None:
        into.happened(EventKind.DECODER_MISSING, key)
    else:
        read_object(into, key, said.decoded, at, counter=said.fcnt)
    return into.parsed(Frame(key, "", said.fcnt, at, digest((said.data or "").lower())))
