"""Open or shut, until when, and when next: over lunch, over midnight, over closures and changes of the clock."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.opening import Intervals, opening

PARIS = ZoneInfo("Europe/Paris")
LUNCH: Intervals = ((540, 720), (810, 1020))


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=PARIS)


def week(**days: Intervals) -> Callable[[date], Intervals]:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return lambda day: days.get(names[day.weekday()], ())


WORKING = week(mon=LUNCH, tue=LUNCH, wed=LUNCH, thu=LUNCH, fri=LUNCH)
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


@pytest.mark.parametrize(
    ("clock", "is_open", "closes", "opens"),
    [
        ("08:59", False, None, "2026-11-20T09:00"),
        ("09:00", True, "2026-11-20T12:00", None),
        ("11:59", True, "2026-11-20T12:00", None),
        ("12:00", False, None, "2026-11-20T13:30"),
        ("13:30", True, "2026-11-20T17:00", None),
        ("17:00", False, None, "2026-11-23T09:00"),
    ],
)
def test_a_friday_with_a_lunch_break(clock: str, closes: str | None, opens: str | None, *, is_open: bool) -> None:
    found = opening(WORKING, at(FRIDAY, clock))
    assert found.is_open is is_open
    assert found.today == LUNCH
    assert found.closes_at == (None if closes is None else datetime.fromisoformat(closes).replace(tzinfo=PARIS))
    assert found.opens_at == (None if opens is None else datetime.fromisoformat(opens).replace(tzinfo=PARIS))


def test_who_is_open_over_midnight_closes_in_the_morning() -> None:
    night = week(fri=((1200, 1440),), sat=((0, 180), (1200, 1440)))
    assert opening(night, at(FRIDAY, "23:00")).closes_at == at(SATURDAY, "03:00")
    assert opening(night, at(SATURDAY, "23:00")).closes_at == at(date(2026, 11, 22), "00:00")


def test_day_and_night_never_closes() -> None:
    found = opening(lambda _: ((0, 1440),), at(FRIDAY, "23:59"))
    assert (found.is_open, found.closes_at, found.opens_at) == (True, None, None)


def test_the_next_opening_may_be_months_away_or_nowhere() -> None:
    def spring(day: date) -> Intervals:
        return LUNCH if day >= date(2027, 5, 1) else ()

    assert opening(spring, at(FRIDAY, "10:00")).opens_at == at(date(2027, 5, 1), "09:00")
    assert opening(lambda _: (), at(FRIDAY, "10:00")).opens_at is None


def test_nine_is_nine_on_the_day_the_clocks_change() -> None:
    """29 March 2026: the night loses an hour."""
    sunday = date(2026, 3, 29)
    found = opening(week(sun=LUNCH), at(sunday, "01:00"))
    assert found.opens_at is not None
    assert found.opens_at.isoformat() == "2026-03-29T09:00:00+02:00"
