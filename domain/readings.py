"""What the devices of the city measured, and what becomes of it over time.

A value that is bad stays stored, is never shown and never averaged. The newest value of a stream only moves forward:
what comes late finds its own place in the past.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

from msgspec import Struct

RAW_KEPT = timedelta(days=90)
"""How long single readings are kept; what is older than this when it arrives is not stored."""

MOST_POINTS = 500
"""The most points of one history: more than a chart has pixels to show."""

DEAD_LETTERS_KEPT = timedelta(days=7)


class Quality(IntEnum):
    """How far a value is believed: WMO BUFR code table 0 33 050."""

    UNQUALIFIED = 0
    CORRECT = 1
    PROBABLY_GOOD = 2
    PROBABLY_BAD = 3
    BAD = 4
    CHANGED = 5
    INTERPOLATED = 8
    MISSING = 15
    """The probe said itself that it has no value."""

    @property
    def shown(self) -> bool:
        """Whether people may see the value, and means may count it."""
        return self not in HIDDEN


HIDDEN = frozenset({Quality.PROBABLY_BAD, Quality.BAD, Quality.MISSING})


class Reading(Struct, frozen=True):
    """One value of one stream, in the stream's unit. `until` ends an interval that begins at `observed_at`.

    `source_id` (32 bytes) names the message that brought it.
    """

    stream_id: UUID
    observed_at: datetime
    until: datetime | None
    received_at: datetime
    value: float
    quality: Quality
    source_id: bytes

    @property
    def too_old(self) -> bool:
        """Whether it arrives after single readings of its time are gone."""
        return self.received_at - self.observed_at > RAW_KEPT


class Newest(Struct, frozen=True):
    """The newest value of a stream of its sort (shown or hidden), and since when this very value has come."""

    stream_id: UUID
    observed_at: datetime
    until: datetime | None
    received_at: datetime
    value: float
    quality: Quality
    same_since: datetime

    @property
    def ends_at(self) -> datetime:
        """The last instant that the value speaks of."""
        return self.until or self.observed_at


class Last(Struct, frozen=True):
    """What is newest of a stream: among what may be shown, and among what may not."""

    shown: Newest | None = None
    hidden: Newest | None = None


NEVER = Last()
"""Of a stream that has not said anything yet."""


class DeadLetter(Struct, frozen=True):
    """A message that could not be read, as it came. `why` is the code of the error, `detail` its sentence.

    `address` is where it was sent to: the path and query, or the topic.
    """

    id: UUID
    authority_id: UUID
    source: str
    received_at: datetime
    why: str
    detail: str
    payload: bytes
    replayed_at: datetime | None = None
    address: str = ""


def chosen(readings: Iterable[Reading]) -> list[Reading]:
    """Keep one reading for each stream and instant, the most believed one, in the order of streams and time.

    A source may give two values for one instant (Hub'Eau: 360 mm and 904 mm): the one it stands by counts.
    """
    kept: dict[tuple[UUID, datetime], Reading] = {}
    for reading in readings:
        key = reading.stream_id, reading.observed_at
        known = kept.get(key)
        if known is None or _BELIEF[reading.quality] < _BELIEF[known.quality]:
            kept[key] = reading
    return [kept[key] for key in sorted(kept)]


_BELIEF: dict[Quality, int] = {
    quality: place
    for place, quality in enumerate(
        (
            Quality.CORRECT,
            Quality.PROBABLY_GOOD,
            Quality.CHANGED,
            Quality.UNQUALIFIED,
            Quality.INTERPOLATED,
            Quality.PROBABLY_BAD,
            Quality.BAD,
            Quality.MISSING,
        )
    )
}


def advance(last: Last, readings: Iterable[Reading]) -> Last:
    """Move the newest values of one stream forward over readings in the order of time; never back."""
    shown, hidden = last.shown, last.hidden
    for reading in readings:
        if reading.quality.shown:
            shown = _newer(shown, reading)
        else:
            hidden = _newer(hidden, reading)
    return Last(shown, hidden)


def _newer(known: Newest | None, reading: Reading) -> Newest:
    if known is not None and reading.observed_at <= known.observed_at:
        return known
    same = known is not None and known.value == reading.value
    return Newest(
        reading.stream_id,
        reading.observed_at,
        reading.until,
        reading.received_at,
        reading.value,
        reading.quality,
        known.same_since if known is not None and same else reading.observed_at,
    )
