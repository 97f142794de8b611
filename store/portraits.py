"""Queries on photos of people; the pictures lie in the vault."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.passes import PassStatus
from domain.portraits import Portrait
from store.rows import insert, to_struct
from store.tables.cards import batch_card
from store.tables.passes import pass_
from store.tables.people import portrait


class SqlPortraits:
    """`domain.ports.Portraits` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, authority_id: UUID, holder_id: UUID) -> Portrait | None:
        """Find the photo of somebody."""
        return (await portraits_of(self._connection, authority_id, [holder_id])).get(holder_id)

    async def save(self, new: Portrait) -> None:
        """Write a photo in the place of the one before."""
        await self.remove(new.authority_id, new.holder_id)
        await insert(self._connection, portrait, new)

    async def remove(self, authority_id: UUID, holder_id: UUID) -> None:
        """Take a photo away."""
        await self._connection.execute(
            delete(portrait).where(portrait.c.authority_id == authority_id, portrait.c.holder_id == holder_id)
        )


async def portraits_of(connection: AsyncConnection, authority_id: UUID, holder_ids: list[UUID]) -> dict[UUID, Portrait]:
    """Return the photos of these people, by person, of those who have one."""
    found = await connection.execute(
        select(portrait).where(portrait.c.authority_id == authority_id, portrait.c.holder_id.in_(holder_ids))
    )
    return {row.holder_id: to_struct(row, Portrait) for row in found}


async def portraits_in(connection: AsyncConnection, authority_id: UUID, batch_id: UUID) -> dict[str, Portrait]:
    """Return the photos of those for whom the cards of a batch are made, by the number of the pass."""
    found = await connection.execute(
        select(portrait, pass_.c.number)
        .join(pass_, pass_.c.holder_id == portrait.c.holder_id)
        .join(batch_card, batch_card.c.pass_id == pass_.c.id)
        .where(portrait.c.authority_id == authority_id, batch_card.c.batch_id == batch_id)
    )
    return {row.number: to_struct(row, Portrait) for row in found}


async def portraits_end(connection: AsyncConnection, authority_id: UUID, day: date, taken_before: datetime) -> bool:
    """Tell whether a photo has come to its end: its day is there, or its person has no pass (`forget_portraits`)."""
    found = await connection.execute(
        select(portrait.c.holder_id).where(portrait.c.authority_id == authority_id, _over(day, taken_before)).limit(1)
    )
    return found.first() is not None


async def forget_portraits(
    connection: AsyncConnection, authority_id: UUID, day: date, taken_before: datetime
) -> list[UUID]:
    """Forget photos at their end; return the files to be removed.

    `taken_before` spares new ones: a photo may be taken before the pass that it is for is opened.
    """
    gone = await connection.execute(
        delete(portrait)
        .where(portrait.c.authority_id == authority_id, _over(day, taken_before))
        .returning(portrait.c.file_id)
    )
    return list(gone.scalars())


def _over(day: date, taken_before: datetime) -> ColumnElement[bool]:
    runs = (
        select(pass_.c.id)
        .where(
            pass_.c.holder_id == portrait.c.holder_id,
            pass_.c.status != PassStatus.ENDED,
            pass_.c.valid_until > day,
        )
        .exists()
    )
    return or_(portrait.c.keep_until <= day, (portrait.c.taken_at < taken_before) & ~runs)
