"""Figures as files: what a spreadsheet opens is what was meant, and runs nothing."""

import io
import re
import zipfile
from datetime import date

import pytest

from adapters.figure_files import csv_of, harmless, workbook_of
from domain.figures.dashboards import Asked, Dashboard, Topic
from domain.figures.figure import Blank, Column, Figure, Line, Plot, Unit
from domain.figures.periods import Against, read
from domain.languages import Language
from domain.text import Text

TODAY = date(2026, 11, 22)
HOSTILE = '=HYPERLINK("http://evil.example","Piscine")'


def figure(name: str = HOSTILE) -> Figure:
    return Figure(
        "passages-by-site",
        Text(fr="Été, 12 %.", en="Summer, 12%."),
        Text(fr="Site", en="Site"),
        (
            Column("passages", Text(fr="Passages", en="Passages")),
            Column("change", Text(fr="Évolution", en="Change"), Unit.PERCENT),
        ),
        (Line("a", Text(fr=name, en=name), (1234.0, -12.5)), Line("b", Text(fr="B", en="B"), (Blank.HIDDEN, 0.0))),
        Plot.BARS,
    )


def test_csv_is_what_a_french_spreadsheet_expects() -> None:
    text = csv_of(figure("Piscine"), Language.FRENCH).decode("utf-8-sig")
    assert text == "Site;Passages;Évolution (%)\r\nPiscine;1234;-12,5\r\nB;masqué;0\r\n"


def test_csv_in_english_has_commas_and_points() -> None:
    text = csv_of(figure("Pool"), Language.ENGLISH).decode("utf-8-sig")
    assert text == "Site,Passages,Change (%)\r\nPool,1234,-12.5\r\nB,hidden,0\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_that_begins_like_a_formula_is_made_harmless(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    assert harmless(f"Bus {start}1") == f"Bus {start}1"


def test_a_hostile_name_is_a_text_in_csv() -> None:
    line = csv_of(figure(), Language.FRENCH).decode("utf-8-sig").splitlines()[1]
    assert line.startswith("\"'=HYPERLINK")


def test_a_workbook_holds_numbers_as_numbers_and_no_formula_and_no_link() -> None:
    asked = Asked(read("2026-10", TODAY), Against.YEAR, TODAY)
    body = workbook_of(Dashboard(Topic.PASSAGES, asked, None, (figure(),)), Language.FRENCH)
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert "=HYPERLINK" in texts
    assert re.findall(r"<v>(1234|-12\.5)</v>", sheet) == ["1234", "-12.5"]
    assert "masqué" in texts
