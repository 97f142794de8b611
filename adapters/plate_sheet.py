"""Plates on paper: one to a page of its own size for the maker of signs, or eight to an A4 sheet to try them out."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from fpdf import FPDF

from adapters import paper
from adapters.card_face import Box, Code, Words
from adapters.plate_face import HEIGHT, WIDTH, Icon, Picture, Plate, plate_face

_COLUMNS, _ROWS = 2, 4
_GAP: Final = 3.0
_LEFT: Final = (210.0 - _COLUMNS * WIDTH - (_COLUMNS - 1) * _GAP) / 2
_TOP: Final = (297.0 - _ROWS * HEIGHT - (_ROWS - 1) * _GAP) / 2
_INK: Final = "#1b1f24"


def plate_pdf(plates: Sequence[Plate], *, made_at: datetime) -> bytes:
    """One plate to a page of its own size, 99 x 68 mm: what a maker of signs is sent.

    Raises:
        ValueError: no plate at all.
    """
    document = _document(plates, made_at, size=(WIDTH, HEIGHT))
    for plate in plates:
        document.add_page()
        _draw(document, plate, 0.0, 0.0)
    return bytes(document.output())


def sheet_pdf(plates: Sequence[Plate], *, made_at: datetime) -> bytes:
    """Eight plates to an A4 page, with lines to cut along, to print at 100 %.

    Raises:
        ValueError: no plate at all.
    """
    document = _document(plates, made_at, size=paper.A4)
    for place, plate in enumerate(plates):
        row, column = divmod(place % (_COLUMNS * _ROWS), _COLUMNS)
        if row == column == 0:
            document.add_page()
        left, top = _LEFT + column * (WIDTH + _GAP), _TOP + row * (HEIGHT + _GAP)
        _draw(document, plate, left, top)
        document.set_draw_color(120)
        document.set_line_width(0.1)
        document.rect(left, top, WIDTH, HEIGHT)
    return bytes(document.output())


def _document(plates: Sequence[Plate], made_at: datetime, *, size: tuple[float, float]) -> FPDF:
    if not plates:
        raise ValueError("no plate to print")
    return paper.document("Plaques · Plates", size=size, made_at=made_at)


def _draw(document: FPDF, plate: Plate, left: float, top: float) -> None:
    for mark in plate_face(plate):
        match mark:
            case Box(x, y, width, height, colour):
                document.set_fill_color(colour)
                document.rect(left + x, top + y, width, height, style="F")
            case Words():
                paper.write(document, mark, left, top)
            case Code():
                paper.stamp(document, mark, left, top)
            case Icon(x, y, side, picture, colour):
                document.set_line_width(side * 0.05)
                document.set_draw_color(_INK)
                document.set_fill_color(colour)
                document.ellipse(left + x, top + y, side, side, style="DF")
                document.set_fill_color(_INK)
                _PICTURES[picture](document, left + x, top + y, side)


def _purpose(document: FPDF, x: float, y: float, side: float) -> None:
    """A target."""
    for share in (0.62, 0.34):
        edge = side * (1 - share) / 2
        document.ellipse(x + edge, y + edge, side * share, side * share, style="D")
    document.ellipse(x + side * 0.44, y + side * 0.44, side * 0.12, side * 0.12, style="F")


def _person(document: FPDF, x: float, y: float, side: float) -> None:
    """A head over shoulders."""
    document.ellipse(x + side * 0.38, y + side * 0.18, side * 0.24, side * 0.24, style="F")
    corners = [(0.26, 0.76), (0.3, 0.54), (0.42, 0.46), (0.58, 0.46), (0.7, 0.54), (0.74, 0.76)]
    document.polygon([(x + side * right, y + side * down) for right, down in corners], style="F")


def _answers(document: FPDF, x: float, y: float, side: float) -> None:
    """A house with a roof of an institution."""
    roof = [(0.2, 0.42), (0.5, 0.2), (0.8, 0.42)]
    document.polygon([(x + side * right, y + side * down) for right, down in roof], style="F")
    for column in (0.27, 0.45, 0.63):
        document.rect(x + side * column, y + side * 0.46, side * 0.1, side * 0.22, style="F")
    document.rect(x + side * 0.22, y + side * 0.7, side * 0.56, side * 0.07, style="F")


def _nobody(document: FPDF, x: float, y: float, side: float) -> None:
    """Somebody crossed out."""
    _person(document, x, y, side)
    document.set_draw_color("#ffffff")
    document.set_line_width(side * 0.16)
    document.line(x + side * 0.2, y + side * 0.22, x + side * 0.8, y + side * 0.78)
    document.set_draw_color(_INK)
    document.set_line_width(side * 0.07)
    document.line(x + side * 0.18, y + side * 0.2, x + side * 0.82, y + side * 0.8)


def _counts(document: FPDF, x: float, y: float, side: float) -> None:
    """Bars."""
    for column, height in ((0.26, 0.2), (0.44, 0.36), (0.62, 0.5)):
        document.rect(x + side * column, y + side * (0.74 - height), side * 0.13, side * height, style="F")


def _hidden(document: FPDF, x: float, y: float, side: float) -> None:
    """Somebody behind a bar."""
    _person(document, x, y, side)
    document.set_fill_color("#ffffff")
    document.rect(x + side * 0.24, y + side * 0.25, side * 0.52, side * 0.1, style="F")


def _react(document: FPDF, x: float, y: float, side: float) -> None:
    """A bubble with a tail."""
    document.rect(x + side * 0.22, y + side * 0.26, side * 0.56, side * 0.34, style="F")
    tail = [(0.34, 0.58), (0.34, 0.78), (0.54, 0.58)]
    document.polygon([(x + side * right, y + side * down) for right, down in tail], style="F")


_PICTURES: dict[Picture, Callable[[FPDF, float, float, float], None]] = {
    "purpose": _purpose,
    "answers": _answers,
    "nobody": _nobody,
    "counts": _counts,
    "hidden": _hidden,
    "somebody": _person,
    "react": _react,
}
