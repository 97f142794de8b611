"""Calendars: weeks as people write them on the door, days of rest, sessions, and the odd closure."""

from datetime import date, timedelta

from msgspec import Struct

from domain.calendars import BankHolidays, Calendar, Closure, Hours, Session
from domain.text import Text
from store.bank_days import BankDays

Week = tuple[str, str, str, str, str, str, str]
"""Monday to Sunday: `"12:00-14:00 16:30-20:00"`, empty when shut."""

MonthDay = tuple[int, int]


class Rest(Struct, frozen=True):
    """A day of every year on which a place stays shut, whatever it does on other bank holidays."""

    day: MonthDay
    why: Text


NEW_YEAR = Rest((1, 1), Text(fr="Jour de l’an", en="New Year’s Day"))
LABOUR_DAY = Rest((5, 1), Text(fr="Fête du travail", en="Labour Day"))
CHRISTMAS = Rest((12, 25), Text(fr="Noël", en="Christmas Day"))


class Meeting(Struct, frozen=True):
    """A session of the winter weeks: `span` is `"09:00-10:30"`, as in a week."""

    code: str
    name: Text
    weekday: int
    span: str
    reserved: bool


class Timetable(Struct, frozen=True):
    """Two weeks that take turns: `summer` from one day of the year to the day before another, `winter` otherwise."""

    summer_from: MonthDay
    summer_until: MonthDay
    summer: Week
    winter: Week
    bank_holidays: BankHolidays = BankHolidays.CLOSED
    rests: tuple[Rest, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    last_entry_minutes: int = 0


class Shut(Struct, frozen=True):
    """An exceptional closure, told from the day the city is built: it is always recent, or soon."""

    first_day: int
    days: int
    why: Text


def calendar(table: Timetable, *, years: range, today: date, shut: Shut | None = None) -> Calendar:
    """Lay a timetable over whole years. A day of rest inside an exceptional closure is not said twice."""
    hours: list[Hours] = []
    sessions: list[Session] = []
    closures: list[Closure] = []
    if shut is not None:
        first_day = today + timedelta(days=shut.first_day)
        closures.append(Closure(first_day, first_day + timedelta(days=shut.days - 1), shut.why))
    for year in years:
        opens, ends = date(year, *table.summer_from), date(year, *table.summer_until)
        next_summer = date(year + 1, *table.summer_from)
        hours += _season(table.summer, opens, ends)
        hours += _season(table.winter, ends, next_summer)
        sessions += [_session(meeting, ends, next_summer) for meeting in table.meetings]
        rests = [(date(year, *rest.day), rest.why) for rest in table.rests]
        closures += [
            Closure(day, day, why)
            for day, why in rests
            if not any(closure.first_day <= day <= closure.last_day for closure in closures)
        ]
    return Calendar(
        tuple(hours),
        tuple(closures),
        tuple(sessions),
        table.bank_holidays,
        BankDays(),
        table.last_entry_minutes,
    )


def _season(week: Week, valid_from: date, valid_until: date) -> list[Hours]:
    return [
        Hours(valid_from, valid_until, weekday, *_minutes(span))
        for weekday, spans in enumerate(week)
        for span in spans.split()
    ]


def _session(meeting: Meeting, valid_from: date, valid_until: date) -> Session:
    opens, closes = _minutes(meeting.span)
    return Session(
        meeting.code, meeting.name, meeting.weekday, opens, closes, valid_from, valid_until, meeting.reserved
    )


def _minutes(span: str) -> tuple[int, int]:
    (opens_hour, opens_minute), (closes_hour, closes_minute) = (clock.split(":") for clock in span.split("-"))
    return int(opens_hour) * 60 + int(opens_minute), int(closes_hour) * 60 + int(closes_minute)
