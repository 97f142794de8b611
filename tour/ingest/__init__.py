"""From what a source sends to measures: one module a format, each a pure function of the bytes and what was agreed.

No clock and no database: who carries a message (`mqtt`, HTTP, a poll) hands its body over with the time of receipt, and
what `read_message` returns is stored before anybody hears "received".
"""

from collections.abc import Callable

from msgspec import Struct

from domain.errors import Invalid
from tour.ingest import (
    chirpstack,
    city_places,
    ecocounters,
    hubeau,
    loriot,
    ngsi_ld,
    opendatasoft,
    plain_mqtt,
    senml,
    sensorthings,
    thingpark,
    things_stack,
    vigicrues,
    vigilance,
)
from tour.ingest.sources import Message, Source
from tour.measures import MessageTooLarge, Parsed

FRAME_BYTES = 64 * 1024
"""A LoRaWAN frame with all its gateways is a few kilobytes."""

BATCH_BYTES = 1024 * 1024
PAGE_BYTES = 16 * 1024 * 1024
"""The longest page of a poll: 20,000 rows of 800 bytes."""


class UnknownFormat(Invalid):
    """No format of the program has this code."""

    code = "unknown-format"


class Format(Struct, frozen=True):
    """A way of writing messages. `max_bytes` bounds a body before anything is decoded."""

    code: str
    parse: Callable[[Message, Source], Parsed]
    max_bytes: int


FORMATS = (
    Format("chirpstack", chirpstack.parse, FRAME_BYTES),
    Format("the-things-stack", things_stack.parse, FRAME_BYTES),
    Format("thingpark", thingpark.parse, FRAME_BYTES),
    Format("loriot", loriot.parse, FRAME_BYTES),
    Format("ngsi-ld", ngsi_ld.parse, PAGE_BYTES),
    Format("sensorthings", sensorthings.parse, BATCH_BYTES),
    Format("senml", senml.parse, BATCH_BYTES),
    Format("plain-mqtt", plain_mqtt.parse, FRAME_BYTES),
    Format("hubeau", hubeau.parse, PAGE_BYTES),
    Format("vigicrues", vigicrues.parse, PAGE_BYTES),
    Format("vigicrues-vigilance", vigilance.parse, PAGE_BYTES),
    Format("opendatasoft", opendatasoft.parse, PAGE_BYTES),
    Format("ecocounters-hourly", ecocounters.parse_hourly, PAGE_BYTES),
    Format("ecocounters-daily", ecocounters.parse_daily, PAGE_BYTES),
    Format("city-places", city_places.parse, BATCH_BYTES),
)

_BY_CODE = {one.code: one for one in FORMATS}


def format_of(code: str) -> Format:
    """Find a format.

    Raises:
        UnknownFormat: there is none of this code.
    """
    try:
        return _BY_CODE[code]
    except KeyError as problem:
        raise UnknownFormat(f"Formats are {', '.join(_BY_CODE)}.") from problem


def read_message(format_code: str, message: Message, source: Source) -> Parsed:
    """Read one message of a source.

    Raises:
        Malformed: it is refused whole; the code says why.
        UnknownFormat: there is no format of this code.
    """
    chosen = format_of(format_code)
    if len(message.body) > chosen.max_bytes:
        raise MessageTooLarge(f"more than {chosen.max_bytes} bytes")
    return chosen.parse(message, source)
