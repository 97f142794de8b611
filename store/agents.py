"""Queries on agents."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy import insert as insert_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agents import Agent
from store.rows import insert, to_struct
from store.tables.agents import agent, agent_role
from store.tables.places import authority


class SqlAgents:
    """`domain.ports.Agents` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Agent) -> None:
        """Write an agent with their roles."""
        await insert(self._connection, agent, new, leave_out=("roles",))
        if new.roles:
            await self._connection.execute(
                insert_(agent_role), [{"agent_id": new.id, "role": role} for role in new.roles]
            )

    async def by_login(self, login: str) -> Agent | None:
        """Find an agent by login."""
        return await self._one(agent.c.login == login)

    async def by_id(self, agent_id: UUID) -> Agent | None:
        """Find an agent by id."""
        return await self._one(agent.c.id == agent_id)

    async def everyone(self) -> list[tuple[str, Agent]]:
        """List every agent under the code of their authority."""
        roles: defaultdict[UUID, list[str]] = defaultdict(list)
        for row in await self._connection.execute(select(agent_role).order_by(agent_role.c.role)):
            roles[row.agent_id].append(row.role)
        found = await self._connection.execute(
            select(agent, authority.c.code).join(authority).order_by(authority.c.code, agent.c.login)
        )
        return [(row.code, to_struct(row, Agent, roles=tuple(roles[row.id]))) for row in found]

    async def _one(self, condition: ColumnElement[bool]) -> Agent | None:
        row = (await self._connection.execute(select(agent).where(condition))).one_or_none()
        if row is None:
            return None
        roles = await self._connection.execute(select(agent_role.c.role).where(agent_role.c.agent_id == row.id))
        return to_struct(row, Agent, roles=tuple(roles.scalars()))
