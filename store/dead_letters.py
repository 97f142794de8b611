"""Messages that could not be read: set aside for a week, for agents to look at and to send again."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import DeadLetterNotFound
from domain.readings import DEAD_LETTERS_KEPT, DeadLetter
from store.rows import only, to_row, to_struct
from store.tables.tour import dead_letter as t

LONGEST_PAYLOAD = 65_536
"""Bytes that are kept of one message: no device of a city needs more."""

LONGEST_DETAIL = 400


async def set_aside(connection: AsyncConnection, letter: DeadLetter) -> None:
    """Keep a message for a week. Of one that is too long the beginning is kept: it says what it was."""
    values = to_row(letter)
    values["detail"] = letter.detail[:LONGEST_DETAIL]
    values["payload"] = letter.payload[:LONGEST_PAYLOAD]
    values["keep_until"] = (letter.received_at + DEAD_LETTERS_KEPT + timedelta(days=1)).date()
    await connection.execute(insert(t).values(values))


async def dead_letters(
    connection: AsyncConnection, authority_id: UUID, *, source: str | None = None, most: int = 100
) -> list[DeadLetter]:
    """List the messages of an authority that were set aside, the newest first."""
    wanted = select(t).where(t.c.authority_id == authority_id)
    if source is not None:
        wanted = wanted.where(t.c.source == source)
    found = await connection.execute(wanted.order_by(t.c.received_at.desc(), t.c.id.desc()).limit(most))
    return [to_struct(row, DeadLetter) for row in found]


async def dead_letter(connection: AsyncConnection, authority_id: UUID, letter_id: UUID) -> DeadLetter:
    """Find one message that was set aside.

    Raises:
        DeadLetterNotFound: this authority has none of this id.
    """
    found = await connection.execute(select(t).where(t.c.authority_id == authority_id, t.c.id == letter_id))
    return only(found, DeadLetter, DeadLetterNotFound("No such message, or its seven days are over."))


async def replayed(connection: AsyncConnection, letter_id: UUID, now: datetime) -> None:
    """Note that a message was sent through ingest again: it is stored once, however often it is sent."""
    await connection.execute(update(t).where(t.c.id == letter_id).values(replayed_at=now))
