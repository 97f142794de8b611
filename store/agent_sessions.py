"""Queries on the sessions of agents."""

from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agent_sessions import AgentSession, Entered
from domain.errors.agents import SessionNotFound
from domain.places import Authority
from store.agents import agent_in
from store.rows import beside, insert, only, part, to_struct
from store.tables.agents import agent, agent_role, agent_session
from store.tables.places import authority

# Put together once: every page of the console asks it.
_ENTERED = (
    select(*beside(agent_session, agent, authority, agent_role))
    .join(agent, agent.c.id == agent_session.c.agent_id)
    .join(authority, authority.c.id == agent_session.c.authority_id)
    .outerjoin(agent_role, agent_role.c.agent_id == agent.c.id)
    .where(agent_session.c.secret_hash == bindparam("secret"))
)


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

    async def entered(self, secret_hash: bytes) -> Entered | None:
        """Find a session by the hash of its secret, with whose it is; whether it is still open is for the caller."""
        rows = (await self._connection.execute(_ENTERED, {"secret": secret_hash})).all()
        if not rows:
            return None
        return Entered(part(rows[0], agent_session, AgentSession), agent_in(rows), part(rows[0], authority, Authority))

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
