"""Queries on passes and media."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import PassNotFound
from domain.passes import Medium, Pass
from store.rows import insert, only, to_struct
from store.tables.passes import medium, pass_


class SqlPasses:
    """`domain.ports.Passes` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Pass) -> None:
        """Write a pass."""
        await insert(self._connection, pass_, new)

    async def save(self, changed: Pass) -> None:
        """Write a pass's status."""
        await self._connection.execute(update(pass_).where(pass_.c.id == changed.id).values(status=changed.status))

    async def add_medium(self, new: Medium) -> None:
        """Write a medium."""
        await insert(self._connection, medium, new)

    async def save_medium(self, changed: Medium) -> None:
        """Write a medium's status."""
        await self._connection.execute(update(medium).where(medium.c.id == changed.id).values(status=changed.status))

    async def by_number(self, authority_id: UUID, number: str) -> Pass:
        """Find a pass of this authority by its printed number."""
        found = await self._connection.execute(
            select(pass_).where(pass_.c.authority_id == authority_id, pass_.c.number == number)
        )
        return only(found, Pass, PassNotFound("No pass has this number."))

    async def media(self, pass_id: UUID) -> list[Medium]:
        """List the media of a pass, oldest first."""
        found = await self._connection.execute(
            select(medium).where(medium.c.pass_id == pass_id).order_by(medium.c.created_at, medium.c.id)
        )
        return [to_struct(row, Medium) for row in found]

    async def number_taken(self, number: str) -> bool:
        """Tell whether a pass number was given out before."""
        found = await self._connection.execute(select(pass_.c.id).where(pass_.c.number == number))
        return found.first() is not None

    async def status_index_taken(self, authority_id: UUID, status_list: int, status_index: int) -> bool:
        """Tell whether a place in a status list was given out before."""
        found = await self._connection.execute(
            select(medium.c.id).where(
                medium.c.authority_id == authority_id,
                medium.c.status_list == status_list,
                medium.c.status_index == status_index,
            )
        )
        return found.first() is not None
