"""Queries on agents."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agents import Agent, Grant, Role, sought_of
from domain.errors import AlreadyExists
from domain.errors.people import AgentNotFound
from domain.periods import FOREVER
from domain.staff_lists import Count, Wanted
from store.rows import beside, is_taken, part, to_row, to_struct
from store.tables.agents import agent, agent_role
from store.tables.places import authority


class SqlAgents:
    """`domain.ports.Agents` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Agent) -> None:
        """Write an agent with their roles."""
        row = to_row(new, leave_out=("grants", "only")) | {"sought": sought_of(new.name, new.login)}
        await self._connection.execute(agent.insert().values(row))
        for one in new.grants:
            await self.add_grant(new.id, one)

    async def save(self, changed: Agent) -> None:
        """Write name, password, and whether the account is open; grants are given and taken one by one."""
        stays = ("id", "authority_id", "login", "grants", "only", "created_at", "last_login_at")
        row = to_row(changed, leave_out=stays) | {"sought": sought_of(changed.name, changed.login)}
        await self._connection.execute(update(agent).where(agent.c.id == changed.id).values(row))

    async def noticed(self, agent_id: UUID, now: datetime) -> None:
        """Write that somebody has logged in."""
        await self._connection.execute(update(agent).where(agent.c.id == agent_id).values(last_login_at=now))

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
        """Take a role away, whenever it would have ended; False if they did not have it."""
        place = to_row(gone, leave_out=("until",))
        wanted = (getattr(agent_role.c, name) == value for name, value in place.items())
        removed = await self._connection.execute(delete(agent_role).where(agent_role.c.agent_id == agent_id, *wanted))
        return bool(removed.rowcount)

    async def others_with(self, who: Agent, role: Role) -> bool:
        """Tell whether another open account has a role everywhere, for good. Two who ask at once take turns."""
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
                agent_role.c.until == FOREVER,
            ).limit(1)
        )
        return found.first() is not None

    async def one(self, authority_id: UUID, login: str) -> Agent:
        """Find an agent of an authority by login."""
        found = await self._one((agent.c.login == login) & (agent.c.authority_id == authority_id))
        if found is None:
            raise AgentNotFound(f"No agent has the login {login}.")
        return found

    async def page(self, authority_id: UUID, wanted: Wanted, *, limit: int) -> list[Agent]:
        """List agents of an authority in the order of their names, from behind `wanted.after` on."""
        asked = select(agent).where(agent.c.authority_id == authority_id, *_conditions(wanted))
        found = (await self._connection.execute(asked.order_by(agent.c.sought, agent.c.id).limit(limit))).all()
        grants: defaultdict[UUID, list[Grant]] = defaultdict(list)
        theirs = agent_role.c.agent_id.in_([row.id for row in found])
        for row in await self._connection.execute(select(agent_role).where(theirs)):
            grants[row.agent_id].append(to_struct(row, Grant))
        return [to_struct(row, Agent, grants=tuple(sorted(grants[row.id]))) for row in found]

    async def count(self, authority_id: UUID, *, idle_since: datetime) -> Count:
        """Count the agents of an authority: open accounts, those of them that nobody uses, closed ones."""
        idle = and_(agent.c.active, _idle(idle_since))
        asked = select(
            func.count().filter(agent.c.active), func.count().filter(idle), func.count().filter(~agent.c.active)
        ).where(agent.c.authority_id == authority_id)
        active, idle_ones, closed = (await self._connection.execute(asked)).one()
        return Count(active, idle_ones, closed)

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
        rows = (await self._connection.execute(_WITH_GRANTS.where(condition))).all()
        return agent_in(rows) if rows else None


def agent_in(rows: Sequence[Row[Any]]) -> Agent:
    """Make an agent of the rows of one, with `beside(agent, agent_role)`: a row for each role, or one without."""
    grants = [part(row, agent_role, Grant) for row in rows if row.agent_role__role is not None]
    return part(rows[0], agent, Agent, grants=tuple(sorted(grants)))


_WITH_GRANTS = select(*beside(agent, agent_role)).outerjoin(agent_role, agent_role.c.agent_id == agent.c.id)


def _idle(since: datetime) -> ColumnElement[bool]:
    return func.coalesce(agent.c.last_login_at, agent.c.created_at) <= since


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [agent.c.active if wanted.active else ~agent.c.active]
    # `sought` has a space before each word; words are letters, digits and `'`: nothing that LIKE reads as a mark.
    conditions.extend(agent.c.sought.like(f"% {word}%") for word in wanted.words)
    if wanted.role is not None:
        has_role = (agent_role.c.agent_id == agent.c.id, agent_role.c.role == wanted.role)
        conditions.append(exists().where(*has_role, agent_role.c.until > wanted.day))
    if wanted.idle_since is not None:
        conditions.append(_idle(wanted.idle_since))
    if wanted.after is not None:
        conditions.append(tuple_(agent.c.sought, agent.c.id) > tuple_(*wanted.after))
    return conditions
