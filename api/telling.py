"""Telling accounts what they are owed: each word is in the hand of one process at a time until it has left."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.deliveries import RETRIES
from store.database import Database
from store.owed import OwedWord

Word = TypeVar("Word", bound=OwedWord)


async def tell_each(
    database: Database,
    owed: Sequence[Word],
    put_off: Callable[[AsyncConnection, Word, datetime | None], Awaitable[bool]],
    tell: Callable[[Word], Awaitable[bool]],
    *,
    now: datetime,
) -> None:
    """Tell what nobody else has in hand. Who cannot be reached is tried again, as subscribers are."""
    for one in owed:
        until = now + RETRIES[one.attempts] if one.attempts < len(RETRIES) else None
        async with database.write() as connection:
            is_ours = await put_off(connection, one, until)
        if is_ours and await tell(one) and until is not None:
            async with database.write() as connection:
                await put_off(connection, replace(one, due_at=until, attempts=one.attempts + 1), None)
