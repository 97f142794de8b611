"""What the pages of places are drawn with: hues, bars and words."""

import re
from itertools import pairwise
from string import Formatter

import pytest

from api.sites import UsualHour
from web.cards import WORDS
from web.hue import hue_of
from web.picture import BASE, TOP, WIDTH, bars


@pytest.mark.parametrize(
    ("colour", "hue"),
    # As browsers compute them: color(from <colour> oklch l c h).
    [("#ff0000", 29), ("#00ff00", 142), ("#0000ff", 264), ("#ffff00", 110)],
)
def test_an_authoritys_colour_gives_its_hue(colour: str, hue: int) -> None:
    assert hue_of(colour) == hue


def test_bars_stand_side_by_side_within_the_drawing() -> None:
    drawn = bars([UsualHour(hour, share) for hour, share in ((9, 10), (10, 100), (11, 0), (14, 50))], hour_now=10)
    assert [bar.is_now for bar in drawn] == [False, True, False, False]
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in drawn)
    assert all(one.x + one.width < other.x for one, other in pairwise(drawn))
    assert [bar.y + bar.height for bar in drawn] == [BASE] * 4
    assert drawn[1].y == TOP
    assert 0 < drawn[2].height < drawn[0].height, "an hour without anybody is a line"


def test_a_long_day_writes_every_few_hours_only() -> None:
    drawn = bars([UsualHour(hour, 50) for hour in range(24)], hour_now=3)
    assert [bar.hour for bar in drawn if bar.label] == [0, 4, 8, 12, 16, 20]
    assert [bar.hour for bar in bars([UsualHour(hour, 50) for hour in range(9, 13)], 3) if bar.label] == [9, 10, 11, 12]


def test_nothing_usual_is_no_picture() -> None:
    assert bars([], hour_now=3) == []


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


@pytest.mark.parametrize("key", WORDS["fr"])
def test_both_languages_say_the_same_things_with_their_own_typography(key: str) -> None:
    french, english = WORDS["fr"][key], WORDS["en"][key]
    assert french
    assert english
    assert _fields(french) - {"count"} == _fields(english) - {"count"}
    assert not re.search(r"[^\s\u00a0][:;!?]|'", french.replace("{hour}:00", "")), french
    assert not re.search(r"\s[:;!?.,]|'", english), english
