"""Telling accounts what they are owed: each word is in the hand of one process at a time until it has left.

A word is owed in the transaction of the act, so none is lost; who dies between the mail server's yes and our note of it
sends it twice.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from api.messenger import Messenger
from api.rounds import Rounds
from domain.deliveries import RETRIES
from domain.ports import Clock
from store.database import Database
from store.owed import MOST_TOLD, OwedWord

EVERY_SECONDS = 5.0

Word = TypeVar("Word", bound=OwedWord)


class Teller(ABC, Generic[Word]):
    """Tells what one matter owes: one for each process, and what one has in hand no other takes.

    `due` finds the words that are due at an instant, `put_off` takes one in hand until another, or ends it.
    """

    def __init__(
        self,
        matter: str,
        database: Database,
        clock: Clock,
        messenger: Messenger,
        *,
        due: Callable[[AsyncConnection, datetime], Awaitable[Sequence[Word]]],
        put_off: Callable[[AsyncConnection, Word, datetime | None], Awaitable[bool]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._messenger = messenger
        self._due = due
        self._put_off = put_off
        self.rounds = Rounds(matter, self.round, every_seconds=EVERY_SECONDS)

    @abstractmethod
    async def tell(self, one: Word) -> bool:
        """Write to whom it is owed; False where they are to be written to again."""

    async def round(self) -> None:
        """Tell whoever is to be told by now."""
        now = self._clock()
        async with self._database.read() as connection:
            owed = await self._due(connection, now)
        for one in owed:
            await self._tell(one, now)
        if len(owed) == MOST_TOLD:
            self.rounds.call()  # more may wait: on the day of an opening they would for hours

    async def _tell(self, one: Word, now: datetime) -> None:
        """Tell what nobody else has in hand. Who cannot be reached is tried again, as subscribers are."""
        until = now + RETRIES[one.attempts] if one.attempts < len(RETRIES) else None
        async with self._database.write() as connection:
            is_ours = await self._put_off(connection, one, until)
        if is_ours and await self.tell(one) and until is not None:
            async with self._database.write() as connection:
                await self._put_off(connection, replace(one, due_at=until, attempts=one.attempts + 1), None)
