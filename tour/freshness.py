"""How old what a stream says is: a state that is computed whenever somebody looks, and never typed.

P is the stream's declared period. Of a stream about floods the age counts sooner: its feed fails when it is needed.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from domain.devices import Stream
from domain.readings import Last, Quality, Reading

GRACE = timedelta(minutes=2)
"""The way of a message, and clocks that differ."""

OLD_AT_LEAST = timedelta(hours=24)


class State(StrEnum):
    """What people are told of the age of a value."""

    DIRECT = "direct"
    RECENT = "recent"
    OLD = "old"
    """The value is shown with its day and hour, and without the colour of a band."""
    SILENT = "silent"
    """The value is hidden: the device has stopped, or says itself that it has none."""
    DELAYED = "delayed"
    """The source is known to be late, and no later than that."""

    @property
    def shows_band(self) -> bool:
        """Whether the value may still be called good or bad."""
        return self in {State.DIRECT, State.RECENT, State.DELAYED}


class Freshness(Struct, frozen=True):
    """The state, and the age of the newest value that may be shown; None where there never was one."""

    state: State
    age: timedelta | None


def freshness(stream: Stream, last: Last, now: datetime, *, flood: bool = False) -> Freshness:
    """Say how fresh a stream is."""
    if last.shown is None:
        return Freshness(State.SILENT, None)
    age = max(now - last.shown.ends_at, timedelta())
    return Freshness(State.SILENT if probe_missing(last) else _state(stream, age, flood=flood), age)


def probe_missing(last: Last) -> bool:
    """Tell whether the newest word of the device is that its probe gives nothing."""
    if last.hidden is None or last.hidden.quality is not Quality.MISSING:
        return False
    return last.shown is None or last.hidden.observed_at > last.shown.observed_at


def _state(stream: Stream, age: timedelta, *, flood: bool) -> State:
    period, delay = timedelta(seconds=stream.period_seconds), timedelta(seconds=stream.delay_seconds)
    beyond = age - delay
    if delay and beyond <= 3 * period:
        return State.DELAYED
    if not delay and flood and age > 2 * period + GRACE:
        return State.OLD if age <= max(10 * period, OLD_AT_LEAST) else State.SILENT
    if not delay and age <= 1.5 * period + GRACE:
        return State.DIRECT
    if not delay and age <= 3 * period:
        return State.RECENT
    return State.OLD if beyond <= max(10 * period, OLD_AT_LEAST) else State.SILENT


def is_late(stream: Stream, reading: Reading) -> bool:
    """Tell whether a reading came so late that no alert may rest on it: two periods beyond what its source needs."""
    bound = timedelta(seconds=stream.delay_seconds + 2 * stream.period_seconds)
    return reading.received_at - (reading.until or reading.observed_at) > bound
