"""Whether a product makes sense, found out when somebody enters it rather than at the gate."""

from datetime import date, timedelta
from itertools import combinations, permutations

from msgspec.structs import replace

from domain.circumstances import CircumstanceKind, check_value
from domain.conditions import Conditions
from domain.errors import ContradictoryPeriod
from domain.errors.people import BadCircumstance
from domain.errors.products import (
    ConditionNeverHolds,
    GraceOutOfReach,
    LimitOfNothing,
    OverlappingPrices,
    PriceOutOfReach,
    RepeatedLimit,
    UnusedParameter,
    UselessLimit,
    WarningOutOfReach,
    WindowNeverOpens,
)
from domain.limits import ONE, Limit, Measure, MonthDay, Window, in_year
from domain.products import Price, Product, Term, Terms
from domain.text import check_name
from domain.waste import BY_CODE, check_kind

LONGEST_GRACE = 90
"""Days for which a right that has ended is still read at a gate."""


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
        PriceOutOfReach: a price is negative, or is asked beyond a free part that is no part of its limit.
        OverlappingPrices: two prices hold for the same people on one day, or for one vehicle and load.
        ConditionNeverHolds: a condition that nobody can meet.
        GraceOutOfReach: a grace of no day, of more than ninety, or of no entry.
        UnknownKind: a limit names a kind of waste that there is not.
    """
    # A service is written in terms of rules, and those in terms of products: it is not known yet.
    from domain.services import check_service  # noqa: PLC0415

    check_name(product.name, of=f"Product {product.code}")
    check_service(product.service_code, of=f"Product {product.code}")
    for limit in product.limits:
        if limit.amount <= 0:
            raise LimitOfNothing(f"Product {product.code} has a limit of nothing or less: {_said(limit)}.")
        if limit.kind is not None:
            check_kind(limit.kind, of=f"Product {product.code}")
            _check_unit(limit, limit.kind, product.code)
        _check_window(limit, product.code)
        _check_free(limit, product.code)
        _check_rates(limit, product.terms, product.code)
    _check_limits_together(product)
    _check_warning(product)
    _check_terms(product)
    _check_prices(product)


_ASKS = {
    Window.SHIFTED_YEAR: {"starts"},
    Window.SEASON: {"starts", "ends"},
    Window.ROLLING_DAYS: {"days"},
}
"""The parameters that a window cannot do without; it takes no other."""

OLDEST = 130
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
    if limit.starts and limit.ends and in_year(limit.starts, _COMMON_YEAR) == in_year(limit.ends, _COMMON_YEAR):
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
        if _same_count(one) == _same_count(other):
            raise RepeatedLimit(f"Product {product.code} limits the same twice: {_said(one)} and {_said(other)}.")
    for inner, outer in permutations(limits, 2):
        covered = inner.unit is outer.unit and outer.kind in (None, inner.kind)
        holds = outer.window in _INSIDE[inner.window] or (inner.kind != outer.kind and _same_window(inner, outer))
        if covered and holds and inner.amount >= outer.amount:
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


def _check_unit(limit: Limit, kind: str, code: str) -> None:
    unit = BY_CODE[kind].unit
    if limit.unit is not unit:
        raise UselessLimit(f"Product {code}: {_said(limit)} is never reached, because {kind} is measured in {unit}.")


def _check_warning(product: Product) -> None:
    # A limit of the day never warns: it starts anew tomorrow.
    most = min((limit.free_amount for limit in product.limits if limit.window is not Window.DAY), default=0)
    if not 0 <= product.warn_below <= most:
        raise WarningOutOfReach(
            f"Product {product.code} warns below {product.warn_below / ONE:g}, which is not between 0 and "
            f"{most / ONE:g}, its smallest limit beyond a day."
        )


def _check_free(limit: Limit, code: str) -> None:
    if limit.price_cents < 0:
        raise PriceOutOfReach(f"Product {code}: {_said(limit)} has a negative price.")
    if limit.free is None and limit.is_priced:
        raise PriceOutOfReach(f"Product {code}: {_said(limit)} has a price, and nothing says how much is free.")
    if limit.free is not None and not 0 <= limit.free < limit.amount:
        raise PriceOutOfReach(f"Product {code}: {limit.free / ONE:g} free is no part of {_said(limit)}.")


def _check_rates(limit: Limit, terms: Terms, code: str) -> None:
    """Refuse prices by vehicle and load that contradict each other, the limit or the terms of the product."""
    conditions = terms.conditions
    if limit.rates and limit.price_cents:
        raise OverlappingPrices(
            f"Product {code}: {_said(limit)} has one price for all, and prices by vehicle and load."
        )
    for rate in limit.rates:
        if rate.price_cents < 0:
            raise PriceOutOfReach(f"Product {code}: {_said(limit)} has a negative price.")
        for kind in rate.kinds:
            check_kind(kind, of=f"Product {code}")
        if limit.kind is not None and rate.kinds:
            raise UnusedParameter(f"Product {code}: {_said(limit)} counts one kind alone, its prices need name none.")
        for named, served in (
            (rate.vehicles, conditions.vehicles),
            (rate.vehicles, terms.points),
            (rate.kinds, conditions.kinds),
        ):
            never = [one for one in named if served and one not in served]
            if never:
                raise PriceOutOfReach(f"Product {code} has a price for {never[0]}, which it does not serve.")
    for one, other in combinations(limit.rates, 2):
        if one.overlaps(other):
            raise OverlappingPrices(f"Product {code}: {_said(limit)} has two prices for one vehicle and load.")


def _check_terms(product: Product) -> None:
    code, terms = product.code, product.terms
    _check_conditions(terms.conditions, code)
    if terms.grace is not None:
        days, entries = terms.grace.days, terms.grace.entries
        if not 0 < days <= LONGEST_GRACE or (entries is not None and entries <= 0):
            raise GraceOutOfReach(f"Product {code} has a grace of {days} days and {entries} entries.")
    if any(points < 0 for points in terms.points.values()):
        raise LimitOfNothing(f"Product {code} gives points back for a vehicle.")
    if terms.points and not any(limit.unit is Measure.POINT for limit in product.limits):
        raise UnusedParameter(f"Product {code} weighs vehicles, and none of its limits counts points.")
    vehicles = terms.conditions.vehicles
    if terms.points and vehicles and not set(vehicles) & set(terms.points):
        raise ConditionNeverHolds(f"Product {code} gives no points to any vehicle that it is for.")
    if terms.entry_minutes and not any(limit.unit is Measure.MINUTE for limit in product.limits):
        raise UnusedParameter(f"Product {code} charges minutes on entry, and none of its limits counts them.")
    if terms.entry_minutes < 0 or terms.notice_days < 0 or (terms.yearly is not None and terms.yearly <= 0):
        raise LimitOfNothing(f"Product {code} has minutes, a notice or a yearly allowance of nothing or less.")
    if terms.term is not None:
        _check_term(terms.term, code)


def _check_term(term: Term, code: str) -> None:
    if term.window is Window.WHOLE:
        raise WindowNeverOpens(f"Product {code}: a right that is bought needs a window that ends.")
    _check_window(Limit(0, Measure.VISIT, ONE, term.window, term.starts, term.ends, term.days), code)


def _check_conditions(conditions: Conditions, code: str) -> None:
    first, below = conditions.age_from, conditions.age_below
    ages = [age for age in (first, below) if age is not None]
    if any(not 0 <= age <= OLDEST for age in ages) or (first is not None and below is not None and below <= first):
        raise ConditionNeverHolds(f"Product {code}: nobody is at least {first} and younger than {below}.")
    if any(not 0 <= weekday <= 6 for weekday in conditions.weekdays):
        raise ConditionNeverHolds(f"Product {code}: weekdays go from 0 (Monday) to 6 (Sunday).")
    for waste in conditions.kinds:
        check_kind(waste, of=f"Product {code}")
    for kind, values in (
        (CircumstanceKind.COMMUNE, conditions.communes),
        (CircumstanceKind.QUOTIENT, conditions.bands),
        (CircumstanceKind.STATUS, conditions.statuses),
    ):
        for value in values:
            try:
                check_value(kind, value)
            except BadCircumstance as never:
                raise ConditionNeverHolds(f"Product {code}: {never.detail}") from None


def _check_prices(product: Product) -> None:
    code = product.code
    for price in product.prices:
        _check_conditions(price.conditions, code)
        if price.amount_cents < 0:
            raise PriceOutOfReach(f"Product {code} has a negative price.")
        if price.valid_until <= price.valid_from:
            raise ContradictoryPeriod(f"Product {code} has a price that ends before it begins.")
    for one, other in combinations(product.prices, 2):
        if one.position == other.position or (one.conditions == other.conditions and _overlap(one, other)):
            raise OverlappingPrices(f"Product {code} has two prices for the same people on {other.valid_from}.")
    if product.prices and product.terms.term is None:
        raise WindowNeverOpens(f"Product {code} has a price, and nothing says how long it lasts once it is bought.")


def _overlap(one: Price, other: Price) -> bool:
    return one.valid_from < other.valid_until and other.valid_from < one.valid_until


def _same_count(limit: Limit) -> Limit:
    """Return what a limit counts and when, without how much of it."""
    return Limit(0, limit.unit, ONE, limit.window, limit.starts, limit.ends, limit.days, limit.kind)


def _same_window(one: Limit, other: Limit) -> bool:
    return replace(_same_count(one), kind=None) == replace(_same_count(other), kind=None)


def _said(limit: Limit) -> str:
    kind = f" of {limit.kind}" if limit.kind is not None else ""
    return f"{limit.amount / ONE:g} {limit.unit}{kind} ({limit.window})"
