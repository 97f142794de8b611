"""A photo of somebody, made of whatever a camera or a file brings: upright, three by four, a face and nothing else.

Redrawn like every stranger's picture (`document_file`), so that nothing of the camera, of the place or of a program in
the file comes through, and small enough for a maker of cards.
"""

import io
from typing import Final

from msgspec import Struct
from PIL import Image

from adapters.document_file import LARGEST as LARGEST_FILE
from adapters.document_file import upright
from domain.file_flaws import Flaw, refusal
from domain.portraits import HEIGHT, LARGEST, WIDTH

MOST_ZOOM: Final = 400
"""Percent."""
LEAST_SIDE: Final = 90
"""Pixels of the part that is kept: below, nobody would recognise anybody."""
_QUALITIES: Final = (90, 82, 74, 66, 58, 50, 40, 30)


class Frame(Struct, frozen=True):
    """Which part of a picture is kept, in percent: how much nearer than the whole, and where between the edges.

    As it stands: as much as three by four takes, from the middle.
    """

    zoom: int = 100
    across: int = 50
    down: int = 50


def portrait(data: bytes, frame: Frame) -> bytes:
    """Make a photo of a picture (JPEG, PNG, WebP): 360 by 480 pixels, JPEG, 32 KiB at most.

    Raises:
        DocumentRefused: it is no such picture, or the part is too small.
    """
    if len(data) > LARGEST_FILE:
        raise refusal(Flaw.TOO_LARGE)
    whole = upright(data)
    left, top, width, height = part_of(whole.width, whole.height, frame)
    if width < LEAST_SIDE:
        raise refusal(Flaw.TOO_SMALL)
    face = whole.resize(
        (WIDTH, HEIGHT), Image.Resampling.LANCZOS, box=(left, top, left + width, top + height), reducing_gap=2.0
    )
    written = b""
    for quality in _QUALITIES:
        file = io.BytesIO()
        face.save(file, "JPEG", quality=quality, optimize=True)
        written = file.getvalue()
        if len(written) <= LARGEST:
            return written
    raise refusal(Flaw.TOO_COSTLY)


def part_of(width: int, height: int, frame: Frame) -> tuple[float, float, float, float]:
    """Return left, top, width and height of the part that a frame keeps; the page's preview reckons the same way."""
    base = min(width, height * WIDTH / HEIGHT)
    part_width = base * 100 / max(100, min(frame.zoom, MOST_ZOOM))
    part_height = part_width * HEIGHT / WIDTH
    across, down = (max(0, min(percent, 100)) / 100 for percent in (frame.across, frame.down))
    return (width - part_width) * across, (height - part_height) * down, part_width, part_height
