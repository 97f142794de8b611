"""Whether a place is open at an instant, until when, and when it opens next."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from domain.calendars import MIDNIGHT

Intervals = tuple[tuple[int, int], ...]
"""Opening intervals of one day, in minutes from local midnight, in order."""

HoursOf = Callable[[date], Intervals]
"""What a calendar says of a day."""

ALONG = 8
"""Days after which opening hours without a gap are called day and night."""

AHEAD = 366
"""How many days ahead the next opening is looked for."""


class Opening(Struct, frozen=True):
    """Instants are local. `closes_at` is None while shut and where the place is open day and night."""

    is_open: bool
    today: Intervals
    closes_at: datetime | None
    opens_at: datetime | None
    """The next opening while shut; None if there is none within a year."""


def opening(hours_of: HoursOf, at: datetime) -> Opening:
    """Tell what a calendar says of an instant, given in the zone of the place."""
    day, minute = at.date(), at.hour * 60 + at.minute
    today = hours_of(day)
    until = next((closes for opens, closes in today if opens <= minute < closes), None)
    if until is not None:
        return Opening(is_open=True, today=today, closes_at=_closing(hours_of, at, until), opens_at=None)
    return Opening(is_open=False, today=today, closes_at=None, opens_at=_next_opening(hours_of, at, minute))


def _closing(hours_of: HoursOf, at: datetime, until: int) -> datetime | None:
    """Follow hours over midnight: who is open until 24:00 and from 0:00 does not close."""
    day = at.date()
    for _ in range(ALONG):
        if until < MIDNIGHT:
            break
        following = next((closes for opens, closes in hours_of(day + timedelta(days=1)) if opens == 0), None)
        if following is None:
            break
        day, until = day + timedelta(days=1), following
    else:
        return None
    return _instant(day, until, at)


def _next_opening(hours_of: HoursOf, at: datetime, minute: int) -> datetime | None:
    for days in range(AHEAD + 1):
        day = at.date() + timedelta(days=days)
        for opens, _ in hours_of(day):
            if days or opens > minute:
                return _instant(day, opens, at)
    return None


def _instant(day: date, minute: int, like: datetime) -> datetime:
    """The wall clock decides, summer and winter: a place that opens at 9 opens at 9."""
    return datetime.combine(day, time(), like.tzinfo) + timedelta(minutes=minute)
