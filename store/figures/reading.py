"""Queries on the roll-ups: one small answer for a whole period. None of them reads a passage."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Table, case, cast, extract, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from domain.figures.counts import Adopted, DayTally, HourTally, PointTally, Silence, Tally, TenthsUsed
from domain.figures.delays import Became
from domain.figures.periods import Period
from domain.text import Text
from store.tables import figures as t
from store.tables.expression import reaction_count
from store.tables.places import site, terminal
from store.tables.points import point
from store.tables.products import product

SUNDAY_FIRST = 6
"""Both engines number the days of a week from Sunday, 0; we from Monday."""


async def first_day(connection: AsyncConnection, authority_id: UUID) -> date | None:
    """Return the first day of which passages were counted."""
    found = await connection.execute(
        select(func.min(t.passage_day.c.day)).where(t.passage_day.c.authority_id == authority_id)
    )
    day: date | None = found.scalar_one()
    return day


async def tallies(connection: AsyncConnection, authority_id: UUID, period: Period) -> list[Tally]:
    """Read what the gates answered in a period, by site and kind of answer."""
    rows = t.passage_day
    kind = [rows.c[name] for name in ("direction", "outcome", "reason", "motive", "offline")]
    summed = (
        select(rows.c.site_id, *kind, func.sum(rows.c.passages).label("passages"))
        .where(*_within(rows, authority_id, period))
        .group_by(rows.c.site_id, *kind)
        .subquery()
    )
    found = await connection.execute(
        select(summed, site.c.code, site.c.name, site.c.service_code).join(site, site.c.id == summed.c.site_id)
    )
    return [
        Tally(
            row.code,
            Text(**row.name),
            row.service_code,
            Direction(row.direction),
            Outcome(row.outcome),
            Reason(row.reason),
            row.motive,
            bool(row.offline),
            int(row.passages),
        )
        for row in found
    ]


async def by_day(connection: AsyncConnection, authority_id: UUID, period: Period) -> list[DayTally]:
    """Read how many came to each service on each day."""
    rows = t.passage_hour
    found = await connection.execute(
        select(site.c.service_code, rows.c.day, func.sum(rows.c.admitted))
        .join(site, site.c.id == rows.c.site_id)
        .where(*_within(rows, authority_id, period))
        .group_by(site.c.service_code, rows.c.day)
    )
    return [DayTally(service, day, int(admitted)) for service, day, admitted in found]


async def by_hour(connection: AsyncConnection, authority_id: UUID, period: Period) -> list[HourTally]:
    """Read how many came to each service in each hour of each weekday."""
    rows = t.passage_hour
    weekday = cast(extract("dow", rows.c.day), Integer).label("weekday")
    found = await connection.execute(
        select(site.c.service_code, weekday, rows.c.hour, func.sum(rows.c.admitted), func.sum(rows.c.refused))
        .join(site, site.c.id == rows.c.site_id)
        .where(*_within(rows, authority_id, period))
        .group_by(site.c.service_code, weekday, rows.c.hour)
    )
    return [
        HourTally(service, (int(day) + SUNDAY_FIRST) % 7, hour, int(admitted), int(refused))
        for service, day, hour, admitted, refused in found
    ]


async def adopted(connection: AsyncConnection, authority_id: UUID, first: date, last: date) -> list[Adopted]:
    """Read the running passes of the months from one to another."""
    rows = t.adoption_month
    found = await connection.execute(
        select(rows.c.month, rows.c.commune_code, rows.c.band, rows.c.passes).where(
            rows.c.authority_id == authority_id, rows.c.month >= first, rows.c.month <= last
        )
    )
    return [Adopted(*row) for row in found]


async def newest_month(connection: AsyncConnection, authority_id: UUID, until: date) -> date | None:
    """Return the last month before a day of which adoption is known."""
    rows = t.adoption_month
    found = await connection.execute(
        select(func.max(rows.c.month)).where(rows.c.authority_id == authority_id, rows.c.month < until)
    )
    month: date | None = found.scalar_one()
    return month


async def tenths_used(connection: AsyncConnection, authority_id: UUID, period: Period) -> list[TenthsUsed]:
    """Read how much of their rights people have used, at the end of the last month that is known of a period."""
    rows = t.quota_month
    newest = (
        select(func.max(rows.c.month))
        .where(rows.c.authority_id == authority_id, rows.c.month >= period.first, rows.c.month < period.until)
        .scalar_subquery()
    )
    found = await connection.execute(
        select(product.c.code, product.c.name, product.c.service_code, rows.c.position, rows.c.tenth, rows.c.rights)
        .join(product, product.c.id == rows.c.product_id)
        .where(rows.c.authority_id == authority_id, rows.c.month == newest)
    )
    return [
        TenthsUsed(row.code, Text(**row.name), row.service_code, row.position, row.tenth, row.rights) for row in found
    ]


async def requests(connection: AsyncConnection, authority_id: UUID, period: Period) -> list[Became]:
    """Read how many requests came and were decided in the months of a period, and after how many days."""
    rows = t.request_month
    kind = (rows.c.channel, rows.c.fate, rows.c.days)
    found = await connection.execute(
        select(*kind, func.sum(rows.c.requests))
        .where(rows.c.authority_id == authority_id, rows.c.month >= period.first, rows.c.month < period.until)
        .group_by(*kind)
    )
    return [Became(channel, fate, days, int(count)) for channel, fate, days, count in found]


async def silences(connection: AsyncConnection, authority_id: UUID, period: Period) -> list[Silence]:
    """Read how often each terminal was silent in a period."""
    rows = t.terminal_day
    found = await connection.execute(
        select(terminal.c.name, func.sum(rows.c.looks), func.sum(rows.c.silent))
        .join(terminal, terminal.c.id == rows.c.terminal_id)
        .where(*_within(rows, authority_id, period))
        .group_by(terminal.c.id, terminal.c.name)
    )
    return [Silence(name, int(looks), int(silent)) for name, looks, silent in found]


async def visits(connection: AsyncConnection, authority_id: UUID, period: Period) -> tuple[int, date | None]:
    """Return how many pages of the tour were shown in a period, and the first day of which that is known."""
    rows = t.visit_day
    inside = case(((rows.c.day >= period.first) & (rows.c.day < period.known_until), rows.c.visits), else_=0)
    found = await connection.execute(
        select(func.coalesce(func.sum(inside), 0), func.min(rows.c.day)).where(rows.c.authority_id == authority_id)
    )
    count, since = found.one()
    return int(count), since


async def points(connection: AsyncConnection, authority_id: UUID, period: Period) -> list[PointTally]:
    """Read how often the points of the tour were looked at in a period, and what people felt about them."""
    seen = await connection.execute(
        select(t.visit_day.c.point_id, func.sum(t.visit_day.c.visits))
        .where(*_within(t.visit_day, authority_id, period))
        .group_by(t.visit_day.c.point_id)
    )
    counts: dict[UUID, int] = {point_id: int(count) for point_id, count in seen}
    felt = await connection.execute(
        select(reaction_count.c.point_id, reaction_count.c.feeling, func.sum(reaction_count.c.count))
        .where(*_within(reaction_count, authority_id, period))
        .group_by(reaction_count.c.point_id, reaction_count.c.feeling)
    )
    feelings: defaultdict[UUID, dict[str, int]] = defaultdict(dict)
    for point_id, feeling, count in felt:
        feelings[point_id][feeling] = int(count)
    known = await connection.execute(
        select(point.c.id, point.c.slug, point.c.sheet).where(point.c.authority_id == authority_id)
    )
    return [
        PointTally(row.slug, _title(row.sheet, row.slug), counts.get(row.id, 0), feelings.get(row.id, {}))
        for row in known
    ]


def _title(sheet: dict[str, Any], slug: str) -> Text:
    """The title of a point’s sheet; French where it is not translated."""
    title = sheet.get("title", {})
    french = title.get("fr") or slug
    return Text(fr=french, en=title.get("en") or french)


def _within(rows: Table, authority_id: UUID, period: Period) -> list[ColumnElement[bool]]:
    return [rows.c.authority_id == authority_id, rows.c.day >= period.first, rows.c.day < period.known_until]
