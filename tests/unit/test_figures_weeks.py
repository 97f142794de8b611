"""Weeks of a trend: every day in one of them, none short, and the same in a month and in its quarter."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.figures.counts import DayTally
from domain.figures.figure import Blank
from domain.figures.passages import over_time
from domain.figures.periods import Period, Span, period
from domain.figures.weeks import SHORTEST, Week, weeks_of

DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
TODAY = date(2033, 6, 1)


def lived(span: Span, day: date) -> Period:
    return period(span, day, TODAY)


@given(DAYS, st.sampled_from((Span.MONTH, Span.QUARTER)), st.integers(1, 92))
def test_every_day_that_was_lived_is_in_one_week(day: date, span: Span, known: int) -> None:
    whole = lived(span, day)
    partly = Period(span, whole.first, whole.until, min(whole.until, whole.first + timedelta(days=known)))
    weeks = weeks_of(partly)
    assert weeks[0].first == partly.first
    assert weeks[-1].until == partly.known_until
    assert [week.until for week in weeks[:-1]] == [week.first for week in weeks[1:]]


@given(DAYS)
def test_no_week_of_a_month_is_short_and_none_crosses_its_edge(day: date) -> None:
    month = lived(Span.MONTH, day)
    for week in weeks_of(month):
        assert SHORTEST <= week.days <= 10
        assert month.first <= week.first < week.until <= month.until


@given(DAYS)
def test_a_quarter_has_the_weeks_of_its_months_so_nothing_but_whole_weeks_is_left_of_a_subtraction(day: date) -> None:
    quarter = lived(Span.QUARTER, day)
    months = [lived(Span.MONTH, quarter.first + timedelta(days=32 * place)) for place in range(2)]
    months.append(lived(Span.MONTH, quarter.until - timedelta(days=1)))
    assert weeks_of(quarter) == [week for month in months for week in weeks_of(month)]


def test_a_month_that_ends_on_a_monday_has_its_last_week_longer_by_a_day() -> None:
    november = lived(Span.MONTH, date(2026, 11, 5))  # the 1st is a Sunday, the 30th a Monday
    assert weeks_of(november) == [
        Week(date(2026, 11, 1), date(2026, 11, 9)),
        Week(date(2026, 11, 9), date(2026, 11, 16)),
        Week(date(2026, 11, 16), date(2026, 11, 23)),
        Week(date(2026, 11, 23), date(2026, 12, 1)),
    ]


def test_a_small_town_is_told_its_weeks_at_the_edges_of_a_month() -> None:
    november = lived(Span.MONTH, date(2026, 11, 5))
    days = [november.first + timedelta(days=place) for place in range(30)]
    tallies = [DayTally("pool", day, 3) for day in days] + [DayTally("library", day, 2) for day in days]
    figure = over_time(november, tallies, 5)
    assert not any(isinstance(cell, Blank) for line in figure.lines for cell in line.cells)
    assert [line.cells for line in figure.lines] == [(24.0, 16.0), (21.0, 14.0), (21.0, 14.0), (24.0, 16.0)]


def test_a_week_of_seven_days_is_the_busiest_not_one_that_has_more_days() -> None:
    november = lived(Span.MONTH, date(2026, 11, 5))
    days = [november.first + timedelta(days=place) for place in range(30)]
    tallies = [DayTally("pool", day, 11 if day.day in range(9, 16) else 10) for day in days]
    assert over_time(november, tallies, 5).headline.en == "The week of 9 November was the busiest: 77 passages."
