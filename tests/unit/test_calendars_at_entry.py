"""A calendar that contradicts itself never reaches a gate: each refusal, and what comes close to one."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from domain.calendars import (
    HOLIDAY_REGIONS,
    BankHolidays,
    Calendar,
    Closure,
    Hours,
    Session,
    check_calendar,
    check_holiday_region,
)
from domain.errors import ContradictoryPeriod, Invalid, NameMissing
from domain.errors.places import (
    ImpossibleHours,
    LastEntryTooEarly,
    OverlappingHours,
    OverlappingSessions,
    ReversedClosure,
    SessionNamedTwice,
    SessionNeverHeld,
    SessionOutsideHours,
    SiteNeverOpens,
    UnknownHolidayRegion,
    UnknownWeekday,
)
from domain.text import Text

NINE, NOON, TWO, SIX, SEVEN = 9 * 60, 12 * 60, 14 * 60, 18 * 60, 19 * 60
SUMMER = (date(2026, 4, 1), date(2026, 11, 1))
WINTER = (date(2026, 11, 1), date(2027, 4, 1))
WHY = Text(fr="Vent fort", en="Strong wind")

REVERSED_SEASON = (date(2026, 11, 1), date(2026, 4, 1))
MORNING = Hours(*SUMMER, 5, NINE, NOON)


def test_a_calendar_that_people_keep_is_accepted() -> None:
    seasons = (MORNING, Hours(*SUMMER, 5, TWO, SEVEN), Hours(*WINTER, 5, NINE, NOON), Hours(*WINTER, 5, TWO, SIX))
    works = Closure(date(2026, 8, 1), date(2026, 8, 15), WHY), Closure(date(2026, 7, 14), date(2026, 7, 14), WHY)
    check_calendar(Calendar(seasons, works), of="Site s")
    check_calendar(Calendar((Hours(*SUMMER, 6, 0, 1440),)), of="Site s")


@pytest.mark.parametrize(
    ("calendar", "error", "said"),
    [
        (Calendar(), SiteNeverOpens, "no opening hours"),
        (Calendar(closures=(Closure(SUMMER[0], SUMMER[0], WHY),)), SiteNeverOpens, "no opening hours"),
        (Calendar((Hours(*SUMMER, 7, NINE, NOON),)), UnknownWeekday, "weekday 7"),
        (Calendar((Hours(*SUMMER, -1, NINE, NOON),)), UnknownWeekday, "weekday -1"),
        (Calendar((Hours(*SUMMER, 5, NOON, NINE),)), ImpossibleHours, "12:00–09:00"),
        (Calendar((Hours(*SUMMER, 5, NINE, NINE),)), ImpossibleHours, "09:00–09:00"),
        (Calendar((Hours(*SUMMER, 5, NINE, 1441),)), ImpossibleHours, "09:00–24:01"),
        (Calendar((Hours(*SUMMER, 5, -60, NINE),)), ImpossibleHours, "weekday 5"),
        (Calendar((Hours(*REVERSED_SEASON, 5, NINE, NOON),)), ContradictoryPeriod, "2026-04-01, before 2026-11-01"),
        (Calendar((Hours(SUMMER[0], SUMMER[0], 5, NINE, NOON),)), ContradictoryPeriod, "2026-04-01"),
        (Calendar((MORNING, MORNING)), OverlappingHours, "09:00–12:00 and 09:00–12:00"),
        (Calendar((MORNING, Hours(*SUMMER, 5, NOON - 1, SIX))), OverlappingHours, "weekday 5"),
        (Calendar((Hours(*SUMMER, 5, 0, 1440), MORNING)), OverlappingHours, "00:00–24:00"),
        (
            Calendar((MORNING, Hours(date(2026, 10, 31), date(2027, 1, 1), 5, NINE, NOON))),
            OverlappingHours,
            "weekday 5",
        ),
        (
            Calendar((MORNING,), (Closure(date(2026, 8, 15), date(2026, 8, 14), WHY),)),
            ReversedClosure,
            "2026-08-14, before 2026-08-15",
        ),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused_at_entry(
    calendar: Calendar, error: type[Invalid], said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_calendar(calendar, of="Site s")
    assert type(refused.value) is error
    assert said in refused.value.detail
    assert refused.value.detail.startswith("Site s")
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize(
    "other",
    [
        Hours(*SUMMER, 5, NOON, SIX),  # one after the other
        Hours(*SUMMER, 4, NINE, NOON),  # another day
        Hours(*WINTER, 5, NINE, NOON),  # another season
    ],
)
def test_hours_that_touch_do_not_overlap(other: Hours) -> None:
    check_calendar(Calendar((MORNING, other)), of="Site s")


@pytest.mark.parametrize("region", [None, *HOLIDAY_REGIONS])
def test_a_region_with_bank_holidays_of_its_own_is_accepted(region: str | None) -> None:
    check_holiday_region(region, of="Site s")


@pytest.mark.parametrize("region", ["", "59", "67", "Moselle", "Zone A", "FR"])
def test_another_region_is_refused_with_those_that_there_are(region: str) -> None:
    with pytest.raises(UnknownHolidayRegion, match=r"Site s .*57 \(Moselle\), 6AE \(Alsace\)"):
        check_holiday_region(region, of="Site s")


# --- last entry -------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [0, 1, 30, 179])
def test_a_last_entry_that_leaves_a_minute_of_every_opening_is_accepted(minutes: int) -> None:
    check_calendar(Calendar((MORNING,), last_entry_minutes=minutes), of="Site s")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(-1, "last -1 minutes"), (180, "all of 09:00–12:00 on weekday 5"), (200, "all of 09:00–12:00")],
)
def test_a_last_entry_that_leaves_nothing_of_some_opening_is_refused(minutes: int, said: str) -> None:
    calendar = Calendar((Hours(*SUMMER, 4, NINE, SEVEN), MORNING), last_entry_minutes=minutes)
    with pytest.raises(LastEntryTooEarly) as refused:
        check_calendar(calendar, of="Site s")
    assert said in refused.value.detail


# --- sessions ---------------------------------------------------------------------------------------

SCHOOL = Session("school", Text(fr="Écoles", en="Schools"), 5, NINE, 630, *SUMMER, reserved=True)
CLUB = Session("club", Text(fr="Club", en="Club"), 5, 600, 660, *SUMMER, reserved=False)
LESSON = replace(CLUB, code="lesson", name=Text(fr="Leçon", en="Lesson"))
ALL_YEAR = replace(MORNING, valid_until=WINTER[1])
NEXT_WEEK = (date(2026, 11, 8), date(2026, 11, 14))


def holding(*sessions: Session, hours: tuple[Hours, ...] = (MORNING,)) -> Calendar:
    return Calendar(hours, sessions=sessions)


@pytest.mark.parametrize(
    "calendar",
    [
        holding(SCHOOL),
        holding(replace(SCHOOL, opens=NINE, closes=NOON)),  # all the morning
        holding(replace(SCHOOL, closes=TWO), hours=(MORNING, Hours(*SUMMER, 5, NOON, TWO))),  # over hours that touch
        holding(CLUB, LESSON),  # two that share the water
        holding(SCHOOL, replace(CLUB, opens=630)),  # one after the other
        holding(SCHOOL, replace(SCHOOL, opens=660, closes=NOON)),  # twice a day
        holding(SCHOOL, replace(SCHOOL, weekday=4), hours=(MORNING, replace(MORNING, weekday=4))),
        holding(SCHOOL, replace(SCHOOL, valid_from=WINTER[0], valid_until=WINTER[1]), hours=(ALL_YEAR,)),
        holding(replace(SCHOOL, valid_until=WINTER[1]), hours=(MORNING, Hours(*WINTER, 5, NINE, 630))),
    ],
)
def test_sessions_that_people_hold_are_accepted(calendar: Calendar) -> None:
    check_calendar(calendar, of="Site s")


def test_a_session_may_run_over_days_without_hours_on_which_it_is_not_held() -> None:
    """Hours end on Friday 3 July and begin anew on Monday 6 July: no Wednesday lies between."""
    before = Hours(date(2026, 1, 1), date(2026, 7, 4), 2, NINE, NOON)
    after = Hours(date(2026, 7, 6), date(2026, 9, 1), 2, NINE, NOON)
    class_ = replace(SCHOOL, weekday=2, valid_from=date(2026, 1, 1), valid_until=date(2026, 9, 1))
    check_calendar(holding(class_, hours=(before, after)), of="Site s")
    late = replace(after, valid_from=date(2026, 7, 13))
    with pytest.raises(SessionOutsideHours, match="on 2026-07-08"):
        check_calendar(holding(class_, hours=(before, late)), of="Site s")


def test_a_closure_or_a_bank_holiday_is_no_contradiction_of_a_session() -> None:
    """They cancel it, as every year."""
    calendar = replace(
        holding(SCHOOL),
        closures=(Closure(SUMMER[0], SUMMER[1] - timedelta(days=1), WHY),),
        bank_holidays=BankHolidays.CLOSED,
        bank_days=frozenset({date(2026, 8, 15)}),
    )
    check_calendar(calendar, of="Site s")


@pytest.mark.parametrize(
    ("calendar", "error", "said"),
    [
        (holding(replace(SCHOOL, name=Text(fr="Écoles", en=""))), NameMissing, "in French and in English"),
        (holding(replace(SCHOOL, weekday=7)), UnknownWeekday, "weekday 7"),
        (holding(replace(SCHOOL, closes=NINE)), ImpossibleHours, "09:00–09:00"),
        (holding(replace(SCHOOL, valid_until=SUMMER[0])), ContradictoryPeriod, "2026-04-01"),
        (holding(replace(SCHOOL, valid_from=NEXT_WEEK[0], valid_until=NEXT_WEEK[1])), SessionNeverHeld, "2026-11-14"),
        (holding(replace(SCHOOL, closes=NOON + 1)), SessionOutsideHours, "09:00–12:01 on 2026-04-04"),
        (holding(replace(SCHOOL, opens=NINE - 1)), SessionOutsideHours, "08:59–10:30"),
        (holding(replace(SCHOOL, weekday=4)), SessionOutsideHours, "on 2026-04-03"),
        (holding(replace(SCHOOL, valid_until=WINTER[1])), SessionOutsideHours, "on 2026-11-07"),
        (holding(replace(SCHOOL, valid_from=date(2026, 3, 1))), SessionOutsideHours, "on 2026-03-07"),
        (
            holding(replace(SCHOOL, closes=SIX), hours=(MORNING, Hours(*SUMMER, 5, TWO, SEVEN))),
            SessionOutsideHours,
            "09:00–18:00",
        ),
        (
            holding(replace(SCHOOL, valid_until=WINTER[1]), hours=(MORNING, Hours(*WINTER, 5, 570, NOON))),
            SessionOutsideHours,
            "on 2026-11-07",
        ),
        (holding(SCHOOL, CLUB), OverlappingSessions, "school 09:00–10:30 and club 10:00–11:00"),
        (holding(CLUB, SCHOOL), OverlappingSessions, "weekday 5"),
        (holding(SCHOOL, replace(CLUB, reserved=True)), OverlappingSessions, "at once"),
        (holding(CLUB, CLUB), OverlappingSessions, "club 10:00–11:00 and club 10:00–11:00"),
        (holding(CLUB, replace(LESSON, code="club", opens=660, closes=NOON)), SessionNamedTwice, "'Club' and 'Lesson'"),
    ],
)
def test_a_session_that_contradicts_its_site_or_another_is_refused_at_entry(
    calendar: Calendar, error: type[Invalid], said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_calendar(calendar, of="Site s")
    assert type(refused.value) is error
    assert said in refused.value.detail
    assert "Site s" in refused.value.detail
    assert refused.value.detail.endswith(".")
