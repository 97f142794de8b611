"""Windows of limits, in the site's own calendar."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.limits import ONE, Limit, Measure, Window
from domain.periods import FOREVER
from store.ledger.scan import wall_clock

STARTS, ENDS = date(2026, 3, 10), date(2027, 3, 10)
PARIS = "Europe/Paris"


def window(kind: Window, day: date, **needs: Any) -> tuple[date, date]:  # noqa: ANN401 - what a window needs
    return Limit(0, Measure.VISIT, ONE, kind, **needs).period(day, STARTS, ENDS)


@pytest.mark.parametrize(
    ("kind", "day", "starts_on", "ends_before"),
    [
        (Window.DAY, date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1)),
        (Window.DAY, date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 1)),
        # ISO weeks begin on Monday and do not know about years: 1 January 2027 is a Friday.
        (Window.WEEK, date(2026, 12, 28), date(2026, 12, 28), date(2027, 1, 4)),
        (Window.WEEK, date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 4)),
        (Window.WEEK, date(2027, 1, 3), date(2026, 12, 28), date(2027, 1, 4)),
        (Window.WEEK, date(2027, 1, 4), date(2027, 1, 4), date(2027, 1, 11)),
        (Window.MONTH, date(2026, 2, 28), date(2026, 2, 1), date(2026, 3, 1)),
        (Window.MONTH, date(2028, 2, 29), date(2028, 2, 1), date(2028, 3, 1)),
        (Window.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1)),
        (Window.MONTH, date(2026, 4, 30), date(2026, 4, 1), date(2026, 5, 1)),
        (Window.YEAR, date(2026, 1, 1), date(2026, 1, 1), date(2027, 1, 1)),
        (Window.YEAR, date(2026, 12, 31), date(2026, 1, 1), date(2027, 1, 1)),
        (Window.YEAR, date(2028, 2, 29), date(2028, 1, 1), date(2029, 1, 1)),
        (Window.WHOLE, date(2026, 7, 14), STARTS, ENDS),
    ],
)
def test_a_day_falls_in_the_window_that_people_mean(
    kind: Window, day: date, starts_on: date, ends_before: date
) -> None:
    """Domain study 2.1 (day, week, month, year), 2.2 (carnet)."""
    assert window(kind, day) == (starts_on, ends_before)


@pytest.mark.parametrize(
    ("kind", "needs", "day", "starts_on", "ends_before"),
    [
        # 2.4 school year
        (Window.SCHOOL_YEAR, {}, date(2026, 8, 31), date(2025, 9, 1), date(2026, 9, 1)),
        (Window.SCHOOL_YEAR, {}, date(2026, 9, 1), date(2026, 9, 1), date(2027, 9, 1)),
        (Window.SCHOOL_YEAR, {}, date(2026, 12, 31), date(2026, 9, 1), date(2027, 9, 1)),
        (Window.SCHOOL_YEAR, {}, date(2028, 2, 29), date(2027, 9, 1), date(2028, 9, 1)),
        # 2.4 Rotterdampas: a year from 1 March, so that its last day is the 28th or the 29th of February
        (Window.SHIFTED_YEAR, {"starts": (3, 1)}, date(2027, 2, 28), date(2026, 3, 1), date(2027, 3, 1)),
        (Window.SHIFTED_YEAR, {"starts": (3, 1)}, date(2028, 2, 29), date(2027, 3, 1), date(2028, 3, 1)),
        (Window.SHIFTED_YEAR, {"starts": (3, 1)}, date(2028, 3, 1), date(2028, 3, 1), date(2029, 3, 1)),
        (Window.SHIFTED_YEAR, {"starts": (12, 31)}, date(2026, 12, 30), date(2025, 12, 31), date(2026, 12, 31)),
        (Window.SHIFTED_YEAR, {"starts": (12, 31)}, date(2026, 12, 31), date(2026, 12, 31), date(2027, 12, 31)),
        (Window.SHIFTED_YEAR, {"starts": (1, 1)}, date(2026, 12, 31), date(2026, 1, 1), date(2027, 1, 1)),
        # a year from 29 February begins on 1 March where there is none
        (Window.SHIFTED_YEAR, {"starts": (2, 29)}, date(2027, 2, 28), date(2026, 3, 1), date(2027, 3, 1)),
        (Window.SHIFTED_YEAR, {"starts": (2, 29)}, date(2027, 3, 1), date(2027, 3, 1), date(2028, 2, 29)),
        (Window.SHIFTED_YEAR, {"starts": (2, 29)}, date(2028, 2, 28), date(2027, 3, 1), date(2028, 2, 29)),
        (Window.SHIFTED_YEAR, {"starts": (2, 29)}, date(2028, 2, 29), date(2028, 2, 29), date(2029, 3, 1)),
        # 2.4 season: an outdoor pool, 15 May to 15 September
        (Window.SEASON, {"starts": (5, 15), "ends": (9, 16)}, date(2026, 5, 15), date(2026, 5, 15), date(2026, 9, 16)),
        (Window.SEASON, {"starts": (5, 15), "ends": (9, 16)}, date(2026, 9, 15), date(2026, 5, 15), date(2026, 9, 16)),
        # a skating rink, over New Year
        (Window.SEASON, {"starts": (11, 1), "ends": (3, 1)}, date(2026, 12, 31), date(2026, 11, 1), date(2027, 3, 1)),
        (Window.SEASON, {"starts": (11, 1), "ends": (3, 1)}, date(2027, 1, 1), date(2026, 11, 1), date(2027, 3, 1)),
        (Window.SEASON, {"starts": (11, 1), "ends": (3, 1)}, date(2028, 2, 29), date(2027, 11, 1), date(2028, 3, 1)),
        # before 29 February: the 28th is its last day in every year
        (Window.SEASON, {"starts": (11, 1), "ends": (2, 29)}, date(2027, 2, 28), date(2026, 11, 1), date(2027, 3, 1)),
        (Window.SEASON, {"starts": (11, 1), "ends": (2, 29)}, date(2028, 2, 28), date(2027, 11, 1), date(2028, 2, 29)),
        # 2.4 rolling thirty days: blocks from the first day of the right, 10 March 2026
        (Window.ROLLING_DAYS, {"days": 30}, STARTS, STARTS, date(2026, 4, 9)),
        (Window.ROLLING_DAYS, {"days": 30}, date(2026, 4, 8), STARTS, date(2026, 4, 9)),
        (Window.ROLLING_DAYS, {"days": 30}, date(2026, 4, 9), date(2026, 4, 9), date(2026, 5, 9)),
        (Window.ROLLING_DAYS, {"days": 30}, date(2026, 12, 31), date(2026, 12, 5), date(2027, 1, 4)),
        (Window.ROLLING_DAYS, {"days": 1}, date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 1)),
        # a right that is asked about before it begins
        (Window.ROLLING_DAYS, {"days": 30}, date(2026, 3, 9), date(2026, 2, 8), STARTS),
    ],
)
def test_a_day_falls_in_the_window_that_the_limit_describes(
    kind: Window, needs: dict[str, Any], day: date, starts_on: date, ends_before: date
) -> None:
    """Domain study 2.4 (windows)."""
    assert window(kind, day, **needs) == (starts_on, ends_before)


@pytest.mark.parametrize(
    ("starts", "ends", "day", "next_one"),
    [
        ((5, 15), (9, 16), date(2026, 5, 14), date(2026, 5, 15)),
        ((5, 15), (9, 16), date(2026, 1, 1), date(2026, 5, 15)),
        ((5, 15), (9, 16), date(2026, 9, 16), date(2027, 5, 15)),
        ((5, 15), (9, 16), date(2026, 12, 31), date(2027, 5, 15)),
        ((11, 1), (3, 1), date(2027, 3, 1), date(2027, 11, 1)),
        ((11, 1), (3, 1), date(2027, 10, 31), date(2027, 11, 1)),
        ((11, 1), (2, 29), date(2027, 3, 1), date(2027, 11, 1)),
        ((11, 1), (2, 29), date(2028, 2, 29), date(2028, 11, 1)),
        ((2, 29), (7, 1), date(2027, 2, 28), date(2027, 3, 1)),
        ((2, 29), (7, 1), date(2028, 2, 28), date(2028, 2, 29)),
    ],
)
def test_outside_a_season_the_window_is_empty_and_tells_when_the_next_one_begins(
    starts: tuple[int, int], ends: tuple[int, int], day: date, next_one: date
) -> None:
    assert window(Window.SEASON, day, starts=starts, ends=ends) == (next_one, next_one)


DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
YEAR_DAYS = st.dates(date(2028, 1, 1), date(2028, 12, 31)).map(lambda day: (day.month, day.day))
SEASONS = st.builds(
    lambda starts, ends: Limit(0, Measure.VISIT, ONE, Window.SEASON, starts=starts, ends=ends), YEAR_DAYS, YEAR_DAYS
).filter(lambda limit: limit.starts != limit.ends and {limit.starts, limit.ends} != {(2, 29), (3, 1)})
EVERY_DAY = st.one_of(
    st.sampled_from([Window.DAY, Window.WEEK, Window.MONTH, Window.YEAR, Window.SCHOOL_YEAR]).map(
        lambda kind: Limit(0, Measure.VISIT, ONE, kind)
    ),
    YEAR_DAYS.map(lambda starts: Limit(0, Measure.VISIT, ONE, Window.SHIFTED_YEAR, starts=starts)),
    st.integers(1, 1_000).map(lambda days: Limit(0, Measure.VISIT, ONE, Window.ROLLING_DAYS, days=days)),
)
A_DAY = timedelta(days=1)


@given(DAYS, EVERY_DAY)
def test_windows_follow_each_other_without_gap_or_overlap(day: date, limit: Limit) -> None:
    starts_on, ends_before = limit.period(day, STARTS, ENDS)
    assert starts_on <= day < ends_before
    for edge in (starts_on, ends_before - A_DAY):
        assert limit.period(edge, STARTS, ENDS) == (starts_on, ends_before)
    assert limit.period(ends_before, STARTS, ENDS)[0] == ends_before
    assert limit.period(starts_on - A_DAY, STARTS, ENDS)[1] == starts_on


@given(DAYS, SEASONS)
def test_a_day_is_in_its_season_or_before_the_next(day: date, limit: Limit) -> None:
    starts_on, ends_before = limit.period(day, STARTS, ENDS)
    if starts_on == ends_before:
        assert day < starts_on
        assert limit.period(starts_on, STARTS, ENDS)[0] == starts_on
        assert limit.period(starts_on - A_DAY, STARTS, ENDS) == (starts_on, starts_on)
    else:
        assert starts_on <= day < ends_before <= starts_on + timedelta(days=366)
        for edge in (starts_on, ends_before - A_DAY):
            assert limit.period(edge, STARTS, ENDS) == (starts_on, ends_before)
        assert limit.period(ends_before, STARTS, ENDS)[0] >= ends_before
        assert limit.period(starts_on - A_DAY, STARTS, ENDS)[1] <= starts_on


@given(st.dates(STARTS, ENDS - A_DAY))
def test_the_life_of_a_right_is_one_window(day: date) -> None:
    assert window(Window.WHOLE, day) == (STARTS, ENDS)


def test_a_carnet_without_end_is_one_window() -> None:
    """A carnet bought on 29 February: its window is its own life, no anniversary is computed."""
    bought = date(2028, 2, 29)
    limit = Limit(0, Measure.VISIT, 10 * ONE, Window.WHOLE)
    assert limit.period(date(2031, 5, 1), bought, FOREVER) == (bought, FOREVER)


# --- the night the clocks change -------------------------------------------------------------------


def wall(text: str) -> tuple[date, int]:
    return wall_clock(datetime.fromisoformat(text).replace(tzinfo=UTC), PARIS)


@pytest.mark.parametrize(
    ("instant", "day", "minute"),
    [
        # spring: 02:00 becomes 03:00, the day has 23 hours
        ("2026-03-28T22:59:59", date(2026, 3, 28), 23 * 60 + 59),
        ("2026-03-28T23:00:00", date(2026, 3, 29), 0),
        ("2026-03-29T00:59:59", date(2026, 3, 29), 119),
        ("2026-03-29T01:00:00", date(2026, 3, 29), 180),
        ("2026-03-29T21:59:59", date(2026, 3, 29), 23 * 60 + 59),
        ("2026-03-29T22:00:00", date(2026, 3, 30), 0),
        # autumn: 03:00 becomes 02:00, the day has 25 hours
        ("2026-10-24T22:00:00", date(2026, 10, 25), 0),
        ("2026-10-25T00:30:00", date(2026, 10, 25), 150),
        ("2026-10-25T01:30:00", date(2026, 10, 25), 150),
        ("2026-10-25T22:59:59", date(2026, 10, 25), 23 * 60 + 59),
        ("2026-10-25T23:00:00", date(2026, 10, 26), 0),
        # the year turns where the site is, not in Greenwich
        ("2026-12-31T22:59:59", date(2026, 12, 31), 23 * 60 + 59),
        ("2026-12-31T23:00:00", date(2027, 1, 1), 0),
    ],
)
def test_a_passage_counts_on_the_day_and_minute_of_the_sites_own_clock(instant: str, day: date, minute: int) -> None:
    assert wall(instant) == (day, minute)


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25), (11, 18, 24)])
def test_a_daily_limit_holds_once_in_a_day_however_long_the_day(month: int, day: int, hours: int) -> None:
    start = datetime(2026, month, day, tzinfo=UTC) - timedelta(hours=3)
    days = [wall_clock(start + timedelta(minutes=step), PARIS)[0] for step in range(31 * 60)]
    assert days == sorted(days)
    assert days.count(date(2026, month, day)) == hours * 60
