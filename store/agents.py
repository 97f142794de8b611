"""Queries on agents."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agents import Agent, Grant, Role
from domain.errors import AgentNotFound, AlreadyExists
from store.rows import insert, is_taken, to_row, to_struct
from store.tables.agents import agent, agent_role
from store.tables.places import authority


class SqlAgents:
    """`domain.ports.Agents` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Agent) -> None:
        """Write an agent with their roles."""
        await insert(self._connection, agent, new, leave_out=("grants",))
        for one in new.grants:
            await self.add_grant(new.id, one)

    async def save(self, changed: Agent) -> None:
        """Write name, password, and whether the account is open; grants are given and taken one by one."""
        await self._connection.execute(
            update(agent)
            .where(agent.c.id == changed.id)
            .values(to_row(changed, leave_out=("id", "authority_id", "login", "grants", "created_at")))
        )

    async def add_grant(self, agent_id: UUID, new: Grant) -> None:
        """Write a role of an agent.

        Raises:
            AlreadyExists: they have it, for the very same place.
        """
        try:
            await self._connection.execute(agent_role.insert().values(agent_id=agent_id, **to_row(new)))
        except IntegrityError as problem:
            if is_taken(problem):
                raise AlreadyExists(f"They are {new.role} there already.") from problem
            raise

    async def remove_grant(self, agent_id: UUID, gone: Grant) -> bool:
        """Take a role away; False if they did not have it."""
        wanted = (getattr(agent_role.c, name) == value for name, value in to_row(gone).items())
        removed = await self._connection.execute(delete(agent_role).where(agent_role.c.agent_id == agent_id, *wanted))
        return bool(removed.rowcount)

    async def others_with(self, who: Agent, role: Role) -> bool:
        """Tell whether another open account of the authority has a role everywhere. Two who ask at once take turns."""
        await self._connection.execute(
            select(authority.c.id).where(authority.c.id == who.authority_id).with_for_update()
        )
        others = select(agent.c.id).join(agent_role, agent_role.c.agent_id == agent.c.id)
        found = await self._connection.execute(
            others.where(
                agent.c.authority_id == who.authority_id,
                agent.c.id != who.id,
                agent.c.active,
                agent_role.c.role == role,
                agent_role.c.service == "",
                agent_role.c.site == "",
            ).limit(1)
        )
        return found.first() is not None

    async def one(self, authority_id: UUID, login: str) -> Agent:
        """Find an agent of an authority by login."""
        found = await self._one((agent.c.login == login) & (agent.c.authority_id == authority_id))
        if found is None:
            raise AgentNotFound(f"No agent has the login {login}.")
        return found

    async def of(self, authority_id: UUID) -> list[Agent]:
        """List the agents of an authority by name; an authority has some hundred, which one page holds."""
        grants: defaultdict[UUID, list[Grant]] = defaultdict(list)
        mine = agent.c.authority_id == authority_id
        roles = select(agent_role).join(agent, agent.c.id == agent_role.c.agent_id).where(mine)
        for row in await self._connection.execute(roles):
            grants[row.agent_id].append(to_struct(row, Grant))
        found = await self._connection.execute(
            select(agent).where(mine).order_by(agent.c.active.desc(), agent.c.name, agent.c.login)
        )
        return [to_struct(row, Agent, grants=tuple(sorted(grants[row.id]))) for row in found]

    async def by_login(self, login: str) -> Agent | None:
        """Find an agent by login."""
        return await self._one(agent.c.login == login)

    async def by_id(self, agent_id: UUID) -> Agent | None:
        """Find an agent by id."""
        return await self._one(agent.c.id == agent_id)

    async def everyone(self) -> list[tuple[str, Agent]]:
        """List every agent under the code of their authority."""
        grants: defaultdict[UUID, list[Grant]] = defaultdict(list)
        for row in await self._connection.execute(select(agent_role)):
            grants[row.agent_id].append(to_struct(row, Grant))
        found = await self._connection.execute(
            select(agent, authority.c.code).join(authority).order_by(authority.c.code, agent.c.login)
        )
        return [(row.code, to_struct(row, Agent, grants=tuple(sorted(grants[row.id])))) for row in found]

    async def _one(self, condition: ColumnElement[bool]) -> Agent | None:
        row = (await self._connection.execute(select(agent).where(condition))).one_or_none()
        if row is None:
            return None
        grants = await self._connection.execute(select(agent_role).where(agent_role.c.agent_id == row.id))
        return to_struct(row, Agent, grants=tuple(sorted(to_struct(grant, Grant) for grant in grants)))
