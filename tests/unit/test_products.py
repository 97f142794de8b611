"""Windows of limits, in the site's own calendar, and products that contradict themselves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import (
    Invalid,
    LimitOfNothing,
    NameMissing,
    RepeatedLimit,
    UnknownService,
    UnusedParameter,
    UselessLimit,
    WarningOutOfReach,
    WindowNeverOpens,
)
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.periods import FOREVER
from domain.ports import Unit
from domain.product_checks import check_product
from domain.products import Product, publish_product
from domain.text import Text
from store.ledger.scan import wall_clock

STARTS, ENDS = date(2026, 3, 10), date(2027, 3, 10)
PARIS = "Europe/Paris"


def window(kind: Window, day: date, **needs: Any) -> tuple[date, date]:  # noqa: ANN401 - what a window needs
    return Limit(0, Measure.VISIT, ONE, kind, **needs).period(day, STARTS, ENDS)


@pytest.mark.parametrize(
    ("kind", "day", "starts_on", "ends_before"),
    [
        (Window.DAY, date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1)),
        (Window.DAY, date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 1)),
        # ISO weeks begin on Monday and do not know about years: 1 January 2027 is a Friday.
        (Window.WEEK, date(2026, 12, 28), date(2026, 12, 28), date(2027, 1, 4)),
        (Window.WEEK, date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 4)),
        (Window.WEEK, date(2027, 1, 3), date(2026, 12, 28), date(2027, 1, 4)),
        (Window.WEEK, date(2027, 1, 4), date(2027, 1, 4), date(2027, 1, 11)),
        (Window.MONTH, date(2026, 2, 28), date(2026, 2, 1), date(2026, 3, 1)),
        (Window.MONTH, date(2028, 2, 29), date(2028, 2, 1), date(2028, 3, 1)),
        (Window.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1)),
        (Window.MONTH, date(2026, 4, 30), date(2026, 4, 1), date(2026, 5, 1)),
        (Window.YEAR, date(2026, 1, 1), date(2026, 1, 1), date(2027, 1, 1)),
        (Window.YEAR, date(2026, 12, 31), date(2026, 1, 1), date(2027, 1, 1)),
        (Window.YEAR, date(2028, 2, 29), date(2028, 1, 1), date(2029, 1, 1)),
        (Window.WHOLE, date(2026, 7, 14), STARTS, ENDS),
    ],
)
def test_a_day_falls_in_the_window_that_people_mean(
    kind: Window, day: date, starts_on: date, ends_before: date
) -> None:
    """Domain study 2.1 (day, week, month, year), 2.2 (carnet)."""
    assert window(kind, day) == (starts_on, ends_before)


@pytest.mark.parametrize(
    ("kind", "needs", "day", "starts_on", "ends_before"),
    [
        # 2.4 school year
        (Window.SCHOOL_YEAR, {}, date(2026, 8, 31), date(2025, 9, 1), date(2026, 9, 1)),
        (Window.SCHOOL_YEAR, {}, date(2026, 9, 1), date(2026, 9, 1), date(2027, 9, 1)),
        (Window.SCHOOL_YEAR, {}, date(2026, 12, 31), date(2026, 9, 1), date(2027, 9, 1)),
        (Window.SCHOOL_YEAR, {}, date(2028, 2, 29), date(2027, 9, 1), date(2028, 9, 1)),
        # 2.4 Rotterdampas: a year from 1 March, so that its last day is the 28th or the 29th of February
        (Window.SHIFTED_YEAR, {"starts": (3, 1)}, date(2027, 2, 28), date(2026, 3, 1), date(2027, 3, 1)),
        (Window.SHIFTED_YEAR, {"starts": (3, 1)}, date(2028, 2, 29), date(2027, 3, 1), date(2028, 3, 1)),
        (Window.SHIFTED_YEAR, {"starts": (3, 1)}, date(2028, 3, 1), date(2028, 3, 1), date(2029, 3, 1)),
        (Window.SHIFTED_YEAR, {"starts": (12, 31)}, date(2026, 12, 30), date(2025, 12, 31), date(2026, 12, 31)),
        (Window.SHIFTED_YEAR, {"starts": (12, 31)}, date(2026, 12, 31), date(2026, 12, 31), date(2027, 12, 31)),
        (Window.SHIFTED_YEAR, {"starts": (1, 1)}, date(2026, 12, 31), date(2026, 1, 1), date(2027, 1, 1)),
        # a year from 29 February begins on 1 March where there is none
        (Window.SHIFTED_YEAR, {"starts": (2, 29)}, date(2027, 2, 28), date(2026, 3, 1), date(2027, 3, 1)),
        (Window.SHIFTED_YEAR, {"starts": (2, 29)}, date(2027, 3, 1), date(2027, 3, 1), date(2028, 2, 29)),
        (Window.SHIFTED_YEAR, {"starts": (2, 29)}, date(2028, 2, 28), date(2027, 3, 1), date(2028, 2, 29)),
        (Window.SHIFTED_YEAR, {"starts": (2, 29)}, date(2028, 2, 29), date(2028, 2, 29), date(2029, 3, 1)),
        # 2.4 season: an outdoor pool, 15 May to 15 September
        (Window.SEASON, {"starts": (5, 15), "ends": (9, 16)}, date(2026, 5, 15), date(2026, 5, 15), date(2026, 9, 16)),
        (Window.SEASON, {"starts": (5, 15), "ends": (9, 16)}, date(2026, 9, 15), date(2026, 5, 15), date(2026, 9, 16)),
        # a skating rink, over New Year
        (Window.SEASON, {"starts": (11, 1), "ends": (3, 1)}, date(2026, 12, 31), date(2026, 11, 1), date(2027, 3, 1)),
        (Window.SEASON, {"starts": (11, 1), "ends": (3, 1)}, date(2027, 1, 1), date(2026, 11, 1), date(2027, 3, 1)),
        (Window.SEASON, {"starts": (11, 1), "ends": (3, 1)}, date(2028, 2, 29), date(2027, 11, 1), date(2028, 3, 1)),
        # before 29 February: the 28th is its last day in every year
        (Window.SEASON, {"starts": (11, 1), "ends": (2, 29)}, date(2027, 2, 28), date(2026, 11, 1), date(2027, 3, 1)),
        (Window.SEASON, {"starts": (11, 1), "ends": (2, 29)}, date(2028, 2, 28), date(2027, 11, 1), date(2028, 2, 29)),
        # 2.4 rolling thirty days: blocks from the first day of the right, 10 March 2026
        (Window.ROLLING_DAYS, {"days": 30}, STARTS, STARTS, date(2026, 4, 9)),
        (Window.ROLLING_DAYS, {"days": 30}, date(2026, 4, 8), STARTS, date(2026, 4, 9)),
        (Window.ROLLING_DAYS, {"days": 30}, date(2026, 4, 9), date(2026, 4, 9), date(2026, 5, 9)),
        (Window.ROLLING_DAYS, {"days": 30}, date(2026, 12, 31), date(2026, 12, 5), date(2027, 1, 4)),
        (Window.ROLLING_DAYS, {"days": 1}, date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 1)),
        # a right that is asked about before it begins
        (Window.ROLLING_DAYS, {"days": 30}, date(2026, 3, 9), date(2026, 2, 8), STARTS),
    ],
)
def test_a_day_falls_in_the_window_that_the_limit_describes(
    kind: Window, needs: dict[str, Any], day: date, starts_on: date, ends_before: date
) -> None:
    """Domain study 2.4 (windows)."""
    assert window(kind, day, **needs) == (starts_on, ends_before)


@pytest.mark.parametrize(
    ("starts", "ends", "day", "next_one"),
    [
        ((5, 15), (9, 16), date(2026, 5, 14), date(2026, 5, 15)),
        ((5, 15), (9, 16), date(2026, 1, 1), date(2026, 5, 15)),
        ((5, 15), (9, 16), date(2026, 9, 16), date(2027, 5, 15)),
        ((5, 15), (9, 16), date(2026, 12, 31), date(2027, 5, 15)),
        ((11, 1), (3, 1), date(2027, 3, 1), date(2027, 11, 1)),
        ((11, 1), (3, 1), date(2027, 10, 31), date(2027, 11, 1)),
        ((11, 1), (2, 29), date(2027, 3, 1), date(2027, 11, 1)),
        ((11, 1), (2, 29), date(2028, 2, 29), date(2028, 11, 1)),
        ((2, 29), (7, 1), date(2027, 2, 28), date(2027, 3, 1)),
        ((2, 29), (7, 1), date(2028, 2, 28), date(2028, 2, 29)),
    ],
)
def test_outside_a_season_the_window_is_empty_and_tells_when_the_next_one_begins(
    starts: tuple[int, int], ends: tuple[int, int], day: date, next_one: date
) -> None:
    assert window(Window.SEASON, day, starts=starts, ends=ends) == (next_one, next_one)


DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
YEAR_DAYS = st.dates(date(2028, 1, 1), date(2028, 12, 31)).map(lambda day: (day.month, day.day))
SEASONS = st.builds(
    lambda starts, ends: Limit(0, Measure.VISIT, ONE, Window.SEASON, starts=starts, ends=ends), YEAR_DAYS, YEAR_DAYS
).filter(lambda limit: limit.starts != limit.ends and {limit.starts, limit.ends} != {(2, 29), (3, 1)})
EVERY_DAY = st.one_of(
    st.sampled_from([Window.DAY, Window.WEEK, Window.MONTH, Window.YEAR, Window.SCHOOL_YEAR]).map(
        lambda kind: Limit(0, Measure.VISIT, ONE, kind)
    ),
    YEAR_DAYS.map(lambda starts: Limit(0, Measure.VISIT, ONE, Window.SHIFTED_YEAR, starts=starts)),
    st.integers(1, 1_000).map(lambda days: Limit(0, Measure.VISIT, ONE, Window.ROLLING_DAYS, days=days)),
)
A_DAY = timedelta(days=1)


@given(DAYS, EVERY_DAY)
def test_windows_follow_each_other_without_gap_or_overlap(day: date, limit: Limit) -> None:
    starts_on, ends_before = limit.period(day, STARTS, ENDS)
    assert starts_on <= day < ends_before
    for edge in (starts_on, ends_before - A_DAY):
        assert limit.period(edge, STARTS, ENDS) == (starts_on, ends_before)
    assert limit.period(ends_before, STARTS, ENDS)[0] == ends_before
    assert limit.period(starts_on - A_DAY, STARTS, ENDS)[1] == starts_on


@given(DAYS, SEASONS)
def test_a_day_is_in_its_season_or_before_the_next(day: date, limit: Limit) -> None:
    starts_on, ends_before = limit.period(day, STARTS, ENDS)
    if starts_on == ends_before:
        assert day < starts_on
        assert limit.period(starts_on, STARTS, ENDS)[0] == starts_on
        assert limit.period(starts_on - A_DAY, STARTS, ENDS) == (starts_on, starts_on)
    else:
        assert starts_on <= day < ends_before <= starts_on + timedelta(days=366)
        for edge in (starts_on, ends_before - A_DAY):
            assert limit.period(edge, STARTS, ENDS) == (starts_on, ends_before)
        assert limit.period(ends_before, STARTS, ENDS)[0] >= ends_before
        assert limit.period(starts_on - A_DAY, STARTS, ENDS)[1] <= starts_on


@given(st.dates(STARTS, ENDS - A_DAY))
def test_the_life_of_a_right_is_one_window(day: date) -> None:
    assert window(Window.WHOLE, day) == (STARTS, ENDS)


def test_a_carnet_without_end_is_one_window() -> None:
    """A carnet bought on 29 February: its window is its own life, no anniversary is computed."""
    bought = date(2028, 2, 29)
    limit = Limit(0, Measure.VISIT, 10 * ONE, Window.WHOLE)
    assert limit.period(date(2031, 5, 1), bought, FOREVER) == (bought, FOREVER)


# --- the night the clocks change -------------------------------------------------------------------


def wall(text: str) -> tuple[date, int]:
    return wall_clock(datetime.fromisoformat(text).replace(tzinfo=UTC), PARIS)


@pytest.mark.parametrize(
    ("instant", "day", "minute"),
    [
        # spring: 02:00 becomes 03:00, the day has 23 hours
        ("2026-03-28T22:59:59", date(2026, 3, 28), 23 * 60 + 59),
        ("2026-03-28T23:00:00", date(2026, 3, 29), 0),
        ("2026-03-29T00:59:59", date(2026, 3, 29), 119),
        ("2026-03-29T01:00:00", date(2026, 3, 29), 180),
        ("2026-03-29T21:59:59", date(2026, 3, 29), 23 * 60 + 59),
        ("2026-03-29T22:00:00", date(2026, 3, 30), 0),
        # autumn: 03:00 becomes 02:00, the day has 25 hours
        ("2026-10-24T22:00:00", date(2026, 10, 25), 0),
        ("2026-10-25T00:30:00", date(2026, 10, 25), 150),
        ("2026-10-25T01:30:00", date(2026, 10, 25), 150),
        ("2026-10-25T22:59:59", date(2026, 10, 25), 23 * 60 + 59),
        ("2026-10-25T23:00:00", date(2026, 10, 26), 0),
        # the year turns where the site is, not in Greenwich
        ("2026-12-31T22:59:59", date(2026, 12, 31), 23 * 60 + 59),
        ("2026-12-31T23:00:00", date(2027, 1, 1), 0),
    ],
)
def test_a_passage_counts_on_the_day_and_minute_of_the_sites_own_clock(instant: str, day: date, minute: int) -> None:
    assert wall(instant) == (day, minute)


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25), (11, 18, 24)])
def test_a_daily_limit_holds_once_in_a_day_however_long_the_day(month: int, day: int, hours: int) -> None:
    start = datetime(2026, month, day, tzinfo=UTC) - timedelta(hours=3)
    days = [wall_clock(start + timedelta(minutes=step), PARIS)[0] for step in range(31 * 60)]
    assert days == sorted(days)
    assert days.count(date(2026, month, day)) == hours * 60


# --- products ------------------------------------------------------------------------------------

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
