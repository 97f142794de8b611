"""The lane: everything that waits goes together, and nothing waits for a timer.

A lone scan leaves at once. While a batch is being written, the next one gathers by itself; where the engine can settle
another at the same time, it leaves as soon as it is larger than what is under way. Handlers own no database
connection: a client that hangs up leaves a cancelled future behind and hurts nobody.
"""

import asyncio
import traceback
from collections import deque
from itertools import chain
from typing import Protocol

import structlog
from msgspec import Struct

from domain.errors import DomainError, LedgerUnavailable, Overloaded, PassageUnsettled
from store.ledger.scan import Scan, Settled

log = structlog.get_logger("ledger")


class Engine(Protocol):
    """One database's way of settling a batch: read, judge, write, commit."""

    at_once: int
    """How many batches it settles at the same time."""

    async def open(self) -> None:
        """Connect, and refuse settings under which a commit may be lost."""
        ...

    async def settle(self, scans: list[Scan]) -> list[Settled]:
        """Settle a batch in one transaction. On any exception nothing may be granted."""
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...


class Limits(Struct, frozen=True):
    """How much may wait (scans), for how long (seconds), and how many go together."""

    waiting: int = 2_000
    seconds: float = 2.0
    batch: int = 128


class _Waiter(Struct):
    scan: Scan
    future: asyncio.Future[Settled]
    since: float


class Lane:
    """The one door to the ledger in this process."""

    def __init__(self, engine: Engine, *, limits: Limits | None = None) -> None:
        self._engine = engine
        self._limits = limits or Limits()
        self._waiting: deque[_Waiter] = deque()
        self._in_flight: list[list[_Waiter]] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Open the engine and start taking scans."""
        await self._engine.open()
        runners = [asyncio.create_task(self._run()) for _ in range(self._engine.at_once)]
        self._tasks = [*runners, asyncio.create_task(self._watch())]

    async def close(self) -> None:
        """Settle what waits, then let go of the database."""
        self._closing = True
        self._wake.set()
        if self._tasks:
            *runners, watcher = self._tasks
            await asyncio.gather(*runners)
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)
        await self._engine.close()

    def submit(self, scan: Scan, future: asyncio.Future[Settled] | None = None) -> asyncio.Future[Settled]:
        """Hand a scan over; the future ends after the commit that holds it. It may be one that somebody waits for.

        Raises:
            Overloaded: too much is waiting, or the lane is closing; nothing was taken.
        """
        if self._closing or len(self._waiting) >= self._limits.waiting:
            raise Overloaded("Too many passages are waiting.")
        loop = asyncio.get_running_loop()
        if future is None:
            future = loop.create_future()
        self._waiting.append(_Waiter(scan, future, loop.time()))
        if self._enough():
            self._wake.set()
        return future

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            while self._enough():
                await self._settle(self._take())
            if self._closing:
                return
            self._wake.clear()

    def _enough(self) -> bool:
        """Tell whether a batch should leave: many small ones cost more than they gain."""
        return len(self._waiting) > sum(len(batch) for batch in self._in_flight)

    def _take(self) -> list[_Waiter]:
        """Take what waits, oldest first, leaving out those whose client has gone: they were never begun."""
        batch: list[_Waiter] = []
        while self._waiting and len(batch) < self._limits.batch:
            waiter = self._waiting.popleft()
            if not waiter.future.done():
                batch.append(waiter)
        return batch

    async def _settle(self, batch: list[_Waiter]) -> None:
        if not batch:
            return
        self._in_flight.append(batch)
        try:
            settled = await self._engine.settle([waiter.scan for waiter in batch])
        except DomainError as refused:
            log.warning("batch_refused", scans=len(batch), problem=refused.code)
            _fail(batch, refused)
        except Exception as problem:  # noqa: BLE001 - whatever it was, every waiter hears that nothing is granted
            # The place without the message: a database's message may quote rows, and rows are people.
            place = traceback.format_tb(problem.__traceback__)[-3:]
            log.error(  # noqa: TRY400 - see above
                "batch_failed", scans=len(batch), problem=type(problem).__name__, place=place
            )
            await self._settle_apart(batch)
        else:
            for waiter, result in zip(batch, settled, strict=True):
                if not waiter.future.done():
                    waiter.future.set_result(result)
        finally:
            self._in_flight.remove(batch)

    async def _settle_apart(self, batch: list[_Waiter]) -> None:
        """Settle one by one what failed together: one passage that cannot be judged must not stop its neighbours.

        The failed transaction was rolled back. Had it been committed all the same, the keys would bring the answers.
        """
        if len(batch) == 1:
            _fail(batch, PassageUnsettled("The passage is not confirmed."))
            return
        for waiter in batch:
            await self._settle([waiter])

    async def _watch(self) -> None:
        """Tell those who have waited too long that their passage is not confirmed; a frozen database hangs nobody."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._limits.seconds / 8)
            oldest = loop.time() - self._limits.seconds
            late = [waiter for waiter in chain(*self._in_flight, self._waiting) if waiter.since < oldest]
            _fail(late, LedgerUnavailable("The database did not answer in time."))


def _fail(waiters: list[_Waiter], problem: DomainError) -> None:
    for waiter in waiters:
        if not waiter.future.done():
            waiter.future.set_exception(problem)
