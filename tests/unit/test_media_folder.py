"""Photos and recordings: nothing is kept but picture and sound, and what is neither is refused."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.media_folder import LARGEST_RECORDING, MediaFolder, drawn_anew, sound_of
from domain.errors.points import BadMedia, MediaNotFound
from tests.sounds import FRAME, SLOW, SOUND, sound


def photo(size: tuple[int, int] = (64, 48), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Maker of Cameras"
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    Image.new(mode, size, "red").save(written, kind, exif=exif)
    return written.getvalue()


def test_a_photo_is_drawn_upright_and_says_nothing_of_where_it_was_taken(tmp_path: Path) -> None:
    kept = MediaFolder(tmp_path).keep(photo())
    with Image.open(io.BytesIO(kept.content)) as drawn:
        assert (drawn.format, drawn.size) == ("JPEG", (48, 64))
        assert dict(drawn.getexif()) == {}
    assert b"Maker of Cameras" in photo()
    assert b"Maker of Cameras" not in kept.content


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("WEBP", "RGBA"), ("PNG", "L"), ("JPEG", "CMYK")])
def test_a_large_photo_of_any_kind_becomes_a_jpeg_of_1200_pixels(kind: str, mode: str) -> None:
    written = io.BytesIO()
    Image.new(mode, (2000, 1000)).save(written, kind)
    with Image.open(io.BytesIO(drawn_anew(written.getvalue()))) as drawn:
        assert (drawn.format, drawn.mode, drawn.size) == ("JPEG", "RGB", (1200, 600))


def test_the_same_file_is_kept_once_and_read_back(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path)
    kept = folder.keep(photo())
    assert folder.keep(photo()) == kept == folder.find(kept.digest)
    assert [path.name for path in tmp_path.rglob("*.*")] == [f"{kept.digest}.jpg"]


def test_of_a_recording_only_the_sound_is_kept(tmp_path: Path) -> None:
    tag = b"ID3\x04\x00\x00\x00\x00\x00\x09by Jeanne"
    folder = MediaFolder(tmp_path)
    kept = folder.keep(tag + tag + SOUND + b"TAG" + b"Jeanne".ljust(125, b"\0"))
    assert (kept.media_type, kept.content) == ("audio/mpeg", SOUND)
    assert folder.find(kept.digest) == kept


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", photo()[:200], b"ID3", FRAME * 3, b"<svg/>", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + SOUND],
)
def test_what_is_neither_photo_nor_recording_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadMedia):
        MediaFolder(tmp_path).keep(data)


def test_a_recording_lasts_ten_minutes_at_most(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path)
    assert folder.seconds(folder.keep(SLOW * 1000).digest) == 36
    assert folder.seconds(folder.keep(sound(383)).digest) == 10
    assert folder.seconds(folder.keep(photo()).digest) == 0
    with pytest.raises(BadMedia, match="10 minutes"):
        sound_of(SLOW * 16_700)


def test_what_is_too_large_is_refused_before_it_is_opened() -> None:
    with pytest.raises(BadMedia, match="8 MB"):
        sound_of(SOUND + bytes(LARGEST_RECORDING))
    written = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(written, "PNG")
    with pytest.raises(BadMedia, match="megapixels"):
        drawn_anew(written.getvalue())


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 64, "0" * 63 + "/"])
def test_a_name_that_is_no_file_finds_nothing(tmp_path: Path, digest: str) -> None:
    with pytest.raises(MediaNotFound):
        MediaFolder(tmp_path).find(digest)


@settings(max_examples=100)
@given(st.binary(max_size=2_000) | st.binary(max_size=200).map(lambda tail: SOUND + tail))
def test_any_bytes_are_kept_or_refused(data: bytes) -> None:
    for read in (sound_of, drawn_anew):
        try:
            read(data)
        except BadMedia:
            continue
