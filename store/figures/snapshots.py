"""What stands in the register at the end of each month, and today: running passes, use of rights, requests.

The past of a register is not kept. Months before the first round are told from the days of passes alone: of one that
was stopped since, nobody knows since when.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Table, and_, case, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from domain.circumstances import CircumstanceKind
from domain.figures.bands import BANDS, born_by
from domain.figures.delays import LONGEST, RECEIVED
from domain.figures.periods import months_later
from domain.passes import PassStatus
from domain.places import local_day, midnight
from store.tables import figures as t
from store.tables.ledger import counter
from store.tables.passes import pass_
from store.tables.people import circumstance, holder
from store.tables.places import authority
from store.tables.products import entitlement, product_limit
from store.tables.requests import pass_request
from store.tables.temporary_passes import temporary_pass

MONTHS_BACK = 13
"""How far back months are told that nobody has counted."""


async def is_due(connection: AsyncConnection, authority_id: UUID, today: date) -> bool:
    """Tell whether what stands in the register has not been written today."""
    found = await connection.execute(
        select(func.max(t.adoption_month.c.as_of)).where(t.adoption_month.c.authority_id == authority_id)
    )
    written = found.scalar_one()
    return written is None or written < today


class Snapshot(Struct, frozen=True):
    """The rows of one month of an authority, to be written in the place of those that are there."""

    table: Table
    of: dict[str, Any]
    rows: list[dict[str, Any]]


async def read_snapshots(connection: AsyncConnection, authority_id: UUID, today: date) -> list[Snapshot]:
    """Read what stands in the register today, for the month that runs; the first time, for months before it too."""
    this = today.replace(day=1)
    known = await connection.execute(
        select(t.adoption_month.c.month).where(t.adoption_month.c.authority_id == authority_id).limit(1)
    )
    back = 0 if known.first() is not None else MONTHS_BACK
    months = [months_later(this, -step) for step in range(back, 0, -1)]
    found = [
        await _adoption(connection, authority_id, month, months_later(month, 1) - timedelta(days=1)) for month in months
    ]
    found.append(await _adoption(connection, authority_id, this, today))
    found.append(await _quotas(connection, authority_id, this, today))
    # What was decided late in a month is counted once more with the first days of the next.
    recent = [*months, this] if back else [months_later(this, -1), this]
    zone = (await connection.execute(select(authority.c.zone).where(authority.c.id == authority_id))).scalar_one()
    found += [await _requests(connection, authority_id, zone, month, today) for month in recent]
    return found


async def write_snapshots(connection: AsyncConnection, snapshots: Iterable[Snapshot]) -> None:
    """Write months in the place of what is there. It was read before: no passage waits for the register."""
    for one in snapshots:
        same = [one.table.c[name] == one.of[name] for name in ("authority_id", "month")]
        await connection.execute(delete(one.table).where(*same))
        if rows := [{**row, **one.of} for row in one.rows]:
            await connection.execute(insert(one.table), rows)


async def _adoption(connection: AsyncConnection, authority_id: UUID, month: date, day: date) -> Snapshot:
    band = _band(day)
    found = await connection.execute(
        select(circumstance.c.value, band.label("band"), func.count(holder.c.id.distinct()))
        .select_from(pass_)
        .join(holder, holder.c.id == pass_.c.holder_id)
        .join(
            circumstance,
            and_(
                circumstance.c.subject_id == holder.c.id,
                circumstance.c.kind == CircumstanceKind.COMMUNE,
                circumstance.c.valid_from <= day,
                circumstance.c.valid_until > day,
            ),
        )
        .where(
            pass_.c.authority_id == authority_id,
            pass_.c.status == PassStatus.ACTIVE,
            pass_.c.valid_from <= day,
            pass_.c.valid_until > day,
            # Nobody has been given a pass before it is decided.
            pass_.c.id.not_in(select(temporary_pass.c.pass_id)),
        )
        .group_by(circumstance.c.value, band)
    )
    rows = [{"commune_code": commune, "band": code, "passes": passes} for commune, code, passes in found]
    return Snapshot(t.adoption_month, {"authority_id": authority_id, "month": month, "as_of": day}, rows)


def _band(day: date) -> ColumnElement[str]:
    older = [(holder.c.born_on <= born_by(band, day), literal(band.code)) for band in reversed(BANDS[1:])]
    return case(*older, else_=literal(BANDS[0].code))


async def _quotas(connection: AsyncConnection, authority_id: UUID, month: date, day: date) -> Snapshot:
    used, amount = func.coalesce(counter.c.used, 0), product_limit.c.amount
    tenth = case((used >= amount, 10), else_=(used * 10 + amount - 1) // amount)
    found = await connection.execute(
        select(entitlement.c.product_id, product_limit.c.position, tenth.label("tenth"), func.count())
        .select_from(entitlement)
        .join(product_limit, product_limit.c.product_id == entitlement.c.product_id)
        .outerjoin(
            counter,
            and_(
                counter.c.entitlement_id == entitlement.c.id,
                counter.c.position == product_limit.c.position,
                counter.c.starts_on <= day,
                counter.c.ends_before > day,
            ),
        )
        .where(
            entitlement.c.authority_id == authority_id,
            entitlement.c.valid_from <= day,
            entitlement.c.valid_until > day,
        )
        .group_by(entitlement.c.product_id, product_limit.c.position, tenth)
    )
    rows = [
        {"product_id": one, "position": place, "tenth": part, "rights": rights} for one, place, part, rights in found
    ]
    return Snapshot(t.quota_month, {"authority_id": authority_id, "month": month, "as_of": day}, rows)


async def _requests(connection: AsyncConnection, authority_id: UUID, zone: str, month: date, day: date) -> Snapshot:
    """Count the requests that came in a month, and those that were decided, withdrawn or given up in it."""
    r, until = pass_request, months_later(month, 1)
    came = await connection.execute(
        select(r.c.channel, func.count())
        .where(r.c.authority_id == authority_id, r.c.received_on >= month, r.c.received_on < until)
        .group_by(r.c.channel)
    )
    counts = Counter({(channel, RECEIVED, 0): count for channel, count in came})
    over = await connection.execute(
        select(r.c.channel, r.c.status, r.c.received_on, r.c.decided_at).where(
            r.c.authority_id == authority_id,
            r.c.received_on.is_not(None),
            r.c.decided_at >= midnight(month, zone),
            r.c.decided_at < midnight(until, zone),
        )
    )
    for channel, status, received_on, decided_at in over:
        waited = (local_day(decided_at, zone) - received_on).days
        counts[channel, status, min(max(0, waited), LONGEST)] += 1
    rows = [
        {"channel": channel, "fate": fate, "days": days, "requests": count}
        for (channel, fate, days), count in counts.items()
    ]
    return Snapshot(t.request_month, {"authority_id": authority_id, "month": month, "as_of": day}, rows)
