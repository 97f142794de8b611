"""Taking somebody out who asks for it: the same rows as retention (`leaving`), before their days are over.

What must outlive them says nothing of anybody afterwards: passages, sales, and places of media in status lists.
"""

from collections import Counter
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.erasure import Erased
from domain.people import Holder
from domain.requests import APPEAL, RequestStatus
from domain.sales import NOBODY
from store.batches import SqlBatches
from store.leaving import Hanging, of_group, of_people, photos_of, remove, retire, untie
from store.tables.accounts import IS_OWN, resident_account, resident_link, resident_request
from store.tables.ledger import counter, medium_use, presence, validation
from store.tables.passes import medium, pass_
from store.tables.people import beneficiary, holder, household
from store.tables.products import entitlement
from store.tables.requests import IS_OPEN, pass_request, request_person
from store.tables.sales import sale, sale_item
from store.tables.temporary_passes import temporary_pass

_R = pass_request.c


class SqlErasures:
    """`domain.erasure.Erasures` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, whose: Holder) -> None:
        """Lock somebody, their passes and media: whatever would hang on them waits. SQLite has one writer anyway.

        What gates write is locked first, in the ledger's own order: neither ever waits for the other in a circle.
        """
        passes = select(pass_.c.id).where(pass_.c.holder_id == whose.id)
        media = select(medium.c.id).where(medium.c.pass_id.in_(passes))
        subjects = select(beneficiary.c.subject_id).where(beneficiary.c.holder_id == whose.id)
        rights = select(entitlement.c.id).where(
            or_(entitlement.c.subject_id == whose.id, entitlement.c.subject_id.in_(subjects))
        )
        for table, theirs in (
            (counter, counter.c.entitlement_id.in_(rights)),
            (presence, presence.c.pass_id.in_(passes)),
            (medium_use, medium_use.c.medium_id.in_(media)),
            (holder, holder.c.id == whose.id),
            (pass_, pass_.c.holder_id == whose.id),
            (medium, medium.c.pass_id.in_(passes)),
        ):
            key = list(table.primary_key)
            await self._connection.execute(select(*key).where(theirs).order_by(*key).with_for_update())

    async def open_requests(self, whose: Holder) -> list[str]:
        """List the references of requests about somebody, or of their account, that nobody has decided."""
        asked = select(_R.reference).where(_about(whose), text(IS_OPEN)).order_by(_R.reference)
        return list((await self._connection.execute(asked)).scalars())

    async def cards_underway(self, whose: Holder) -> list[str]:
        """List the numbers of somebody's passes for which a card is on order, or waits to be handed over."""
        found = await self._connection.execute(
            select(pass_.c.id, pass_.c.number).where(pass_.c.holder_id == whose.id).order_by(pass_.c.number)
        )
        numbers = {row.id: row.number for row in found}
        underway = await SqlBatches(self._connection).passes_with_card_underway(list(numbers))
        return [number for pass_id, number in numbers.items() if pass_id in underway]

    async def remove(self, whose: Holder, *, today: date, now: datetime) -> Erased:
        """Take somebody out of their passages and sales, and out of the register with all that hangs on them."""
        rows: Counter[str] = Counter()
        homes = await self._left_empty(whose, today)
        photos = await photos_of(self._connection, whose.id)
        await retire(self._connection, whose.id, now)
        rows[validation.name] = await untie(self._connection, self._passed(whose))
        rows[sale.name] = await self._anonymous_sales([whose.id, *homes], whose)
        rows[pass_request.name] = await self._shorten(whose, today, homes)
        own = select(resident_link.c.account_id).where(resident_link.c.holder_id == whose.id, text(IS_OWN))
        going: Hanging = [
            (resident_account, resident_account.c.id.in_(own)),
            *of_people([whose.id]),
            (holder, holder.c.id == whose.id),
            *of_group(homes),
            (household, household.c.id.in_(homes)),
        ]
        rows.update(await remove(self._connection, going))
        return Erased(dict(+rows), tuple(photos))

    @staticmethod
    def _passed(whose: Holder) -> ColumnElement[bool]:
        passes = select(pass_.c.id).where(pass_.c.holder_id == whose.id)
        return validation.c.medium_id.in_(select(medium.c.id).where(medium.c.pass_id.in_(passes)))

    async def _left_empty(self, whose: Holder, today: date) -> list[UUID]:
        """List the households that nobody else belongs to or shares rights with, today or later."""
        mine = select(beneficiary.c.subject_id).where(beneficiary.c.holder_id == whose.id)
        others = select(beneficiary.c.holder_id).where(
            beneficiary.c.subject_id == household.c.id,
            beneficiary.c.holder_id != whose.id,
            beneficiary.c.valid_until > today,
        )
        found = await self._connection.execute(
            select(household.c.id).where(household.c.id.in_(mine), ~others.exists()).with_for_update()
        )
        return list(found.scalars())

    async def _anonymous_sales(self, owners: list[UUID], whose: Holder) -> int:
        """Let sales say what was sold at which price, and no more whose pass and whose right it was."""
        passes = select(pass_.c.id).where(pass_.c.holder_id == whose.id)
        sold = await self._connection.execute(update(sale).where(sale.c.pass_id.in_(passes)).values(pass_id=NOBODY))
        items = update(sale_item).where(sale_item.c.subject_id.in_(owners))
        await self._connection.execute(items.values(subject_id=NOBODY))
        return sold.rowcount

    async def _shorten(self, whose: Holder, today: date, homes: list[UUID]) -> int:
        """Keep decided requests no longer than somebody may contest them, and drafts no longer at all."""
        found = await self._connection.execute(
            select(_R.id, _R.status, _R.decided_at, _R.keep_until).where(_about(whose))
        )
        rows = list(found)
        for row in rows:
            decided = row.decided_at.date() + APPEAL if row.decided_at is not None else today
            until = today if row.status == RequestStatus.DRAFT else max(today, decided)
            await self._connection.execute(
                update(pass_request).where(_R.id == row.id).values(keep_until=min(row.keep_until, until))
            )
        await self._connection.execute(update(pass_request).where(_R.household_id.in_(homes)).values(household_id=None))
        return len(rows)


def _about(whose: Holder) -> ColumnElement[bool]:
    """Say that a request is about somebody, gave them a temporary pass, or was sent from their own account."""
    accounts = select(resident_link.c.account_id).where(resident_link.c.holder_id == whose.id, text(IS_OWN))
    asked: list[Select[Any]] = [
        select(request_person.c.request_id).where(request_person.c.holder_id == whose.id),
        select(temporary_pass.c.request_id).where(temporary_pass.c.holder_id == whose.id),
        select(resident_request.c.request_id).where(resident_request.c.account_id.in_(accounts)),
    ]
    return or_(*(_R.id.in_(one) for one in asked))
