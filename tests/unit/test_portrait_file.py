"""A photo of somebody is made of whatever a camera brings: three by four, small, with nothing in it but the face."""

import asyncio
import io
import os
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from adapters.antivirus import Antivirus
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from adapters.portrait_file import Frame, part_of, portrait
from domain.errors.requests import DocumentRefused
from domain.file_flaws import Flaw
from domain.portraits import HEIGHT, LARGEST, WIDTH
from tests.city import NOW
from tests.hostile_files import HOSTILE, letter, photo

HERE = UUID(int=7)


def striped(width: int, height: int) -> bytes:
    """Red to the left, green in the middle, blue to the right."""
    picture = Image.new("RGB", (width, height), (0, 200, 0))
    picture.paste((200, 0, 0), (0, 0, width // 3, height))
    picture.paste((0, 0, 200), (2 * width // 3, 0, width, height))
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def middle(of: bytes) -> tuple[int, ...]:
    with Image.open(io.BytesIO(of)) as drawn:
        assert (drawn.format, drawn.size, dict(drawn.getexif())) == ("JPEG", (WIDTH, HEIGHT), {})
        pixel = drawn.getpixel((WIDTH // 2, HEIGHT // 2))
        assert isinstance(pixel, tuple)
        return tuple(round(channel / 200) for channel in pixel)


def test_without_a_frame_the_middle_is_kept_and_with_one_what_it_says() -> None:
    sent = striped(1_200, 400)
    assert middle(portrait(sent, Frame())) == (0, 1, 0)
    assert middle(portrait(sent, Frame(across=0))) == (1, 0, 0)
    assert middle(portrait(sent, Frame(zoom=200, across=100))) == (0, 0, 1)


@pytest.mark.parametrize("frame", [Frame(), Frame(400, 0, 100), Frame(9_999, 900, 900), Frame(0, 0, 0)])
@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (3_000, 400), (400, 3_000)])
def test_a_part_is_three_by_four_and_inside_the_picture(width: int, height: int, frame: Frame) -> None:
    left, top, wide, high = part_of(width, height, frame)
    assert high * 3 == pytest.approx(wide * 4)
    assert 0 <= left <= left + wide <= width + 1e-6
    assert 0 <= top <= top + high <= height + 1e-6


def test_a_photo_turned_by_its_camera_is_upright_and_says_nothing_of_it() -> None:
    sent = photo((640, 480))
    kept = portrait(sent, Frame())
    assert b"Maker of Cameras" in sent
    assert b"Maker of Cameras" not in kept
    assert middle(kept) == (1, 0, 0)


def test_the_noisiest_photo_fits_a_makers_file() -> None:
    noise = Image.frombytes("RGB", (900, 1_200), os.urandom(900 * 1_200 * 3))
    written = io.BytesIO()
    noise.save(written, "PNG", compress_level=0)
    assert len(portrait(written.getvalue(), Frame())) <= LARGEST


def test_a_picture_of_which_nothing_can_be_recognised_is_refused() -> None:
    for sent, frame in ((photo((64, 48)), Frame()), (striped(300, 400), Frame(zoom=400))):
        with pytest.raises(DocumentRefused) as refused:
            portrait(sent, frame)
        assert refused.value.flaw == Flaw.TOO_SMALL


def test_a_bill_is_no_photo() -> None:
    for data in (letter(), *(data for data, flaw in HOSTILE.values() if flaw is Flaw.NOT_TAKEN)):
        with pytest.raises(DocumentRefused) as refused:
            portrait(data, Frame())
        assert refused.value.flaw == Flaw.NOT_TAKEN


def test_the_vault_keeps_no_byte_of_a_photo_in_the_clear(tmp_path: Path) -> None:
    keyring = KeyRing(tmp_path / "keys")
    keyring.make_master("metropole", now=NOW)
    vault = DocumentVault(tmp_path / "documents", keyring, Antivirus(""))
    sealed = asyncio.run(vault.keep_portrait("metropole", HERE, striped(600, 800), Frame()))
    [lying] = (tmp_path / "documents").rglob("*.sealed")
    assert b"JFIF" not in lying.read_bytes()
    assert sealed.file_id == HERE
