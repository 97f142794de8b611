"""Products that contradict themselves are refused before anybody holds them."""

from typing import Any, cast
from uuid import UUID

import pytest

from domain.errors import Invalid, NameMissing
from domain.errors.products import (
    LimitOfNothing,
    RepeatedLimit,
    UnknownService,
    UnusedParameter,
    UselessLimit,
    WarningOutOfReach,
    WindowNeverOpens,
)
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.ports import Unit
from domain.product_checks import check_product
from domain.products import Product, publish_product
from domain.text import Text

VISIT = Measure.VISIT
NAME = Text(fr="Essai", en="Trial")


def product(
    *limits: Limit, warn_below: int = 0, service: str = "waste-centre", name: Text = NAME, code: str = "p"
) -> Product:
    return Product(UUID(int=1), UUID(int=2), code, service, Subject.HOUSEHOLD, name, limits, warn_below)


def at_most(
    amount: float,
    window: Window,
    unit: Measure = VISIT,
    *,
    position: int = 0,
    **needs: Any,  # noqa: ANN401 - as above
) -> Limit:
    return Limit(position, unit, round(amount * ONE), window, **needs)


SUMMER = at_most(30, Window.SEASON, starts=(5, 15), ends=(9, 16))
WINTER = at_most(30, Window.SEASON, position=1, starts=(10, 15), ends=(4, 15))


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param((), id="2.1 Mulhouse: as often as one likes"),
        pytest.param((at_most(18, Window.YEAR),), id="2.1 Sud-Est Manceau"),
        pytest.param(
            (
                at_most(2, Window.DAY, Measure.M3),
                at_most(4, Window.MONTH, position=1),
                at_most(30, Window.YEAR, position=2),
            ),
            id="2.1 Est Ensemble",
        ),
        pytest.param(
            (
                at_most(5, Window.WEEK, Measure.M3),
                at_most(20, Window.WEEK, Measure.LITRE, position=1),
                at_most(5, Window.WEEK, Measure.PIECE, position=2),
            ),
            id="2.1 Béthune-Bruay",
        ),
        pytest.param((at_most(18, Window.YEAR, Measure.POINT),), id="2.1 Lombric"),
        pytest.param(
            (at_most(0.2, Window.DAY, Measure.M3), at_most(4, Window.YEAR, Measure.M3, position=1)),
            id="2.1 Nord 77, paint of associations",
        ),
        pytest.param((at_most(2, Window.DAY), at_most(360, Window.SCHOOL_YEAR, position=1)), id="2.4 one return a day"),
        pytest.param((at_most(30, Window.ROLLING_DAYS, days=30),), id="2.4 thirty days"),
        pytest.param(
            (at_most(3, Window.ROLLING_DAYS, days=7), at_most(10, Window.ROLLING_DAYS, position=1, days=30)),
            id="blocks of two lengths",
        ),
        pytest.param((at_most(1, Window.SHIFTED_YEAR, starts=(2, 29)),), id="2.4 shifted year, at its oddest"),
        pytest.param((SUMMER, at_most(2, Window.DAY, position=1)), id="2.4 season"),
        pytest.param((WINTER,), id="a season over New Year"),
        # A week lies in two months: its limit may be reached although it is no smaller than the month's.
        pytest.param((at_most(5, Window.WEEK), at_most(4, Window.MONTH, position=1)), id="a week is in no month"),
    ],
)
def test_products_that_are_really_sold_are_accepted(limits: tuple[Limit, ...]) -> None:
    check_product(product(*limits))


@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        (product(at_most(0, Window.YEAR)), LimitOfNothing, "0 visit (year)"),
        (product(at_most(-1, Window.YEAR)), LimitOfNothing, "-1 visit (year)"),
        # windows that never open
        (product(at_most(1, Window.SHIFTED_YEAR)), WindowNeverOpens, "does not say starts"),
        (product(at_most(1, Window.SEASON)), WindowNeverOpens, "does not say ends and starts"),
        (product(at_most(1, Window.SEASON, starts=(5, 15))), WindowNeverOpens, "does not say ends"),
        (product(at_most(1, Window.SEASON, ends=(5, 15))), WindowNeverOpens, "does not say starts"),
        (product(at_most(1, Window.ROLLING_DAYS)), WindowNeverOpens, "does not say days"),
        (product(at_most(1, Window.ROLLING_DAYS, days=0)), WindowNeverOpens, "0 days"),
        (product(at_most(1, Window.ROLLING_DAYS, days=-7)), WindowNeverOpens, "-7 days"),
        (product(at_most(1, Window.SEASON, starts=(5, 15), ends=(5, 15))), WindowNeverOpens, "holds no day"),
        (product(at_most(1, Window.SEASON, starts=(2, 29), ends=(3, 1))), WindowNeverOpens, "holds no day"),
        (product(at_most(1, Window.SHIFTED_YEAR, starts=(4, 31))), WindowNeverOpens, "day 31 of month 4"),
        (product(at_most(1, Window.SHIFTED_YEAR, starts=(13, 1))), WindowNeverOpens, "day 1 of month 13"),
        (product(at_most(1, Window.SEASON, starts=(5, 1), ends=(2, 30))), WindowNeverOpens, "day 30 of month 2"),
        (product(SUMMER, WINTER), WindowNeverOpens, "never meet"),
        # what another window would have needed
        (product(at_most(1, Window.YEAR, starts=(3, 1))), UnusedParameter, "no use of starts"),
        (product(at_most(1, Window.SCHOOL_YEAR, starts=(9, 1))), UnusedParameter, "no use of starts"),
        (product(at_most(1, Window.SHIFTED_YEAR, starts=(3, 1), ends=(3, 1))), UnusedParameter, "no use of ends"),
        (product(at_most(1, Window.DAY, days=30, ends=(3, 1))), UnusedParameter, "no use of days and ends"),
        (product(at_most(1, Window.SEASON, starts=(5, 1), ends=(6, 1), days=30)), UnusedParameter, "no use of days"),
        # limits beside each other
        (product(at_most(1, Window.DAY), at_most(1, Window.YEAR, Measure.M3)), RepeatedLimit, "position 0"),
        (
            product(at_most(2, Window.WEEK), at_most(3, Window.WEEK, position=1)),
            RepeatedLimit,
            "2 visit (week) and 3 visit (week)",
        ),
        (
            product(at_most(31, Window.DAY), at_most(30, Window.YEAR, position=1)),
            UselessLimit,
            "31 visit (day) is never reached, because 30 visit (year)",
        ),
        (
            product(at_most(30, Window.YEAR), at_most(31, Window.DAY, position=1)),
            UselessLimit,
            "31 visit (day) is never reached, because 30 visit (year)",
        ),
        (product(at_most(4, Window.DAY), at_most(4, Window.WHOLE, position=1)), UselessLimit, "4 visit (day)"),
        (
            product(at_most(9, Window.MONTH), at_most(4, Window.SCHOOL_YEAR, position=1)),
            UselessLimit,
            "9 visit (month)",
        ),
        (product(SUMMER, at_most(30, Window.WHOLE, position=1)), UselessLimit, "30 visit (season)"),
        # words
        (
            product(service="museum"),
            UnknownService,
            "'museum'; there are library, pool, sports-hall, transport, waste-centre",
        ),
        (product(name=Text(fr="Essai", en=" ")), NameMissing, "Product p needs a name"),
        (product(name=Text(fr="", en="Trial")), NameMissing, "Product p needs a name"),
        # warnings
        (product(at_most(24, Window.YEAR), warn_below=-1), WarningOutOfReach, "-0.001"),
        (
            product(at_most(24, Window.YEAR), warn_below=25 * ONE),
            WarningOutOfReach,
            "25, which is not between 0 and 24",
        ),
        (product(SUMMER, at_most(2, Window.DAY, position=1), warn_below=31 * ONE), WarningOutOfReach, "0 and 30"),
        (product(at_most(2, Window.DAY), warn_below=ONE), WarningOutOfReach, "0 and 0"),
        (product(warn_below=ONE), WarningOutOfReach, "0 and 0"),
    ],
)
def test_a_product_that_contradicts_itself_is_refused_before_anybody_holds_it(
    bad: Product, error: type[Invalid], said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_product(bad)
    assert type(refused.value) is error
    assert said in refused.value.detail
    assert refused.value.detail.startswith("Product p")
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize("warn_below", [0, 24 * ONE])
def test_a_warning_may_begin_anywhere_up_to_the_smallest_limit_beyond_a_day(warn_below: int) -> None:
    check_product(product(at_most(2, Window.DAY), at_most(24, Window.YEAR, position=1), warn_below=warn_below))


class Shelf:
    """A unit of work that keeps products."""

    def __init__(self) -> None:
        self.kept: list[Product] = []

    @property
    def unit(self) -> Unit:
        return cast("Unit", self)

    @property
    def products(self) -> "Shelf":
        return self

    async def add(self, new: Product) -> None:
        self.kept.append(new)


async def test_what_is_published_was_checked() -> None:
    shelf, good = Shelf(), product(SUMMER)
    assert await publish_product(shelf.unit, good) == good
    with pytest.raises(LimitOfNothing):
        await publish_product(shelf.unit, product(at_most(0, Window.YEAR)))
    assert shelf.kept == [good]
