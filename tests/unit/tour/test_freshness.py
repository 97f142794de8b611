"""How old a value is, in the words of the tour study, section 4."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain.devices import Stream
from domain.readings import NEVER, Last, Quality, advance
from tests.tour_streams import AIR, CO2, NOON, QUARTER, reading
from tour.freshness import Freshness, State, freshness, is_late
from tour.watch import Trouble, trouble_of

HOURLY = replace(CO2, period_seconds=3_600)
DAILY = replace(CO2, period_seconds=86_400)
BIKES = replace(CO2, period_seconds=3_600, delay_seconds=86_400)
SECOND = timedelta(seconds=1)


def aged(age: timedelta, stream: Stream = CO2, *, flood: bool = False) -> State:
    last = advance(NEVER, [reading(640, NOON - age)])
    return freshness(stream, last, NOON, flood=flood).state


@pytest.mark.parametrize(
    ("minutes", "state"),
    [
        (0, State.DIRECT),
        (24.5, State.DIRECT),
        (24.6, State.RECENT),
        (45, State.RECENT),
        (45.1, State.OLD),
        (24 * 60, State.OLD),
        (24 * 60 + 0.1, State.SILENT),
    ],
)
def test_a_stream_of_a_quarter_is_direct_then_recent_then_old_then_silent(minutes: float, state: State) -> None:
    """1.5 periods and two minutes; 3 periods; 10 periods or a day, whichever is longer."""
    assert aged(timedelta(minutes=minutes)) is state


@pytest.mark.parametrize(
    ("days", "state"), [(1.5, State.DIRECT), (3, State.RECENT), (10, State.OLD), (11, State.SILENT)]
)
def test_a_stream_of_a_day_is_old_for_ten_days(days: float, state: State) -> None:
    assert aged(timedelta(days=days), DAILY) is state


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (2 * QUARTER, State.RECENT),
        (2 * QUARTER + timedelta(minutes=2), State.RECENT),
        (2 * QUARTER + timedelta(minutes=2) + SECOND, State.OLD),
        (timedelta(hours=25), State.SILENT),
    ],
)
def test_in_a_flood_two_periods_are_old(age: timedelta, state: State) -> None:
    """Hub'Eau falls silent during the flood itself (issue #168): stale must not look like calm."""
    assert aged(age, flood=True) is state


@pytest.mark.parametrize(
    ("hours", "state"),
    [(1, State.DELAYED), (27, State.DELAYED), (28, State.OLD), (48, State.OLD), (49, State.SILENT)],
)
def test_a_source_that_is_known_to_be_late_is_delayed_and_no_later_than_that(hours: float, state: State) -> None:
    assert aged(timedelta(hours=hours), BIKES) is state


def test_an_interval_is_as_old_as_its_end() -> None:
    last = advance(NEVER, [reading(12, NOON - timedelta(hours=3), until=NOON - timedelta(hours=1))])
    assert freshness(HOURLY, last, NOON) == Freshness(State.DIRECT, timedelta(hours=1))


def test_a_stream_that_never_said_anything_is_silent_without_an_age() -> None:
    assert freshness(CO2, NEVER, NOON) == Freshness(State.SILENT, None)


def test_a_clock_that_runs_a_little_ahead_is_not_younger_than_now() -> None:
    last = advance(NEVER, [reading(640, NOON + timedelta(minutes=4))])
    assert freshness(CO2, last, NOON) == Freshness(State.DIRECT, timedelta())


def test_a_probe_that_says_it_has_no_value_silences_what_it_said_before() -> None:
    good, gone = reading(640, NOON - QUARTER), reading(0, NOON, quality=Quality.MISSING)
    assert freshness(CO2, advance(NEVER, [good, gone]), NOON).state is State.SILENT
    back = reading(650, NOON + QUARTER)
    assert freshness(CO2, advance(NEVER, [good, gone, back]), NOON + QUARTER).state is State.DIRECT


def test_a_bad_value_does_not_make_the_last_good_one_younger_or_silent() -> None:
    last = advance(NEVER, [reading(640, NOON - 2 * QUARTER), reading(99_999, NOON, quality=Quality.BAD)])
    assert freshness(CO2, last, NOON) == Freshness(State.RECENT, 2 * QUARTER)


def test_a_band_is_told_of_what_is_not_old() -> None:
    assert {state for state in State if state.shows_band} == {State.DIRECT, State.RECENT, State.DELAYED}


@pytest.mark.parametrize(("delay", "stream", "late"), [(30, CO2, False), (31, CO2, True), (1_500, BIKES, False)])
def test_no_alert_rests_on_what_came_more_than_two_periods_late(delay: int, stream: Stream, *, late: bool) -> None:
    came = reading(640, NOON, stream, received_at=NOON + timedelta(minutes=delay))
    assert is_late(stream, came) is late


# --- what agents are told -------------------------------------------------------------------------


def trouble(last: Last, **device: object) -> Trouble | None:
    return trouble_of(replace(AIR, **device), CO2, last, NOON)


def test_a_stream_in_order_troubles_nobody() -> None:
    assert trouble(advance(NEVER, [reading(640)])) is None
    assert trouble(advance(NEVER, [reading(640, NOON - timedelta(hours=23))])) is None


def test_a_silent_stream_is_told() -> None:
    assert trouble(NEVER) is Trouble.NEVER_HEARD
    assert trouble(advance(NEVER, [reading(640, NOON - timedelta(hours=25))])) is Trouble.SILENT
    assert trouble(advance(NEVER, [reading(0, quality=Quality.MISSING)])) is Trouble.PROBE_MISSING


def test_a_stream_that_only_says_what_nobody_believes_is_told() -> None:
    last = advance(NEVER, [reading(640, NOON - timedelta(hours=25)), reading(99_999, quality=Quality.BAD)])
    assert trouble(last) is Trouble.DOUBTFUL


def test_a_stuck_probe_is_told_from_its_first_hidden_value_on() -> None:
    shown = [reading(640, NOON - (29 - step) * QUARTER) for step in range(25)]
    hidden = [reading(640, NOON - (4 - step) * QUARTER, quality=Quality.PROBABLY_BAD) for step in range(5)]
    assert trouble(advance(NEVER, shown)) is None
    assert trouble(advance(NEVER, [*shown, hidden[0]])) is Trouble.STUCK
    assert trouble(advance(NEVER, [*shown, *hidden])) is Trouble.STUCK
    assert trouble(advance(NEVER, [*shown, *hidden[:4], reading(641)])) is None


def test_a_device_that_is_not_in_service_troubles_nobody() -> None:
    assert trouble(NEVER, installed_on=NOON.date()) is None
    assert trouble(NEVER, installed_on=NOON.date() - timedelta(days=1)) is Trouble.NEVER_HEARD
    assert trouble(NEVER, retired_on=NOON.date()) is None


def test_a_place_that_may_be_shut_and_what_is_worked_out_from_others_are_no_trouble() -> None:
    assert trouble_of(AIR, CO2, Last(), NOON) is Trouble.NEVER_HEARD
    assert trouble_of(replace(AIR, model="city-places"), CO2, Last(), NOON) is None
    assert trouble_of(AIR, replace(CO2, quantity="cool_gain"), Last(), NOON) is None
