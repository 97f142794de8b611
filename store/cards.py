"""Queries on the register of cards."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cards import Card
from store.rows import to_struct
from store.tables.passes import card


async def find(connection: AsyncConnection, authority_id: UUID, uid_digest: bytes) -> Card | None:
    """Find the card of an authority by the digest of its UID; None if it was never bound."""
    found = await connection.execute(
        select(card).where(card.c.authority_id == authority_id, card.c.uid_digest == uid_digest)
    )
    row = found.one_or_none()
    return to_struct(row, Card) if row is not None else None
