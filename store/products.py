"""Queries on products and rights."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy import insert as insert_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import AlreadyExists
from domain.errors.products import ProductNotFound, RightNotFound
from domain.limits import Limit
from domain.products import Entitlement, Price, Product
from store.catalogue import has_changed
from store.rows import insert, is_taken, only, to_row, to_struct
from store.tables.products import entitlement, product, product_limit, product_price


class SqlProducts:
    """`domain.ports.Products` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Product) -> None:
        """Write a product with its limits."""
        await insert(self._connection, product, new, leave_out=("limits", "prices"))
        await has_changed(self._connection)
        for table, parts in ((product_limit, new.limits), (product_price, new.prices)):
            if parts:
                await self._connection.execute(
                    insert_(table), [{"product_id": new.id, **to_row(part)} for part in parts]
                )

    async def by_code(self, authority_id: UUID, code: str) -> Product:
        """Find a product by its code."""
        missing = ProductNotFound(f"No product has the code {code}.")
        return await self._one(missing, product.c.authority_id == authority_id, product.c.code == code)

    async def by_id(self, product_id: UUID) -> Product:
        """Find a product by its id."""
        return await self._one(ProductNotFound("No such product."), product.c.id == product_id)

    async def codes(self, authority_id: UUID) -> list[str]:
        """List the codes of what an authority offers, in order."""
        found = await self._connection.execute(
            select(product.c.code).where(product.c.authority_id == authority_id).order_by(product.c.code)
        )
        return list(found.scalars())

    async def _one(self, missing: ProductNotFound, *which: ColumnElement[bool]) -> Product:
        found = await self._connection.execute(select(product).where(*which))
        row = found.one_or_none()
        if row is None:
            raise missing
        limits = await self._connection.execute(
            select(product_limit).where(product_limit.c.product_id == row.id).order_by(product_limit.c.position)
        )
        prices = await self._connection.execute(
            select(product_price).where(product_price.c.product_id == row.id).order_by(product_price.c.position)
        )
        return to_struct(
            row,
            Product,
            limits=tuple(to_struct(limit, Limit) for limit in limits),
            prices=tuple(to_struct(price, Price) for price in prices),
        )

    async def granted(self, subject_id: UUID, product_id: UUID, since: date, before: date) -> int:
        """Count the rights to a product that begin for a subject between two days.

        The product stays locked to the end of the unit: of two desks that grant the last one, one waits and sees.
        """
        await self._connection.execute(select(product.c.id).where(product.c.id == product_id).with_for_update())
        found = await self._connection.execute(
            select(func.count())
            .select_from(entitlement)
            .where(
                entitlement.c.subject_id == subject_id,
                entitlement.c.product_id == product_id,
                entitlement.c.valid_from >= since,
                entitlement.c.valid_from < before,
            )
        )
        return int(found.scalar_one())

    async def add_entitlement(self, new: Entitlement) -> None:
        """Write a right."""
        try:
            await insert(self._connection, entitlement, new)
        except IntegrityError as problem:
            if not is_taken(problem):
                raise
            raise AlreadyExists("A right was granted under this key a moment ago.") from problem

    async def entitlement(self, authority_id: UUID, entitlement_id: UUID) -> Entitlement:
        """Find a right of this authority."""
        found = await self._connection.execute(
            select(entitlement).where(entitlement.c.authority_id == authority_id, entitlement.c.id == entitlement_id)
        )
        return only(found, Entitlement, RightNotFound("No such right."))

    async def save_entitlement(self, changed: Entitlement) -> None:
        """Write until when a right may be spent: the only part of one that ever changes."""
        await self._connection.execute(
            update(entitlement).where(entitlement.c.id == changed.id).values(valid_until=changed.valid_until)
        )

    async def entitlements(self, subject_ids: list[UUID], since: date) -> list[Entitlement]:
        """List the rights of these subjects that end after a day."""
        found = await self._connection.execute(
            select(entitlement)
            .where(entitlement.c.subject_id.in_(subject_ids), entitlement.c.valid_until > since)
            .order_by(entitlement.c.valid_from, entitlement.c.id)
        )
        return [to_struct(row, Entitlement) for row in found]

    async def remove_entitlements(self, ids: list[UUID]) -> None:
        """Take rights back as if they had never been given."""
        await self._connection.execute(delete(entitlement).where(entitlement.c.id.in_(ids)))
