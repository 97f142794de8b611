"""Queries on the filters that agents keep."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.saved_filters import MOST, SavedFilter
from store.rows import to_row, to_struct
from store.tables.agents import saved_filter as t

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


async def filters_of_page(connection: AsyncConnection, agent_id: UUID, page: str) -> list[SavedFilter]:
    """List the filters that an agent keeps of a page, by name."""
    found = await connection.execute(
        select(t).where(t.c.agent_id == agent_id, t.c.page == page).order_by(t.c.name).limit(MOST)
    )
    return [to_struct(row, SavedFilter) for row in found]


async def keep_filter(connection: AsyncConnection, new: SavedFilter) -> None:
    """Write a filter, over the agent's own of that name."""
    write = _INSERT[connection.dialect.name](t).values(to_row(new))
    await connection.execute(
        write.on_conflict_do_update(index_elements=["agent_id", "page", "name"], set_={"query": write.excluded.query})
    )


async def drop_filter(connection: AsyncConnection, agent_id: UUID, page: str, name: str) -> None:
    """Forget a filter of an agent."""
    await connection.execute(delete(t).where(t.c.agent_id == agent_id, t.c.page == page, t.c.name == name))
