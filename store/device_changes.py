"""Queries on what agents have changed of devices."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.device_changes import DeviceChange, ToldChange
from store.rows import to_struct
from store.tables.agents import agent
from store.tables.tour import device_change


async def changes_of(connection: AsyncConnection, device_id: UUID, *, after: int = 0, most: int) -> list[ToldChange]:
    """List what was changed of a device after a place in its history, with who did it, the newest first."""
    found = await connection.execute(
        select(device_change, agent.c.name)
        .outerjoin(agent, agent.c.id == device_change.c.by)
        .where(device_change.c.device_id == device_id, device_change.c.number > after)
        .order_by(device_change.c.number.desc())
        .limit(most)
    )
    return [ToldChange(row.number, to_struct(row, DeviceChange), row.name) for row in found]
