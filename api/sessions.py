"""Terminals' access tokens: opaque, short-lived, found by their hash.

The table holds hashes; this process keeps those it has seen. A hit costs one hash and one look-up. Revoking a terminal
deletes its tokens and empties the memory of this worker; for every other worker, and for the instant between, the
ledger reads the terminal's status with the facts of every batch, so a remembered token opens nothing.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import LedgerUnavailable, NotAuthenticated
from domain.errors.places import NotThisTerminal
from domain.ports import Clock
from domain.terminals import Ability, Terminal, TerminalStatus
from store import terminal_tokens
from store.database import Database
from store.terminal_tokens import TerminalSession

MOST_REMEMBERED = 10_000


_BEARER = "Bearer "


async def terminal_of(connection: ASGIConnection[Any, Any, Any, Any]) -> TerminalSession:
    """Return the terminal whose access token came with a request that is not the gate's.

    No ledger looks after these requests, so the terminal's status is read each time: one that was revoked a moment ago,
    on another worker, is refused here.

    Raises:
        NotAuthenticated: there is no token, or it is unknown, over, or its terminal was revoked.
    """
    header = connection.headers.get("authorization", "")
    if not header.startswith(_BEARER):
        raise NotAuthenticated("A terminal's access token is needed.")
    sessions: TerminalSessions = connection.app.state.sessions
    session = await sessions.find(header.removeprefix(_BEARER).encode())
    async with connection.app.state.database.look() as unit:
        terminal: Terminal = await unit.terminals.of(session.authority_id, session.terminal_id)
    if terminal.status is not TerminalStatus.ACTIVE:
        sessions.forget()
        raise NotAuthenticated("This terminal was revoked.")
    return session


def check_ability(session: TerminalSession, ability: Ability) -> None:
    """Let a terminal call what its profile lists, and nothing else.

    Raises:
        NotThisTerminal: its profile does not list it.
    """
    if not session.may(ability):
        raise NotThisTerminal(f"A terminal of the profile {session.profile} may not do this.")


@asynccontextmanager
async def soon(database: Database) -> AsyncIterator[AsyncConnection]:
    """Open a connection to read what a gate waits for.

    Raises:
        LedgerUnavailable: the database is away, or frozen.
    """
    try:
        async with asyncio.timeout(database.soon), database.read_at_once() as connection:
            yield connection
    except TimeoutError as frozen:
        raise LedgerUnavailable("The database did not answer in time.") from frozen


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
        async with self._database.write() as connection:
            await terminal_tokens.forget_old(connection, now)
            await terminal_tokens.spend_proof(connection, terminal_id, nonce, nonce_expires_at)
            await terminal_tokens.keep_token(connection, sha256(token.encode()).digest(), terminal_id, now + self._life)
        return token

    async def _load(self, token_hash: bytes) -> TerminalSession:
        async with soon(self._database) as connection:
            session = await terminal_tokens.session_of(connection, token_hash)
        if session is None:
            raise NotAuthenticated("The token is not known.")
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        self._seen[token_hash] = session
        return session
