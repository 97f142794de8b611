"""Queries for those who watch a site: what its gates have just seen, what was brought today; nobody is named."""

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from domain.motives import Motive
from store.tables.ledger import ledger_head, passage_detail, passage_fact, validation
from store.tables.places import gate

_OPENED = (Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING)

_SLACK = timedelta(minutes=5)
"""Passages that were decided together are numbered in the order of their commit, not quite of their time."""


class AtSite(Struct, frozen=True):
    """One passage as those at the site see it. `motive` is there where an agent acted, `late` where a terminal told it
    later, `cancelled` where it was taken back.
    """

    number: int
    at: datetime
    gate: str
    direction: Direction
    outcome: Outcome
    reason: Reason
    persons: int
    motive: Motive | None
    late: bool
    cancelled: bool

    @property
    def may_be_cancelled(self) -> bool:
        """Whether there may be something to give back: of exits and refusals there is not."""
        return self.direction is not Direction.EXIT and self.outcome in _OPENED and not self.cancelled


async def head(connection: AsyncConnection) -> int:
    """Read the number of the newest passage of the installation."""
    return int((await connection.execute(select(ledger_head.c.number))).scalar_one())


async def moved_since(connection: AsyncConnection, number: int) -> tuple[int, set[UUID]]:
    """Read the newest passage's number, and at which sites there were passages after another one."""
    found = await connection.execute(
        select(validation.c.site_id, func.max(validation.c.number))
        .where(validation.c.number > number)
        .group_by(validation.c.site_id)
    )
    newest = {site_id: int(last) for site_id, last in found}
    return max(newest.values(), default=number), set(newest)


async def first_since(connection: AsyncConnection, instant: datetime) -> int:
    """Find a number from which on all passages were recorded after an instant, and few before: some twenty look-ups.

    Numbers grow with time, and no index on time is needed: each would cost every passage of every day.
    """
    low, high = 1, await head(connection) + 1
    wanted = instant - _SLACK
    while low < high:
        middle = (low + high) // 2
        found = await connection.execute(
            select(validation.c.number, validation.c.recorded_at)
            .where(validation.c.number >= middle)
            .order_by(validation.c.number)
            .limit(1)
        )
        row = found.one_or_none()
        if row is None or row.recorded_at >= wanted:
            high = middle
        else:
            low = row.number + 1
    return low


async def last_passages(connection: AsyncConnection, site_id: UUID, *, since: int, limit: int) -> list[AtSite]:
    """List the newest passages at a site, the newest first, none older than a number."""
    found = await connection.execute(
        _at_site(site_id).where(validation.c.number >= since).order_by(validation.c.number.desc()).limit(limit)
    )
    return [_seen(row) for row in found]


async def passage_at(connection: AsyncConnection, site_id: UUID, number: int) -> AtSite | None:
    """Read one passage at a site, however long ago; None where there was none of this number."""
    row = (await connection.execute(_at_site(site_id).where(validation.c.number == number))).one_or_none()
    return _seen(row) if row is not None else None


def _at_site(site_id: UUID) -> Select[Any]:
    taken_back = passage_detail.alias()
    cancelled = select(taken_back.c.number).where(taken_back.c.cancels == validation.c.number).exists()
    return (
        select(
            validation,
            gate.c.code.label("gate"),
            passage_detail.c.persons,
            passage_detail.c.motive,
            passage_fact.c.happened_at,
            cancelled.label("cancelled"),
        )
        .join(gate, gate.c.id == validation.c.gate_id)
        .outerjoin(passage_detail, passage_detail.c.number == validation.c.number)
        .outerjoin(passage_fact, passage_fact.c.number == validation.c.number)
        .where(validation.c.site_id == site_id)
    )


def _seen(row: Row[Any]) -> AtSite:
    return AtSite(
        number=row.number,
        at=row.happened_at or row.recorded_at,
        gate=row.gate,
        direction=Direction(row.direction),
        outcome=Outcome(row.outcome),
        reason=Reason(row.reason),
        persons=row.persons or 1,
        motive=Motive(row.motive) if row.motive else None,
        late=row.happened_at is not None,
        cancelled=row.cancelled,
    )


async def brought(connection: AsyncConnection, site_id: UUID, *, since: int) -> dict[str, int]:
    """Add up what was left at a site from a passage on: thousandths by kind of waste, without what was taken back."""
    taken_back = passage_detail.alias()
    found = await connection.execute(
        select(passage_detail.c.deposits)
        .join(validation, validation.c.number == passage_detail.c.number)
        .where(
            passage_detail.c.number >= since,
            passage_detail.c.deposits.is_not(None),
            validation.c.site_id == site_id,
            validation.c.outcome.in_(_OPENED),
            passage_detail.c.cancels.is_(None),
            ~select(taken_back.c.number).where(taken_back.c.cancels == passage_detail.c.number).exists(),
        )
    )
    total: Counter[str] = Counter()
    for text in found.scalars():
        for kind, measured in json.loads(text).items():
            total[kind] += sum(measured.values())
    return dict(total)


async def overridden(connection: AsyncConnection, site_id: UUID, *, since: int) -> dict[Motive, int]:
    """Count what agents decided at a site in the place of its gates from a passage on, by motive.

    What they took back is a correction, and no part of it.
    """
    times = func.count().label("times")
    found = await connection.execute(
        select(passage_detail.c.motive, times)
        .join(validation, validation.c.number == passage_detail.c.number)
        .where(
            passage_detail.c.number >= since,
            passage_detail.c.motive.is_not(None),
            passage_detail.c.cancels.is_(None),
            validation.c.site_id == site_id,
        )
        .group_by(passage_detail.c.motive)
        .order_by(times.desc(), passage_detail.c.motive)
    )
    return {Motive(motive): count for motive, count in found}
