"""Tells terminals that something has changed, the second it has, over a stream that they keep open.

One look at the database a second serves every stream of this process, and none is made while nobody listens. What is
said is only *that* something changed: the terminal fetches it as it always does, so a stream that breaks loses nothing.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import structlog
from litestar.response import ServerSentEventMessage
from msgspec import Struct

from domain.errors import LedgerUnavailable, Overloaded
from domain.terminals import Ability
from store import bundles
from store.attendance import catalogue_version
from store.database import Database
from store.terminal_tokens import TerminalSession, active_among

LOOK_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 15.0
"""Proxies close a stream on which nothing moves."""

MOST_STREAMS = 1_000

log = structlog.get_logger("changes")


class _Seen(Struct, frozen=True):
    version: int
    active: frozenset[UUID]
    bundles: dict[UUID, tuple[int, int]]


class Changes:
    """The streams of this process, and the one look that feeds them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listening: Counter[UUID] = Counter()
        self._news = asyncio.Condition()
        self._seen: _Seen | None = None
        self._looking: asyncio.Task[None] | None = None

    async def follow(self, session: TerminalSession, last_seen: str | None) -> AsyncIterator[ServerSentEventMessage]:
        """Yield an event when the configuration has changed since `last_seen`, one when a bundle of the authority would
        tell something new, and one as the terminal is revoked.

        Raises:
            Overloaded: this process has as many streams as it can carry.
        """
        if self._listening.total() >= MOST_STREAMS:
            raise Overloaded("Too many terminals listen here: ask again later.")
        async with self._listen(session.terminal_id):
            heard = last_seen
            mark: tuple[int, int] | None = None
            while True:
                now = await self._next()
                if now is None:
                    yield ServerSentEventMessage(comment="still here")
                    continue
                before, mark = mark, now.bundles.get(session.authority_id, (0, 0))
                if session.terminal_id not in now.active:
                    yield ServerSentEventMessage(event="revoked", data="{}")
                    return
                if str(now.version) != heard:
                    heard = str(now.version)
                    yield ServerSentEventMessage(event="configuration", id=heard, data="{}")
                if before not in {None, mark} and session.may(Ability.WORK_OFFLINE):
                    yield ServerSentEventMessage(event="bundle", data="{}")

    async def close(self) -> None:
        """End the look, and every stream with it."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    @asynccontextmanager
    async def _listen(self, terminal_id: UUID) -> AsyncIterator[None]:
        self._listening[terminal_id] += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._listening[terminal_id] -= 1
            self._listening += Counter()  # those at nothing are gone

    async def _next(self) -> _Seen | None:
        """Wait for the next look; None when there was none for long."""
        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                return None
            return self._seen

    async def _look(self) -> None:
        while self._listening:
            try:
                async with self._database.read() as connection:
                    seen = _Seen(
                        await catalogue_version(connection),
                        await active_among(connection, set(self._listening)),
                        await bundles.marks(connection),
                    )
            except LedgerUnavailable:
                log.warning("database-away")
            else:
                async with self._news:
                    self._seen = seen
                    self._news.notify_all()
            await asyncio.sleep(LOOK_SECONDS)
