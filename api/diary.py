"""How the jobs of this process go, for whoever looks at any process: noted in the database, seldom, and at once when
one begins to fail.
"""

import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from api.rounds import Done
from domain.errors import DomainError
from domain.jobs import NOTED_EVERY, Round, after
from domain.ports import Clock
from store.database import Database
from store.jobs import forget_worker, note_rounds

LONGEST_PROBLEM = 80
_LONGEST_HOST = 60


def worker_name() -> str:
    """Name this process among those of the installation."""
    return f"{socket.gethostname()[:_LONGEST_HOST]}:{os.getpid()}"


def short(problem: BaseException | None) -> str:
    """The code of a problem: what an error says in words may name somebody, and belongs to the log."""
    if problem is None:
        return ""
    return (problem.code if isinstance(problem, DomainError) else type(problem).__name__)[:LONGEST_PROBLEM]


class Diary:
    """What one process knows of its jobs. `call` asks for a look at it soon."""

    def __init__(self, database: Database, clock: Clock, *, worker: str = "") -> None:
        self._database = database
        self._clock = clock
        self._worker = worker or worker_name()
        self._known: dict[str, Round] = {}
        self._fresh: set[str] = set()
        self._noted_at: datetime | None = None
        self._urgent = False
        self.call: Callable[[], None] = lambda: None

    def note(self, done: Done) -> None:
        """Note a round that is over."""
        now, before = self._clock(), self._known.get(done.of)
        began_at = now - timedelta(seconds=done.took_seconds)
        problem = short(done.problem)
        last = Round(done.of, self._worker, done.every_seconds, began_at, done.took_seconds, 0, problem, now)
        self._known[done.of] = after(before, last)
        self._fresh.add(done.of)
        if before is None or bool(before.problem) != bool(problem):
            self._urgent = True
            self.call()

    async def write(self) -> None:
        """Write what is new, once a minute; what began to fail or works again, at once."""
        now = self._clock()
        seldom = self._noted_at is not None and now - self._noted_at < NOTED_EVERY
        if not self._fresh or (seldom and not self._urgent):
            return
        rounds = [self._known[job] for job in sorted(self._fresh)]
        self._fresh, self._urgent = set(), False
        async with self._database.write() as connection:
            await note_rounds(connection, rounds, now)
        self._noted_at = now

    async def leave(self) -> None:
        """Forget this worker, which stops in good order."""
        if self._noted_at is not None:
            async with self._database.write() as connection:
                await forget_worker(connection, self._worker)
