"""Calendars: weeks as people write them on the door, French bank holidays, and the odd closure."""

from datetime import date, timedelta

from msgspec import Struct

from domain.places import Calendar, Closure, Hours
from domain.text import Text

Week = tuple[str, str, str, str, str, str, str]
"""Monday to Sunday: `"12:00-14:00 16:30-20:00"`, empty when shut."""

MonthDay = tuple[int, int]


class Timetable(Struct, frozen=True):
    """Two weeks that take turns: `summer` from one day of the year to the day before another, `winter` otherwise."""

    summer_from: MonthDay
    summer_until: MonthDay
    summer: Week
    winter: Week


class Shut(Struct, frozen=True):
    """An exceptional closure, told from the day the city is built: it is always recent, or soon."""

    first_day: int
    days: int
    why: Text


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def bank_holidays(year: int) -> tuple[tuple[date, Text], ...]:
    """The eleven days of article L3133-1 of the French labour code."""
    sunday = easter(year)
    return (
        (date(year, 1, 1), Text(fr="Jour de l’an", en="New Year’s Day")),
        (sunday + timedelta(days=1), Text(fr="Lundi de Pâques", en="Easter Monday")),
        (date(year, 5, 1), LABOUR_DAY),
        (date(year, 5, 8), Text(fr="Victoire de 1945", en="Victory in Europe Day")),
        (sunday + timedelta(days=39), Text(fr="Ascension", en="Ascension Day")),
        (sunday + timedelta(days=50), Text(fr="Lundi de Pentecôte", en="Whit Monday")),
        (date(year, 7, 14), Text(fr="Fête nationale", en="Bastille Day")),
        (date(year, 8, 15), Text(fr="Assomption", en="Assumption Day")),
        (date(year, 11, 1), Text(fr="Toussaint", en="All Saints’ Day")),
        (date(year, 11, 11), Text(fr="Armistice de 1918", en="Armistice Day")),
        (date(year, 12, 25), Text(fr="Noël", en="Christmas Day")),
    )


LABOUR_DAY = Text(fr="Fête du travail", en="Labour Day")


def calendar(
    table: Timetable, *, years: range, today: date, only_labour_day: bool = False, shut: Shut | None = None
) -> Calendar:
    """Lay a timetable over whole years. A bank holiday inside an exceptional closure is not said twice."""
    hours: list[Hours] = []
    closures: list[Closure] = []
    if shut is not None:
        first_day = today + timedelta(days=shut.first_day)
        closures.append(Closure(first_day, first_day + timedelta(days=shut.days - 1), shut.why))
    for year in years:
        opens, ends = date(year, *table.summer_from), date(year, *table.summer_until)
        hours += _season(table.summer, opens, ends)
        hours += _season(table.winter, ends, date(year + 1, *table.summer_from))
        closures += [
            Closure(day, day, why)
            for day, why in bank_holidays(year)
            if (why == LABOUR_DAY or not only_labour_day)
            and not any(c.first_day <= day <= c.last_day for c in closures)
        ]
    return Calendar(tuple(hours), tuple(closures))


def _season(week: Week, valid_from: date, valid_until: date) -> list[Hours]:
    return [
        Hours(valid_from, valid_until, weekday, *(_minutes(clock) for clock in span.split("-")))
        for weekday, spans in enumerate(week)
        for span in spans.split()
    ]


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
