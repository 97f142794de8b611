"""Queries on sales, and on what became of the rights that were sold."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import insert as insert_
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import AlreadyExists
from domain.errors.sales import SaleNotFound
from domain.products import Entitlement
from domain.sales import Sale, SaleItem, SaleState
from store.rows import insert, only, to_row, to_struct
from store.tables.ledger import counter, presence
from store.tables.passes import pass_
from store.tables.people import beneficiary
from store.tables.sales import sale, sale_item


class SqlSales:
    """`domain.sale_ports.Sales` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Sale, items: list[SaleItem]) -> None:
        """Write a sale with its items; the key of its till is taken once."""
        try:
            await insert(self._connection, sale, new)
        except IntegrityError as taken:
            raise AlreadyExists("This key was used for a sale a moment ago.") from taken
        await self._connection.execute(insert_(sale_item), [to_row(item) for item in items])

    async def save(self, changed: Sale) -> None:
        """Write where a sale stands."""
        moving = ("state", "paid_at", "means", "payment", "cancelled_at", "cancelled_by")
        await self._connection.execute(
            update(sale).where(sale.c.id == changed.id).values({name: getattr(changed, name) for name in moving})
        )

    async def by_key(self, terminal_id: UUID, key: str) -> Sale | None:
        """Find the sale that a till registered under a key."""
        found = await self._connection.execute(select(sale).where(sale.c.terminal_id == terminal_id, sale.c.key == key))
        row = found.one_or_none()
        return to_struct(row, Sale) if row is not None else None

    async def hold(self, authority_id: UUID, sale_id: UUID) -> Sale:
        """Find a sale of this authority and lock it: of two cancellations, one waits for the other."""
        found = await self._connection.execute(
            select(sale).where(sale.c.authority_id == authority_id, sale.c.id == sale_id).with_for_update()
        )
        return only(found, Sale, SaleNotFound("No such sale."))

    async def items(self, sale_id: UUID) -> list[SaleItem]:
        """List what was sold, in order."""
        found = await self._connection.execute(
            select(sale_item).where(sale_item.c.sale_id == sale_id).order_by(sale_item.c.position)
        )
        return [to_struct(row, SaleItem) for row in found]

    async def of_terminal(self, terminal_id: UUID, state: SaleState, limit: int) -> list[Sale]:
        """List the sales of a till in one state, oldest first."""
        found = await self._connection.execute(
            select(sale)
            .where(sale.c.terminal_id == terminal_id, sale.c.state == state)
            .order_by(sale.c.registered_at, sale.c.id)
            .limit(limit)
        )
        return [to_struct(row, Sale) for row in found]

    async def move_counters(self, item: SaleItem, windows: list[tuple[date, int, date]], *, keep_until: date) -> None:
        """Move the versions that the ledger compares when it writes (`ledger_write_5`), and hold the rows.

        A row that is new here has version 1, which is what the ledger would write first: it finds it taken.
        """
        if not windows:
            return
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        write = dialect.insert(counter).on_conflict_do_update(
            index_elements=[counter.c.entitlement_id, counter.c.ends_before, counter.c.position],
            set_={"version": counter.c.version + 1},
        )
        # One after the other, in the order of the ledger's own writes: two transactions never wait for each other.
        for ends_before, position, starts_on in windows:
            await self._connection.execute(
                write,
                {
                    "entitlement_id": item.id,
                    "ends_before": ends_before,
                    "position": position,
                    "starts_on": starts_on,
                    "authority_id": item.authority_id,
                    "used": 0,
                    "version": 1,
                    "keep_until": keep_until,
                },
            )

    async def sold(self, right_id: UUID) -> bool:
        """Tell whether a right was bought at a till: its item has the same id."""
        found = await self._connection.execute(select(sale_item.c.id).where(sale_item.c.id == right_id))
        return found.first() is not None

    async def used(self, items: Sequence[SaleItem | Entitlement]) -> bool:
        """Tell whether a limit has counted anything, or a pass was last seen somewhere on one of these rights."""
        ids = [item.id for item in items]
        counted = await self._connection.execute(
            select(counter.c.entitlement_id).where(counter.c.entitlement_id.in_(ids), counter.c.used > 0).limit(1)
        )
        if counted.first() is not None:
            return True
        passes = (
            select(pass_.c.id)
            .join(beneficiary, beneficiary.c.holder_id == pass_.c.holder_id)
            .where(beneficiary.c.subject_id.in_({one.subject_id for one in items}))
        )
        seen = await self._connection.execute(
            select(presence.c.pass_id)
            .where(presence.c.pass_id.in_(passes), presence.c.entitlement_id.in_(ids))
            .limit(1)
        )
        return seen.first() is not None
