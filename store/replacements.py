"""Queries on media that took the place of others, and on what that costs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy import insert as insert_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.passes import LifecycleConflict
from domain.replacements import Replacement, ReplacementFee
from store.rows import insert, to_row, to_struct
from store.tables.passes import medium, pass_
from store.tables.replacements import replacement, replacement_fee


class SqlReplacements:
    """`domain.ports.Replacements` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def fees(self, authority_id: UUID) -> list[ReplacementFee]:
        """Return an authority's price list, by kind and reason."""
        found = await self._connection.execute(
            select(replacement_fee)
            .where(replacement_fee.c.authority_id == authority_id)
            .order_by(replacement_fee.c.kind, replacement_fee.c.reason)
        )
        return [to_struct(row, ReplacementFee) for row in found]

    async def set_fees(self, authority_id: UUID, fees: Sequence[ReplacementFee]) -> None:
        """Write an authority's price list in the place of the one before."""
        await self._connection.execute(delete(replacement_fee).where(replacement_fee.c.authority_id == authority_id))
        if fees:
            await self._connection.execute(insert_(replacement_fee), [to_row(fee) for fee in fees])

    async def add(self, new: Replacement) -> None:
        """Write what took the place of what."""
        try:
            await insert(self._connection, replacement, new)
        except IntegrityError as taken:
            raise LifecycleConflict("The medium was replaced a moment ago.") from taken

    async def due(self, authority_id: UUID, since: datetime, before: datetime) -> list[tuple[str, Replacement]]:
        """List what is due for replacements of a time, with the numbers of the passes, oldest first."""
        found = await self._connection.execute(
            select(pass_.c.number, replacement)
            .join(medium, medium.c.id == replacement.c.medium_id)
            .join(pass_, pass_.c.id == medium.c.pass_id)
            .where(
                replacement.c.authority_id == authority_id,
                replacement.c.fee_cents > 0,
                replacement.c.replaced_at >= since,
                replacement.c.replaced_at < before,
            )
            .order_by(replacement.c.replaced_at, replacement.c.medium_id)
        )
        return [(row.number, to_struct(row, Replacement)) for row in found]
