"""Codes as pictures: drawn for print, and found again in a photograph or a scan."""

import io
import struct
import warnings
from itertools import groupby
from typing import Final, TypeAlias

import zxingcpp
from PIL import Image, UnidentifiedImageError
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode
from qrcode.util import MODE_ALPHA_NUM, QRData

from nfc.errors import CodeError

QUIET_ZONE: Final = 4  # modules of white on every side, ISO/IEC 18004
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, struct.error)
"""What Pillow raises on files cut short or malformed."""

MAX_PIXELS: Final = 50_000_000

Modules: TypeAlias = tuple[tuple[bool, ...], ...]


def modules(text: str) -> Modules:
    """The QR symbol of `text`, rows of dark (True) and light modules, without its quiet zone.

    Error correction level Q, for print; alphanumeric mode, or it would be larger: 168 characters make 53 x 53.

    Raises:
        ValueError: a character outside the alphanumeric alphabet, or more text than a symbol holds.

    """
    return _symbol(QRData(text.encode(), mode=MODE_ALPHA_NUM))


def link_modules(url: str) -> Modules:
    """The QR symbol of an address, level Q like all that is printed; its small letters make it larger than a code.

    Raises:
        ValueError: more text than a symbol holds.

    """
    return _symbol(QRData(url.encode()))


def _symbol(data: QRData) -> Modules:
    symbol = QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    symbol.add_data(data, optimize=0)
    try:
        symbol.make(fit=True)
    except DataOverflowError as error:
        raise ValueError("too long for a QR code") from error
    return tuple(tuple(bool(dark) for dark in row) for row in symbol.modules)


def render_png(text: str, *, scale: int) -> bytes:
    """The symbol in black and white with its quiet zone, `scale` pixels to the module."""
    rows = modules(text)
    side = len(rows) + 2 * QUIET_ZONE
    picture = Image.new("1", (side, side), 1)
    for y, row in enumerate(rows, QUIET_ZONE):
        for x, dark in enumerate(row, QUIET_ZONE):
            if dark:
                picture.putpixel((x, y), 0)
    data = io.BytesIO()
    picture.resize((side * scale, side * scale), Image.Resampling.NEAREST).save(data, "PNG", optimize=True)
    return data.getvalue()


def render_svg(text: str) -> str:
    """The symbol as one path, with its quiet zone, one unit to the module: it takes the size of its place."""
    rows = modules(text)
    side = len(rows) + 2 * QUIET_ZONE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path d="{svg_path(rows, x=QUIET_ZONE, y=QUIET_ZONE)}"/></svg>'
    )


def svg_path(rows: Modules, *, x: int = 0, y: int = 0) -> str:
    """The dark modules as SVG path data, a bar for each horizontal run, the first module's corner at (x, y)."""
    return "".join(f"M{x + left} {y + top}h{width}v1h-{width}z" for left, top, width in runs(rows))


def runs(rows: Modules) -> list[tuple[int, int, int]]:
    """The dark modules as horizontal bars: (column, row, width), in modules."""
    bars = []
    for top, row in enumerate(rows):
        left = 0
        for dark, group in groupby(row):
            width = len(tuple(group))
            if dark:
                bars.append((left, top, width))
            left += width
    return bars


def codes_in(file: bytes) -> list[str]:
    """The texts of the QR codes in a picture's file, PNG, JPEG or WebP: see `find_codes`.

    Raises:
        CodeError: "unknown_type" for what is no such picture; "too_large"; "unreadable" for a broken file.

    """
    try:
        with warnings.catch_warnings():
            # `find_codes` has its own, lower limit of pixels and says so.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(file), formats=_FORMATS) as image:
                return find_codes(image)
    except UnidentifiedImageError as error:
        raise CodeError("unknown_type", "not a picture") from error
    except Image.DecompressionBombError as error:
        raise CodeError("too_large", "picture") from error
    except _BROKEN as error:
        raise CodeError("unreadable", "picture") from error


def find_codes(image: Image.Image) -> list[str]:
    """The texts of the QR codes seen in a picture, turned, tilted or inverted; none is an empty list.

    Raises:
        CodeError: "too_large" above 50 megapixels, before any is decoded; "unreadable" for a broken file.

    """
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise CodeError("too_large", f"{width} x {height} pixels")
    try:
        if image.has_transparency_data:
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
        grey = image.convert("L")
    except _BROKEN as error:
        raise CodeError("unreadable", "picture") from error
    found = zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode), text_mode=zxingcpp.TextMode.Plain
    )
    return [barcode.text for barcode in found if barcode.text]
