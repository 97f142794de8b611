"""Codes that nobody has shown here before: their signatures are verified in a thread of its own, many at a time.

A signature costs as much as the rest of a passage, and the library lets the interpreter lock go while it computes. One
hop to a thread for each code would cost half of what it gains, so what arrives while the thread is busy goes together.
A lone code is verified in place: it has nobody to wait for.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final

from msgspec import Struct

from domain.errors import Overloaded
from nfc.errors import CodeError
from nfc.qr import CodeReader, VerifiedCode

MOST_WAITING: Final = 2_000
TOGETHER: Final = 64
"""Codes of one hop: 6 ms of computing."""

ENOUGH: Final = 2
"""From so many codes on, a hop is worth it."""

Read = VerifiedCode | Exception
"""What a text turned out to be."""


class _Asked(Struct):
    text: str
    now: int
    future: asyncio.Future[VerifiedCode | CodeError]


class Verifier:
    """Reads codes beside the event loop, and lets `reader` remember them.

    A reader is one thread's, so the thread has another. It is made anew, with all that it remembers, whenever the keys
    of `reader` are replaced; what was verified with keys that were replaced meanwhile is verified again.
    """

    def __init__(self, reader: CodeReader) -> None:
        self._reader = reader
        self._beside = CodeReader(reader.keys, printed=0)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="codes")
        self._waiting: list[_Asked] = []
        self._busy = False

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False)

    def read(self, text: str, now: datetime) -> asyncio.Future[VerifiedCode | CodeError]:
        """Return what will be known of a code that `reader` does not remember. A flaw is a value here.

        Raises:
            Overloaded: too many are waiting.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded("Too many codes are waiting.")
        loop = asyncio.get_running_loop()
        asked = _Asked(text, int(now.timestamp()), loop.create_future())
        self._waiting.append(asked)
        if not self._busy:
            # At the end of this turn of the loop: what else came with it goes along.
            self._busy = True
            loop.call_soon(self._leave)
        return asked.future

    def _leave(self) -> None:
        batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
        if len(batch) < ENOUGH:
            self._busy = False
            for asked in batch:
                self._tell(asked, _read(self._reader, asked))
            return
        if self._beside.keys is not self._reader.keys:
            self._beside = CodeReader(self._reader.keys, printed=0)
        hop = asyncio.get_running_loop().run_in_executor(self._thread, _read_all, self._beside, batch)
        hop.add_done_callback(partial(self._back, self._beside, batch))

    def _back(self, reader: CodeReader, batch: list[_Asked], hop: "asyncio.Future[list[Read]]") -> None:
        if reader.keys is self._reader.keys:
            for asked, read in zip(batch, hop.result(), strict=True):
                self._tell(asked, read)
        else:
            self._waiting = batch + self._waiting
        self._leave()

    def _tell(self, asked: _Asked, read: Read) -> None:
        if isinstance(read, VerifiedCode):
            self._reader.remember(asked.text, read)
        if asked.future.done():
            return
        if isinstance(read, VerifiedCode | CodeError):
            asked.future.set_result(read)
        else:
            asked.future.set_exception(read)


def _read_all(reader: CodeReader, batch: list[_Asked]) -> list[Read]:
    return [_read(reader, asked) for asked in batch]


def _read(reader: CodeReader, asked: _Asked) -> Read:
    try:
        return reader.read(asked.text, asked.now)
    except Exception as problem:  # noqa: BLE001 - a flaw, or what nobody foresaw: for this code, not for its neighbours
        return problem
