"""Quiet, usual, busy: against what, from how much difference on, and when nothing is said."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attendance import (
    AT_LEAST,
    Count,
    Level,
    Usual,
    level,
    level_of_entries,
    level_of_inside,
    usual_day,
)
from domain.opening import Intervals

PARIS = ZoneInfo("Europe/Paris")
WEDNESDAY = date(2026, 11, 18)
NINE_TO_SIX: Intervals = ((540, 1080),)

QUIET, USUAL, BUSY = Level.QUIET, Level.USUAL, Level.BUSY


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 18, hour, minute, tzinfo=PARIS)


def always(_day: date) -> Intervals:
    return NINE_TO_SIX


def weeks(hours: dict[int, int], *, count: int = 8) -> dict[tuple[date, int], Count]:
    """The same Wednesday over and over: by hour, as many entries as people inside."""
    return {
        (WEDNESDAY - timedelta(weeks=week), hour): Count(people, people)
        for week in range(1, count + 1)
        for hour, people in hours.items()
    }


# --- the comparison ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "usual", "expected"),
    [
        # Tiny numbers: two against one is not busy, none against two is not quiet.
        (2, 1, USUAL),
        (0, 1, USUAL),
        (0, 2, USUAL),
        (2, 0, USUAL),
        (3, 0, BUSY),
        (4, 2, USUAL),
        (5, 2, BUSY),
        (0, 3, QUIET),
        (1, 3, USUAL),
        # Below nine, three people make the difference.
        (3, 6, QUIET),
        (4, 6, USUAL),
        (8, 6, USUAL),
        (9, 6, BUSY),
        (6, 9, QUIET),
        (12, 9, BUSY),
        # Above, a third does.
        (60, 90, QUIET),
        (61, 90, USUAL),
        (119, 90, USUAL),
        (120, 90, BUSY),
    ],
)
def test_well_above_or_below_is_a_third_and_three_people_at_least(now: int, usual: int, expected: Level) -> None:
    assert level(now, [usual] * 8) is expected


@pytest.mark.parametrize("known", [0, 1, 2])
def test_fewer_than_three_comparable_days_say_nothing(known: int) -> None:
    assert level(50, [10] * known) is None
    assert level(50, [10] * 3) is BUSY


def test_one_day_out_of_the_ordinary_does_not_move_the_usual() -> None:
    """The median: a day of free entry, or a day when half the gates were broken."""
    assert level(30, [30, 31, 29, 30, 400, 30, 28, 0]) is USUAL


@given(st.lists(st.integers(0, 500), min_size=3, max_size=8), st.integers(0, 500))
def test_one_person_more_or_less_never_leads_from_quiet_to_busy(past: list[int], now: int) -> None:
    order = [QUIET, USUAL, BUSY]
    here, more = level(now, past), level(now + 1, past)
    assert here is not None
    assert more is not None
    assert order.index(more) - order.index(here) in {0, 1}


@given(st.lists(st.integers(0, 500), min_size=3, max_size=8))
def test_two_people_apart_from_the_usual_are_as_usual(past: list[int]) -> None:
    middle = sorted(past)[len(past) // 2] if len(past) % 2 else None
    if middle is not None:
        assert {level(max(0, middle + step), past) for step in range(1 - AT_LEAST, AT_LEAST)} == {USUAL}


# --- people inside ----------------------------------------------------------------------------------

FILLS_UP = {9: 30, 10: 60, 11: 60, 12: 90, 13: 60, 17: 20}


@pytest.mark.parametrize(
    ("hour", "minute", "inside", "expected"),
    [
        # From nobody at nine to thirty at ten: 2.5 at five past, and five people are nothing special.
        (9, 5, 0, USUAL),
        (9, 5, 5, USUAL),
        (9, 5, 20, BUSY),
        (9, 50, 5, QUIET),
        (9, 50, 25, USUAL),
        # Sixty all along.
        (10, 59, 60, USUAL),
        (11, 0, 60, USUAL),
        (11, 0, 40, QUIET),
        (11, 0, 80, BUSY),
    ],
)
def test_people_inside_are_compared_with_this_minute_of_other_weeks(
    hour: int, minute: int, inside: int, expected: Level
) -> None:
    assert level_of_inside(inside, weeks(FILLS_UP), always, at(hour, minute)) is expected


def test_a_late_opening_counts_from_its_own_first_minute() -> None:
    """Half past nine until ten: five to ten is five sixths of it, not eleven twelfths."""
    half_past: Intervals = ((570, 1080),)
    counts = weeks({9: 36, 10: 36})
    # Thirty are usual by then, and forty a third more; by the whole hour's share, forty would be as usual.
    assert level_of_inside(40, counts, lambda _: half_past, at(9, 55)) is BUSY
    assert level_of_inside(15, counts, lambda _: half_past, at(9, 40)) is USUAL


# --- entries ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "during", "minute", "expected"),
    [
        # A steady sixty an hour, seen at any minute.
        (60, 0, 0, USUAL),
        (60, 1, 1, USUAL),
        (60, 30, 30, USUAL),
        (60, 59, 59, USUAL),
        # The hour has just begun: the hour before still speaks.
        (120, 2, 1, BUSY),
        (20, 0, 1, QUIET),
        # ... and is silent when it ends.
        (120, 59, 59, USUAL),
        (60, 120, 59, BUSY),
    ],
)
def test_entries_are_those_of_the_last_sixty_minutes(before: int, during: int, minute: int, expected: Level) -> None:
    counts = weeks({13: 60, 14: 60}) | {
        (WEDNESDAY, 13): Count(before, before),
        (WEDNESDAY, 14): Count(during, during),
    }
    assert level_of_entries(counts, always, at(14, minute)) is expected


@pytest.mark.parametrize("minute", [0, 1, 5, 10])
@pytest.mark.parametrize("entries", [0, 1, 2])
def test_the_first_minutes_after_opening_are_as_usual_whoever_comes_first(minute: int, entries: int) -> None:
    counts = weeks({9: 12}) | {(WEDNESDAY, 9): Count(entries, entries)}
    assert level_of_entries(counts, always, at(9, minute)) is USUAL


def test_a_day_begins_at_midnight() -> None:
    counts = weeks({0: 12}) | {(WEDNESDAY, 0): Count(1, 1), (WEDNESDAY - timedelta(days=1), 23): Count(500, 500)}
    assert level_of_entries(counts, lambda _: ((0, 1440),), at(0, 5)) is USUAL


# --- which days are compared ------------------------------------------------------------------------


def test_an_hour_without_anybody_on_an_open_day_counts_as_none() -> None:
    counts = weeks({9: 3})
    assert level_of_entries(counts | {(WEDNESDAY, 15): Count(9, 9)}, always, at(15, 30)) is BUSY


def test_a_day_without_any_passage_does_not_count() -> None:
    """Bank holidays, closures, and the weeks before MultiPass: two Wednesdays are not enough."""
    assert level_of_inside(50, weeks({14: 10, 15: 10}, count=2), always, at(14, 30)) is None
    assert level_of_inside(50, weeks({14: 10, 15: 10}, count=3), always, at(14, 30)) is BUSY


def test_a_day_that_was_shut_at_this_hour_does_not_count() -> None:
    """Winter hours of other weeks: people who left after closing time are not the usual of this hour."""
    longer_now: Intervals = ((540, 1200),)

    def hours_of(day: date) -> Intervals:
        return longer_now if day >= WEDNESDAY - timedelta(weeks=2) else NINE_TO_SIX

    counts = weeks({17: 10, 18: 2, 19: 1})
    assert level_of_inside(50, counts, hours_of, at(18, 30)) is None
    assert level_of_inside(50, counts, hours_of, at(17, 30)) is BUSY


def test_other_weekdays_and_older_weeks_do_not_count() -> None:
    others = {(WEDNESDAY - timedelta(days=days), 14): Count(10, 10) for days in range(1, 57) if days % 7}
    older = {(WEDNESDAY - timedelta(weeks=week), 14): Count(10, 10) for week in range(9, 20)}
    assert level_of_inside(50, others | older, always, at(14, 30)) is None


# --- the usual day ----------------------------------------------------------------------------------


def test_the_usual_day_has_every_opening_hour_and_no_other() -> None:
    counts = weeks({8: 1, 9: 4, 12: 30, 17: 2, 18: 1})
    usual = usual_day(counts, always, at(14, 0), exits_seen=True)
    assert usual == tuple(Usual(hour, {9: 4, 12: 30, 17: 2}.get(hour, 0)) for hour in range(9, 18))


def test_the_usual_day_counts_people_inside_or_entries() -> None:
    counts = {(WEDNESDAY - timedelta(weeks=week), 9): Count(entries=40, most=7) for week in range(1, 4)}
    only_nine: Intervals = ((540, 600),)
    assert usual_day(counts, lambda _: only_nine, at(9, 0), exits_seen=True) == (Usual(9, 7),)
    assert usual_day(counts, lambda _: only_nine, at(9, 0), exits_seen=False) == (Usual(9, 40),)


def test_a_usual_day_that_is_not_known_is_empty() -> None:
    assert usual_day(weeks({9: 4}, count=2), always, at(14, 0), exits_seen=True) == ()
