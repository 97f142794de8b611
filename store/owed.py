"""What is owed to an account: a word that is due at an instant, and how often it was tried."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, Table, update
from sqlalchemy.ext.asyncio import AsyncConnection

MOST_TOLD = 50
"""Words of one matter that are read at once; whoever reads so many looks again."""


class OwedWord(Struct, frozen=True, kw_only=True):
    """A word that is due to an account; `due_at` and `attempts` say which word of its matter this is."""

    due_at: datetime
    attempts: int


def due(asked: Select[Any], table: Table, now: datetime) -> Select[Any]:
    """Narrow a question to the rows of whose word somebody is to hear by now, whoever waits longest first."""
    at = table.c.due_at
    return asked.where(at.is_not(None), at <= now).order_by(at, *table.primary_key.columns).limit(MOST_TOLD)


async def take(
    connection: AsyncConnection, owed: OwedWord, until: datetime | None, table: Table, *mine: ColumnElement[bool]
) -> bool:
    """Take the word of `mine` in hand until an instant, or end it; tell whether nobody else had."""
    row = table.c
    done = await connection.execute(
        update(table)
        .where(*mine, row.due_at == owed.due_at, row.attempts == owed.attempts)
        .values(due_at=until, attempts=owed.attempts + 1)
    )
    return bool(done.rowcount == 1)
