"""What a right counts, how much of it, and over which stretch of days.

Quantities are whole thousandths of their unit (a visit is 1000, half a point 500, 1.5 m3 is 1500): exact
sums without decimals, in every database.
"""

from calendar import isleap
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from domain.rates import Rate

ONE = 1000
"""One whole unit, in thousandths."""

MonthDay = tuple[int, int]
"""A month and a day of it, in any year. 29 February is 1 March in a year that has none."""

SCHOOL_YEAR_STARTS: MonthDay = (9, 1)


class Measure(StrEnum):
    """What a limit counts."""

    VISIT = "visit"
    POINT = "point"
    M3 = "m3"
    LITRE = "litre"
    MINUTE = "minute"
    PIECE = "piece"
    """Things that are counted: tyres."""


class Window(StrEnum):
    """Over which stretch of days a limit counts, in the site's own calendar."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    WHOLE = "whole"
    """The whole life of the right: a carnet."""
    SCHOOL_YEAR = "school_year"
    """From 1 September to 31 August."""
    SHIFTED_YEAR = "shifted_year"
    """A year that begins on the limit's `starts`."""
    SEASON = "season"
    """From `starts` to the day before `ends`, each year. Outside it the right serves nobody."""
    ROLLING_DAYS = "rolling_days"
    """Blocks of `days` days, one after the other, from the first day of the right."""


class Settlement(StrEnum):
    """When what goes beyond the free part of a limit is paid."""

    BILLED = "billed"
    """The gate opens; what is due stands in the passage, and is billed later."""
    AT_GATE = "at_gate"
    """The gate opens once it is paid."""


class Limit(Struct, frozen=True):
    """At most `amount` thousandths of `unit` in each `window`: the hard stop. `position` names it within its product.

    `starts` belongs to a shifted year and a season, `ends` (excluded, like every end) to a season, `days` to rolling
    days; the other windows need nothing.

    `kind` narrows the limit to one kind of waste. Up to `free` thousandths cost nothing, from there to the hard stop
    each whole unit costs `price_cents`: 24 free visits and ten more at 20 euros are an amount of 34, of which 24 are
    free. Without `free` the whole amount is. A price of nothing makes the rest entries of grace, let in with a word.
    `rates` take the place of the one price where it depends on the vehicle and the load: who has none for theirs stops
    where the free part does.
    """

    position: int
    unit: Measure
    amount: int
    window: Window
    starts: MonthDay | None = None
    ends: MonthDay | None = None
    days: int | None = None
    kind: str | None = None
    free: int | None = None
    price_cents: int = 0
    settlement: Settlement = Settlement.BILLED
    rates: tuple[Rate, ...] = ()

    @property
    def is_priced(self) -> bool:
        """Whether what goes beyond the free part costs anything."""
        return bool(self.price_cents or self.rates)

    @property
    def free_amount(self) -> int:
        """Thousandths that cost nothing: what a person thinks of as the quota."""
        return self.amount if self.free is None else self.free

    def period(self, day: date, valid_from: date, valid_until: date) -> tuple[date, date]:
        """Return the first day, and the first day after, of the window in which `day` falls.

        Outside a season there is no such window. What comes back then is empty: twice the day on which the next
        season begins. Nothing is ever counted in it, and `Right.covers` says no.
        """
        window = self.window
        if window is _YEAR:
            return date(day.year, 1, 1), date(day.year + 1, 1, 1)
        if window is _WHOLE:
            return valid_from, valid_until
        if window is _DAY:
            return day, day + _A_DAY
        if window is _MONTH:
            first = day.replace(day=1)
            return first, (first + _LONGEST_MONTH).replace(day=1)
        if window is _WEEK:
            monday = day - timedelta(days=day.weekday())
            return monday, monday + _A_WEEK
        if window is _SCHOOL_YEAR:
            return _year_from(SCHOOL_YEAR_STARTS, day)
        if self.days is not None:
            starts_on = day - timedelta(days=(day - valid_from).days % self.days)
            return starts_on, starts_on + timedelta(days=self.days)
        assert self.starts is not None  # noqa: S101 - the product was checked, and so is its row
        return _year_from(self.starts, day) if self.ends is None else _season(self.starts, self.ends, day)


# A batch asks for the periods of hundreds of limits: looking a member up in its class costs as much as the rest.
_DAY, _WEEK, _MONTH, _YEAR, _WHOLE = Window.DAY, Window.WEEK, Window.MONTH, Window.YEAR, Window.WHOLE
_SCHOOL_YEAR = Window.SCHOOL_YEAR
_A_DAY, _A_WEEK, _LONGEST_MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=31)


def in_year(month_day: MonthDay, year: int) -> date:
    """Return the day in a year; 29 February is 1 March in a year that has none."""
    month, day = month_day
    return date(year, 3, 1) if day == 29 and month == 2 and not isleap(year) else date(year, month, day)


def _year_from(starts: MonthDay, day: date) -> tuple[date, date]:
    year = day.year if (day.month, day.day) >= starts else day.year - 1
    return in_year(starts, year), in_year(starts, year + 1)


def _season(starts: MonthDay, ends: MonthDay, day: date) -> tuple[date, date]:
    starts_on, next_one = _year_from(starts, day)
    # A winter season ends in the year after the one in which it began.
    ends_before = in_year(ends, starts_on.year + (ends <= starts))
    return (starts_on, ends_before) if day < ends_before else (next_one, next_one)
