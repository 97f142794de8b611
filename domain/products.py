"""Products and the rights they become.

Quantities are whole thousandths of their unit (a visit is 1000, half a point 500, 1.5 m3 is 1500): exact
sums without decimals, in every database.
"""

from calendar import isleap
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import combinations, permutations
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import (
    ContradictoryPeriod,
    LimitOfNothing,
    RepeatedLimit,
    UnusedParameter,
    UselessLimit,
    WarningOutOfReach,
    WindowNeverOpens,
)
from domain.people import Subject
from domain.ports import Unit
from domain.text import Text, check_name

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


class Limit(Struct, frozen=True):
    """At most `amount` thousandths of `unit` in each `window`. `position` names it within its product.

    `starts` belongs to a shifted year and a season, `ends` (excluded, like every end) to a season, `days` to rolling
    days; the other windows need nothing.
    """

    position: int
    unit: Measure
    amount: int
    window: Window
    starts: MonthDay | None = None
    ends: MonthDay | None = None
    days: int | None = None

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


def _in_year(month_day: MonthDay, year: int) -> date:
    month, day = month_day
    return date(year, 3, 1) if day == 29 and month == 2 and not isleap(year) else date(year, month, day)


def _year_from(starts: MonthDay, day: date) -> tuple[date, date]:
    year = day.year if (day.month, day.day) >= starts else day.year - 1
    return _in_year(starts, year), _in_year(starts, year + 1)


def _season(starts: MonthDay, ends: MonthDay, day: date) -> tuple[date, date]:
    starts_on, next_one = _year_from(starts, day)
    # A winter season ends in the year after the one in which it began.
    ends_before = _in_year(ends, starts_on.year + (ends <= starts))
    return (starts_on, ends_before) if day < ends_before else (next_one, next_one)


class Product(Struct, frozen=True):
    """Something an authority grants or sells for one service; no limit at all means as often as one likes.

    `warn_below` thousandths of the tightest limit make the answer mention what is left.
    """

    id: UUID
    authority_id: UUID
    code: str
    service_code: str
    subject: Subject
    name: Text
    limits: tuple[Limit, ...] = ()
    warn_below: int = 0


class Entitlement(Struct, frozen=True):
    """A right: this subject may use this product from `valid_from` to the day before `valid_until`."""

    id: UUID
    authority_id: UUID
    subject_id: UUID
    product_id: UUID
    service_code: str
    valid_from: date
    valid_until: date
    granted_at: datetime
    keep_until: date


def check_product(product: Product) -> None:
    """Refuse a product that contradicts itself, at entry rather than at the gate.

    Raises:
        NameMissing: it has no name in one of the languages.
        UnknownService: no service has its code.
        LimitOfNothing: a limit allows nothing or less.
        UnusedParameter: a limit has a parameter that its window does not ask.
        WindowNeverOpens: a limit's window holds no day of some year, or two seasons never meet.
        RepeatedLimit: two limits count the same in the same window, or stand under one position.
        UselessLimit: a limit is never reached, because another is reached first.
        WarningOutOfReach: `warn_below` is negative, or more than there ever is.
    """
    # A service is written in terms of products, so it is not known yet while this module is read.
    from domain.services import check_service  # noqa: PLC0415

    check_name(product.name, of=f"Product {product.code}")
    check_service(product.service_code, of=f"Product {product.code}")
    for limit in product.limits:
        if limit.amount <= 0:
            raise LimitOfNothing(f"Product {product.code} has a limit of nothing or less: {_said(limit)}.")
        _check_window(limit, product.code)
    _check_limits_together(product)
    _check_warning(product)


_ASKS = {
    Window.SHIFTED_YEAR: {"starts"},
    Window.SEASON: {"starts", "ends"},
    Window.ROLLING_DAYS: {"days"},
}
"""The parameters that a window cannot do without; it takes no other."""

_COMMON_YEAR, _LEAP_YEAR = 2027, 2028


def _check_window(limit: Limit, code: str) -> None:
    asks = _ASKS.get(limit.window, set())
    given = {name for name in ("starts", "ends", "days") if getattr(limit, name) is not None}
    if given - asks:
        unused = " and ".join(sorted(given - asks))
        raise UnusedParameter(f"Product {code}: {_said(limit)} makes no use of {unused}.")
    if asks - given:
        missing = " and ".join(sorted(asks - given))
        raise WindowNeverOpens(f"Product {code}: {_said(limit)} does not say {missing}.")
    for month_day in (limit.starts, limit.ends):
        if month_day is not None and not _exists(month_day):
            raise WindowNeverOpens(f"Product {code}: no year has a day {month_day[1]} of month {month_day[0]}.")
    if limit.days is not None and limit.days <= 0:
        raise WindowNeverOpens(f"Product {code}: a block of {limit.days} days holds no day.")
    # From 29 February to before 1 March is a season in leap years only.
    if limit.starts and limit.ends and _in_year(limit.starts, _COMMON_YEAR) == _in_year(limit.ends, _COMMON_YEAR):
        raise WindowNeverOpens(f"Product {code}: a season that ends before the day on which it starts holds no day.")


def _exists(month_day: MonthDay) -> bool:
    try:
        date(_LEAP_YEAR, *month_day)
    except ValueError:
        return False
    return True


def _check_limits_together(product: Product) -> None:
    limits = product.limits
    for one, other in combinations(limits, 2):
        if one.position == other.position:
            raise RepeatedLimit(f"Product {product.code} has two limits under the position {one.position}.")
        if replace(one, position=0, amount=0) == replace(other, position=0, amount=0):
            raise RepeatedLimit(f"Product {product.code} limits the same twice: {_said(one)} and {_said(other)}.")
    for inner, outer in permutations(limits, 2):
        if inner.unit is outer.unit and inner.amount >= outer.amount and outer.window in _INSIDE[inner.window]:
            raise UselessLimit(
                f"Product {product.code}: {_said(inner)} is never reached, because {_said(outer)} is reached before."
            )
    seasons = [limit for limit in limits if limit.window is Window.SEASON]
    year = (date(_COMMON_YEAR, 1, 1) + timedelta(days=days) for days in range(365))
    if len(seasons) > 1 and not any(all(_opens_on(season, day) for season in seasons) for day in year):
        raise WindowNeverOpens(f"Product {product.code} has seasons that never meet: no day would be in all of them.")


_INSIDE: dict[Window, set[Window]] = {
    **{window: {Window.WHOLE} for window in Window},
    Window.DAY: set(Window) - {Window.DAY},
    Window.MONTH: {Window.YEAR, Window.SCHOOL_YEAR, Window.WHOLE},
    Window.WHOLE: set(),
}
"""For each window, those which always hold the whole of it, as far as the right lives. A week lies in two months."""


def _opens_on(season: Limit, day: date) -> bool:
    starts_on, ends_before = season.period(day, day, day)
    return starts_on < ends_before


def _check_warning(product: Product) -> None:
    # A limit of the day never warns: it starts anew tomorrow.
    most = min((limit.amount for limit in product.limits if limit.window is not Window.DAY), default=0)
    if not 0 <= product.warn_below <= most:
        raise WarningOutOfReach(
            f"Product {product.code} warns below {product.warn_below / ONE:g}, which is not between 0 and "
            f"{most / ONE:g}, its smallest limit beyond a day."
        )


def _said(limit: Limit) -> str:
    return f"{limit.amount / ONE:g} {limit.unit} ({limit.window})"


async def publish_product(unit: Unit, product: Product) -> Product:
    """Offer a product: check it, then write it.

    Raises:
        Invalid: as `check_product`.
    """
    check_product(product)
    await unit.products.add(product)
    return product


async def grant(
    unit: Unit,
    *,
    product: Product,
    subject_id: UUID,
    valid_from: date,
    valid_until: date,
    now: datetime,
    keep_until: date,
) -> Entitlement:
    """Give a subject the right to use a product over a period."""
    if valid_until <= valid_from:
        raise ContradictoryPeriod(f"The right would end on {valid_until}, before it begins on {valid_from}.")
    entitlement = Entitlement(
        id=unit.ids.row(),
        authority_id=product.authority_id,
        subject_id=subject_id,
        product_id=product.id,
        service_code=product.service_code,
        valid_from=valid_from,
        valid_until=valid_until,
        granted_at=now,
        keep_until=keep_until,
    )
    await unit.products.add_entitlement(entitlement)
    return entitlement
