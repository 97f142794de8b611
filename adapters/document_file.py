"""Files that people send as proof: what is taken, and what is left of it.

A picture is drawn anew, so that nothing but pixels comes through. A PDF stays as it is, for a signed bill is worth more
than its image, and is refused where it could do anything: scripts, programs to launch, forms that send, films, files
inside the file. What a file is, its first bytes say; its name and what the sender calls it are never looked at.
"""

import io
import re
import struct
import warnings
from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

from domain.file_flaws import Flaw, refusal

LARGEST: Final = 10 * 2**20
MOST_PIXELS: Final = 50_000_000
MOST_PAGES: Final = 30
SIDE: Final = 2_400
"""Pixels: a page of A4 at 200 dpi can be read."""

_QUALITY: Final = 82
_MOST_OBJECTS: Final = 50_000
_AFTER_THE_END: Final = 1_024
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, struct.error)
"""What Pillow raises on files cut short or malformed."""

_ACTIVE: Final = frozenset(
    {
        "/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/RichMedia", "/RichMediaExecute",
        "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/XFA", "/Movie", "/Rendition", "/Sound",
    }
)  # fmt: skip
"""Names under which, or as which, a PDF does something (ISO 32000-2, 12.6.4 and 7.11.4)."""

_WRITTEN: Final = re.compile(rb"/(JavaScript|Launch|SubmitForm|RichMedia|EmbeddedFiles?)\b")
"""The same, where they stand openly: another reader may find objects that ours has not."""

_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")


class Readable(Struct, frozen=True):
    """What is kept of a file."""

    media_type: str
    content: bytes
    pages: int


def read_file(data: bytes) -> Readable:
    """Take a picture (JPEG, PNG, WebP) or a PDF, whichever it is.

    Raises:
        DocumentRefused: it is neither, or broken, locked, too large, or it would do something.
    """
    if len(data) > LARGEST:
        raise refusal(Flaw.TOO_LARGE)
    if data.startswith(b"%PDF-"):
        return Readable("application/pdf", data, _pages_of(data))
    return Readable("image/jpeg", drawn_anew(data), 1)


def drawn_anew(data: bytes) -> bytes:
    """Return a picture as JPEG, upright, on white, and nothing that a camera or anybody wrote about it.

    Raises:
        DocumentRefused: it is no such picture.
    """
    flat = upright(data)
    flat.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def upright(data: bytes) -> Image.Image:
    """Draw a picture anew: its pixels as somebody sees them, on white, and not much more of them than are kept.

    Raises:
        DocumentRefused: it is no such picture.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is lower
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise refusal(Flaw.TOO_MANY_PIXELS)
                picture.draft("RGB", (SIDE, SIDE))
                ImageOps.exif_transpose(picture, in_place=True)
                return _on_white(picture)
    except UnidentifiedImageError as problem:
        raise refusal(Flaw.NOT_TAKEN) from problem
    except Image.DecompressionBombError as problem:
        raise refusal(Flaw.TOO_MANY_PIXELS) from problem
    except _BROKEN as problem:
        raise refusal(Flaw.BROKEN) from problem


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    bare = picture.convert("RGB")
    bare.info = {}  # what a camera or somebody wrote, which would be saved again
    return bare


def _pages_of(data: bytes) -> int:
    """Count the pages of a PDF that does nothing."""
    if b"%%EOF" not in data[-_AFTER_THE_END - 5 :]:
        raise refusal(Flaw.BROKEN)
    if _WRITTEN.search(_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data)):
        raise refusal(Flaw.ACTIVE)
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted
        pages = 0 if locked else len(reader.pages)
        active = not locked and any(_is_active(found) for found in _objects(reader))
    except (PyPdfError, RecursionError, ArithmeticError, LookupError, TypeError, AttributeError, *_BROKEN) as problem:
        raise refusal(Flaw.BROKEN) from problem
    if locked:
        raise refusal(Flaw.LOCKED)
    if active:
        raise refusal(Flaw.ACTIVE)
    if not 1 <= pages <= MOST_PAGES:
        raise refusal(Flaw.TOO_MANY_PAGES)
    return pages


def _objects(reader: PdfReader) -> Iterator[PdfObject | None]:
    """Walk over every object of a file, reachable from a page or not: those inside streams of objects too."""
    places = [(number, generation) for generation, numbers in reader.xref.items() for number in numbers]
    places += [(number, 0) for number in reader.xref_objStm]
    if len(places) > _MOST_OBJECTS:
        raise refusal(Flaw.TOO_COSTLY)
    yield reader.trailer
    for number, generation in places:
        yield reader.get_object(IndirectObject(number, generation, reader))


def _is_active(found: object) -> bool:
    """Whether an object, or one directly inside it, is or holds something that acts."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            values = [one.raw_get(key) for key in one]
            kinds = {str(one.raw_get(key)) for key in ("/S", "/Type", "/Subtype") if key in one}
            if _ACTIVE & (set(one) | kinds):
                return True
            waiting += values
        elif isinstance(one, ArrayObject):
            waiting += list(one)
    return False
