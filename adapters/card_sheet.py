"""Cards on paper and as pictures: A4 sheets to cut, and one face as PNG or SVG.

All three draw the same `card_face`. The sheet is two columns of five CR80 cards, 3 mm apart, with cut marks in the
margins and the colour running 1.5 mm past the cut, so that a cut slightly off shows no white.
"""

import base64
import io
from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from adapters import paper
from adapters.card_face import (
    FONT_FILES,
    FONT_NAME,
    HEIGHT,
    MM_PER_POINT,
    WIDTH,
    Box,
    Card,
    Code,
    Mark,
    Picture,
    Words,
    card_face,
    in_fours,
)
from nfc.picture import runs, svg_path

__all__ = ["Card", "card_png", "card_svg", "sheet_pdf"]

_PAGE_WIDTH, _PAGE_HEIGHT = 210.0, 297.0
_COLUMNS, _ROWS = 2, 5
_GAP = 3.0
_BLEED = _GAP / 2
_MARK_LENGTH, _MARK_OFFSET = 4.0, 2.0
_LEFTS: Final = tuple(
    (_PAGE_WIDTH - _COLUMNS * WIDTH - (_COLUMNS - 1) * _GAP) / 2 + column * (WIDTH + _GAP) for column in range(_COLUMNS)
)
_TOPS: Final = tuple(
    (_PAGE_HEIGHT - _ROWS * HEIGHT - (_ROWS - 1) * _GAP) / 2 + row * (HEIGHT + _GAP) for row in range(_ROWS)
)
_PLACES: Final = tuple((left, top) for top, left in product(_TOPS, _LEFTS))


def sheet_pdf(cards: Sequence[Card], *, made_at: datetime) -> bytes:
    """The cards on A4, ten to the page, to print at 100 %. The same bytes for the same arguments.

    Raises:
        ValueError: no card at all, or one that `card_face` refuses.

    """
    if not cards:
        raise ValueError("no card to print")
    sheet = paper.document("Cartes multiservices · City passes", size=paper.A4, made_at=made_at)
    for first in range(0, len(cards), len(_PLACES)):
        sheet.add_page()
        _cut_marks(sheet)
        for card, (left, top) in zip(cards[first : first + len(_PLACES)], _PLACES, strict=False):
            _on_sheet(sheet, card, left, top)
    return bytes(sheet.output())


def card_png(card: Card, *, dpi: int = 300) -> bytes:
    """The face as a picture cut to the card: 1011 x 638 pixels at 300 dpi."""
    per_mm = dpi / 25.4
    picture = Image.new("RGB", (round(WIDTH * per_mm), round(HEIGHT * per_mm)), "white")
    draw = ImageDraw.Draw(picture)
    for mark in card_face(card):
        match mark:
            case Box(x, y, width, height, colour):
                corners = (x * per_mm, y * per_mm, (x + width) * per_mm, (y + height) * per_mm - 1)
                draw.rectangle(tuple(round(corner) for corner in corners), fill=colour)
            case Words(x, y, text, points, weight, colour):
                font = ImageFont.truetype(FONT_FILES[weight], points * dpi / 72, layout_engine=ImageFont.Layout.BASIC)
                draw.text((x * per_mm, y * per_mm), text, fill=colour, font=font, anchor="ls")
            case Code(x, y, side, modules):
                # Whole pixels to the module, or some would be wider than others; centred in its place.
                scale = max(1, int(side * per_mm / len(modules)))
                spare = (side * per_mm - scale * len(modules)) / 2
                left, top = round(x * per_mm + spare), round(y * per_mm + spare)
                for column, row, width in runs(modules):
                    start, above = left + column * scale, top + row * scale
                    draw.rectangle((start, above, start + width * scale - 1, above + scale - 1), fill="black")
            case Picture(x, y, width, height, jpeg):
                with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as photo:
                    face = photo.convert("RGB").resize((round(width * per_mm), round(height * per_mm)))
                picture.paste(face, (round(x * per_mm), round(y * per_mm)))
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True, dpi=(dpi, dpi))
    return data.getvalue()


def card_svg(card: Card) -> str:
    """The face for a page: millimetres as units, text as text.

    The font is the page's to provide; each line is held to the length it was set for, so any other fits as well.
    """
    marks = "".join(_as_svg(mark) for mark in card_face(card))
    label = f"Carte multiservices, {card.holder_name}, {in_fours(card.number)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label={quoteattr(label)} font-family="{FONT_NAME}, sans-serif">'
        f'<path fill="#fff" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>{marks}</svg>'
    )


def _as_svg(mark: Mark) -> str:
    match mark:
        case Box(x, y, width, height, colour):
            return f'<path fill="{colour}" d="M{x} {y}h{width}v{height}h-{width}z"/>'
        case Words(x, y, text, points, weight, colour, width):
            size, thickness = points * MM_PER_POINT, "bold" if weight == "bold" else "normal"
            return (
                f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:.2f}" font-weight="{thickness}"'
                f' fill="{colour}" textLength="{width:.2f}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
            )
        case Code(x, y, side, modules):
            return (
                f'<path transform="translate({x:.3f} {y:.3f}) scale({side / len(modules):.5f})"'
                f' shape-rendering="crispEdges" d="{svg_path(modules)}"/>'
            )
        case Picture(x, y, width, height, jpeg):
            return (
                f'<image x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}"'
                f' href="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"/>'
            )


def _on_sheet(sheet: FPDF, card: Card, left: float, top: float) -> None:
    for mark in card_face(card):
        match mark:
            case Box(x, y, width, height, colour):
                sheet.set_fill_color(colour)
                # Bands touch three edges of the card: they bleed over those, never over the fourth.
                sheet.rect(left + x - _BLEED, top + y - _BLEED, width + 2 * _BLEED, height + _BLEED, style="F")
            case Words():
                paper.write(sheet, mark, left, top)
            case Code():
                paper.stamp(sheet, mark, left, top)
            case Picture(x, y, width, height, jpeg):
                sheet.image(io.BytesIO(jpeg), left + x, top + y, width, height)


def _cut_marks(sheet: FPDF) -> None:
    """Ticks in the page's margins, at every edge of every column and row."""
    sheet.set_draw_color(120)
    sheet.set_line_width(0.1)
    across = [edge for left in _LEFTS for edge in (left, left + WIDTH)]
    down = [edge for top in _TOPS for edge in (top, top + HEIGHT)]
    above, below = down[0] - _MARK_OFFSET, down[-1] + _MARK_OFFSET
    before, after = across[0] - _MARK_OFFSET, across[-1] + _MARK_OFFSET
    for x in across:
        sheet.line(x, above - _MARK_LENGTH, x, above)
        sheet.line(x, below, x, below + _MARK_LENGTH)
    for y in down:
        sheet.line(before - _MARK_LENGTH, y, before, y)
        sheet.line(after, y, after + _MARK_LENGTH, y)
