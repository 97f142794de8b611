"""Windows of limits, in the site's own calendar, and products that contradict themselves."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.people import FOREVER, Subject
from domain.products import ONE, Limit, Measure, Product, Window, check_product
from domain.text import Text
from store.ledger.judge import wall_clock

STARTS, ENDS = date(2026, 3, 10), date(2027, 3, 10)
PARIS = "Europe/Paris"


def window(kind: Window, day: date) -> tuple[date, date]:
    return Limit(0, Measure.VISIT, ONE, kind).period(day, STARTS, ENDS)


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


DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@given(DAYS, st.sampled_from([Window.DAY, Window.WEEK, Window.MONTH, Window.YEAR]))
def test_windows_follow_each_other_without_gap_or_overlap(day: date, kind: Window) -> None:
    starts_on, ends_before = window(kind, day)
    assert starts_on <= day < ends_before
    assert window(kind, starts_on) == window(kind, ends_before - timedelta(days=1)) == (starts_on, ends_before)
    assert window(kind, ends_before)[0] == ends_before


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


# --- products ------------------------------------------------------------------------------------


def product(*limits: Limit) -> Product:
    return Product(UUID(int=1), UUID(int=2), "p", "pool", Subject.PERSON, Text(fr="Essai", en="Trial"), limits)


def test_a_product_without_limits_is_a_subscription() -> None:
    check_product(product())


@pytest.mark.parametrize("amount", [0, -1])
def test_a_limit_of_nothing_is_refused_before_anybody_holds_it(amount: int) -> None:
    with pytest.raises(Invalid):
        check_product(product(Limit(0, Measure.VISIT, amount, Window.YEAR)))


def test_two_limits_under_one_position_would_share_a_counter() -> None:
    with pytest.raises(Invalid):
        check_product(product(Limit(0, Measure.VISIT, ONE, Window.DAY), Limit(0, Measure.M3, ONE, Window.YEAR)))
