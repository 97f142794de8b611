"""How each device last was, and what happened to it: what agents read, and no resident ever does."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

ARRIVALS_KEPT = timedelta(days=1)
"""How long a message is known by its id. Repetitions come within minutes; a day later its time and place know it."""

EVENTS_KEPT = timedelta(days=90)


class DeviceState(Struct, frozen=True):
    """How a device last was.

    `epoch`, `session`, `counter` say how far a LoRaWAN device has counted, at its time `counted_at`; None where it has
    sent no frame. `battery_percent` lies between 0 and 100.
    """

    device_id: UUID
    heard_at: datetime
    battery_percent: float | None = None
    battery_at: datetime | None = None
    epoch: int = 0
    session: str = ""
    counter: int = -1
    counted_at: datetime | None = None


class DeviceEvent(Struct, frozen=True):
    """Something that happened to a device, told once: since when, when last, and how often.

    `detail` is a short code of the message, or the stream whose values are doubted.
    """

    device_id: UUID
    kind: str
    detail: str
    since: datetime
    last_at: datetime
    times: int = 1


class ArrivalKey(Struct, frozen=True, order=True):
    """What makes a message one: its source, and its id there (32 bytes)."""

    source: str
    message_id: bytes
