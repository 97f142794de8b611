"""Periods are named, chosen and compared as people speak of them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors.figures import UnknownPeriod
from domain.figures.periods import Against, Span, choices, earlier, months_of, period, read

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("code", "first", "until", "fr", "en"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 11, 1), "en octobre 2026", "in October 2026"),
        ("2026-q4", date(2026, 10, 1), date(2027, 1, 1), "au 4e trimestre 2026", "in the fourth quarter of 2026"),
        ("2025-q1", date(2025, 1, 1), date(2025, 4, 1), "au 1er trimestre 2025", "in the first quarter of 2025"),
        (
            "2026-2027",
            date(2026, 9, 1),
            date(2027, 9, 1),
            "pendant l’année scolaire 2026-2027",
            "in the school year 2026-2027",
        ),
        ("2025", date(2025, 1, 1), date(2026, 1, 1), "en 2025", "in 2025"),
    ],
)
def test_a_period_is_read_from_its_name_and_said(code: str, first: date, until: date, fr: str, en: str) -> None:
    found = read(code, TODAY)
    assert (found.first, found.until, found.code) == (first, until, code)
    assert (found.within.fr, found.within.en) == (fr, en)


@given(st.sampled_from(list(Span)), st.dates(date(2005, 1, 1), date(2026, 11, 21)))
def test_every_period_is_found_again_by_its_name(span: Span, day: date) -> None:
    found = period(span, day, TODAY)
    assert found.first <= day < found.until
    assert read(found.code, TODAY) == found


@pytest.mark.parametrize(
    "code",
    ["2026-13", "2026-q5", "2026-2028", "2027", "2026-12", "novembre", "", "2026-11-01", "20\uff11\uff12", "2026-11\n"],
)
def test_what_is_no_period_or_has_not_begun_is_refused(code: str) -> None:
    with pytest.raises(UnknownPeriod):
        read(code, TODAY)


def test_a_period_that_runs_knows_the_days_before_today() -> None:
    running, over = read("2026-11", TODAY), read("2026-10", TODAY)
    assert (running.runs, running.known_until) == (True, TODAY)
    assert (over.runs, over.known_until) == (False, over.until)


def test_on_the_first_of_a_month_that_month_has_no_day_yet() -> None:
    with pytest.raises(UnknownPeriod):
        read("2026-11", date(2026, 11, 1))


def test_a_period_that_runs_is_compared_with_as_many_days() -> None:
    before = earlier(read("2026-11", TODAY), Against.YEAR)
    assert (before.first, before.known_until) == (date(2025, 11, 1), date(2025, 11, 22))
    assert before.code == "2025-11"
    last = earlier(read("2026-q4", TODAY), Against.BEFORE)
    assert (last.first, last.known_until) == (date(2026, 7, 1), date(2026, 8, 22))


def test_a_period_that_is_over_is_compared_with_a_whole_one() -> None:
    assert earlier(read("2026-10", TODAY), Against.BEFORE) == read("2026-09", TODAY)
    assert earlier(read("2025-2026", TODAY), Against.YEAR) == read("2024-2025", TODAY)


def test_it_is_compared_in_correct_french() -> None:
    assert read("2026-05", TODAY).than.fr == "qu’en mai 2026"
    assert read("2025-2026", TODAY).than.fr == "que pendant l’année scolaire 2025-2026"
    assert read("2026-q2", TODAY).than.fr == "qu’au 2e trimestre 2026"


def test_months_of_a_quarter_that_runs_are_those_that_have_begun() -> None:
    assert months_of(read("2026-q4", TODAY)) == [date(2026, 10, 1), date(2026, 11, 1)]


def test_one_may_choose_what_runs_and_what_was_counted() -> None:
    codes = [one.code for one in choices(TODAY, date(2026, 8, 24))]
    assert codes == ["2026-11", "2026-10", "2026-09", "2026-08", "2026-q4", "2026-q3", "2026-2027", "2025-2026", "2026"]


def test_on_the_first_day_one_may_choose_the_month_before() -> None:
    assert choices(date(2026, 11, 1), date(2026, 11, 1))[0].code == "2026-10"
