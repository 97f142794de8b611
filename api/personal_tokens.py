"""Tokens of agents for their programs, as the API takes them: found by their hash, believed as the roles are now."""

import secrets
from hashlib import sha256
from typing import Any

from litestar.connection import ASGIConnection

from domain.agents import Agent
from domain.errors import NotAuthenticated
from domain.personal_tokens import NOTICED, PREFIX, PersonalToken
from domain.places import local_day
from store.database import Database


def draw_token() -> str:
    """Draw the text of a new token: 256 random bits, which only its maker will know."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(text: str) -> bytes:
    """Return what the database knows of a token."""
    return sha256(text.encode()).digest()


def is_personal(text: str) -> bool:
    """Tell a token for a program from one that a login has given (JWT)."""
    return text.startswith(PREFIX)


async def agent_with(connection: ASGIConnection[Any, Any, Any, Any], text: str) -> Agent:
    """Return the agent whose token this is, with what it allows of their roles of today.

    Raises:
        NotAuthenticated: there is no such token, or it is over, or its account is closed.
    """
    database: Database = connection.app.state.database
    now = connection.app.state.clock()
    async with database.look() as unit:
        token = await unit.personal_tokens.by_hash(hash_of(text))
        agent = None if token is None else await unit.agents.by_id(token.agent_id)
        if token is None or agent is None or not agent.active:
            raise NotAuthenticated("The token is not valid.")
        authority = await unit.places.authority_by_id(agent.authority_id)
    day = local_day(now, authority.zone)
    if not token.is_open(day):
        raise NotAuthenticated("The token is over.")
    if token.used_at is None or now - token.used_at >= NOTICED:
        async with database.begin() as unit:
            await unit.personal_tokens.used(token.id, now)
    connection.scope["auth"] = token
    return token.narrows(agent.on(day))


def shown_with(connection: ASGIConnection[Any, Any, Any, Any]) -> PersonalToken | None:
    """Return the token for a program that a request came with, if it came with one."""
    auth = connection.scope.get("auth")
    return auth if isinstance(auth, PersonalToken) else None
