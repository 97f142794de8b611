"""A page of a PDF as a picture, so that it can stand beside a form and do nothing. Loaded apart alone."""

import io
from typing import Final

import pypdfium2  # type: ignore[import-untyped]

from domain.file_flaws import Flaw, refusal

_SIDE: Final = 1_600
"""Pixels of the longer side: a bill on A4 can be read."""


def draw_page(data: bytes, number: int) -> bytes:
    """Draw the page of this number, from 1, as JPEG. Scripts and forms are never started.

    Raises:
        DocumentRefused: it has no such page, or one that cannot be drawn.
    """
    try:
        with pypdfium2.PdfDocument(data) as document:
            if not 1 <= number <= len(document):
                raise refusal(Flaw.BROKEN)
            page = document[number - 1]
            picture = page.render(scale=_SIDE / max(*page.get_size(), 1.0), may_draw_forms=False).to_pil()
    except (pypdfium2.PdfiumError, ValueError, OSError) as problem:
        raise refusal(Flaw.BROKEN) from problem
    written = io.BytesIO()
    picture.convert("RGB").save(written, "JPEG", quality=82)
    return written.getvalue()
