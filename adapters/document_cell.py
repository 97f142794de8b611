"""Reading strangers' files apart: in a process of their own, with little memory, little time, no files and no secrets.

What breaks a decoder breaks that process, and the server says no. `adapters.document_warden` is where it comes from: a
file goes in, what is left of it or the reason of a refusal comes out.
"""

import asyncio
from typing import Final

import msgspec
from msgspec.structs import astuple

from adapters.document_file import Readable
from adapters.document_warden import BEGUN, PATIENCE_SECONDS, Answer, warden
from adapters.portrait_file import Frame
from domain.file_flaws import Flaw, refusal

_AT_ONCE: Final = 2


class DocumentCell:
    """Where files are read; few at a time, so that uploads never take the machine from the gates."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def read(self, data: bytes) -> Readable:
        """Read a file apart.

        Raises:
            DocumentRefused: as `read_file`; or it took too much memory or time.
        """
        return await self._ask(data)

    async def draw(self, pdf: bytes, page: int) -> bytes:
        """Draw a page of a PDF apart, as JPEG.

        Raises:
            DocumentRefused: as `draw_page`; or it took too much memory or time.
        """
        return (await self._ask(pdf, "page", str(page))).content

    async def portray(self, data: bytes, frame: Frame) -> bytes:
        """Make a photo of somebody of a picture apart.

        Raises:
            DocumentRefused: as `portrait`; or it took too much memory or time.
        """
        return (await self._ask(data, "portrait", *(str(percent) for percent in astuple(frame)))).content

    async def _ask(self, data: bytes, *words: str) -> Readable:
        async with self._turn:
            out = await _answered(data, *words)
            if not out:  # nobody has begun: the warden was ended meanwhile, and no file is to blame
                out = await _answered(data, *words)
        try:
            answer = msgspec.msgpack.decode(out.removeprefix(BEGUN), type=Answer)
        except msgspec.DecodeError:
            raise refusal(Flaw.TOO_COSTLY) from None
        if answer.readable is None:
            raise refusal(answer.flaw or Flaw.TOO_COSTLY)
        return answer.readable


async def _answered(data: bytes, *words: str) -> bytes:
    """Return what a reader says of a file: that it has begun, and no more, if it was ended for what it took."""
    reader, writer = await asyncio.open_unix_connection(sock=warden().line())
    begun = b""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            writer.write(" ".join(words).encode() + b"\n" + data)
            writer.write_eof()
            begun = await reader.read(len(BEGUN))
            return begun + await reader.read()
    except (TimeoutError, ConnectionError):
        return begun
    finally:
        writer.close()
