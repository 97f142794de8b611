"""Counting passages by day and by hour, in the order in which they were committed, each exactly once.

Events are read without a lock. What they come to is written with the number of the last of them, where nobody has moved
that number meanwhile: of two who count at once, one writes and the other begins again. A terminal's own decision, told
days later, counts on the day of the passage.
"""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import BigInteger, case, cast, delete, extract, func, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from domain.figures.counts import Fate, fate
from domain.places import local_day, midnight
from domain.services import BY_CODE
from store.bulk import Write, put
from store.database import Database
from store.tables import figures as t
from store.tables.ledger import passage_detail, passage_fact, validation
from store.tables.places import authority, site

AT_ONCE = 20_000
"""Events of one round: the counts of so many fit into one short transaction."""

_HOUR, _QUARTER = timedelta(hours=1), timedelta(minutes=15)
"""Local hours begin on a full hour of UTC nearly everywhere, and on a quarter of one in every zone of the world."""

_EPOCH = datetime.fromisoformat("1970-01-01T00:00+00:00")

_DAYS = Write(
    "passage_day",
    {
        "site_id": "uuid",
        "day": "date",
        "direction": "varchar",
        "outcome": "varchar",
        "reason": "varchar",
        "motive": "varchar",
        "offline": "boolean",
        "authority_id": "uuid",
        "passages": "integer",
    },
    "(site_id, day, direction, outcome, reason, motive, offline) "
    "DO UPDATE SET passages = passage_day.passages + excluded.passages",
)
_HOURS = Write(
    "passage_hour",
    {
        "site_id": "uuid",
        "day": "date",
        "hour": "integer",
        "authority_id": "uuid",
        "admitted": "integer",
        "refused": "integer",
    },
    "(site_id, day, hour) DO UPDATE SET admitted = passage_hour.admitted + excluded.admitted, "
    "refused = passage_hour.refused + excluded.refused",
)


class _Place(Struct, frozen=True):
    """Whose a site is, and whose clocks it has."""

    authority_id: UUID
    zone: ZoneInfo


class _Counts:
    """What events come to, by the primary keys of the two tables."""

    def __init__(self, places: dict[UUID, _Place], step: timedelta) -> None:
        self._places = places
        self._step = step
        self._days: Counter[tuple[Any, ...]] = Counter()
        self._hours: defaultdict[tuple[UUID, date, int], list[int]] = defaultdict(lambda: [0, 0])
        self._clocks: dict[tuple[ZoneInfo, int], tuple[date, int]] = {}

    def add(self, site_id: UUID, kind: tuple[str, str, str, str, int], step: int, events: int) -> None:
        """Add events of one kind in one step of time."""
        day, hour = self._clock(self._places[site_id].zone, step)
        self._days[site_id, day, *kind] += events
        became = _fate(*kind[:3])
        if became is not Fate.OTHER:
            self._hours[site_id, day, hour][became is Fate.REFUSED] += events

    def _clock(self, zone: ZoneInfo, step: int) -> tuple[date, int]:
        """Read local day and hour, of each step once."""
        found = self._clocks.get((zone, step))
        if found is None:
            local = (_EPOCH + step * self._step).astimezone(zone)
            found = self._clocks[zone, step] = (local.date(), local.hour)
        return found

    async def write(self, connection: AsyncConnection) -> None:
        """Add what was counted to what stands there."""
        days = [(*key[:6], bool(key[6]), self._places[key[0]].authority_id, count) for key, count in self._days.items()]
        hours = [(*key, self._places[key[0]].authority_id, *both) for key, both in self._hours.items()]
        await put(connection, _DAYS, sorted(days))
        await put(connection, _HOURS, sorted(hours))


@cache
def _fate(direction: str, outcome: str, reason: str) -> Fate:
    return fate(Direction(direction), Outcome(outcome), Reason(reason))


async def count_on(database: Database, *, most: int = AT_ONCE) -> int:
    """Count the next events, and return how many numbers they took: 0 when there are none, or somebody else counts."""
    async with database.read() as connection:
        before = int((await connection.execute(select(t.figure_head.c.number))).scalar_one())
        last = await _last_of(connection, before, most)
        if last == before:
            return 0
        counts = await _counted(connection, (validation.c.number > before) & (validation.c.number <= last))
    async with database.write() as connection:
        moved = await connection.execute(
            update(t.figure_head).where(t.figure_head.c.number == before).values(number=last)
        )
        if moved.rowcount != 1:
            return 0
        await counts.write(connection)
    return last - before


async def count_all(database: Database) -> int:
    """Count whatever has not been counted yet, and return how many events that was."""
    counted = 0
    while done := await count_on(database):
        counted += done
    return counted


async def count_again(database: Database, authority_id: UUID, since: date, now: datetime) -> date:
    """Count the days of an authority anew, from a day on, and return the first that was.

    Of each service only days are counted whose passages are all still there: a day whose passages may be forgotten
    keeps the counts that it has.
    """
    async with database.write() as connection:
        head = await hold(connection)
        zone = (await connection.execute(select(authority.c.zone).where(authority.c.id == authority_id))).scalar_one()
        today = local_day(now, zone)
        first = today
        for service in BY_CODE.values():
            start = max(since, today - timedelta(days=service.identified_days - 1))
            first = min(first, start)
            sites = select(site.c.id).where(site.c.authority_id == authority_id, site.c.service_code == service.code)
            for table in (t.passage_day, t.passage_hour):
                await connection.execute(delete(table).where(table.c.site_id.in_(sites), table.c.day >= start))
            counts = await _counted(
                connection,
                (validation.c.authority_id == authority_id)
                & (validation.c.service_code == service.code)
                & (validation.c.number <= head)
                & (_happened() >= midnight(start, zone)),
            )
            await counts.write(connection)
    return first


async def hold(connection: AsyncConnection) -> int:
    """Keep others from writing to the roll-ups until this transaction ends, and return the last event counted."""
    held = update(t.figure_head).values(number=t.figure_head.c.number).returning(t.figure_head.c.number)
    return int((await connection.execute(held)).scalar_one())


async def _last_of(connection: AsyncConnection, before: int, most: int) -> int:
    """The number of the last of the next events. Numbers have gaps where events were forgotten."""
    some = (
        select(validation.c.number)
        .where(validation.c.number > before)
        .order_by(validation.c.number)
        .limit(most)
        .subquery()
    )
    return int((await connection.execute(select(func.coalesce(func.max(some.c.number), before)))).scalar_one())


async def _counted(connection: AsyncConnection, which: ColumnElement[bool]) -> _Counts:
    known = select(site.c.id, site.c.authority_id, authority.c.zone).join(authority)
    places = {row.id: _Place(row.authority_id, ZoneInfo(row.zone)) for row in await connection.execute(known)}
    step = _HOUR if all(_has_full_hours(place.zone) for place in places.values()) else _QUARTER
    columns = (
        validation.c.site_id,
        validation.c.direction,
        validation.c.outcome,
        validation.c.reason,
        func.coalesce(passage_detail.c.motive, "").label("motive"),
        case((passage_fact.c.number.is_not(None), 1), else_=0).label("offline"),
        _step_of(connection.dialect.name, step).label("step"),
    )
    grouped = (
        select(*columns, func.count().label("events"))
        .select_from(validation)
        .outerjoin(passage_detail, passage_detail.c.number == validation.c.number)
        .outerjoin(passage_fact, passage_fact.c.number == validation.c.number)
        .where(which)
        .group_by(*columns)
    )
    counts = _Counts(places, step)
    for site_id, direction, outcome, reason, motive, offline, at, events in await connection.execute(grouped):
        counts.add(site_id, (direction, outcome, reason, motive, offline), at, events)
    return counts


def _happened() -> ColumnElement[Any]:
    return func.coalesce(passage_fact.c.happened_at, validation.c.recorded_at)


def _step_of(dialect: str, step: timedelta) -> ColumnElement[int]:
    """The step in which a passage took place, counted from 1970 in UTC."""
    if dialect == "postgresql":
        return cast(func.floor(extract("epoch", _happened()) / step.seconds), BigInteger)
    return type_coerce(_happened(), BigInteger) // (step // timedelta(microseconds=1))


def _has_full_hours(zone: ZoneInfo) -> bool:
    """Tell whether the clocks of a zone differ from UTC by whole hours, in winter and in summer."""
    return all(not (datetime(2026, month, 1, tzinfo=zone).utcoffset() or _HOUR) % _HOUR for month in (1, 7))
