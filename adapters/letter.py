"""Letters on A4: the authority's band, the address where a French window envelope shows it, facts, then words.

The same bytes for the same letter.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from fpdf import FPDF, XPos, YPos
from fpdf.fonts import TTFFont

from adapters.card_face import FONT_FILES
from domain.request_letters import Letter

_WIDTH: Final = 210.0
_MARGIN: Final = 22.0
_BAND: Final = 6.0
_WINDOW_LEFT, _WINDOW_TOP = 110.0, 45.0
"""Millimetres: the window of a DL envelope (AFNOR NF Z11-001)."""
_BODY_TOP: Final = 92.0
_FACT_COLUMN: Final = 52.0
_LINE: Final = 5.4
_INK, _QUIET = "#1b1f24", "#59616b"
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]")


def letter_pdf(letter: Letter, *, made_at: datetime) -> bytes:
    """Draw a letter; a long one goes on over the page."""
    page = FPDF(unit="mm", format="A4")
    page.set_creation_date(made_at)
    page.set_title(letter.title)
    page.set_lang(letter.language)
    page.set_margins(_MARGIN, _MARGIN, _MARGIN)
    page.set_auto_page_break(auto=True, margin=_MARGIN)
    for weight, file in FONT_FILES.items():
        page.add_font(weight, fname=file)
    for font in page.fonts.values():
        # Each letter carries the signs that it writes. Their outlines are copied, not drawn and measured anew: the box
        # of the whole font, which holds them, stands in the file anyway. A third of the work of a letter.
        if isinstance(font, TTFFont):
            font.ttfont.recalcBBoxes = False
    page.add_page()
    page.set_fill_color(letter.colour)
    page.rect(0, 0, _WIDTH, _BAND, style="F")
    _head(page, letter)
    page.set_xy(_MARGIN, _BODY_TOP)
    _write(page, letter.dated, colour=_QUIET)
    page.ln(4)
    _write(page, letter.title, weight="bold", points=15, line=7)
    page.ln(4)
    _facts(page, letter)
    for paragraph in letter.paragraphs:
        page.ln(3.2)
        _write(page, paragraph)
    return bytes(page.output())


def _head(page: FPDF, letter: Letter) -> None:
    page.set_xy(_MARGIN, _BAND + 9)
    _write(page, letter.sender, weight="bold", points=13, line=6.4)
    for line in letter.sender_lines:
        _write(page, line, points=9.5, line=4.6, colour=_QUIET)
    page.set_left_margin(_WINDOW_LEFT)
    page.set_xy(_WINDOW_LEFT, _WINDOW_TOP)
    for line in letter.addressee:
        _write(page, line)
    page.set_left_margin(_MARGIN)


def _facts(page: FPDF, letter: Letter) -> None:
    for name, value in letter.facts:
        top = page.get_y()
        page.set_xy(_MARGIN, top)
        _write(page, name, colour=_QUIET, width=_FACT_COLUMN - 3)
        left_ends = page.get_y()
        page.set_xy(_MARGIN + _FACT_COLUMN, top)
        _write(page, value, width=_WIDTH - 2 * _MARGIN - _FACT_COLUMN)
        page.set_xy(_MARGIN, max(left_ends, page.get_y()))


def _write(
    page: FPDF,
    text: str,
    *,
    weight: str = "regular",
    points: float = 11,
    line: float = _LINE,
    colour: str = _INK,
    width: float = 0,
) -> None:
    """Write a paragraph from where the page stands; the next one begins below it."""
    page.set_font(weight, size=points)
    page.set_text_color(colour)
    room = (width or page.epw) - 2 * page.c_margin
    for words, fits in _broken(_UNPRINTABLE.sub(" ", text), room, page.get_string_width):
        if fits:
            page.cell(width, line, words, new_x=XPos.LEFT, new_y=YPos.NEXT)
        else:
            page.multi_cell(width, line, words, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
    page.set_x(page.l_margin)


def _broken(text: str, room: float, measure: Callable[[str], float]) -> Iterator[tuple[str, bool]]:
    """Break a paragraph between its words, each line with whether it fits: a word may be wider than any line.

    The library measures the whole line with each of its letters, which was half of the work of a letter.
    """
    words, gap = text.split(" "), measure(" ")
    line, taken = words[0], measure(words[0])
    for word in words[1:]:
        wide = measure(word)
        if taken + gap + wide <= room:
            line, taken = f"{line} {word}", taken + gap + wide
        else:
            yield line, taken <= room
            line, taken = word, wide
    yield line, taken <= room
