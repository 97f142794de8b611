"""When a flood level is raised and cleared: the rules of the tour study, and what must hold whatever comes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.floods import (
    CLEAR_AFTER,
    Agreement,
    Cause,
    Level,
    Sighting,
    Standing,
    Terms,
    Turn,
    judge,
    looks_back,
)

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TERMS = Terms(edges_m=(2.0, 3.0, 4.0), hysteresis_m=0.2, silence=12 * MINUTE)
"""A station that speaks every five minutes."""

CALM = Standing(Level.NORMAL, NOON - timedelta(days=30))
UPSTREAM = Agreement(UUID(int=7), NOON - MINUTE, 3.4)


def seen(minutes: float, metres: float, **more: Any) -> Sighting:  # noqa: ANN401 - fields of a sighting
    """A good reading so many minutes before noon, which came at once."""
    at = NOON - minutes * MINUTE
    return replace(Sighting(at, at + MINUTE / 60, metres, good=True, late=False, source_id=bytes(32)), **more)


def standing(level: Level) -> Standing:
    return Standing(level, NOON - timedelta(hours=5))


def turned(before: Level, *sightings: Sighting, agreements: tuple[Agreement, ...] = ()) -> Turn | None:
    _, turns = judge(TERMS, standing(before), sightings, NOON, agreements)
    assert len(turns) <= 1
    return turns[0] if turns else None


# --- raised -----------------------------------------------------------------------------------------


def test_two_good_readings_raise_a_level() -> None:
    one, two = seen(5, 2.0), seen(0, 2.4)
    turn = turned(Level.NORMAL, one, two)
    assert turn == Turn(Level.NORMAL, Level.VEHICLES, Cause.TWO_READINGS, (one, two))


def test_one_reading_is_not_enough() -> None:
    assert turned(Level.NORMAL, seen(5, 1.9), seen(0, 2.4)) is None


def test_one_reading_and_another_station_are_enough() -> None:
    turn = turned(Level.NORMAL, seen(5, 1.9), seen(0, 2.4), agreements=(UPSTREAM,))
    assert turn == Turn(Level.NORMAL, Level.VEHICLES, Cause.AGREEMENT, (seen(0, 2.4),), (UPSTREAM,))


def test_the_lower_of_two_readings_says_how_far() -> None:
    turn = turned(Level.NORMAL, seen(5, 3.1), seen(0, 4.5))
    assert turn is not None
    assert turn.after is Level.ROADS


def test_another_station_alone_raises_nothing() -> None:
    assert turned(Level.NORMAL, seen(0, 1.0), agreements=(UPSTREAM,)) is None


def test_two_readings_far_apart_are_two_single_ones() -> None:
    assert turned(Level.NORMAL, seen(13, 2.4), seen(0, 2.4)) is None


def test_of_two_values_for_one_instant_neither_counts() -> None:
    """Hub'Eau has given 360 mm and 904 mm for one instant."""
    assert turned(Level.NORMAL, seen(5, 2.4), seen(0, 2.4), seen(0, 0.9), seen(0, 2.4)) is None


# --- what raises nothing ----------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [{"late": True}, {"good": False}])
def test_late_or_doubtful_data_raises_nothing(fault: dict[str, bool]) -> None:
    doubted = (seen(5, 4.5, **fault), seen(0, 4.5, **fault))
    assert turned(Level.NORMAL, seen(10, 1.0), *doubted, agreements=(UPSTREAM,)) is None
    assert turned(Level.NORMAL, doubted[0], seen(0, 4.5)) is None


def test_what_is_old_by_now_raises_nothing() -> None:
    """The watch itself may have stood still."""
    assert turned(Level.NORMAL, seen(18, 4.5), seen(13, 4.5)) is None


def test_a_source_that_is_known_to_be_late_may_raise_within_its_delay() -> None:
    """Hub'Eau gives what it has measured half an hour ago."""
    delayed = Terms(TERMS.edges_m, TERMS.hysteresis_m, TERMS.silence, delay=30 * MINUTE)
    risen = [seen(40, 2.4), seen(35, 2.4)]
    assert judge(TERMS, CALM, risen, NOON)[1] == ()
    assert judge(delayed, CALM, risen, NOON)[0].level is Level.VEHICLES
    assert judge(delayed, CALM, risen, NOON + 8 * MINUTE)[1] == ()


def test_a_clock_that_runs_ahead_raises_nothing_before_its_time() -> None:
    assert turned(Level.NORMAL, seen(0, 4.5), seen(-2, 4.5)) is None


# --- cleared ----------------------------------------------------------------------------------------


def falling(metres: float, minutes: int = 30, step: int = 5) -> list[Sighting]:
    return [seen(before, metres) for before in range(minutes, -1, -step)]


def test_half_an_hour_under_the_edge_less_the_hysteresis_clears_a_level() -> None:
    turn = turned(Level.VEHICLES, *falling(1.79))
    assert turn == Turn(Level.VEHICLES, Level.NORMAL, Cause.HALF_AN_HOUR_UNDER, (seen(30, 1.79), seen(0, 1.79)))


def test_a_minute_less_than_half_an_hour_clears_nothing() -> None:
    assert turned(Level.VEHICLES, *(seen(before, 1.0) for before in (29, 20, 10, 0))) is None


def test_water_within_the_hysteresis_clears_nothing() -> None:
    assert turned(Level.VEHICLES, *falling(1.8)) is None


def test_one_reading_within_the_hysteresis_holds_the_level() -> None:
    assert turned(Level.VEHICLES, *falling(1.0), seen(12, 1.9)) is None


def test_a_late_reading_may_hold_a_level_up() -> None:
    assert turned(Level.VEHICLES, *falling(1.0), seen(12, 2.1, late=True)) is None


def test_late_readings_fill_no_gap() -> None:
    around = [seen(30, 1.0), seen(25, 1.0), seen(5, 1.0), seen(0, 1.0)]
    assert turned(Level.VEHICLES, *around, seen(15, 1.0, late=True)) is None
    assert turned(Level.VEHICLES, *around, seen(15, 1.0)) is not None


def test_a_level_falls_only_as_far_as_the_half_hour_allows() -> None:
    turn = turned(Level.QUAY, *falling(2.5))
    assert turn is not None
    assert turn.after is Level.VEHICLES


def test_behind_a_level_that_is_over_stands_its_highest_reading() -> None:
    turn = turned(Level.VEHICLES, *falling(1.0), seen(12, 1.7))
    assert turn is not None
    assert [one.metres for one in turn.behind] == [1.0, 1.7, 1.0]


def test_a_station_that_falls_silent_keeps_its_level() -> None:
    """Feeds have failed during the very flood (Hub'Eau, issue 168)."""
    assert turned(Level.QUAY) is None
    assert turned(Level.QUAY, *(seen(before, 1.0) for before in range(60, 12, -5))) is None


# --- whatever comes ---------------------------------------------------------------------------------

metres = st.sampled_from([0.5, 1.79, 1.8, 1.9, 2.0, 2.79, 2.8, 3.0, 3.9, 4.0, 9.0])
sightings = st.builds(
    lambda minutes, value, good, late, delay: Sighting(
        NOON + minutes * MINUTE, NOON + (minutes + delay) * MINUTE, value, good, late, bytes([value > 2] * 32)
    ),
    st.integers(-60, 10),
    metres,
    st.sampled_from([True, True, True, False]),
    st.sampled_from([False, False, False, True]),
    st.integers(0, 60),
)
levels = st.sampled_from(list(Level))
agreed = st.sampled_from([(), (UPSTREAM,)])


@given(levels, st.lists(sightings, max_size=25), agreed, st.randoms())
def test_the_order_of_arrival_changes_nothing(
    level: Level,
    batch: list[Sighting],
    agreements: tuple[Agreement, ...],
    random: Any,  # noqa: ANN401 - hypothesis' own
) -> None:
    shuffled = [*batch, *batch[:3]]
    random.shuffle(shuffled)
    first = judge(TERMS, standing(level), batch, NOON, agreements)
    assert judge(TERMS, standing(level), shuffled, NOON, agreements) == first


@given(levels, st.lists(sightings, max_size=25), agreed)
def test_judged_again_it_does_not_turn_again(
    level: Level, batch: list[Sighting], agreements: tuple[Agreement, ...]
) -> None:
    after, _ = judge(TERMS, standing(level), batch, NOON, agreements)
    assert judge(TERMS, after, batch, NOON, agreements) == (after, ())


@given(levels, st.lists(sightings, max_size=25), st.lists(sightings, max_size=10), agreed)
def test_nothing_late_doubtful_or_to_come_ever_raises(
    level: Level, batch: list[Sighting], others: list[Sighting], agreements: tuple[Agreement, ...]
) -> None:
    """Whatever is added to a batch, it raises no further than the batch alone."""
    worthless = [
        replace(one, late=True) if place % 3 == 0 else replace(one, good=False) if place % 3 == 1
        else replace(one, at=NOON + (1 + place) * MINUTE)
        for place, one in enumerate(others)
    ]  # fmt: skip
    alone, _ = judge(TERMS, standing(level), batch, NOON, agreements)
    with_them, _ = judge(TERMS, standing(level), [*batch, *worthless], NOON, agreements)
    assert with_them.level <= max(alone.level, level)


@given(st.lists(st.tuples(st.integers(1, 15), metres), max_size=60), st.sampled_from([0, 1, 2, 3]))
def test_a_level_never_flaps(river: list[tuple[int, float]], lag: int) -> None:
    """Seen minute after minute, what was raised stands at least half an hour, and falls by water alone."""
    at, told = 0, []
    for wait, value in river:
        at += wait
        told.append(seen(-at, value))
    now, state, raised_at = NOON, CALM, NOON - timedelta(days=1)
    for _ in range(at + lag):
        now += MINUTE
        here = [one for one in told if looks_back(TERMS, now) <= one.at <= now]
        state, turns = judge(TERMS, state, here, now)
        for turn in turns:
            newest = turn.behind[-1].at
            if turn.after > turn.before:
                raised_at = newest
                assert all(TERMS.reached(one.metres) >= turn.after for one in turn.behind)
            else:
                assert newest - raised_at >= CLEAR_AFTER
                assert all(TERMS.held(one.metres) <= turn.after for one in turn.behind)


@given(levels, st.lists(sightings, max_size=25), agreed)
def test_what_lies_before_the_window_changes_nothing(
    level: Level, batch: list[Sighting], agreements: tuple[Agreement, ...]
) -> None:
    """The watch reads no further back than it must."""
    within = [one for one in batch if one.at >= looks_back(TERMS, NOON)]
    assert judge(TERMS, standing(level), batch, NOON, agreements) == judge(
        TERMS, standing(level), within, NOON, agreements
    )
