"""How well attended a place is: quiet, usual or busy, against the same weekday and hour of the last eight weeks.

Nothing here knows a person: the gates count. A place whose exits are seen is judged by the people inside, one without
by its entries of the last sixty minutes. Both are compared with what was usual *at this minute*, so that a pool that
fills up from nine o'clock is not called quiet at five past, nor a library for an hour that has just begun.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median

from msgspec import Struct

from domain.opening import HoursOf, Intervals

WEEKS = 8
"""How far back the usual reaches: long enough for a median, short enough to follow the seasons."""

ENOUGH = 3
"""Fewer comparable days say nothing."""

FRACTION = 1 / 3
AT_LEAST = 3
"""Well above or below the usual is a third of it, and three people at least.

By chance alone a count of n moves by about the root of n (Poisson): below nine people that is less than three, above it
is less than a third. So what is told apart is more than chance, 2 is never busy against 1, and a place where fewer than
three are usual is never quiet: nobody could tell.
"""


class Level(StrEnum):
    """How the attendance compares with the usual."""

    QUIET = "quiet"
    USUAL = "usual"
    BUSY = "busy"


class Count(Struct, frozen=True):
    """What the gates counted in one local hour: who came in, and the most people inside at once."""

    entries: int
    most: int


NOBODY = Count(0, 0)

Counts = Mapping[tuple[date, int], Count]
"""By local day and hour. An hour without a passage is not in it, nor is a day without one."""


class Usual(Struct, frozen=True):
    """What is usual in one hour of a weekday."""

    hour: int
    value: float


def level(now: float, past: Iterable[float]) -> Level | None:
    """Compare with the median of comparable days; None while there are fewer than `ENOUGH`."""
    values = list(past)
    if len(values) < ENOUGH:
        return None
    usual = median(values)
    margin = max(AT_LEAST, usual * FRACTION)
    if now >= usual + margin:
        return Level.BUSY
    return Level.QUIET if now <= usual - margin else Level.USUAL


def compared_days(day: date) -> list[date]:
    """The same weekday of the last eight weeks, newest first."""
    return [day - timedelta(weeks=weeks) for weeks in range(1, WEEKS + 1)]


def level_of_inside(inside: int, counts: Counts, hours_of: HoursOf, at: datetime) -> Level | None:
    """Judge a place whose exits are seen; `at` is local, the place is open."""
    return level(inside, (_inside_then(counts, day, hours_of(day), at) for day in _comparable(counts, hours_of, at)))


def level_of_entries(counts: Counts, hours_of: HoursOf, at: datetime) -> Level | None:
    """Judge a place whose exits nobody sees; `at` is local, the place is open."""
    day, hour = at.date(), at.hour
    before, during = _entries(counts, day, hour)
    # Of the hour before, the share that lies within the last sixty minutes: the answer does not jump on the hour.
    now = during + before * (1 - _gone(hours_of(day), hour - 1, at.minute))
    return level(now, (_entries_then(counts, day, hours_of(day), at) for day in _comparable(counts, hours_of, at)))


def usual_day(counts: Counts, hours_of: HoursOf, at: datetime, *, exits_seen: bool) -> tuple[Usual, ...]:
    """Return what is usual in each opening hour of this day, as far as it is known."""
    today, seen = hours_of(at.date()), _seen(counts, at)
    found = []
    for hour in range(24):
        if not _open_minutes(today, hour, 60):
            continue
        past = [counts.get((day, hour), NOBODY) for day in _open_then(seen, hours_of, hour)]
        if len(past) >= ENOUGH:
            found.append(Usual(hour, median(count.most if exits_seen else count.entries for count in past)))
    return tuple(found)


def _comparable(counts: Counts, hours_of: HoursOf, at: datetime) -> list[date]:
    """Days that were open in this hour and saw somebody: a holiday or a day before MultiPass says nothing."""
    return _open_then(_seen(counts, at), hours_of, at.hour)


def _seen(counts: Counts, at: datetime) -> list[date]:
    seen = {day for day, _ in counts}
    return [day for day in compared_days(at.date()) if day in seen]


def _open_then(days: list[date], hours_of: HoursOf, hour: int) -> list[date]:
    return [day for day in days if _open_minutes(hours_of(day), hour, 60)]


def _inside_then(counts: Counts, day: date, hours: Intervals, at: datetime) -> float:
    """Estimate how many were inside at this minute of a past day, of which the most of each hour is known.

    On the full hour both neighbours saw that crowd, so it is no larger than either's most; in between, a straight line.
    """
    before, during, after = (counts.get((day, at.hour + step), NOBODY).most for step in (-1, 0, 1))
    start, end = min(before, during), min(during, after)
    return start + (end - start) * _gone(hours, at.hour, at.minute)


def _entries_then(counts: Counts, day: date, hours: Intervals, at: datetime) -> float:
    """Estimate the entries of the sixty minutes before this minute of a past day."""
    before, during = _entries(counts, day, at.hour)
    return before * (1 - _gone(hours, at.hour - 1, at.minute)) + during * _gone(hours, at.hour, at.minute)


def _entries(counts: Counts, day: date, hour: int) -> tuple[int, int]:
    """Entries of the hour before and of this one; a day begins at midnight, as the count of people does."""
    return counts.get((day, hour - 1), NOBODY).entries, counts.get((day, hour), NOBODY).entries


def _gone(hours: Intervals, hour: int, minute: int) -> float:
    """The share of an hour's opening minutes that lies before this minute: all of it if there are none."""
    whole = _open_minutes(hours, hour, 60)
    return _open_minutes(hours, hour, minute) / whole if whole else 1.0


def _open_minutes(hours: Intervals, hour: int, minutes: int) -> int:
    """How many of the first minutes of an hour are opening minutes."""
    start = hour * 60
    return sum(max(0, min(closes, start + minutes) - max(opens, start)) for opens, closes in hours)
