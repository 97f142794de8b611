"""What every transport does alike: read what arrived, have it stored in groups, and say "received" after the commit."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

from msgspec import Struct

from domain.errors import Overloaded
from tour.ingest import read_message
from tour.ingest.sources import Broker, Message, Poll, Source
from tour.measures import Malformed, Parsed

BATCH = 500
"""The most messages of one commit. While one runs the next gather: a busy source makes its own batches."""

WAITING = 4 * BATCH
"""The most messages that wait for a commit; whoever comes then is asked to come again."""


WAITING_BYTES = 64 * 1024 * 1024
"""... and what they may weigh together: pages are long."""


SHORT_BYTES = 64 * 1024
"""Reading so much takes a few milliseconds."""


class Agreement(Struct, frozen=True):
    """A source, how its messages are written, and by which ways they come.

    `token_sha256` (hex) knows the token of its webhook; empty: it has none. `poll` is where it is asked, `broker` where
    it is listened to. `authority` is the code of whose devices it has; empty where there is one authority.
    """

    format: str
    source: Source
    token_sha256: str = ""
    authority: str = ""
    poll: Poll | None = None
    broker: Broker | None = None


class Arrival(Struct, frozen=True):
    """A message and what was made of it: either `parsed`, or `refusal` and a dead letter for the agents."""

    source: str
    message: Message
    parsed: Parsed | None
    refusal: Malformed | None


Take = Callable[[Sequence[Arrival]], Awaitable[object]]
"""Stores and commits. Returning means that all are safe; it raises NotStored, and then none is."""


class NotStored(Exception):
    """Nothing of a group was committed. The senders keep their messages and send them again."""


def arrive(agreement: Agreement, message: Message) -> Arrival:
    """Read a message. One that is refused arrives too: it is kept for the agents."""
    try:
        parsed = read_message(agreement.format, message, agreement.source)
    except Malformed as refusal:
        return Arrival(agreement.source.code, message, None, refusal)
    return Arrival(agreement.source.code, message, parsed, None)


async def arrive_beside(agreement: Agreement, message: Message) -> Arrival:
    """Read a message; a long one in a thread, for gates wait for the same loop."""
    if len(message.body) <= SHORT_BYTES:
        return arrive(agreement, message)
    return await asyncio.to_thread(arrive, agreement, message)


class Intake:
    """The messages of many requests, committed in groups: each request waits for the commit of its own."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._waiting: deque[tuple[Arrival, asyncio.Future[None]]] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()

    async def store(self, arrival: Arrival) -> None:
        """Return once the message is safe.

        Raises:
            Overloaded: too many wait already, or nothing could be committed; the sender keeps the message.
        """
        if len(self._waiting) >= WAITING or self._bytes >= WAITING_BYTES:
            raise Overloaded("Too many messages wait here: send it again later.")
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, stored))
        self._bytes += len(arrival.message.body)
        self._arrived.set()
        try:
            await stored
        except NotStored as problem:
            raise Overloaded("The message was not stored: send it again.") from problem

    async def run(self) -> NoReturn:
        """Commit what waits, for as long as the task lives. Whoever still waits at its end hears that nothing was
        stored.
        """
        try:
            while True:
                await self._arrived.wait()
                group = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                self._bytes -= sum(len(arrival.message.body) for arrival, _ in group)
                await self._commit(group)
                if not self._waiting:
                    self._arrived.clear()
        finally:
            _answer(self._waiting, NotStored("the intake was closed"))
            self._waiting.clear()
            self._bytes = 0

    async def _commit(self, group: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        problem: NotStored | None = NotStored("the commit was cut off")
        try:
            await self._take([arrival for arrival, _ in group])
            problem = None
        except NotStored as said:
            problem = said
        finally:
            _answer(group, problem)


def _answer(group: Sequence[tuple[Arrival, asyncio.Future[None]]], problem: NotStored | None) -> None:
    for _, stored in group:
        if stored.done():
            continue  # its request has gone away
        if problem:
            stored.set_exception(problem)
        else:
            stored.set_result(None)
