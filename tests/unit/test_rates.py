"""Prices by vehicle and load together: which one holds, what is not known, and what is refused at entry."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.conditions import Conditions, VehicleClass
from domain.errors import Invalid
from domain.errors.places import UnknownKind
from domain.errors.products import OverlappingPrices, PriceOutOfReach, UnusedParameter
from domain.limits import ONE, Limit, Measure, Window
from domain.product_checks import check_product
from domain.products import Product, Terms
from domain.rates import Rate, rate_for
from tests.unit.test_products import at_most, product

CAR, VAN, TRUCK = VehicleClass.CAR, VehicleClass.VAN, VehicleClass.TRUCK
CAR_RUBBLE, CAR_GREEN, CAR_MIXED = (
    Rate(600, (CAR,), ("rubble",)),
    Rate(400, (CAR,), ("green", "wood")),
    Rate(900, (CAR,)),
)
VAN_ANY = Rate(2_500, (VAN,))
LOMBRIC = (CAR_RUBBLE, CAR_GREEN, CAR_MIXED, VAN_ANY)


@pytest.mark.parametrize(
    ("vehicle", "load", "rate", "known"),
    [
        (CAR, ("rubble",), CAR_RUBBLE, True),
        (CAR, ("green",), CAR_GREEN, True),
        (CAR, ("green", "wood"), CAR_GREEN, True),
        (CAR, ("green", "rubble"), CAR_MIXED, True),
        (CAR, ("bulky",), CAR_MIXED, True),
        (VAN, ("rubble",), VAN_ANY, True),
        (VAN, (), VAN_ANY, True),  # whatever is in it
        (CAR, (), CAR_MIXED, False),  # rubble alone would cost less
        (None, ("rubble",), None, False),
        (TRUCK, ("rubble",), None, True),
    ],
)
def test_a_price_is_that_of_the_vehicle_and_of_all_that_is_in_it(
    vehicle: VehicleClass | None, load: tuple[str, ...], rate: Rate | None, *, known: bool
) -> None:
    """SMITOM Lombric: by vehicle, for rubble, for green waste, for mixed loads."""
    found = rate_for(LOMBRIC, vehicle, load)
    assert found[1] is known
    if known:
        assert found[0] == rate


def rated(*rates: Rate, terms: Terms | None = None, **limit: Any) -> Product:  # noqa: ANN401 - fields of a limit
    asked = {"free": 0, **limit}
    made = product(replace(at_most(10, Window.YEAR), rates=rates, **asked))
    return made if terms is None else replace(made, terms=terms)


M3_OF_RUBBLE: dict[str, Any] = {"unit": Measure.M3, "kind": "rubble"}


@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        (rated(CAR_MIXED, Rate(100, (VAN, CAR))), OverlappingPrices, "two prices for one vehicle and load"),
        (rated(CAR_MIXED, Rate(100)), OverlappingPrices, "two prices"),
        (rated(CAR_RUBBLE, Rate(100, (), ("rubble", "wood"))), OverlappingPrices, "two prices"),
        (rated(CAR_MIXED, price_cents=100), OverlappingPrices, "one price for all"),
        (rated(Rate(-1)), PriceOutOfReach, "negative price"),
        (rated(CAR_MIXED, free=None), PriceOutOfReach, "nothing says how much is free"),
        (rated(Rate(100, (), ("gold",))), UnknownKind, "'gold'"),
        (rated(CAR_RUBBLE, **M3_OF_RUBBLE), UnusedParameter, "one kind alone"),
        (rated(VAN_ANY, terms=Terms(Conditions(vehicles=(CAR,)))), PriceOutOfReach, "a price for van"),
        (rated(VAN_ANY, unit=Measure.POINT, terms=Terms(points={CAR: 500})), PriceOutOfReach, "a price for van"),
        (rated(CAR_RUBBLE, terms=Terms(Conditions(kinds=("wood",)))), PriceOutOfReach, "a price for rubble"),
    ],
)
def test_prices_by_vehicle_and_load_that_contradict_themselves_are_refused(
    bad: Product, error: type[Invalid], said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_product(bad)
    assert type(refused.value) is error
    assert said in refused.value.detail


@pytest.mark.parametrize(
    "good",
    [
        rated(*LOMBRIC),
        rated(CAR_RUBBLE, Rate(300, (), ("green",)), Rate(1_000)),
        rated(Rate(1_500, (CAR,)), Rate(3_000, (VAN, TRUCK)), **M3_OF_RUBBLE),
    ],
)
def test_prices_by_vehicle_and_load_that_make_sense_are_accepted(good: Product) -> None:
    check_product(good)


KINDS = ("rubble", "green", "wood", "bulky")


def some_of(things: Sequence[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(things), unique=True, max_size=3).map(tuple)


RATES = st.lists(
    st.builds(Rate, st.integers(0, 5_000), some_of([CAR, VAN, TRUCK]), some_of(KINDS)), min_size=1, max_size=5
).map(tuple)


@given(RATES, st.sampled_from([CAR, VAN, TRUCK]), st.sets(st.sampled_from(KINDS), min_size=1))
def test_among_prices_that_are_accepted_their_order_chooses_nothing(
    rates: tuple[Rate, ...], vehicle: VehicleClass, load: set[str]
) -> None:
    try:
        check_product(rated(*rates))
    except OverlappingPrices:
        return
    forwards, backwards = rate_for(rates, vehicle, load), rate_for(rates[::-1], vehicle, load)
    assert forwards == backwards
    assert forwards[1], "a vehicle and a load that are told leave nothing open"


def test_a_limit_with_prices_by_vehicle_is_one_that_costs() -> None:
    assert Limit(0, Measure.VISIT, ONE, Window.YEAR, free=0, rates=(VAN_ANY,)).is_priced
