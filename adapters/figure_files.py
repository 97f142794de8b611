"""Figures as files for a spreadsheet: CSV of one figure, a workbook of a whole dashboard.

No cell is ever a formula: whoever names a site `=HYPERLINK(...)` runs nothing on the desk of whoever opens the file
(OWASP, "CSV injection").
"""

import csv
import io

import xlsxwriter

from domain.figures.dashboards import Dashboard
from domain.figures.figure import BLANKS, Blank, Cell, Figure, Line, Unit
from domain.languages import Language
from domain.text import Text

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_WIDE, _NARROW = 38, 16
"""Widths of columns, in characters."""

_TAB_LONGEST = 31
"""What a spreadsheet takes as the name of a tab."""


def csv_of(figure: Figure, language: Language) -> bytes:
    """Write one figure as a spreadsheet of that language opens it: French parts by semicolons, with decimal commas."""
    french = language is Language.FRENCH
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if french else ",", lineterminator="\r\n")
    writer.writerow([harmless(name) for name in _head(figure, french=french)])
    for line in _lines(figure):
        name = harmless(_said(line.name, french=french))
        writer.writerow([name, *(_plain(cell, french=french) for cell in line.cells)])
    # The mark tells a spreadsheet that accents are UTF-8.
    return out.getvalue().encode("utf-8-sig")


def workbook_of(dashboard: Dashboard, language: Language) -> bytes:
    """Write a dashboard as a workbook, a tab for each figure, its headline above its table."""
    french = language is Language.FRENCH
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, total = book.add_format({"bold": True}), book.add_format({"bold": True, "top": 1})
        formats = {unit: book.add_format({"num_format": form}) for unit, form in _FORMATS.items()}
        for place, figure in enumerate(dashboard.figures, 1):
            tab = book.add_worksheet(f"{place} {figure.code}"[:_TAB_LONGEST])
            tab.set_landscape()
            tab.set_paper(9)  # A4
            tab.fit_to_pages(1, 0)
            tab.set_column(0, 0, _WIDE)
            tab.set_column(1, max(1, len(figure.columns)), _NARROW)
            tab.write_string(0, 0, _said(figure.headline, french=french), bold)
            for column, name in enumerate(_head(figure, french=french)):
                tab.write_string(2, column, name, bold)
            for row, line in enumerate(_lines(figure), 3):
                tab.write_string(row, 0, _said(line.name, french=french), total if line is figure.total else None)
                for column, (cell, told) in enumerate(zip(line.cells, figure.columns, strict=True), 1):
                    if isinstance(cell, Blank):
                        tab.write_string(row, column, _said(BLANKS[cell], french=french))
                    else:
                        tab.write_number(row, column, cell, formats[told.unit])
            if figure.note is not None:
                tab.write_string(4 + len(_lines(figure)), 0, _said(figure.note, french=french))
    return out.getvalue()


_FORMATS = {
    Unit.COUNT: "#,##0",
    Unit.PERCENT: "0.0",
    Unit.DAYS: "0.0",
    Unit.EUROS: "#,##0.00",
}


def harmless(text: str) -> str:
    """Keep a text from being read as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _head(figure: Figure, *, french: bool) -> list[str]:
    signs = {Unit.PERCENT: " (%)", Unit.EUROS: " (€)"}
    return [
        _said(figure.of, french=french),
        *(f"{_said(one.name, french=french)}{signs.get(one.unit, '')}" for one in figure.columns),
    ]


def _lines(figure: Figure) -> list[Line]:
    return [*figure.lines, *([figure.total] if figure.total is not None else [])]


def _plain(cell: Cell, *, french: bool) -> str:
    """Write a number without spaces, for programs to read; below zero it stays a number."""
    if isinstance(cell, Blank):
        return _said(BLANKS[cell], french=french)
    text = f"{cell:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if french else text


def _said(text: Text, *, french: bool) -> str:
    return text.fr if french else text.en
