"""Queries on the tokens that agents make for their programs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.agents import TokenNotFound
from domain.personal_tokens import PersonalToken
from store.rows import insert, only, to_struct
from store.tables.agents import agent_token


class SqlPersonalTokens:
    """`domain.agent_ports.PersonalTokens` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: PersonalToken) -> None:
        """Write a token."""
        await insert(self._connection, agent_token, new)

    async def save(self, changed: PersonalToken) -> None:
        """Write that a token has ended; an end stays an end."""
        statement = update(agent_token).where(agent_token.c.id == changed.id, agent_token.c.revoked_at.is_(None))
        await self._connection.execute(statement.values(revoked_at=changed.revoked_at, keep_until=changed.keep_until))

    async def used(self, token_id: UUID, now: datetime) -> None:
        """Write when a token was last used."""
        await self._connection.execute(update(agent_token).where(agent_token.c.id == token_id).values(used_at=now))

    async def by_hash(self, token_hash: bytes) -> PersonalToken | None:
        """Find a token by the hash of its text; whether it is still open is for the caller."""
        found = await self._connection.execute(select(agent_token).where(agent_token.c.token_hash == token_hash))
        row = found.one_or_none()
        return None if row is None else to_struct(row, PersonalToken)

    async def one(self, agent_id: UUID, token_id: UUID) -> PersonalToken:
        """Find a token of an agent."""
        asked = select(agent_token).where(agent_token.c.agent_id == agent_id, agent_token.c.id == token_id)
        return only(await self._connection.execute(asked), PersonalToken, TokenNotFound("There is no such token."))

    async def of(self, agent_id: UUID) -> list[PersonalToken]:
        """List the tokens of an agent, the newest first."""
        asked = select(agent_token).where(agent_token.c.agent_id == agent_id)
        found = await self._connection.execute(asked.order_by(agent_token.c.created_at.desc(), agent_token.c.id))
        return [to_struct(row, PersonalToken) for row in found]


async def tokens_end(connection: AsyncConnection, authority_id: UUID, day: date) -> bool:
    """Tell whether a token of long ago is still listed."""
    ended = exists().where(agent_token.c.authority_id == authority_id, agent_token.c.keep_until <= day)
    return bool(await connection.scalar(select(ended)))


async def forget_tokens(connection: AsyncConnection, authority_id: UUID, day: date) -> dict[str, int]:
    """Forget tokens of long ago, and return how many rows of which table that was."""
    ended = (agent_token.c.authority_id == authority_id, agent_token.c.keep_until <= day)
    return {agent_token.name: (await connection.execute(delete(agent_token).where(*ended))).rowcount}
