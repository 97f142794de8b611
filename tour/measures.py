"""What a message of a sensor says, before anybody asks which device it is and whether to believe it.

    Malformed               the message is refused whole            (HTTP 400)
    ├── MessageTooLarge     more bytes, or more measures, than its format may send
    ├── DeviceMissing       nothing says which device measured
    ├── TimeUnreadable      a time that is none
    └── TimeWithoutZone     a local time, and the source declares no zone

A message is refused whole, or understood whole. What is odd about a *value* (a status word, an impossible number, a
doubtful flag) is no error: it is said as the device said it, and judged where the device is known.
"""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from msgspec import Struct

from domain.errors import Invalid


class Malformed(Invalid):
    """The message is not what its format says: no JSON, cut short, or a member missing or of another type."""

    code = "malformed-message"


class MessageTooLarge(Malformed):
    """The message has more bytes, or more measures, than its format may send at once."""

    code = "message-too-large"


class DeviceMissing(Malformed):
    """Nothing in the message says which device measured, or its name cannot be one."""

    code = "device-missing"


class TimeUnreadable(Malformed):
    """A time in the message is not written as the format writes times."""

    code = "time-unreadable"


class TimeWithoutZone(Malformed):
    """A local time without its offset, from a source that declares no time zone: it could be any of 24 hours."""

    code = "time-without-zone"


class Judgement(StrEnum):
    """What the source itself says of a value. It may only lower our own opinion, never raise it."""

    NONE = "none"
    GOOD = "good"
    DOUBTFUL = "doubtful"


class Measure(Struct, frozen=True):
    """One value, as said.

    `name` is the field as the device says it ("co2", "bytes.temperature"). `value` is None where it is no number;
    `text` then holds the word ("No Sensor"), which the device's model may know as a sentinel. `unit` is what the
    message itself declares, in its own spelling. `until` ends an interval that begins at `observed_at`. `counter` is
    the frame counter. `periods_ago` counts sampling periods back from `observed_at`, in frames that carry several
    samples without times.
    """

    source_key: str
    name: str
    observed_at: datetime
    until: datetime | None
    value: float | None
    unit: str | None
    counter: int | None
    channel: str = ""
    text: str = ""
    judged: Judgement = Judgement.NONE
    periods_ago: int = 0


class EventKind(StrEnum):
    """What a message tells beside its values. Agents read them; residents never do."""

    JOIN = "join"
    STATUS = "status"
    LOG = "log"
    NETWORK = "network"
    DECODER_MISSING = "decoder-missing"
    EMPTY_PAYLOAD = "empty-payload"
    FALSE_TIME = "false-time"
    TIME_MISSING = "time-missing"
    CLEARED = "cleared"


class Event(Struct, frozen=True):
    """Something that happened to a device. `detail` is a short code or name of the message, never its free text.

    `battery_percent` is between 0 and 100, None where the device does not say; mains power is None too.
    """

    kind: EventKind
    source_key: str
    observed_at: datetime
    detail: str = ""
    battery_percent: float | None = None


class Frame(Struct, frozen=True):
    """What makes two radio messages one: device, session, counter and the very bytes it sent."""

    source_key: str
    session: str
    counter: int
    observed_at: datetime
    digest: bytes


class Parsed(Struct, frozen=True):
    """A message understood.

    `message_id` (32 bytes) is the same for the same message sent twice. `frame` is there for LoRaWAN: with it,
    `tour.ingest.frames` tells a repetition from a device that counts from zero again. `dropped` names the attributes
    that were left out because nobody allowed them; their values are gone.
    """

    measures: tuple[Measure, ...]
    events: tuple[Event, ...]
    message_id: bytes
    dropped: tuple[str, ...] = ()
    frame: Frame | None = None


def digest(*parts: bytes | str) -> bytes:
    """SHA-256 over parts that cannot run into each other."""
    whole = sha256()
    for part in parts:
        data = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big"))
        whole.update(data)
    return whole.digest()
