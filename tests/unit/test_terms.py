"""What goes with a product beside its limits: prices, conditions, grace, and how long it lasts once it is bought."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.conditions import Conditions, VehicleClass
from domain.errors import ContradictoryPeriod, Invalid
from domain.errors.places import UnknownKind
from domain.errors.products import (
    ConditionNeverHolds,
    GraceOutOfReach,
    LimitOfNothing,
    OverlappingPrices,
    PriceOutOfReach,
    UnusedParameter,
    UselessLimit,
    WindowNeverOpens,
)
from domain.limits import ONE, Limit, Measure, Window
from domain.product_checks import check_product
from domain.products import Grace, Price, Product, Term, Terms, after_working_days
from store.bank_days import BankDays
from tests.unit.test_products import at_most, product
from tests.unit.test_windows import DAYS, EVERY_DAY, SEASONS

YEAR_2026 = (date(2026, 1, 1), date(2027, 1, 1))
FOR_A_MONTH = Term(Window.MONTH)
ADULTS, CHILDREN = Conditions(age_from=18), Conditions(age_below=18)
POINTS = {VehicleClass.CAR: 500}


def with_terms(*limits: Limit, **terms: Any) -> Product:  # noqa: ANN401 - terms
    return replace(product(*limits), terms=Terms(**terms))


def sold(*prices: Price, term: Term | None = FOR_A_MONTH) -> Product:
    return replace(product(), prices=prices, terms=Terms(term=term))


@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        (product(at_most(34, Window.YEAR, free=24 * ONE, price_cents=-1)), PriceOutOfReach, "negative price"),
        (product(at_most(34, Window.YEAR, price_cents=2_000)), PriceOutOfReach, "how much is free"),
        (product(at_most(34, Window.YEAR, free=34 * ONE)), PriceOutOfReach, "34 free is no part of 34 visit"),
        (product(at_most(34, Window.YEAR, free=-ONE)), PriceOutOfReach, "-1 free"),
        (sold(Price(0, -100, *YEAR_2026)), PriceOutOfReach, "negative price"),
        (sold(Price(0, 100, YEAR_2026[1], YEAR_2026[0])), ContradictoryPeriod, "ends before it begins"),
        (sold(Price(0, 100, *YEAR_2026), Price(1, 200, *YEAR_2026)), OverlappingPrices, "on 2026-01-01"),
        (
            sold(Price(0, 100, *YEAR_2026), Price(1, 200, date(2026, 12, 31), date(2028, 1, 1))),
            OverlappingPrices,
            "on 2026-12-31",
        ),
        (sold(Price(0, 100, *YEAR_2026, ADULTS), Price(0, 50, *YEAR_2026, CHILDREN)), OverlappingPrices, "two prices"),
        (sold(Price(0, 100, *YEAR_2026), term=None), WindowNeverOpens, "how long it lasts"),
        (
            sold(Price(0, 100, *YEAR_2026, Conditions(age_from=18, age_below=18))),
            ConditionNeverHolds,
            "younger than 18",
        ),
        (with_terms(conditions=Conditions(age_from=26, age_below=18)), ConditionNeverHolds, "at least 26"),
        (with_terms(conditions=Conditions(age_from=-1)), ConditionNeverHolds, "at least -1"),
        (with_terms(conditions=Conditions(age_below=131)), ConditionNeverHolds, "younger than 131"),
        (with_terms(conditions=Conditions(weekdays=(0, 7))), ConditionNeverHolds, "0 (Monday) to 6"),
        (with_terms(conditions=Conditions(communes=("5935",))), ConditionNeverHolds, "INSEE code"),
        (with_terms(conditions=Conditions(bands=("735",))), ConditionNeverHolds, "never an amount"),
        (with_terms(conditions=Conditions(statuses=("Student",))), ConditionNeverHolds, "small letters"),
        (with_terms(conditions=Conditions(kinds=("gold",))), UnknownKind, "'gold'"),
        (
            with_terms(
                at_most(18, Window.YEAR, Measure.POINT),
                points=POINTS,
                conditions=Conditions(vehicles=(VehicleClass.VAN,)),
            ),
            ConditionNeverHolds,
            "no points to any vehicle",
        ),
        (with_terms(grace=Grace(days=0)), GraceOutOfReach, "0 days"),
        (with_terms(grace=Grace(days=91)), GraceOutOfReach, "91 days"),
        (with_terms(grace=Grace(days=30, entries=0)), GraceOutOfReach, "0 entries"),
        (product(at_most(1, Window.DAY, Measure.M3, kind="gold")), UnknownKind, "'gold'"),
        (product(at_most(0.2, Window.DAY, Measure.M3, kind="paint")), UselessLimit, "paint is measured in litre"),
        (
            product(at_most(2, Window.DAY, Measure.M3), at_most(3, Window.DAY, Measure.M3, position=1, kind="rubble")),
            UselessLimit,
            "3 m3 of rubble (day) is never reached",
        ),
        (with_terms(at_most(18, Window.YEAR), points=POINTS), UnusedParameter, "weighs vehicles"),
        (with_terms(at_most(18, Window.YEAR), entry_minutes=60), UnusedParameter, "charges minutes"),
        (
            with_terms(at_most(9, Window.YEAR, Measure.POINT), points={VehicleClass.CAR: -1}),
            LimitOfNothing,
            "points back",
        ),
        (with_terms(at_most(9, Window.YEAR, Measure.MINUTE), entry_minutes=-1), LimitOfNothing, "of nothing or less"),
        (with_terms(yearly=0), LimitOfNothing, "yearly allowance"),
        (with_terms(notice_days=-1), LimitOfNothing, "a notice"),
        (with_terms(term=Term(Window.WHOLE)), WindowNeverOpens, "a window that ends"),
        (with_terms(term=Term(Window.ROLLING_DAYS)), WindowNeverOpens, "does not say days"),
        (with_terms(term=Term(Window.MONTH, days=30)), UnusedParameter, "no use of days"),
        (with_terms(term=Term(Window.SEASON, starts=(5, 15))), WindowNeverOpens, "does not say ends"),
    ],
)
def test_terms_and_prices_that_contradict_themselves_are_refused_too(
    bad: Product, error: type[Invalid], said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_product(bad)
    assert type(refused.value) is error
    assert said in refused.value.detail
    assert refused.value.detail.startswith("Product p")


@pytest.mark.parametrize(
    "good",
    [
        product(at_most(34, Window.YEAR, free=24 * ONE, price_cents=2_000)),
        product(at_most(12, Window.WEEK, Measure.M3, kind="rubble", free=0, price_cents=1_500)),
        product(at_most(26, Window.YEAR, free=24 * ONE)),
        sold(Price(0, 100, *YEAR_2026, ADULTS), Price(1, 50, *YEAR_2026, CHILDREN)),
        sold(Price(0, 100, *YEAR_2026), Price(1, 110, date(2027, 1, 1), date(2028, 1, 1))),
        sold(Price(0, 0, *YEAR_2026)),
        with_terms(grace=Grace(days=90, entries=2)),
        with_terms(conditions=Conditions(age_from=0, age_below=130)),
        # The visits of one kind may be fewer in a longer window, and as many in a shorter one of another kind.
        product(at_most(2, Window.DAY, Measure.M3), at_most(1, Window.DAY, Measure.M3, position=1, kind="rubble")),
    ],
)
def test_terms_and_prices_that_make_sense_are_accepted(good: Product) -> None:
    check_product(good)


# --- how long a right lasts that is bought --------------------------------------------------------


SEASON = Term(Window.SEASON, starts=(5, 15), ends=(9, 16))


@pytest.mark.parametrize(
    ("term", "bought", "since", "until"),
    [
        (Term(Window.ROLLING_DAYS, days=365), date(2028, 2, 29), date(2028, 2, 29), date(2029, 2, 28)),
        (Term(Window.ROLLING_DAYS, days=30), date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 30)),
        (Term(Window.DAY), date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1)),
        (Term(Window.MONTH), date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 1)),
        (Term(Window.MONTH), date(2026, 12, 1), date(2026, 12, 1), date(2027, 1, 1)),
        (Term(Window.YEAR), date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1)),
        (Term(Window.SCHOOL_YEAR), date(2027, 8, 31), date(2027, 8, 31), date(2027, 9, 1)),
        (Term(Window.SCHOOL_YEAR), date(2027, 9, 1), date(2027, 9, 1), date(2028, 9, 1)),
        (Term(Window.SHIFTED_YEAR, starts=(3, 1)), date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 1)),
        (Term(Window.SHIFTED_YEAR, starts=(2, 29)), date(2027, 2, 28), date(2027, 2, 28), date(2027, 3, 1)),
        # in the season, on its last day, after it and before it
        (SEASON, date(2026, 7, 1), date(2026, 7, 1), date(2026, 9, 16)),
        (SEASON, date(2026, 9, 15), date(2026, 9, 15), date(2026, 9, 16)),
        (SEASON, date(2026, 9, 16), date(2027, 5, 15), date(2027, 9, 16)),
        (SEASON, date(2027, 2, 1), date(2027, 5, 15), date(2027, 9, 16)),
        (Term(Window.SEASON, starts=(11, 1), ends=(3, 1)), date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 1)),
    ],
)
def test_a_right_that_is_bought_lasts_to_the_end_of_its_window(
    term: Term, bought: date, since: date, until: date
) -> None:
    assert term.period(bought) == (since, until)


@given(
    DAYS,
    st.one_of(
        EVERY_DAY.map(lambda limit: Term(limit.window, limit.starts, limit.ends, limit.days)),
        SEASONS.map(lambda limit: Term(limit.window, limit.starts, limit.ends)),
    ),
)
def test_what_is_bought_never_begins_before_the_sale_and_always_holds_a_day(day: date, term: Term) -> None:
    since, until = term.period(day)
    assert day <= since < until


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        (date(2026, 11, 18), 0, date(2026, 11, 18)),
        (date(2026, 11, 18), 2, date(2026, 11, 20)),
        (date(2026, 11, 18), 3, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 22), 5, date(2026, 11, 27)),
    ],
)
def test_working_days_go_from_monday_to_friday(day: date, count: int, then: date) -> None:
    assert after_working_days(day, count, bank_days=BankDays()) == then


@pytest.mark.parametrize(
    ("day", "count", "region", "then"),
    [
        (date(2026, 5, 6), 3, None, date(2026, 5, 12)),  # Friday 8 May is no working day
        (date(2026, 12, 24), 1, None, date(2026, 12, 28)),
        (date(2026, 4, 1), 2, None, date(2026, 4, 3)),
        (date(2026, 4, 1), 2, "57", date(2026, 4, 7)),  # Good Friday, and Easter Monday
    ],
)
def test_a_bank_holiday_is_no_working_day(day: date, count: int, region: str | None, then: date) -> None:
    """Vexin: 72 working hours; Moselle and Alsace have two bank holidays more."""
    assert after_working_days(day, count, bank_days=BankDays(region)) == then
