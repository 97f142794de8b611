"""The picture of a history: round figures, an honest line, and nothing drawn where nobody knows."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.tour_streams import CO2, NOON
from tour.catalogue import quantity
from tour.pages.chart import BASE, LEFT, RIGHT, TOP, Chart, chart
from tour.past import Past, PastPoint, UsualHour
from web.scales import scale_for

PARIS = ZoneInfo("Europe/Paris")


def a_day(*values: float | None, every: timedelta = timedelta(hours=1), length: timedelta = timedelta(days=1)) -> Past:
    points = tuple(PastPoint(NOON - length + step * every, value, value, value, 4) for step, value in enumerate(values))
    return Past(
        stream=CO2.id,
        quantity="co2",
        name=quantity("co2").name,
        unit="[ppm]",
        step="1h",
        days=1,
        start=NOON - length,
        end=NOON,
        fewer_than=None,
        points=points,
        usual=(),
        source="",
    )


def drawn(past: Past, *, from_zero: bool = False) -> Chart:
    found = chart(past, PARIS, "fr", 0, from_zero=from_zero)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("least", "most", "ends"),
    [
        (640, 735, (600, 750, 50)),
        (0, 1, (0, 1, 0.5)),
        (7, 7, (6, 8, 0.5)),
        (0, 0, (-1, 1, 1)),
        (-3, 12, (-5, 15, 5)),
        (0.52, 0.53, (0.52, 0.53, 0.005)),
    ],
)
def test_a_scale_has_round_figures(least: float, most: float, ends: tuple[float, float, float]) -> None:
    assert scale_for(least, most) == pytest.approx(ends)


@given(
    values=st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=2, max_size=60),
    from_zero=st.booleans(),
)
def test_whatever_was_measured_is_drawn_within_the_picture(values: list[float | None], *, from_zero: bool) -> None:
    found = chart(a_day(*values, every=timedelta(minutes=20)), PARIS, "en", 1, from_zero=from_zero)
    if sum(value is not None for value in values) < 2:
        assert found is None
        return
    assert found is not None
    numbers = [float(each) for each in re.findall(r"-?[\d.]+(?:e[+-]\d+)?", found.line)]
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        assert LEFT <= x <= RIGHT
        assert TOP - 0.2 <= y <= BASE + 0.2
    assert 2 <= len(found.heights) <= 8


def test_a_line_breaks_where_nothing_came_for_long() -> None:
    found = drawn(a_day(1, 2, 3, None, None, None, 4, 5, None, None, None, 6))
    assert found.line.count("M") == 2
    assert len(found.dots) == 1, "a value alone is a dot"


def test_what_is_counted_stands_on_zero() -> None:
    assert drawn(a_day(80, 120), from_zero=True).heights[0].words == "0"
    assert drawn(a_day(80, 120)).heights[0].words != "0"


def test_times_are_those_of_the_place() -> None:
    assert [tick.words for tick in drawn(a_day(1, 2)).times] == ["18\u00a0h", "minuit", "6\u00a0h", "12\u00a0h"]
    week = drawn(a_day(1, 2, length=timedelta(days=7)))
    assert [tick.words for tick in week.times] == ["13/11", "15/11", "17/11"]


def test_a_night_with_two_hours_of_the_same_name_is_drawn_once() -> None:
    end = datetime(2026, 10, 25, 12, tzinfo=UTC)
    past = a_day(1, 2, 3)
    moved = replace(
        past,
        start=end - timedelta(days=1),
        end=end,
        points=tuple(replace(one, at=one.at - (NOON - end)) for one in past.points),
    )
    assert [tick.words for tick in drawn(moved).times] == ["18\u00a0h", "minuit", "6\u00a0h", "12\u00a0h"]


def test_one_value_is_no_line() -> None:
    assert chart(a_day(1), PARIS, "fr", 0, from_zero=False) is None
    assert chart(a_day(None, 1, None), PARIS, "fr", 0, from_zero=False) is None


def test_the_usual_lies_behind_the_line_and_within_the_picture() -> None:
    hours = tuple(UsualHour(NOON - timedelta(hours=hour), 10.0, 90.0) for hour in (4, 3, 2, 1))
    found = drawn(replace(a_day(40, 50, 60), usual=hours))
    assert found.usual.count("Z") == 1
    heights = [float(each) for each in re.findall(r" (-?[\d.]+)", found.usual)]
    assert min(heights) >= TOP
    assert max(heights) <= BASE
    assert drawn(a_day(40, 50, 60)).usual == ""
