"""Documents: what is taken, what is left of it, and that nobody reads it without its key (reliability 3.2, no. 15)."""

import asyncio
import io
import struct
from datetime import date
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from adapters.antivirus import Antivirus, Finding
from adapters.document_file import SIDE, read_file
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from adapters.wrapping import KeyringAltered
from domain.documents import Document, DocumentKind, DocumentState, Safe
from domain.errors.requests import DocumentNotFound, DocumentRefused, DocumentWaits
from tests.city import NOW
from tests.hostile_files import HOSTILE, letter, photo

ONE, OTHER = UUID(int=1), UUID(int=2)


def document(safe: Safe) -> Document:
    return Document(
        id=safe.id,
        authority_id=ONE,
        request_id=ONE,
        kind=DocumentKind.OTHER,
        state=safe.state,
        media_type=safe.media_type,
        size_bytes=safe.size_bytes,
        pages=safe.pages,
        digest=safe.digest,
        wrapped_key=safe.wrapped_key,
        received_at=NOW,
        file_until=date(2027, 1, 1),
        keep_until=date(2027, 1, 1),
    )


def on_disk(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.rglob("*.sealed")]


@pytest.mark.parametrize("what", HOSTILE)
def test_what_would_do_something_or_is_nothing_is_refused(what: str) -> None:
    data, flaw = HOSTILE[what]
    with pytest.raises(DocumentRefused) as refused:
        read_file(data)
    assert refused.value.flaw == flaw


@settings(max_examples=60)
@given(st.integers(0, 2_000), st.integers(1, 255), st.integers(0, 2_000))
def test_a_damaged_pdf_is_read_or_refused_and_nothing_else(place: int, flip: int, cut: int) -> None:
    data = bytearray(letter())
    data[place % len(data)] ^= flip
    for file in (bytes(data), bytes(data[cut:]), bytes(data[:cut])):
        try:
            read_file(file)
        except DocumentRefused:
            continue


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("WEBP", "RGBA"), ("PNG", "L")])
def test_a_picture_is_drawn_upright_and_says_nothing_of_its_maker(kind: str, mode: str) -> None:
    sent = photo(kind=kind, mode=mode)
    kept = read_file(sent)
    with Image.open(io.BytesIO(kept.content)) as drawn:
        assert (kept.media_type, drawn.format, drawn.size) == ("image/jpeg", "JPEG", (48, 64))
        assert dict(drawn.getexif()) == {}
    assert b"Maker of Cameras" in sent
    assert b"Maker of Cameras" not in kept.content


def test_a_large_picture_becomes_as_large_as_a_page_that_can_be_read() -> None:
    with Image.open(io.BytesIO(read_file(photo((3_000, 2_000))).content)) as drawn:
        assert max(drawn.size) == SIDE


def test_what_hides_behind_a_picture_is_left_behind() -> None:
    assert b"<script>" not in read_file(photo() + b"<script>alert(1)</script>").content


def test_a_pdf_stays_as_it_is() -> None:
    sent = letter(3)
    kept = read_file(sent)
    assert (kept.media_type, kept.pages, kept.content) == ("application/pdf", 3, sent)


async def test_a_file_lies_encrypted_and_opens_with_its_own_key_alone(tmp_path: Path) -> None:
    keyring = KeyRing(tmp_path / "keys")
    for authority in ("ville", "voisine"):
        keyring.make_master(authority, now=NOW)
    vault = DocumentVault(tmp_path / "vault", keyring, Antivirus(""))
    sent = letter()

    kept = document(await vault.keep("ville", ONE, sent))  # read by the real process apart
    other = document(vault.lock("ville", OTHER, read_file(photo()), b""))
    assert (kept.state, kept.pages, kept.digest) == (DocumentState.KEPT, 1, sha256(sent).digest())
    assert all(b"Facture" not in sealed for sealed in on_disk(tmp_path))
    assert await vault.open("ville", kept) == sent

    with pytest.raises(KeyringAltered):
        await vault.open("voisine", kept)
    with pytest.raises(KeyringAltered):
        await vault.open("ville", replace(kept, wrapped_key=other.wrapped_key))
    with pytest.raises(KeyringAltered):
        await vault.open("ville", replace(kept, id=OTHER))
    with pytest.raises(DocumentWaits):
        await vault.open("ville", replace(kept, state=DocumentState.QUARANTINED))
    vault.remove([ONE, ONE])
    with pytest.raises(DocumentNotFound):
        await vault.open("ville", kept)


async def test_a_hostile_file_is_refused_by_the_process_apart_too(tmp_path: Path) -> None:
    vault = DocumentVault(tmp_path, KeyRing(tmp_path / "keys"), Antivirus(""))
    with pytest.raises(DocumentRefused, match="megapixels"):
        await vault.keep("ville", ONE, HOSTILE["png that unpacks to gigabytes"][0])
    assert on_disk(tmp_path) == []


async def _clamd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak as clamd(8) does, and find what says that it is to be found."""
    assert await reader.readexactly(10) == b"zINSTREAM\0"
    data = b""
    while size := struct.unpack("!L", await reader.readexactly(4))[0]:
        data += await reader.readexactly(size)
    writer.write(b"stream: Eicar-Test-Signature FOUND\0" if b"EICAR" in data else b"stream: OK\0")
    await writer.drain()
    writer.close()


async def test_a_file_waits_for_an_antivirus_that_is_away_and_is_seen_once_it_answers(tmp_path: Path) -> None:
    keyring, socket = KeyRing(tmp_path / "keys"), tmp_path / "clamd"
    keyring.make_master("ville", now=NOW)
    vault = DocumentVault(tmp_path / "vault", keyring, Antivirus(f"unix:{socket}"))
    waiting = document(await vault.keep("ville", ONE, letter()))
    assert waiting.state is DocumentState.QUARANTINED
    assert await vault.look_again("ville", waiting) is Finding.UNKNOWN

    async with await asyncio.start_unix_server(_clamd, socket):
        assert await vault.look_again("ville", waiting) is Finding.CLEAN
        assert (await vault.keep("ville", OTHER, letter())).state is DocumentState.KEPT
        with pytest.raises(DocumentRefused, match="antivirus"):
            await vault.keep("ville", OTHER, letter() + b"\n% EICAR %%EOF")
