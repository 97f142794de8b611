"""Queries on sums that passages left to be paid later, and on how they were settled."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, literal_column, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.bills import Bill, BillSettlement, SettledAs
from domain.errors.bills import BillAlreadySettled, BillNotFound
from store.rows import insert, is_taken
from store.tables.ledger import bill_settlement, passage_detail, validation
from store.tables.passes import medium, pass_
from store.tables.places import site

_D, _V, _S = passage_detail.c, validation.c, bill_settlement.c
_BACK = passage_detail.alias()

_BILLED = _D.billed_cents > literal_column("0")
"""No parameter: the index of what is billed is found by its very condition."""

_CANCELLED = select(_BACK.c.number).where(_BACK.c.cancels == _D.number).exists()
_DUE = and_(~_CANCELLED, _S.number.is_(None))


class SqlBills:
    """`domain.bills.Bills` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, authority_id: UUID, number: int) -> Bill:
        """Find the bill of a passage, and lock the passage: whoever takes its person out waits."""
        wanted = _bills(_D.authority_id == authority_id, _D.number == number)
        found = await self._connection.execute(wanted.with_for_update(of=validation))
        row = found.one_or_none()
        if row is None:
            raise BillNotFound(f"No passage {number} left a sum to be paid later.")
        return _bill(row)

    async def add(self, new: BillSettlement) -> None:
        """Write how a sum was settled."""
        try:
            await insert(self._connection, bill_settlement, new)
        except IntegrityError as problem:
            if not is_taken(problem):
                raise
            raise BillAlreadySettled(f"The sum of passage {new.number} was settled a moment ago.") from problem

    async def unsettled_of(self, holder_id: UUID) -> list[Bill]:
        """List what is still due for somebody's passages, oldest first."""
        theirs = select(pass_.c.id).where(pass_.c.holder_id == holder_id)
        media = select(medium.c.id).where(medium.c.pass_id.in_(theirs))
        wanted = _bills(_V.medium_id.in_(media), _V.pass_id.in_(theirs), _DUE)
        return [_bill(row) for row in await self._connection.execute(wanted.order_by(_D.number))]


async def listed(
    connection: AsyncConnection,
    authority_id: UUID,
    *,
    limit: int,
    pass_id: UUID | None = None,
    unsettled: bool = False,
    before: int | None = None,
) -> list[Bill]:
    """List bills, the newest first: of one pass, or only those still due; with `before`, those of smaller numbers."""
    wanted = _bills(_D.authority_id == authority_id)
    if pass_id is not None:
        media = select(medium.c.id).where(medium.c.pass_id == pass_id)
        wanted = wanted.where(_V.medium_id.in_(media), _V.pass_id == pass_id)
    if unsettled:
        wanted = wanted.where(_DUE)
    if before is not None:
        wanted = wanted.where(_D.number < before)
    return [_bill(row) for row in await connection.execute(wanted.order_by(_D.number.desc()).limit(limit))]


def _bills(*which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            *(_D.number, _D.authority_id, _D.billed_cents, _D.keep_until, _V.recorded_at),
            site.c.code.label("site"),
            pass_.c.number.label("pass_number"),
            _CANCELLED.label("cancelled"),
            *(_S.settled_as, _S.reference, _S.settled_at, _S.settled_by),
        )
        .join(validation, _V.number == _D.number)
        .join(site, site.c.id == _V.site_id)
        .outerjoin(pass_, pass_.c.id == _V.pass_id)
        .outerjoin(bill_settlement, _S.number == _D.number)
        .where(_BILLED, *which)
    )


def _bill(row: Row[Any]) -> Bill:
    settlement = None
    if row.settled_as is not None:
        settlement = BillSettlement(
            row.number,
            row.authority_id,
            SettledAs(row.settled_as),
            row.reference,
            row.settled_at,
            row.settled_by,
            row.keep_until,
        )
    return Bill(
        row.number,
        row.authority_id,
        row.recorded_at,
        row.site,
        row.pass_number,
        row.billed_cents,
        row.cancelled,
        row.keep_until,
        settlement,
    )
