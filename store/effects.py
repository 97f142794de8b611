"""Who is affected by a modification: the counts that its preview shows. Nothing here names anybody."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendars import Calendar
from domain.catalogue.changes import Change
from domain.catalogue.contents import ProductContent, SiteContent
from domain.catalogue.differences import Difference, differences
from domain.catalogue.effects import Days, QuotaEffect, Replayed, days_that_change
from domain.catalogue.overlay import over
from domain.limits import Limit
from domain.places import local_day, midnight
from store.database import Database
from store.eligible import eligible
from store.ledger.replay import replay
from store.offer import calendar_of
from store.tables.ledger import counter
from store.tables.products import entitlement, product

TRIES = 3


class Effect(Struct, frozen=True):
    """What one change does: `holders` have a right to the product today; `days` is that of a site.

    `eligible` could have a product that is new, or for other people than before: persons, households or organisations.
    """

    change: Change
    differences: tuple[Difference, ...]
    holders: int = 0
    quotas: tuple[QuotaEffect, ...] = ()
    days: Days | None = None
    eligible: int | None = None


class Preview(Struct, frozen=True):
    """All that a modification does. `replayed` is None where the catalogue kept moving."""

    effects: tuple[Effect, ...]
    since: datetime
    replayed: Replayed | None


async def preview(
    database: Database, authority_id: UUID, changes: list[Change], *, now: datetime, at: datetime | None = None
) -> Preview:
    """Say what changes would do if they came now, or at their time.

    Raises:
        LedgerUnavailable: the database is away.
    """
    async with database.look() as unit:
        owner = await unit.places.authority_by_id(authority_id)
    today = local_day(now, owner.zone)
    first = max(today, local_day(at or now, owner.zone))
    async with database.read() as connection:
        effects = tuple([await _effect(connection, authority_id, change, today, first) for change in changes])
    since = midnight(today - timedelta(days=1), owner.zone)
    return Preview(effects, since, await _replayed(database, authority_id, changes, since))


async def _replayed(database: Database, authority_id: UUID, changes: list[Change], since: datetime) -> Replayed | None:
    services = {change.after.service_code for change in changes}
    for _ in range(TRIES):
        now = await database.catalogue()
        then = over(now, authority_id, [change.after for change in changes])
        found = await replay(database, now, then, services=services, authority_id=authority_id, since=since)
        if found is not None:
            return found
    return None


async def _effect(connection: AsyncConnection, authority_id: UUID, change: Change, today: date, first: date) -> Effect:
    before, after = change.before, change.after
    said = differences(before, after)
    if isinstance(after, ProductContent):
        which = (product.c.authority_id == authority_id, product.c.code == after.code)
        product_id = (await connection.execute(select(product.c.id).where(*which))).scalar_one_or_none()
        could = None
        if not isinstance(before, ProductContent) or before.terms.conditions != after.terms.conditions:
            could = await eligible(connection, authority_id, after, today)
        if product_id is None or not isinstance(before, ProductContent):
            return Effect(change, said, eligible=could)
        quotas = [
            await _quota(connection, product_id, known, limit, today)
            for limit in after.limits
            if (known := _limit_at(before, limit.position)) != limit
        ]
        return Effect(change, said, await holders(connection, product_id, today), tuple(quotas), eligible=could)
    opened = calendar_of(before) if isinstance(before, SiteContent) else Calendar()
    return Effect(change, said, days=days_that_change(opened, calendar_of(after), first))


def _limit_at(content: ProductContent, position: int) -> Limit | None:
    return next((limit for limit in content.limits if limit.position == position), None)


async def holders(connection: AsyncConnection, product_id: UUID, day: date) -> int:
    """Count the subjects, persons or households, who have a right to a product on a day."""
    e = entitlement.c
    found = await connection.execute(
        select(func.count(e.subject_id.distinct())).where(
            e.product_id == product_id, e.valid_from <= day, e.valid_until > day
        )
    )
    return int(found.scalar_one())


async def _quota(
    connection: AsyncConnection, product_id: UUID, before: Limit | None, after: Limit, day: date
) -> QuotaEffect:
    """Count for how many subjects a quota is used up today, as it is and as it would be."""
    e, c = entitlement.c, counter.c

    async def spent(amount: int) -> int:
        found = await connection.execute(
            select(func.count(e.subject_id.distinct()))
            .select_from(entitlement)
            .join(counter, c.entitlement_id == e.id)
            .where(
                e.product_id == product_id,
                e.valid_from <= day,
                e.valid_until > day,
                c.position == after.position,
                c.starts_on <= day,
                c.ends_before > day,
                c.used >= amount,
            )
        )
        return int(found.scalar_one())

    if before is None:
        return QuotaEffect(None, after, 0, 0, counts_anew=True)
    return QuotaEffect(
        before, after, await spent(before.free_amount), await spent(after.free_amount), counts_anew=False
    )
