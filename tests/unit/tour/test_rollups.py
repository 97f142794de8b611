"""Quarters, hours and days: where they begin, how they are put together, and that nothing is lost on the way."""

from datetime import UTC, datetime, timedelta
from math import isclose
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.devices import Summary
from domain.readings import MOST_POINTS
from domain.rollups import Bucket, Sample, Step, end_of, merged, of_samples, since_before, start_of, steps_for, value_of
from tests.tour_streams import CO2, NOON, QUARTER

PARIS, MARQUESAS = ZoneInfo("Europe/Paris"), ZoneInfo("Pacific/Marquesas")
LONG = (Step.QUARTER, Step.HOUR, Step.DAY)

instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
zones = st.sampled_from([PARIS, MARQUESAS, ZoneInfo("Indian/Reunion"), ZoneInfo("America/Miquelon")])


def quarter(*values: float, summary: Summary = Summary.MEAN, at: datetime = NOON) -> Bucket:
    found = of_samples(
        CO2.id, at, [Sample(at + timedelta(minutes=n), value) for n, value in enumerate(values)], summary
    )
    assert found is not None
    return found


def whole(parts: list[Bucket], summary: Summary = Summary.MEAN) -> Bucket:
    found = merged(parts, Step.HOUR, NOON, summary)
    assert found is not None
    return found


@given(instants, zones, st.sampled_from(LONG))
def test_every_instant_lies_in_one_bucket_of_each_step(at: datetime, zone: ZoneInfo, step: Step) -> None:
    start = start_of(step, at, zone)
    end = end_of(step, start, zone)
    assert start <= at < end
    assert start_of(step, start, zone) == start
    assert start_of(step, end, zone) == end
    assert start_of(step, end - timedelta(microseconds=1), zone) == start


@given(instants, zones)
def test_quarters_make_hours_and_hours_make_days(at: datetime, zone: ZoneInfo) -> None:
    for below, above in ((Step.QUARTER, Step.HOUR), (Step.HOUR, Step.DAY)):
        part = start_of(below, at, zone)
        start = start_of(above, at, zone)
        assert start <= part
        assert end_of(below, part, zone) <= end_of(above, start, zone)


@given(instants)
def test_a_quarter_begins_at_the_same_instant_in_every_zone_of_france(at: datetime) -> None:
    """So that a batch can note what is due without asking whose clock it is."""
    assert len({start_of(Step.QUARTER, at, zone) for zone in (PARIS, MARQUESAS, ZoneInfo("UTC"))}) == 1


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-18", 24)])
def test_the_days_on_which_clocks_change_have_23_and_25_hours(day: str, hours: int) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=PARIS)
    start = start_of(Step.DAY, noon, PARIS)
    assert end_of(Step.DAY, start, PARIS) - start == timedelta(hours=hours)


def test_a_mean_is_a_mean_of_readings_and_not_of_quarters() -> None:
    assert value_of(whole([quarter(600, 600, 600), quarter(1_000)]), Summary.MEAN) == 700


def test_decibels_have_the_mean_of_their_energy() -> None:
    """One minute at 70 dB weighs more than nine at 40: 60 dB, where the mean of the numbers says 43."""
    loud, quiet = quarter(70, summary=Summary.ENERGY), quarter(*[40] * 9, summary=Summary.ENERGY)
    assert value_of(whole([loud, quiet], Summary.ENERGY), Summary.ENERGY) == pytest.approx(60.04, abs=0.01)


def test_the_mean_of_north_west_and_north_east_is_north() -> None:
    wind = whole([quarter(350, summary=Summary.VECTOR), quarter(10, 20, 340, summary=Summary.VECTOR)], Summary.VECTOR)
    assert value_of(wind, Summary.VECTOR) == pytest.approx(0, abs=1e-6) or value_of(wind, Summary.VECTOR) > 359.999


def test_passages_add_up_and_states_keep_their_last() -> None:
    assert value_of(whole([quarter(3, summary=Summary.SUM), quarter(4, 5, summary=Summary.SUM)]), Summary.SUM) == 12
    assert value_of(whole([quarter(1, 2), quarter(3, 1)]), Summary.LAST) == 1


def test_a_counter_that_was_reset_counts_from_zero() -> None:
    meter = quarter(100, 130, 5, 15, summary=Summary.DIFFERENCE)
    assert value_of(meter, Summary.DIFFERENCE) == 30 + 5 + 10


def test_what_a_counter_grew_between_two_hours_belongs_to_the_later_one() -> None:
    first, second = quarter(100, 110, summary=Summary.DIFFERENCE), quarter(125, 130, summary=Summary.DIFFERENCE)
    assert [one.total for one in since_before([first, second], None)] == [10, 20]
    assert [one.total for one in since_before([second], first)] == [20]
    assert whole([first, second], Summary.DIFFERENCE).total == 30


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), min_size=1, max_size=6), st.sampled_from(Summary)
)
def test_whether_readings_are_summed_up_at_once_or_by_parts_is_the_same(
    parts: list[list[float]], summary: Summary
) -> None:
    if summary is Summary.ENERGY:
        parts = [[value % 120 for value in part] for part in parts]
    at_once = quarter(*[value for part in parts for value in part], summary=summary)
    by_parts = whole([quarter(*part, summary=summary) for part in parts], summary)
    assert (by_parts.count, by_parts.low, by_parts.high) == (at_once.count, at_once.low, at_once.high)
    assert (by_parts.first, by_parts.last) == (at_once.first, at_once.last)
    assert isclose(by_parts.total, at_once.total, rel_tol=1e-9, abs_tol=1e-6)
    assert isclose(by_parts.cross, at_once.cross, rel_tol=1e-9, abs_tol=1e-6)


def test_nothing_makes_no_bucket() -> None:
    assert of_samples(CO2.id, NOON, [], Summary.MEAN) is None
    assert merged([], Step.DAY, NOON, Summary.MEAN) is None


@pytest.mark.parametrize(
    ("length", "steps"),
    [
        (500 * QUARTER, [Step.RAW, Step.QUARTER, Step.HOUR, Step.DAY]),
        (501 * QUARTER, [Step.HOUR, Step.DAY]),
        (timedelta(hours=501), [Step.DAY]),
    ],
)
def test_the_finest_step_that_fits_a_chart_comes_first(length: timedelta, steps: list[Step]) -> None:
    assert steps_for(length, 900) == steps
    assert all(length <= MOST_POINTS * step.length for step in steps if step in {Step.QUARTER, Step.HOUR})
