"""Queries on mutual authentications under way: single use, bound to a terminal, over within seconds."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.rows import to_row, to_struct
from store.tables.passes import card_proof

Protocol = Literal["ev1", "ev2"]


class CardProof(Struct, frozen=True):
    """An authentication between its legs, or done.

    `pending` is what the server remembers until the card has answered; None once it has. Then `flaw` is the code of a
    reason when the card did not prove its key. `medium_id` is None for a card that no register knows.
    """

    handle_hash: bytes
    authority_id: UUID
    terminal_id: UUID
    uid_digest: bytes
    medium_id: int | None
    key_version: int
    protocol: Protocol
    pending: bytes | None
    flaw: str | None
    started_at: datetime
    expires_at: datetime


async def keep(connection: AsyncConnection, proof: CardProof) -> None:
    """Write a proof, and forget those that nobody took in time."""
    await connection.execute(delete(card_proof).where(card_proof.c.expires_at <= proof.started_at))
    await connection.execute(insert(card_proof).values(**to_row(proof), keep_until=proof.expires_at.date()))


async def take(connection: AsyncConnection, handle_hash: bytes, terminal_id: UUID) -> CardProof | None:
    """Spend a proof: the row is deleted as it is read. None if it is unknown, was taken, or is another terminal's."""
    found = await connection.execute(
        delete(card_proof)
        .where(card_proof.c.handle_hash == handle_hash, card_proof.c.terminal_id == terminal_id)
        .returning(card_proof)
    )
    row = found.one_or_none()
    return to_struct(row, CardProof) if row is not None else None


async def look(connection: AsyncConnection, handle_hash: bytes, terminal_id: UUID) -> CardProof | None:
    """Find a proof of this terminal and leave it where it is: for whoever asks what it is, never for a gate."""
    found = await connection.execute(
        select(card_proof).where(card_proof.c.handle_hash == handle_hash, card_proof.c.terminal_id == terminal_id)
    )
    row = found.one_or_none()
    return to_struct(row, CardProof) if row is not None else None
