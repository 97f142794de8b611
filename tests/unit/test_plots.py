"""Plots say what their figures say: lengths are true to zero, hidden counts are words, names are never markup."""

import xml.etree.ElementTree as ET

import pytest

from domain.figures.figure import Blank, Cell, Column, Figure, Line, Plot, Unit
from domain.text import Text
from web.plots import bars, heat, multiples, plot, uprights

EVIL = '<script>alert("x")</script>&'


def figure(kind: Plot, *rows: tuple[str, tuple[Cell, ...]], columns: int = 1, unit: Unit = Unit.COUNT) -> Figure:
    names = [
        Column(f"c{place}" if place else "first", Text(fr=f"Col {place}", en=f"Col {place}"), unit)
        for place in range(columns)
    ]
    lines = tuple(Line(str(place), Text(fr=name, en=name), cells) for place, (name, cells) in enumerate(rows))
    return Figure("f", Text(fr="Une phrase.", en="A sentence."), Text(fr="Site", en="Site"), tuple(names), lines, kind)


def test_a_bar_twice_as_long_is_twice_as_much() -> None:
    laid, _ = bars(figure(Plot.BARS, ("a", (40.0,)), ("b", (20.0,)), ("c", (0.0,)), ("d", (Blank.HIDDEN,))), "fr")
    assert laid[0].length == 2 * laid[1].length
    assert laid[2].length == 0
    assert (laid[3].blank, laid[3].words) == (True, "masqué")


def test_a_mark_says_where_a_bar_was_earlier() -> None:
    told = figure(Plot.BARS, ("a", (40.0, 20.0)), ("b", (10.0, Blank.UNKNOWN)), columns=2)
    told = Figure(
        told.code,
        told.headline,
        told.of,
        (told.columns[0], Column("before", Text(fr="x", en="x"))),
        told.lines,
        told.plot,
    )
    laid, _ = bars(told, "fr")
    assert laid[0].mark == laid[0].length / 2
    assert laid[1].mark is None


def test_standing_bars_stand_on_one_line() -> None:
    laid, _ = uprights(figure(Plot.COLUMNS, ("a", (10.0,)), ("b", (5.0,)), ("c", (Blank.HIDDEN,))), "en")
    assert {round(one.y + one.height, 1) for one in laid} == {150.0}
    assert laid[0].height == 2 * laid[1].height
    assert laid[2].blank


def test_the_first_number_of_standing_bars_stands_above_all_that_it_reaches_over() -> None:
    growing = [(f"m{place}", (2_000.0 + 150 * place,)) for place in range(13)]
    laid, _ = uprights(figure(Plot.COLUMNS, *growing), "fr")
    assert laid[0].words_y < laid[1].y, "it would be written across the second bar"
    assert laid[-1].words_y < laid[-1].y


def test_a_line_breaks_where_a_number_is_missing() -> None:
    rows: list[tuple[str, tuple[Cell, ...]]] = [("a", (1.0,)), ("b", (2.0,)), ("c", (Blank.HIDDEN,)), ("d", (2.0,))]
    (one,), _ = multiples(figure(Plot.LINES, *rows), "fr")
    assert one.line.count("M") == 1
    assert len(one.dots) == 1


def test_the_most_is_the_darkest_and_nothing_the_lightest() -> None:
    laid, _ = heat(figure(Plot.HEAT, ("a", (0.0, 50.0, 1.0)), ("b", (100.0, Blank.HIDDEN, 99.0)), columns=3), "fr")
    assert [square.shade for square in laid.squares] == [0, 3, 1, 5, None, 5]
    assert (laid.least, laid.most) == ("0", "100")


@pytest.mark.parametrize("kind", list(Plot))
def test_a_hostile_name_stays_a_name_in_every_plot(kind: Plot) -> None:
    drawn = plot(figure(kind, (EVIL, (3.0,)), ("b", (5.0,))), "fr")
    tree = ET.fromstring(drawn)  # noqa: S314 - our own drawing
    assert tree.attrib["role"] == "img"
    assert tree.attrib["aria-label"] == "Une phrase. Les mêmes chiffres sont dans le tableau."
    assert "<script" not in drawn
    assert "style=" not in drawn


def test_without_a_number_there_is_no_plot() -> None:
    assert plot(figure(Plot.BARS, ("a", (Blank.HIDDEN,)), ("b", (0.0,))), "fr") == ""
    assert plot(figure(Plot.HEAT), "fr") == ""
