"""What everything on paper shares that is drawn in exact places: the document, a line of words, a symbol."""

from datetime import datetime

from fpdf import FPDF
from fpdf.prefs import ViewerPreferences

from adapters.card_face import FONT_FILES, Code, Words
from nfc.picture import runs

A4 = (210.0, 297.0)
"""Millimetres."""


def document(title: str, *, size: tuple[float, float], made_at: datetime) -> FPDF:
    """Open a document in millimetres with our fonts, to print at 100 %: the same bytes for the same arguments."""
    opened = FPDF(unit="mm", format=size)
    opened.set_creation_date(made_at)
    opened.set_title(title)
    opened.set_lang("fr")
    opened.set_auto_page_break(auto=False)
    opened.viewer_preferences = ViewerPreferences(print_scaling="None")  # a scaled card fits no wallet
    for weight, file in FONT_FILES.items():
        opened.add_font(weight, fname=file)
    return opened


def write(on: FPDF, words: Words, left: float, top: float) -> None:
    """Write a line; `left` and `top` are where its face begins on the page."""
    on.set_font(words.weight, size=words.points)
    on.set_text_color(words.colour)
    on.text(left + words.x, top + words.y, words.text)


def stamp(on: FPDF, code: Code, left: float, top: float) -> None:
    """Draw a symbol as one path: separate bars would show white seams where a viewer smooths edges."""
    module = code.side / len(code.modules)
    with on.new_path(left + code.x, top + code.y) as path:
        path.style.fill_color = "#000000"
        path.style.stroke_color = None
        for column, row, width in runs(code.modules):
            path.rectangle(left + code.x + column * module, top + code.y + row * module, width * module, module)
