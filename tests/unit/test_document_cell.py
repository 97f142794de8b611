"""Files are read apart: by a process that knows no secret and ends with the file, or with whoever gives up."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from adapters.document_cell import DocumentCell
from adapters.document_warden import warden
from tests.hostile_files import letter, photo


def pid() -> int:
    """The warden's process."""
    process = warden()._process
    assert process is not None
    return process.pid


def readers() -> list[int]:
    """Processes that read a file now. One that has ended and is not buried reads nothing."""
    found = Path(f"/proc/{pid()}/task/{pid()}/children").read_text().split()
    return [int(one) for one in found if Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[0] != "Z"]


def environment() -> bytes:
    return Path(f"/proc/{pid()}/environ").read_bytes()


async def wait_for_readers(count: int) -> None:
    async with asyncio.timeout(30):
        while len(readers()) != count:  # noqa: ASYNC110 - the system's list of processes tells nobody
            await asyncio.sleep(0.005)


async def test_two_files_at_once_are_read_each_for_itself() -> None:
    picture, pdf = await asyncio.gather(DocumentCell().read(photo()), DocumentCell().read(letter(2)))
    assert (picture.media_type, picture.pages) == ("image/jpeg", 1)
    assert (pdf.media_type, pdf.pages) == ("application/pdf", 2)


async def test_what_reads_files_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """G1: a file that takes its reader over finds no password there."""
    monkeypatch.setenv("MULTIPASS_KEY_PASSWORD", "canary")
    await DocumentCell().read(photo())
    known = environment()
    assert {one.partition(b"=")[0] for one in known.split(b"\0") if one} <= {b"PATH", b"PYTHONPATH", b"LC_CTYPE"}


async def test_whoever_gives_up_takes_the_reader_along() -> None:
    """U: hostile files that are sent and left take no more of the machine than two do."""
    await DocumentCell().read(photo())
    await wait_for_readers(0)
    reading = asyncio.create_task(DocumentCell().read(photo((7_000, 7_000), "PNG")))
    await wait_for_readers(1)
    reading.cancel()
    await wait_for_readers(0)


async def test_where_the_warden_was_ended_the_next_file_has_a_new_one() -> None:
    await DocumentCell().read(photo())
    before = pid()
    os.kill(before, signal.SIGKILL)
    assert (await DocumentCell().read(letter())).pages == 1
    assert pid() != before
