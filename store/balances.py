"""The rights that a holder may spend today, with what is left of each."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.catalogue import Catalogue
from domain.access.facts import Balance, Right
from domain.limits import Limit
from domain.products import Entitlement
from store.tables.ledger import counter


async def rights_with_balances(
    connection: AsyncConnection, rights: list[Entitlement], catalogue: Catalogue, day: date
) -> list[Right]:
    """Return each right with the balances of the windows that hold this day."""
    if not rights:
        return []
    found = await connection.execute(
        select(counter).where(counter.c.entitlement_id.in_([right.id for right in rights]), counter.c.ends_before > day)
    )
    used: dict[tuple[UUID, date, int], tuple[int, int]] = {
        (row.entitlement_id, row.ends_before, row.position): (row.used, row.version) for row in found
    }

    def balance(right: Entitlement, limit: Limit) -> Balance:
        starts_on, ends_before = limit.period(day, right.valid_from, right.valid_until)
        return Balance(limit, starts_on, ends_before, *used.get((right.id, ends_before, limit.position), (0, 0)))

    return [
        Right(
            right.id,
            product,
            right.valid_from,
            right.valid_until,
            tuple(balance(right, limit) for limit in product.limits),
        )
        for right in rights
        for product in (catalogue.products[right.product_id],)
    ]
