"""Queries on terminals' access tokens and on the proofs that were spent for them."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotAuthenticated
from domain.terminals import ABILITIES, Ability, Profile, TerminalStatus
from store.tables.places import authority, gate, spent_assertion, terminal, terminal_gate, terminal_token


class TerminalSession(Struct, frozen=True):
    """What a valid token stands for; `authority` is the code, `gates` are the terminal's own, by code."""

    terminal_id: UUID
    authority_id: UUID
    authority: str
    gates: dict[str, UUID]
    expires_at: datetime
    profile: Profile

    def may(self, ability: Ability) -> bool:
        """Tell whether the terminal's profile allows this."""
        return ability in ABILITIES[self.profile]


async def active_among(connection: AsyncConnection, terminal_ids: set[UUID]) -> frozenset[UUID]:
    """Tell which of these terminals may still ask."""
    found = await connection.execute(
        select(terminal.c.id).where(terminal.c.id.in_(terminal_ids), terminal.c.status == TerminalStatus.ACTIVE)
    )
    return frozenset(found.scalars())


async def spend_proof(connection: AsyncConnection, terminal_id: UUID, nonce: str, expires_at: datetime) -> None:
    """Write down that a proof was used.

    Raises:
        NotAuthenticated: it was used before.
    """
    spend = insert(spent_assertion).values(terminal_id=terminal_id, nonce=nonce, expires_at=expires_at)
    try:
        await connection.execute(spend)
    except IntegrityError as spent:
        raise NotAuthenticated("This proof was used before.") from spent


async def keep_token(connection: AsyncConnection, token_hash: bytes, terminal_id: UUID, expires_at: datetime) -> None:
    """Write a new token down, by its hash."""
    values = {"token_hash": token_hash, "terminal_id": terminal_id, "expires_at": expires_at}
    await connection.execute(insert(terminal_token).values(values))


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    """Delete what is over."""
    await connection.execute(delete(spent_assertion).where(spent_assertion.c.expires_at <= now))
    await connection.execute(delete(terminal_token).where(terminal_token.c.expires_at <= now))


async def session_of(connection: AsyncConnection, token_hash: bytes) -> TerminalSession | None:
    """Find what a token stands for; None if it is unknown or its terminal was revoked."""
    found = await connection.execute(
        select(
            terminal.c.id, terminal.c.authority_id, authority.c.code, terminal_token.c.expires_at, terminal.c.profile
        )
        .join(terminal, terminal.c.id == terminal_token.c.terminal_id)
        .join(authority, authority.c.id == terminal.c.authority_id)
        .where(terminal_token.c.token_hash == token_hash, terminal.c.status == TerminalStatus.ACTIVE)
    )
    row = found.one_or_none()
    if row is None:
        return None
    gates = await connection.execute(
        select(gate.c.code, gate.c.id)
        .join(terminal_gate, terminal_gate.c.gate_id == gate.c.id)
        .where(terminal_gate.c.terminal_id == row.id)
    )
    doors = {door.code: door.id for door in gates}
    return TerminalSession(row.id, row.authority_id, row.code, doors, row.expires_at, Profile(row.profile))
