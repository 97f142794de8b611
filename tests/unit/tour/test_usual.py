"""The same weekday and hour, week after week, and how their values lie."""

from datetime import UTC, datetime, timedelta
from statistics import quantiles
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.usual import WEEKS, percentiles, same_hours

PARIS = ZoneInfo("Europe/Paris")


def test_the_clock_counts_and_not_the_sun() -> None:
    """Summer time ended on 25 October 2026: a Tuesday at 14 was 12 in UTC before, and is 13 since."""
    hours = same_hours(datetime(2026, 11, 24, 14, 20, tzinfo=PARIS), PARIS)
    assert [at.hour for at in hours] == [13, 13, 13, 13, 12, 12, 12, 12]
    assert {at.astimezone(PARIS).hour for at in hours} == {14}
    assert {at.astimezone(PARIS).weekday() for at in hours} == {1}
    assert hours[0] == datetime(2026, 11, 17, 13, tzinfo=UTC)


def test_an_hour_that_the_clocks_left_out_is_left_out() -> None:
    """There was no Sunday 29 March 2026 at half past two."""
    hours = same_hours(datetime(2026, 4, 12, 2, 30, tzinfo=PARIS), PARIS)
    assert len(hours) == WEEKS - 1
    assert datetime(2026, 3, 29, 1, tzinfo=UTC) not in hours


def test_a_quarter_of_an_hour_is_no_reason_for_another_hour() -> None:
    at = datetime(2026, 11, 24, 14, 0, tzinfo=PARIS)
    assert same_hours(at, PARIS) == same_hours(at + timedelta(minutes=59), PARIS)


def test_without_values_nothing_is_usual() -> None:
    assert percentiles([]) is None


def test_one_week_is_its_own_usual() -> None:
    found = percentiles([7.0])
    assert found is not None
    assert (found.p10, found.p90, found.count) == (7, 7, 1)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=30))
def test_percentiles_are_those_of_the_books(values: list[int]) -> None:
    found = percentiles(map(float, values))
    assert found is not None
    hundredths = quantiles(values, n=100, method="inclusive")
    for here, there in zip((found.p10, found.p25, found.p75, found.p90), (9, 24, 74, 89), strict=True):
        assert abs(here - hundredths[there]) < 1e-6
    assert min(values) <= found.p10 <= found.p25 <= found.p75 <= found.p90 <= max(values)
