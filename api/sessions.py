"""Terminals' access tokens: opaque, short-lived, found by their hash.

The table holds hashes; this process keeps those it has seen. A hit costs one hash and one look-up. Revoking a terminal
deletes its tokens and empties the memory of this worker; for every other worker, and for the instant between, the
ledger reads the terminal's status with the facts of every batch, so a remembered token opens nothing.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from domain.errors import NotAuthenticated
from domain.ports import Clock
from store.database import Database
from store.tables.places import gate, spent_assertion, terminal, terminal_gate, terminal_token

MOST_REMEMBERED = 10_000


class TerminalSession(Struct, frozen=True):
    """What a valid token stands for."""

    terminal_id: UUID
    authority_id: UUID
    gates: dict[str, UUID]
    expires_at: datetime


class TerminalSessions:
    """The tokens that this process has seen."""

    def __init__(self, database: Database, clock: Clock, *, seconds: int) -> None:
        self._database = database
        self._clock = clock
        self._life = timedelta(seconds=seconds)
        self._seen: dict[bytes, TerminalSession] = {}

    async def find(self, token: bytes) -> TerminalSession:
        """Return the session of a token.

        Raises:
            NotAuthenticated: unknown, over, or the terminal was revoked.
        """
        token_hash = sha256(token).digest()
        session = self._seen.get(token_hash) or await self._load(token_hash)
        if session.expires_at <= self._clock():
            self._seen.pop(token_hash, None)
            raise NotAuthenticated("The token is over.")
        return session

    def remembered(self, token: bytes) -> TerminalSession | None:
        """Return the session without asking the database: for the gate's fast path."""
        session = self._seen.get(sha256(token).digest())
        return session if session is not None and session.expires_at > self._clock() else None

    def forget(self) -> None:
        """Empty the memory: every token is looked up again."""
        self._seen.clear()

    async def open(self, terminal_id: UUID, nonce: str, nonce_expires_at: datetime) -> str:
        """Give a terminal a new token for a proof that was not used before.

        Raises:
            NotAuthenticated: this proof was used already.
        """
        token = secrets.token_urlsafe(32)
        now = self._clock()
        async with self._database.engine.begin() as connection:
            await connection.execute(delete(spent_assertion).where(spent_assertion.c.expires_at <= now))
            await connection.execute(delete(terminal_token).where(terminal_token.c.expires_at <= now))
            spend = insert(spent_assertion).values(terminal_id=terminal_id, nonce=nonce, expires_at=nonce_expires_at)
            try:
                await connection.execute(spend)
            except IntegrityError as spent:
                raise NotAuthenticated("This proof was used before.") from spent
            await connection.execute(
                insert(terminal_token).values(
                    token_hash=sha256(token.encode()).digest(), terminal_id=terminal_id, expires_at=now + self._life
                )
            )
        return token

    async def _load(self, token_hash: bytes) -> TerminalSession:
        async with self._database.read() as connection:
            found = await connection.execute(
                select(terminal.c.id, terminal.c.authority_id, terminal_token.c.expires_at)
                .join(terminal, terminal.c.id == terminal_token.c.terminal_id)
                .where(terminal_token.c.token_hash == token_hash, terminal.c.status == "active")
            )
            row = found.one_or_none()
            if row is None:
                raise NotAuthenticated("The token is not known.")
            gates = await connection.execute(
                select(gate.c.code, gate.c.id)
                .join(terminal_gate, terminal_gate.c.gate_id == gate.c.id)
                .where(terminal_gate.c.terminal_id == row.id)
            )
            doors = {found.code: found.id for found in gates}
            session = TerminalSession(row.id, row.authority_id, doors, row.expires_at)
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        self._seen[token_hash] = session
        return session
