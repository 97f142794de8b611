"""Photos and recordings of sheets on disk, under the hash of what they are, with nothing in them but picture and sound.

A photo is drawn anew, so where and by whom it was taken is gone. Of a recording only the sound's own frames are kept:
titles, covers and comments of any kind stand outside of them.
"""

import io
import struct
import tempfile
import warnings
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct
from PIL import Image, ImageOps, UnidentifiedImageError

from domain.errors.points import BadMedia, MediaNotFound
from domain.sheets import Sheet

LARGEST_PHOTO: Final = 10 * 2**20
LARGEST_RECORDING: Final = 8 * 2**20
LONGEST_RECORDING: Final = 10 * 60
"""Seconds: nobody listens longer, standing in a street."""

LARGEST: Final = max(LARGEST_PHOTO, LARGEST_RECORDING)

_SIDE: Final = 1200
_MOST_PIXELS: Final = 50_000_000
_QUALITY: Final = 80
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, struct.error)
"""What Pillow raises on files cut short or malformed."""

_TYPES: Final = {"jpg": "image/jpeg", "mp3": "audio/mpeg"}

_FEWEST_FRAMES: Final = 10
_KBITS: Final = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HERTZ: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


class Kept(Struct, frozen=True):
    """A file in the folder: its name there, what it is, and its bytes."""

    digest: str
    media_type: str
    content: bytes


class MediaFolder:
    """The folder of an installation. Files are written once and never changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> Kept:
        """Keep a photo (JPEG, PNG, WebP) or a recording (MP3), whichever it is.

        Raises:
            BadMedia: it is neither, is broken, or is too large.
        """
        ending, content = ("mp3", sound_of(data)) if _may_be_mp3(data) else ("jpg", drawn_anew(data))
        digest = sha256(content).hexdigest()
        path = self._path(digest, ending)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(content)
            written = Path(file.name)
            written.chmod(0o644)  # whoever serves it need not be who wrote it
            written.replace(path)
        return Kept(digest, _TYPES[ending], content)

    def find(self, digest: str) -> Kept:
        """Read a file back.

        Raises:
            MediaNotFound: there is none of this name.
        """
        ending = self._ending(digest)
        return Kept(digest, _TYPES[ending], self._path(digest, ending).read_bytes())

    def check(self, sheet: Sheet) -> None:
        """Refuse a sheet whose photo or recording is not here.

        Raises:
            MediaNotFound: and says which.
        """
        photos = [sheet.photo.digest] if sheet.photo is not None else []
        recordings = sheet.recording.digests if sheet.recording is not None else []
        for digests, ending, words in ((photos, "jpg", "photo"), (recordings, "mp3", "recording")):
            if any(self._ending(one) != ending for one in digests):
                raise MediaNotFound(f"The {words} of the sheet is of another kind.")

    def seconds(self, digest: str) -> int:
        """Return how long a recording lasts, in whole seconds, one at least; 0 of a photo.

        Raises:
            MediaNotFound: there is none of this name.
        """
        if self._ending(digest) != "mp3":
            return 0
        return max(1, round(_sound(self._path(digest, "mp3").read_bytes(), 0).seconds))

    def _ending(self, digest: str) -> str:
        if len(digest) == 64 and set(digest) <= set("0123456789abcdef"):
            for ending in _TYPES:
                if self._path(digest, ending).exists():
                    return ending
        raise MediaNotFound("No photo and no recording has this name.")

    def _path(self, digest: str, ending: str) -> Path:
        return self._folder / digest[:2] / f"{digest}.{ending}"


def drawn_anew(data: bytes) -> bytes:
    """Return a photo as JPEG, upright, 1200 pixels a side at most, without anything that a camera wrote about it.

    Raises:
        BadMedia: it is no such picture.
    """
    if len(data) > LARGEST_PHOTO:
        raise BadMedia(f"A photo has {LARGEST_PHOTO // 2**20} MB at most.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is lower
            with Image.open(io.BytesIO(data), formats=_FORMATS) as photo:
                if photo.width * photo.height > _MOST_PIXELS:
                    raise BadMedia(f"A photo has {_MOST_PIXELS // 10**6} megapixels at most.")
                photo.draft("RGB", (_SIDE, _SIDE))
                upright = ImageOps.exif_transpose(photo)
                flat = _on_white(upright)
    except UnidentifiedImageError as problem:
        raise BadMedia("It is no JPEG, PNG or WebP, and no MP3.") from problem
    except (Image.DecompressionBombError, *_BROKEN) as problem:
        raise BadMedia("The photo is broken.") from problem
    flat.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return written.getvalue()


def _on_white(photo: Image.Image) -> Image.Image:
    if photo.has_transparency_data:
        photo = Image.alpha_composite(Image.new("RGBA", photo.size, "white"), photo.convert("RGBA"))
    bare = Image.new("RGB", photo.size)
    bare.paste(photo.convert("RGB"))
    return bare


def _may_be_mp3(data: bytes) -> bool:
    return data.startswith(b"ID3") or _frame_length(data, 0) is not None


class _Sound(Struct, frozen=True):
    """The frames of a recording that follow one another: how many, where the last ends, how long they last."""

    frames: int
    end: int
    seconds: float


def sound_of(data: bytes) -> bytes:
    """Return the frames of an MP3, from the first to the last that follow one another.

    Raises:
        BadMedia: it has too few, or they are too many bytes or minutes.
    """
    if len(data) > LARGEST_RECORDING:
        raise BadMedia(f"A recording has {LARGEST_RECORDING // 2**20} MB at most.")
    start = _after_tags(data)
    sound = _sound(data, start)
    if sound.frames < _FEWEST_FRAMES:
        raise BadMedia("It is no MP3 that can be played.")
    if sound.seconds > LONGEST_RECORDING:
        raise BadMedia(f"A recording lasts {LONGEST_RECORDING // 60} minutes at most.")
    return data[start : sound.end]


def _sound(data: bytes, place: int) -> _Sound:
    frames, seconds = 0, 0.0
    while (length := _frame_length(data, place)) is not None and place + length <= len(data):
        seconds += _frame_seconds(data, place)
        place, frames = place + length, frames + 1
    return _Sound(frames, place, seconds)


def _frame_seconds(data: bytes, place: int) -> float:
    """How long the frame lasts that begins here: 1,152 samples in MPEG 1, half of them in the versions after it."""
    header = int.from_bytes(data[place : place + 4])
    version = header >> 19 & 3
    return (1152 if version == 3 else 576) / _HERTZ[version][header >> 10 & 3]


def _after_tags(data: bytes) -> int:
    """Where the sound begins: after any ID3v2 tags (id3.org, ID3v2.4 section 3.1)."""
    place = 0
    while data[place : place + 3] == b"ID3" and len(data) >= place + 10:
        size = 0
        for byte in data[place + 6 : place + 10]:
            size = size << 7 | byte & 0x7F
        place += 10 + size
    return place


def _frame_length(data: bytes, place: int) -> int | None:
    """Length in bytes of the MPEG layer III frame that begins here, if one does (ISO/IEC 11172-3 section 2.4.1.3)."""
    if len(data) < place + 4:
        return None
    header = int.from_bytes(data[place : place + 4])
    version, layer = header >> 19 & 3, header >> 17 & 3
    rate, frequency, padding = header >> 12 & 15, header >> 10 & 3, header >> 9 & 1
    if header >> 21 != 0x7FF or version == 1 or layer != 1 or rate in {0, 15} or frequency == 3:
        return None
    kbits = _KBITS[1 if version == 3 else 2][rate]
    return (144_000 if version == 3 else 72_000) * kbits // _HERTZ[version][frequency] + padding
