"""The Things Stack v3, JSON: one webhook path per kind of message, or `v3/<app>@<tenant>/devices/<device>/up` over
MQTT.

https://www.thethingsindustries.com/docs/integrations/data-formats/. Empty and zero members are left out by design.
Three times travel with a frame; the network server's (`uplink_message.received_at`) is the one nearest to the
measure.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

from tour.ingest.documents import device_key, read
from tour.ingest.gathering import Gathering
from tour.ingest.objects import read_object
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant
from tour.measures import EventKind, Frame, Malformed, Parsed, digest


class DeviceIds(Struct):
    device_id: str = ""
    dev_eui: str = ""


class Battery(Struct):
    value: float | None = None


class Uplink(Struct):
    session_key_id: str = ""
    f_cnt: Annotated[int, Meta(ge=0, lt=2**32)] = 0
    frm_payload: str = ""
    decoded_payload: dict[str, Any] | None = None
    received_at: str = ""
    last_battery_percentage: Battery | None = None


class Envelope(Struct):
    """One message: the member that is there says of which kind."""

    end_device_ids: DeviceIds
    received_at: str = ""
    uplink_message: Uplink | None = None
    join_accept: dict[str, Any] | None = None
    downlink_ack: dict[str, Any] | None = None
    downlink_nack: dict[str, Any] | None = None
    downlink_sent: dict[str, Any] | None = None
    downlink_failed: dict[str, Any] | None = None
    downlink_queued: dict[str, Any] | None = None
    downlink_queue_invalidated: dict[str, Any] | None = None
    location_solved: dict[str, Any] | None = None
    service_data: dict[str, Any] | None = None


ABOUT_THE_NETWORK = Envelope.__struct_fields__[Envelope.__struct_fields__.index("downlink_ack") :]


def parse(message: Message, source: Source) -> Parsed:
    """Read one message. The device is its EUI, or its id where the message has no EUI.

    Raises:
        Malformed: what came is no message of The Things Stack.
    """
    said = read(message.body, Envelope)
    into = Gathering(message, source)
    key = device_key(said.end_device_ids.dev_eui or said.end_device_ids.device_id)
    if said.uplink_message is not None:
        return into.parsed(_read_uplink(into, key, said, said.uplink_message))
    if said.join_accept is not None:
        into.happened(EventKind.JOIN, key)
        return into.parsed()
    for member in ABOUT_THE_NETWORK:
        if getattr(said, member) is not None:
            into.happened(EventKind.NETWORK, key, detail=member)
            return into.parsed()
    raise Malformed("a message of no known kind")


def _read_uplink(into: Gathering, key: str, said: Envelope, uplink: Uplink) -> Frame:
    """A decoder that is fed an empty payload invents values (-32 °C, 0 %): without bytes there is no reading."""
    time = uplink.received_at or said.received_at
    at = instant(time, into.source) if time else into.now(key, suspect=True)
    if not uplink.frm_payload:
        into.happened(EventKind.EMPTY_PAYLOAD, key)
    elif uplink.decoded_payload is None:
        into.happened(EventKind.DECODER_MISSING, key)
    else:
        read_object(into, key, uplink.decoded_payload, at, counter=uplink.f_cnt)
    if uplink.last_battery_percentage and uplink.last_battery_percentage.value is not None:
        into.happened(EventKind.STATUS, key, battery_percent=uplink.last_battery_percentage.value)
    return Frame(key, uplink.session_key_id, uplink.f_cnt, at, digest(uplink.frm_payload))
