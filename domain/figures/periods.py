"""Periods of a dashboard: whole months, quarters, school years and years, named in an address.

They are never free stretches of days: one could be taken from the other, and what is left is a day or a person.
"""

import re
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from domain.errors.figures import UnknownPeriod
from domain.figures.words import month_name
from domain.text import Text

_ORDINALS = (("1er", "first"), ("2e", "second"), ("3e", "third"), ("4e", "fourth"))

_SCHOOL_STARTS = 9
"""September."""

_FORMS = (
    (re.compile(r"(20[0-9]{2})"), "year"),
    (re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])"), "month"),
    (re.compile(r"(20[0-9]{2})-q([1-4])"), "quarter"),
    (re.compile(r"(20[0-9]{2})-(20[0-9]{2})"), "school_year"),
)


class Span(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    SCHOOL_YEAR = "school_year"
    """From 1 September to 31 August."""
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months it has."""
        return {Span.MONTH: 1, Span.QUARTER: 3}.get(self, 12)


class Against(StrEnum):
    """What a period is compared with."""

    YEAR = "year"
    """The same months a year earlier."""
    BEFORE = "before"
    """The period that ends where this one begins."""


class Period(Struct, frozen=True):
    """Local days from `first` to the one before `until`. `known_until` is where the days that have been lived end."""

    span: Span
    first: date
    until: date
    known_until: date

    @property
    def code(self) -> str:
        """Its name in an address: `2026-11`, `2026-q4`, `2026-2027`, `2026`."""
        year = self.first.year
        match self.span:
            case Span.MONTH:
                return f"{self.first:%Y-%m}"
            case Span.QUARTER:
                return f"{year}-q{(self.first.month + 2) // 3}"
            case Span.SCHOOL_YEAR:
                return f"{year}-{year + 1}"
        return str(year)

    @property
    def name(self) -> Text:
        """Its name in a sentence."""
        year, month = self.first.year, self.first.month
        match self.span:
            case Span.MONTH:
                return month_name(self.first)
            case Span.QUARTER:
                fr, en = _ORDINALS[(month - 1) // 3]
                return Text(fr=f"{fr} trimestre {year}", en=f"{en} quarter of {year}")
            case Span.SCHOOL_YEAR:
                return Text(fr=f"année scolaire {year}-{year + 1}", en=f"school year {year}-{year + 1}")
        return Text(fr=f"année {year}", en=f"year {year}")

    @property
    def within(self) -> Text:
        """Say that something was so in it: "en novembre 2026", "in November 2026"."""
        name, year = self.name, self.first.year
        match self.span:
            case Span.MONTH:
                return Text(fr=f"en {name.fr}", en=f"in {name.en}")
            case Span.QUARTER:
                return Text(fr=f"au {name.fr}", en=f"in the {name.en}")
            case Span.SCHOOL_YEAR:
                return Text(fr=f"pendant l’{name.fr}", en=f"in the {name.en}")
        return Text(fr=f"en {year}", en=f"in {year}")

    @property
    def than(self) -> Text:
        """Compare with it: "qu’en mai 2026", "than in May 2026"."""
        within = self.within
        return Text(fr=f"que {within.fr}" if within.fr.startswith("p") else f"qu’{within.fr}", en=f"than {within.en}")

    @property
    def runs(self) -> bool:
        """Whether some of its days are still to come."""
        return self.known_until < self.until

    @property
    def last_month(self) -> date:
        """The first day of its last month of which anything is known."""
        return (self.known_until - timedelta(days=1)).replace(day=1)


def period(span: Span, day: date, today: date) -> Period:
    """Return the period of this length that holds a day. Only days before `today` are told: that one still runs."""
    if span is Span.SCHOOL_YEAR:
        first = date(day.year if day.month >= _SCHOOL_STARTS else day.year - 1, _SCHOOL_STARTS, 1)
    elif span is Span.YEAR:
        first = date(day.year, 1, 1)
    else:
        first = date(day.year, day.month - (day.month - 1) % span.months, 1)
    until = months_later(first, span.months)
    return Period(span, first, until, max(first, min(until, today)))


def read(code: str, today: date) -> Period:
    """Read a period's name in an address.

    Raises:
        UnknownPeriod: it is none, or no day of it is over.
    """
    for form, name in _FORMS:
        if (found := form.fullmatch(code)) is None:
            continue
        year, part = int(found[1]), int(found[2]) if found.lastindex == 2 else 1
        span = Span(name)
        month = {Span.MONTH: part, Span.QUARTER: 3 * part - 2, Span.SCHOOL_YEAR: _SCHOOL_STARTS}.get(span, 1)
        read_ = period(span, date(year, month, 1), today)
        if read_.first < today and (span is not Span.SCHOOL_YEAR or part == year + 1):
            return read_
    raise UnknownPeriod("A period is written 2026-11, 2026-q4, 2026-2027 or 2026, and begins before today.")


def earlier(of: Period, against: Against) -> Period:
    """Return what a period is compared with. Of one that still runs, as many days: until the same day."""
    back = 12 if against is Against.YEAR else of.span.months
    first, until = months_later(of.first, -back), months_later(of.until, -back)
    if not of.runs:
        return Period(of.span, first, until, until)
    return Period(of.span, first, until, min(until, first + (of.known_until - of.first)))


def months_later(first: date, months: int) -> date:
    """The first day of the month so many months later."""
    place = first.year * 12 + first.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def months_of(of: Period) -> list[date]:
    """The first days of its months that have begun."""
    days = [months_later(of.first, step) for step in range(of.span.months)]
    return [day for day in days if day < of.known_until]


def choices(today: date, since: date) -> list[Period]:
    """List what a reader may choose: what runs and what went before, back to the first day that was counted."""
    found: list[Period] = []
    for span, most in ((Span.MONTH, 13), (Span.QUARTER, 6), (Span.SCHOOL_YEAR, 4), (Span.YEAR, 4)):
        one = period(span, today - timedelta(days=1), today)
        for _ in range(most):
            if found and one.until <= since:
                break
            found.append(one)
            one = period(span, one.first - timedelta(days=1), today)
    return found
