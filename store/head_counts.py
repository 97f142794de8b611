"""Queries on the heads that agents counted, and on what the gates count beside them."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.facts import Direction
from domain.head_counts import CountMotive, HeadCount, Heads, Seen
from domain.places import Zone
from store.tables.agents import agent
from store.tables.ledger import head_count, ledger_head, occupancy, passage_detail, passage_fact, validation

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_H, _O = head_count.c, occupancy.c

MOST_TOLD: Final = 50
"""Head counts of a day that are told at once: more in one day is a gate to be mended."""


class Told(Struct, frozen=True):
    """A head count as those at the site see it; `by` is the agent's name, None once they are gone."""

    count: HeadCount
    by: str | None


class SqlHeadCounts:
    """`domain.head_counts.HeadCounts` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, zone: Zone, day: date) -> Heads:
        """Lock a zone's count of a day, and return it; one that was never begun begins with nobody.

        The ledger moves this very row, so a batch waits for this transaction, and its passages are numbered after it.
        """
        nobody = {"inside": 0, "others": 0, "entries": 0, "admitted": 0}
        await self._connection.execute(
            _INSERT[self._connection.dialect.name](occupancy)
            .values(zone_id=zone.id, day=day, authority_id=zone.authority_id, **nobody)
            .on_conflict_do_nothing(index_elements=["zone_id", "day"])
        )
        found = await self._connection.execute(
            select(_O.inside, _O.others).where(_of(zone.id, day, occupancy)).with_for_update()
        )
        return Heads(*found.one())

    async def newest(self, zone_id: UUID, day: date) -> HeadCount | None:
        """Return the newest head count of a zone on a day."""
        found = await self._connection.execute(
            select(head_count).where(_of(zone_id, day, head_count)).order_by(_H.number.desc()).limit(1)
        )
        row = found.one_or_none()
        return _head_count(row) if row is not None else None

    async def told_since(self, site_id: UUID, seen: Seen) -> bool:
        """Tell whether something from before an instant was told after it: a fact of a terminal, a cancellation."""
        late = or_(passage_fact.c.happened_at <= seen.at, passage_detail.c.cancels <= seen.passage)
        found = await self._connection.execute(
            select(validation.c.number)
            .outerjoin(passage_fact, passage_fact.c.number == validation.c.number)
            .outerjoin(passage_detail, passage_detail.c.number == validation.c.number)
            .where(validation.c.number > seen.passage, validation.c.site_id == site_id, late)
            .where(validation.c.direction != Direction.DEPOSIT.value)
            .limit(1)
        )
        return found.first() is not None

    async def add(self, new: HeadCount, heads: Heads) -> HeadCount:
        """Write a head count, and that these are inside now; return it with its number and that of the last passage."""
        zone_day = _of(new.zone_id, new.day, occupancy)
        await self._connection.execute(
            update(occupancy).where(zone_day).values(inside=heads.users, others=heads.others, counted_at=new.counted_at)
        )
        newest = select(ledger_head.c.number).scalar_subquery()
        written = head_count.insert().values(
            authority_id=new.authority_id,
            site_id=new.site_id,
            zone_id=new.zone_id,
            day=new.day,
            counted_at=new.counted_at,
            recorded_at=new.recorded_at,
            agent_id=new.agent_id,
            users_were=new.was.users,
            others_were=new.was.others,
            users=new.counted.users,
            others=new.counted.others,
            motive=new.motive.value,
            passage=newest,
            keep_until=new.keep_until,
        )
        return _head_count((await self._connection.execute(written.returning(head_count))).one())


async def see(connection: AsyncConnection, zone: Zone, day: date, now: datetime) -> Seen:
    """Read what an agent has before their eyes as they start to count heads in a zone, in one look."""
    newest = select(func.coalesce(func.max(_H.number), 0)).where(_of(zone.id, day, head_count)).scalar_subquery()
    found = await connection.execute(
        select(
            ledger_head.c.number,
            newest.label("counted"),
            func.coalesce(_O.inside, 0).label("inside"),
            func.coalesce(_O.others, 0).label("others"),
        ).select_from(ledger_head.outerjoin(occupancy, _of(zone.id, day, occupancy)))
    )
    row = found.one()
    return Seen(Heads(row.inside, row.others), now, row.number, row.counted)


async def of_day(connection: AsyncConnection, site_id: UUID, day: date) -> list[Told]:
    """List the head counts of a site on a day, the newest first, with who counted."""
    found = await connection.execute(
        select(head_count, agent.c.name.label("by"))
        .outerjoin(agent, agent.c.id == _H.agent_id)
        .where(_H.site_id == site_id, _H.day == day)
        .order_by(_H.number.desc())
        .limit(MOST_TOLD)
    )
    return [Told(_head_count(row), row.by) for row in found]


async def newest(connection: AsyncConnection) -> int:
    """Read the number of the newest head count of the installation; 0 where there is none."""
    return int((await connection.execute(select(func.coalesce(func.max(_H.number), 0)))).scalar_one())


async def counted_since(connection: AsyncConnection, number: int) -> tuple[int, set[UUID]]:
    """Read the newest head count's number, and at which sites heads were counted after another one."""
    found = await connection.execute(
        select(_H.site_id, func.max(_H.number)).where(_H.number > number).group_by(_H.site_id)
    )
    last = {site_id: int(highest) for site_id, highest in found}
    return max(last.values(), default=number), set(last)


def _of(zone_id: UUID, day: date, table: Any) -> ColumnElement[bool]:  # noqa: ANN401 - either of two tables
    return and_(table.c.zone_id == zone_id, table.c.day == day)


def _head_count(row: Row[Any]) -> HeadCount:
    return HeadCount(
        number=row.number,
        authority_id=row.authority_id,
        site_id=row.site_id,
        zone_id=row.zone_id,
        day=row.day,
        counted_at=row.counted_at,
        recorded_at=row.recorded_at,
        agent_id=row.agent_id,
        was=Heads(row.users_were, row.others_were),
        counted=Heads(row.users, row.others),
        motive=CountMotive(row.motive),
        passage=row.passage,
        keep_until=row.keep_until,
    )
