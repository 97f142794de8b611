"""Services from which people, households and organisations are kept, read in one question."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.circumstances import Circumstance, CircumstanceKind
from store.rows import to_struct
from store.tables.people import circumstance


async def suspensions_of(
    connection: AsyncConnection, authority_id: UUID, subject_ids: Sequence[UUID], day: date
) -> list[Circumstance]:
    """List from what some people, households or organisations are kept on a day or later, in order."""
    found = await connection.execute(
        select(circumstance)
        .where(
            circumstance.c.authority_id == authority_id,
            circumstance.c.subject_id.in_(subject_ids),
            circumstance.c.kind == CircumstanceKind.SUSPENDED,
            circumstance.c.valid_until > day,
        )
        .order_by(circumstance.c.valid_from, circumstance.c.value, circumstance.c.subject_id)
    )
    return [to_struct(row, Circumstance) for row in found.mappings()]
