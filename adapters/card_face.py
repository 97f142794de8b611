"""One face of a card, CR80: where everything stands, in millimetres, whatever draws it.

    +------------------------------------------+
    | Authority                      colour    |  band
    |                                          |
    | Carte multiservices     +-----------+    |
    | City pass               |           |    |
    |                         |   code    |    |
    | Holder                  |           |    |
    |   (two lines)           |           |    |
    | Valable jusqu'au        +-----------+    |
    | 31/12/2027               1234 5678 9012  |
    +------------------------------------------+

Lengths are millimetres from the top left corner; type sizes are points; a text stands on its baseline.
"""

import re
import unicodedata
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec
from fpdf import FPDF
from fpdf.fonts import TTFFont

from nfc.picture import QUIET_ZONE, Modules, modules

WIDTH: Final = 85.6  # ISO/IEC 7810 ID-1
HEIGHT: Final = 54.0
MM_PER_POINT: Final = 25.4 / 72

Weight = Literal["regular", "bold"]

_FONTS = Path(__file__).resolve().parent.parent / "web" / "vendor" / "fonts" / "atkinson-hyperlegible"
FONT_NAME: Final = "Atkinson Hyperlegible"
FONT_FILES: Final[dict[Weight, Path]] = {
    "regular": _FONTS / "AtkinsonHyperlegible-Regular.ttf",
    "bold": _FONTS / "AtkinsonHyperlegible-Bold.ttf",
}

_INK = "#1b1f24"
_QUIET_INK = "#59616b"  # 6.3:1 on white
_WHITE = "#ffffff"
_MARGIN = 5.6
_BAND = 11.6
_CODE_SIDE = 31.8  # 53 modules of 0.6 mm: 7 whole pixels at 300 dpi, read at 150 dpi and by any phone
_CODE_LEFT = WIDTH - _MARGIN - _CODE_SIDE
_CODE_TOP = 14.0  # the quiet zone, 2.4 mm, ends at the band
_COLUMN = _CODE_LEFT - _CODE_SIDE / 53 * QUIET_ZONE - 1 - _MARGIN  # the left column stops before the quiet zone
_PHOTO_WIDTH = 12.3  # as much as leaves two lines for a name below it
_BELOW_A_PHOTO = 11.0
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Card(msgspec.Struct, frozen=True):
    """What is printed of a pass, and no more of the person than their name and, where they wish it, their face."""

    number: str  # of the medium, printed in groups of four
    holder_name: str  # first name, then last name
    code: str  # text of the QR code
    valid_until: date  # last day
    authority_name: str
    colour: str  # of the authority, "#rrggbb"
    photo: bytes = b""  # of the holder, a JPEG of three by four; most cards have none


class Box(msgspec.Struct, frozen=True):
    """A filled rectangle that touches the card's edge: printers may let it bleed."""

    x: float
    y: float
    width: float
    height: float
    colour: str


class Words(msgspec.Struct, frozen=True):
    """A line of text that fits: `width` is its length as set."""

    x: float  # left end
    y: float  # baseline
    text: str
    points: float
    weight: Weight
    colour: str
    width: float


class Code(msgspec.Struct, frozen=True):
    """A QR symbol, its quiet zone outside of `side`."""

    x: float
    y: float
    side: float
    modules: Modules


class Picture(msgspec.Struct, frozen=True):
    """A photo, as a JPEG."""

    x: float
    y: float
    width: float
    height: float
    jpeg: bytes


Mark: TypeAlias = Box | Words | Code | Picture


def card_face(card: Card) -> tuple[Mark, ...]:
    """The marks of the card, in the order they are laid down, on white.

    Raises:
        ValueError: a colour that is not "#rrggbb", or a code that is no QR alphanumeric text.

    """
    if not _COLOUR.fullmatch(card.colour):
        raise ValueError(f"colour is not #rrggbb: {card.colour!r}")
    number = _line(50.6, in_fours(card.number), "bold", 9.5, least=6, room=_CODE_SIDE)
    return (
        Box(0, 0, WIDTH, _BAND, card.colour),
        *_authority(card.authority_name, ink_on(card.colour)),
        *(_beside(card.photo) if card.photo else _titles()),
        *_holder(card.holder_name, largest=_BELOW_A_PHOTO if card.photo else 14.0),
        _line(46.4, "Valable jusqu’au · Valid until", "regular", 7, colour=_QUIET_INK),
        _line(50.6, f"{card.valid_until:%d/%m/%Y}", "bold", 10),
        Code(_CODE_LEFT, _CODE_TOP, _CODE_SIDE, modules(card.code)),
        msgspec.structs.replace(number, x=_CODE_LEFT + (_CODE_SIDE - number.width) / 2),
    )


def in_fours(number: str) -> str:
    """The number in groups of four, however it was grouped: "123456789012" -> "1234 5678 9012"."""
    plain = "".join(number.split())
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def text_width(text: str, weight: Weight, points: float) -> float:
    """Length in millimetres of a line of printable text."""
    ruler = _ruler()
    ruler.set_font(weight, size=points)
    return ruler.get_string_width(text)


def printable(text: str) -> str:
    """The text in the letters the font has: composed, spaces made single, and a letter it lacks without its accent."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(_in_font(letter) for letter in composed)


def _authority(name: str, colour: str) -> tuple[Words, ...]:
    """The issuer's name across the band: one line, or two smaller ones when it would become hard to read."""
    room = WIDTH - 2 * _MARGIN
    words = printable(name).split()
    if len(words) < 2 or text_width(" ".join(words), "bold", 10) <= room:
        return (_line(7.3, name, "bold", 13, least=8, colour=colour, room=room),)
    upper, lower = min(_breaks(words), key=lambda lines: max(text_width(line, "bold", 9) for line in lines))
    if text_width(upper, "bold", 9) > room:  # cut the end of the name, not its middle
        firsts = [first for first, _ in reversed(_breaks(words))]
        upper = next((first for first in firsts if text_width(first, "bold", 8) <= room), firsts[-1])
        lower = " ".join(words)[len(upper) + 1 :]
    return (
        _line(4.9, upper, "bold", 9, least=8, colour=colour, room=room),
        _line(8.8, lower, "bold", 9, least=8, colour=colour, room=room),
    )


def _titles() -> tuple[Words, ...]:
    return (
        _line(16.4, "Carte multiservices", "bold", 10),
        _line(20.4, "City pass", "regular", 9, colour=_QUIET_INK),
    )


def _beside(photo: bytes) -> tuple[Mark, ...]:
    """The photo where the titles stand otherwise, and these to its right."""
    left, room = _MARGIN + _PHOTO_WIDTH + 2, _COLUMN - _PHOTO_WIDTH - 2
    titles = (
        _line(18.0, "Carte", "bold", 10, least=7, room=room),
        _line(22.0, "multiservices", "bold", 10, least=7, room=room),
        _line(26.4, "City pass", "regular", 9, least=7, colour=_QUIET_INK, room=room),
    )
    return (
        Picture(_MARGIN, _CODE_TOP, _PHOTO_WIDTH, _PHOTO_WIDTH * 4 / 3, photo),
        *(msgspec.structs.replace(one, x=left) for one in titles),
    )


def _holder(name: str, *, largest: float) -> tuple[Words, ...]:
    """First name above, the rest below, as large as both fit; broken elsewhere, or cut, only at the smallest size."""
    words = printable(name).split()
    sizes = (points for points in (14.0, 13.0, 12.0, 11.0, 10.0) if points <= largest)
    points = next((points for points in sizes if _two_lines(words, points)), 9.0)
    lines = _two_lines(words, points) or [" ".join(part) for part in (words[:1], words[1:]) if part]
    leading = points * MM_PER_POINT * 1.15
    return tuple(
        _line(39.0 - leading * (len(lines) - 1 - place), line, "bold", points) for place, line in enumerate(lines)
    )


def _two_lines(words: list[str], points: float) -> list[str] | None:
    """The earliest break at which every line fits the left column; one word alone stays one line."""
    return next(
        (
            lines
            for lines in (_breaks(words) or [words])
            if all(text_width(line, "bold", points) <= _COLUMN for line in lines)
        ),
        None,
    )


def _breaks(words: list[str]) -> list[list[str]]:
    return [[" ".join(words[:cut]), " ".join(words[cut:])] for cut in range(1, len(words))]


def _line(
    y: float,
    text: str,
    weight: Weight,
    points: float,
    *,
    least: float | None = None,
    colour: str = _INK,
    room: float = _COLUMN,
) -> Words:
    """A line from the left margin, no longer than `room`: smaller down to `least` points, then with an ellipsis."""
    text = printable(text)
    points = max(least or points, min(points, points * room / (text_width(text, weight, points) or 1)))
    if text_width(text, weight, points) > room + 0.01:
        while text and text_width(text + "…", weight, points) > room:
            text = text[:-1].rstrip(" -’'")
        text += "…"
    return Words(_MARGIN, y, text, points, weight, colour, text_width(text, weight, points))


def ink_on(colour: str) -> str:
    """White or ink, whichever is read better on the colour (WCAG 2.2 contrast)."""
    light = _luminance(colour)
    on_white, on_ink = 1.05 / (light + 0.05), (light + 0.05) / (_luminance(_INK) + 0.05)
    return _WHITE if on_white >= on_ink else _INK


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (part / 255 for part in bytes.fromhex(colour[1:]))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _in_font(letter: str) -> str:
    if _has(letter):
        return letter
    bare = unicodedata.normalize("NFKD", letter)[0]
    return bare if _has(bare) else "?"


def _has(letter: str) -> bool:
    return ord(letter) in _coverage()


@cache
def _coverage() -> frozenset[int]:
    """Code points both weights can draw."""
    ruler = _ruler()
    return frozenset.intersection(*(frozenset(font.cmap) for font in ruler.fonts.values() if isinstance(font, TTFFont)))


@cache
def _ruler() -> FPDF:
    """A document that is never written: it measures."""
    ruler = FPDF(unit="mm")
    for weight, file in FONT_FILES.items():
        ruler.add_font(weight, fname=file)
    return ruler
