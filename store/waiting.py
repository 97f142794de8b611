"""Those who wait for a connection: in the order in which they came, for so long, and no more than there is room for.

The pool's own queue lets whoever comes at the right moment overtake, and puts back to its end whoever was overtaken: in
a rush most had their turn within three seconds, and some had none in ten (ADR 0078).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.errors import LedgerUnavailable


class WaitingLine:
    """A line before `turns` connections. `seconds` is how long somebody waits, `most` how many do."""

    def __init__(self, turns: int, *, seconds: float, most: int) -> None:
        self.seconds = seconds
        self.most = most
        self._free = asyncio.Semaphore(turns)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and hold it.

        Raises:
            LedgerUnavailable: it did not come in time, or the line is full.
        """
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _wait(self) -> None:
        if self._waiting >= self.most:
            raise LedgerUnavailable("Too many wait for the database.")
        self._waiting += 1
        try:
            async with asyncio.timeout(self.seconds):
                await self._free.acquire()
        except TimeoutError as late:
            raise LedgerUnavailable("The database does not answer.") from late
        finally:
            self._waiting -= 1
