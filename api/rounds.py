"""Doing something again and again while the server lives: at once when it is called, and in peace to its end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from msgspec import Struct
from sqlalchemy.exc import DBAPIError

from domain.errors import LedgerUnavailable

STOP_SECONDS = 2.0
"""How long a round may take to its end when the server stops. One that is cut in the middle leaves its connection."""

log = structlog.get_logger("rounds")


class Done(Struct, frozen=True):
    """A round that is over. It comes every so many seconds, and took so many; `problem` is what went wrong."""

    of: str
    every_seconds: float
    took_seconds: float
    problem: BaseException | None


class Rounds:
    """Rounds of one kind in this process. A database that is away is looked for again with the next one.

    `told` hears of each round that is over.
    """

    def __init__(self, name: str, do: Callable[[], Awaitable[object]], *, every_seconds: float) -> None:
        self._name = name
        self._do = do
        self._every_seconds = every_seconds
        self._called = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._first_is_over = asyncio.Event()
        self.told: Callable[[Done], None] = lambda _done: None

    def start(self) -> None:
        """Begin with a round now."""
        self._called.set()
        self.stand_by()

    def stand_by(self) -> None:
        """Begin with the first call."""
        self._task = asyncio.create_task(self._run())

    async def first(self, *, seconds: float) -> None:
        """Wait until the first round is over, or for that long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._first_is_over.wait(), seconds)

    def call(self) -> None:
        """Ask for a round at once."""
        self._called.set()

    async def stop(self) -> None:
        """Let the round that is on its way come to its end, and begin no other."""
        self._stopping = True
        self._called.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STOP_SECONDS)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        await self._called.wait()
        while not self._stopping:
            self._called.clear()
            began = asyncio.get_running_loop().time()
            problem = await self._round()
            self._first_is_over.set()
            took = asyncio.get_running_loop().time() - began
            self.told(Done(self._name, self._every_seconds, took, problem))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), self._every_seconds)

    async def _round(self) -> BaseException | None:
        """Do a round, and return what went wrong."""
        try:
            await self._do()
        except (LedgerUnavailable, DBAPIError) as problem:
            log.warning("no round", of=self._name, problem=type(problem).__name__)
            return problem
        except Exception as problem:
            # A mistake of ours in one round is told, and ends no other.
            log.exception("unforeseen", of=self._name)
            return problem
        return None
