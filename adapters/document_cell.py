"""Reading strangers' files apart: in a process of their own, with little memory, little time, no files and no secrets.

What breaks a decoder breaks that process, and the server says no. `python -m adapters.document_cell` is that process: a
file comes in, what is left of it or the reason of a refusal goes out.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from adapters.document_file import Readable, read_file
from adapters.portrait_file import Frame, portrait
from domain.errors.requests import DocumentRefused
from domain.file_flaws import Flaw, refusal

_MEMORY_BYTES: Final = 2**30
_CPU_SECONDS: Final = 15
_PATIENCE_SECONDS: Final = 40.0
_AT_ONCE: Final = 2


class _Answer(Struct, frozen=True):
    """What the process says: one of the two."""

    readable: Readable | None = None
    flaw: Flaw | None = None


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
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-B", "-m", __name__, *words),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            try:
                out, _ = await asyncio.wait_for(process.communicate(data), _PATIENCE_SECONDS)
            except TimeoutError:
                raise refusal(Flaw.TOO_COSTLY) from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        try:
            answer = msgspec.msgpack.decode(out, type=_Answer)
        except msgspec.DecodeError:
            raise refusal(Flaw.TOO_COSTLY) from None
        if answer.readable is None:
            raise refusal(answer.flaw or Flaw.TOO_COSTLY)
        return answer.readable


def _shut_in() -> None:
    """Give up what reading a file does not need; the system ends a process that wants more."""
    import resource  # noqa: PLC0415 - Unix alone has it, and the server itself does without

    for kind, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _drawing(page: int) -> Callable[[bytes], Readable]:
    from adapters.document_page import draw_page  # noqa: PLC0415 - the server itself never loads it

    return lambda data: Readable("image/jpeg", draw_page(data, page), 1)


def _portraying(frame: Frame) -> Callable[[bytes], Readable]:
    return lambda data: Readable("image/jpeg", portrait(data, frame), 1)


def _work_of(words: list[str]) -> Callable[[bytes], Readable]:
    match words:
        case ["page", page]:
            return _drawing(int(page))
        case ["portrait", zoom, across, down]:
            return _portraying(Frame(int(zoom), int(across), int(down)))
        case _:
            return read_file


def main() -> None:
    """Read one file, draw the page that is named, or make a photo of the part that is."""
    work = _work_of(sys.argv[1:])
    _shut_in()
    try:
        answer = _Answer(readable=work(sys.stdin.buffer.read()))
    except DocumentRefused as refused:
        answer = _Answer(flaw=Flaw(refused.flaw))
    except MemoryError:
        answer = _Answer(flaw=Flaw.TOO_COSTLY)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    main()
