"""A form whose session was over when it was sent: it waits for its agent's next login, and is sent after it.

What was typed lies in the database for an hour, encrypted with the secret of the browser's own cookie: it comes back in
that browser alone, to that agent alone, once, and only when they press the button. The login carries a ticket for it,
over a second factor and over an identity provider alike. Passwords, codes and uploads are not kept.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from msgspec import Struct

from adapters.wrapping import KeyringAltered, unwrap, wrap
from domain.agent_sessions import AgentSession
from domain.agents import Agent
from store import unsent
from store.database import Database
from store.unsent import LIFE, Kept

_NEVER = frozenset({"csrf", "password", "new", "again", "code", "answer"})
_LONGEST = 64 * 1024
LONGEST_TICKET = 40


class Unsent(Struct, frozen=True):
    """A form on its way. `fields` are as they were typed."""

    path: str
    fields: tuple[tuple[str, str], ...]


async def keep(connection: ASGIConnection[Any, Any, Any, Any], session: AgentSession, *, door: str) -> None:
    """Keep what a form held whose session is over, for the browser of the secret `door`; its token is checked."""
    if not isinstance(connection, Request) or "hx-request" in connection.headers:
        return
    form = await connection.form()
    fields = [(name, text) for name, text in form.multi_items() if isinstance(text, str) and name not in _NEVER]
    content = msgspec.json.encode(Unsent(connection.url.path, tuple(fields)))
    if len(content) > _LONGEST:
        return
    ticket, now = secrets.token_urlsafe(24), connection.app.state.clock()
    sealed = wrap(_key(door, ticket), content, name=str(session.agent_id).encode())
    until = (now + LIFE).date()
    kept = Kept(_hash(ticket), session.authority_id, session.agent_id, sealed, now, until)
    async with connection.app.state.database.write() as writing:
        await unsent.keep(writing, kept)
    connection.state.unsent = ticket


async def taken(request: Request[Any, Any, Any], ticket: str, agent: Agent, *, door: str) -> Unsent | None:
    """Take the form that a ticket stands for, if this browser sent it and it is this agent's; it is there once."""
    if not door or not 0 < len(ticket) <= LONGEST_TICKET:
        return None
    database: Database = request.app.state.database
    async with database.write() as connection:
        sealed = await unsent.take(connection, _hash(ticket), agent.id, request.app.state.clock())
    if sealed is None:
        return None
    try:
        content = unwrap(_key(door, ticket), sealed, name=str(agent.id).encode())
    except KeyringAltered:
        return None  # it belongs to another browser
    return msgspec.json.decode(content, type=Unsent)


def _key(door: str, ticket: str) -> bytes:
    return hmac.digest(door.encode(), f"unsent {ticket}".encode(), "sha256")


def _hash(ticket: str) -> bytes:
    return sha256(ticket.encode()).digest()
