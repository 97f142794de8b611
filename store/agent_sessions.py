"""Queries on the sessions of agents."""

from datetime import date
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agent_sessions import AgentSession
from domain.errors.agents import SessionNotFound
from store.rows import insert, only, to_struct
from store.tables.agents import agent_session


class SqlAgentSessions:
    """`domain.ports.AgentSessions` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: AgentSession) -> None:
        """Write a session."""
        await insert(self._connection, agent_session, new)

    async def save(self, changed: AgentSession) -> None:
        """Write when a session was last used, and that it has ended; an end stays an end."""
        statement = update(agent_session).where(agent_session.c.id == changed.id, agent_session.c.revoked_at.is_(None))
        await self._connection.execute(statement.values(seen_at=changed.seen_at, revoked_at=changed.revoked_at))

    async def by_secret(self, secret_hash: bytes) -> AgentSession | None:
        """Find a session by the hash of its secret; whether it is still open is for the caller."""
        found = await self._connection.execute(select(agent_session).where(agent_session.c.secret_hash == secret_hash))
        row = found.one_or_none()
        return None if row is None else to_struct(row, AgentSession)

    async def one(self, authority_id: UUID, session_id: UUID) -> AgentSession:
        """Find a session of an authority's agents."""
        asked = select(agent_session).where(
            agent_session.c.authority_id == authority_id, agent_session.c.id == session_id
        )
        return only(await self._connection.execute(asked), AgentSession, SessionNotFound("No such session."))

    async def of(self, agent_id: UUID) -> list[AgentSession]:
        """List the sessions of an agent, the one that was used last first."""
        asked = select(agent_session).where(agent_session.c.agent_id == agent_id)
        found = await self._connection.execute(asked.order_by(agent_session.c.seen_at.desc(), agent_session.c.id))
        return [to_struct(row, AgentSession) for row in found]


async def sessions_end(connection: AsyncConnection, authority_id: UUID, day: date) -> bool:
    """Tell whether a session of long ago is still listed."""
    ended = exists().where(agent_session.c.authority_id == authority_id, agent_session.c.keep_until <= day)
    return bool(await connection.scalar(select(ended)))


async def forget_sessions(connection: AsyncConnection, authority_id: UUID, day: date) -> dict[str, int]:
    """Forget sessions of long ago, and return how many rows of which table that was."""
    ended = (agent_session.c.authority_id == authority_id, agent_session.c.keep_until <= day)
    return {agent_session.name: (await connection.execute(delete(agent_session).where(*ended))).rowcount}
