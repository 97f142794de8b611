"""When a site is open. Sources: domain study 2.1 and 2.2 (opening, last entry, groups and schools)."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.calendars import MIDNIGHT, BankHolidays, Calendar, Closure, Hours, Session
from domain.text import Text
from store.ledger.scan import wall_clock

NOON, TWO, SIX, SEVEN = 12 * 60, 14 * 60, 18 * 60, 19 * 60
NINE = 9 * 60
SUMMER = (date(2026, 4, 1), date(2026, 11, 1))
WINTER = (date(2026, 11, 1), date(2027, 4, 1))

# Saturdays: mornings and afternoons in summer, an hour less in winter. Mondays in summer only.
SEASONS = Calendar(
    hours=(
        Hours(*SUMMER, 5, TWO, SEVEN),
        Hours(*SUMMER, 5, NINE, NOON),
        Hours(*WINTER, 5, NINE, NOON),
        Hours(*WINTER, 5, TWO, SIX),
        Hours(*SUMMER, 0, NINE, NOON),
    ),
    closures=(
        Closure(date(2026, 7, 14), date(2026, 7, 14), Text(fr="Fête nationale", en="National day")),
        Closure(date(2026, 8, 1), date(2026, 8, 15), Text(fr="Travaux", en="Works")),
    ),
)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 10, 31), ((NINE, NOON), (TWO, SEVEN))),  # the last day of summer, a Saturday
        (date(2026, 11, 7), ((NINE, NOON), (TWO, SIX))),  # winter
        (date(2026, 4, 4), ((NINE, NOON), (TWO, SEVEN))),
        (date(2026, 3, 28), ()),  # before any season
        (date(2027, 3, 27), ((NINE, NOON), (TWO, SIX))),  # the last Saturday of winter
        (date(2027, 4, 3), ()),  # nobody wrote the hours of next summer
        (date(2026, 10, 26), ((NINE, NOON),)),  # a Monday of summer
        (date(2026, 11, 2), ()),  # a Monday of winter
        (date(2026, 11, 4), ()),  # a Wednesday
    ],
)
def test_a_day_has_the_hours_of_its_weekday_and_season(day: date, hours: tuple[tuple[int, int], ...]) -> None:
    assert SEASONS.on(day) == hours


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2026, 7, 31), False),
        (date(2026, 8, 1), True),
        (date(2026, 8, 15), True),  # the last day is included
        (date(2026, 8, 16), False),
    ],
)
def test_a_closure_runs_from_its_first_day_to_its_last(day: date, *, closed: bool) -> None:
    assert (SEASONS.closure_on(day) is not None) is closed


def test_a_closure_wins_over_the_hours_and_says_why() -> None:
    assert SEASONS.on(date(2026, 8, 8)) == ()
    closure = SEASONS.closure_on(date(2026, 8, 8))
    assert closure is not None
    assert closure.why.fr == "Travaux"


def test_a_site_without_hours_is_always_shut() -> None:
    assert Calendar().on(date(2026, 11, 18)) == ()


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_intervals_come_in_order_and_do_not_touch_midnight_wrongly(day: date) -> None:
    hours = SEASONS.on(day)
    assert list(hours) == sorted(hours)
    assert all(0 <= opens < closes <= 1440 for opens, closes in hours)


def test_hours_that_touch_are_one_opening() -> None:
    split = Calendar((Hours(*SUMMER, 5, NOON, TWO), Hours(*SUMMER, 5, NINE, NOON), Hours(*SUMMER, 5, SIX, SEVEN)))
    assert split.on(date(2026, 4, 4)) == ((NINE, TWO), (SIX, SEVEN))


@pytest.mark.parametrize(
    ("instant", "open_"),
    [
        ("2026-03-29T00:59:00+00:00", True),  # 01:59, a minute before the clocks jump to 03:00
        ("2026-03-29T01:00:00+00:00", False),  # 03:00: the site closes at 02:30, an hour that is not there
        ("2026-03-29T06:59:00+00:00", False),  # 08:59 in summer time
        ("2026-03-29T07:00:00+00:00", True),  # 09:00
        ("2026-10-25T00:29:00+00:00", True),  # 02:29, for the first time
        ("2026-10-25T00:30:00+00:00", False),  # 02:30, for the first time
        ("2026-10-25T01:00:00+00:00", True),  # 02:00, for the second time
        ("2026-10-25T07:59:00+00:00", False),  # 08:59 in winter time
        ("2026-10-25T08:00:00+00:00", True),  # 09:00
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall_on_the_days_when_it_changes(instant: str, *, open_: bool) -> None:
    year = (date(2026, 1, 1), date(2027, 1, 1))
    nights = Calendar((Hours(*year, 6, 0, 150), Hours(*year, 6, NINE, NOON)))
    day, minute = wall_clock(datetime.fromisoformat(instant), "Europe/Paris")
    assert any(opens <= minute < closes for opens, closes in nights.on(day)) is open_


# --- bank holidays ----------------------------------------------------------------------------------

# Every day from nine to noon, and to two o'clock on Sundays; never on Mondays. Bank holidays of 2026 that tell apart.
YEAR = (date(2026, 1, 1), date(2027, 1, 1))
EASTER_MONDAY, LABOUR_DAY, NATIONAL_DAY, CHRISTMAS = (
    date(2026, 4, 6),
    date(2026, 5, 1),
    date(2026, 7, 14),
    date(2026, 12, 25),
)
WEEK = Calendar(
    hours=(*(Hours(*YEAR, weekday, NINE, NOON) for weekday in range(1, 6)), Hours(*YEAR, 6, NINE, TWO)),
    bank_days=frozenset({EASTER_MONDAY, LABOUR_DAY, NATIONAL_DAY, CHRISTMAS}),
)
USUAL, SUNDAYS, NEVER = ((NINE, NOON),), ((NINE, TWO),), ()


@pytest.mark.parametrize("day", [EASTER_MONDAY, LABOUR_DAY, NATIONAL_DAY, CHRISTMAS])
@pytest.mark.parametrize("does", BankHolidays)
def test_on_a_bank_holiday_a_site_does_what_it_says(day: date, does: BankHolidays) -> None:
    usual = NEVER if day == EASTER_MONDAY else USUAL
    expected = {BankHolidays.AS_USUAL: usual, BankHolidays.CLOSED: NEVER, BankHolidays.AS_SUNDAY: SUNDAYS}
    assert replace(WEEK, bank_holidays=does).on(day) == expected[does]


@pytest.mark.parametrize("does", BankHolidays)
def test_the_days_around_a_bank_holiday_are_ordinary(does: BankHolidays) -> None:
    calendar = replace(WEEK, bank_holidays=does)
    assert calendar.on(date(2026, 7, 15)) == USUAL
    assert calendar.on(date(2026, 7, 13)) == NEVER  # a Monday


def test_who_rests_on_sundays_rests_on_bank_holidays_that_are_as_sundays() -> None:
    weekdays = replace(WEEK, hours=WEEK.hours[:-1], bank_holidays=BankHolidays.AS_SUNDAY)
    assert weekdays.on(NATIONAL_DAY) == NEVER


@pytest.mark.parametrize("does", BankHolidays)
def test_a_closure_wins_over_a_bank_holiday(does: BankHolidays) -> None:
    works = Closure(date(2026, 7, 13), NATIONAL_DAY, Text(fr="Travaux", en="Works"))
    calendar = replace(WEEK, bank_holidays=does, closures=(works,))
    assert calendar.on(NATIONAL_DAY) == NEVER
    assert calendar.entries_on(NATIONAL_DAY) == NEVER
    assert calendar.on(date(2026, 7, 15)) == USUAL


def test_a_bank_holiday_as_a_sunday_has_the_sundays_of_its_season() -> None:
    seasons = Calendar(
        (Hours(*SUMMER, 6, NINE, SEVEN), Hours(*WINTER, 6, NINE, NOON)),
        bank_holidays=BankHolidays.AS_SUNDAY,
        bank_days=frozenset({NATIONAL_DAY, CHRISTMAS}),
    )
    assert seasons.on(NATIONAL_DAY) == ((NINE, SEVEN),)
    assert seasons.on(CHRISTMAS) == ((NINE, NOON),)


# --- last entry -------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [0, 20, 30, 45])
def test_nobody_is_let_in_during_the_last_minutes_before_each_closing(minutes: int) -> None:
    """Sanary 20, Pessac 30, Villers-Bocage 45."""
    pool = Calendar((Hours(*SUMMER, 5, NINE, NOON), Hours(*SUMMER, 5, TWO, SEVEN)), last_entry_minutes=minutes)
    day = date(2026, 4, 4)
    assert pool.on(day) == ((NINE, NOON), (TWO, SEVEN))
    assert pool.entries_on(day) == ((NINE, NOON - minutes), (TWO, SEVEN - minutes))


def test_the_last_entry_is_told_from_the_closing_of_the_day_not_of_the_week() -> None:
    pool = replace(WEEK, bank_holidays=BankHolidays.AS_SUNDAY, last_entry_minutes=30)
    assert pool.entries_on(date(2026, 7, 15)) == ((NINE, NOON - 30),)
    assert pool.entries_on(NATIONAL_DAY) == ((NINE, TWO - 30),)


def test_hours_that_touch_have_one_last_entry() -> None:
    pool = Calendar((Hours(*SUMMER, 5, NINE, NOON), Hours(*SUMMER, 5, NOON, TWO)), last_entry_minutes=30)
    assert pool.entries_on(date(2026, 4, 4)) == ((NINE, TWO - 30),)


def test_midnight_is_no_closing_for_a_site_that_stays_open() -> None:
    """A Saturday night's swim until two o'clock."""
    night = Calendar((Hours(*SUMMER, 5, SEVEN, MIDNIGHT), Hours(*SUMMER, 6, 0, 120)), last_entry_minutes=30)
    assert night.entries_on(date(2026, 4, 4)) == ((SEVEN, MIDNIGHT),)
    assert night.entries_on(date(2026, 4, 5)) == ((0, 90),)


@pytest.mark.parametrize("sunday", [(), (Hours(*SUMMER, 6, NINE, NOON),)])
def test_midnight_is_a_closing_like_any_other_for_a_site_that_goes_to_bed(sunday: tuple[Hours, ...]) -> None:
    late = Calendar((Hours(*SUMMER, 5, SEVEN, MIDNIGHT), *sunday), last_entry_minutes=30)
    assert late.entries_on(date(2026, 4, 4)) == ((SEVEN, MIDNIGHT - 30),)


# --- sessions ---------------------------------------------------------------------------------------

SCHOOL = Text(fr="Écoles", en="Schools")


def held(code: str, weekday: int, opens: int, closes: int) -> Session:
    return Session(code, SCHOOL, weekday, opens, closes, *SUMMER, reserved=False)


POOL = Calendar(
    hours=(*(Hours(*SUMMER, weekday, NINE, SEVEN) for weekday in range(5)), Hours(*SUMMER, 6, NINE, NOON)),
    sessions=(
        held("club", 1, SIX, SEVEN),
        held("school", 1, NINE, 630),
        held("lesson", 1, SIX, SEVEN - 30),
        held("aqua-gym", 6, NINE, 600),
    ),
    bank_days=frozenset({NATIONAL_DAY}),
)


def codes(calendar: Calendar, day: date) -> list[str]:
    return [session.code for session in calendar.sessions_on(day)]


def test_sessions_of_a_day_come_in_the_order_in_which_they_begin() -> None:
    assert codes(POOL, date(2026, 7, 7)) == ["school", "lesson", "club"]
    assert codes(POOL, date(2026, 7, 8)) == []


@pytest.mark.parametrize(
    ("day", "some"),
    [
        (date(2026, 3, 31), False),  # the Tuesday before the season
        (date(2026, 4, 7), True),
        (date(2026, 10, 27), True),  # the last Tuesday of the season
        (date(2026, 11, 3), False),
    ],
)
def test_sessions_are_held_in_their_season(day: date, *, some: bool) -> None:
    assert bool(codes(POOL, day)) is some


@pytest.mark.parametrize(
    ("does", "expected"),
    [
        (BankHolidays.AS_USUAL, ["school", "lesson", "club"]),
        (BankHolidays.AS_SUNDAY, ["aqua-gym"]),
        (BankHolidays.CLOSED, []),
    ],
)
def test_sessions_follow_the_site_on_a_bank_holiday(does: BankHolidays, expected: list[str]) -> None:
    assert codes(replace(POOL, bank_holidays=does), NATIONAL_DAY) == expected


def test_no_session_is_held_while_the_site_is_shut() -> None:
    drained = Closure(date(2026, 7, 6), date(2026, 7, 12), Text(fr="Vidange", en="Basin drained"))
    assert codes(replace(POOL, closures=(drained,)), date(2026, 7, 7)) == []


@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.sampled_from(BankHolidays))
def test_a_session_lies_within_the_hours_of_its_day(day: date, does: BankHolidays) -> None:
    calendar = replace(POOL, bank_holidays=does)
    for session in calendar.sessions_on(day):
        assert any(opens <= session.opens < session.closes <= closes for opens, closes in calendar.on(day))
