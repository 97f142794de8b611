"""Queries on what the gates counted, for whoever wants to know how busy a place is."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.attendance import Count, compared_days
from domain.board import Crowd
from store.tables.attendance import attendance as a
from store.tables.ledger import occupancy as o
from store.tables.places import catalogue, commune


async def crowd(connection: AsyncConnection, zone_ids: Collection[UUID], day: date) -> Crowd:
    """Read who is inside these zones on a local day, and its hours with those of the days it is compared with."""
    counts: defaultdict[UUID, dict[tuple[date, int], Count]] = defaultdict(dict)
    for row in await connection.execute(
        select(a.c.zone_id, a.c.day, a.c.hour, a.c.entries, a.c.most).where(
            a.c.zone_id.in_(zone_ids), a.c.day.in_([day, *compared_days(day)])
        )
    ):
        counts[row.zone_id][row.day, row.hour] = Count(row.entries, row.most)
    heads = await connection.execute(
        select(o.c.zone_id, o.c.inside, o.c.admitted, o.c.others).where(o.c.zone_id.in_(zone_ids), o.c.day == day)
    )
    now = heads.all()
    return Crowd(
        counts,
        {row.zone_id: row.inside for row in now},
        {row.zone_id: row.admitted for row in now},
        {row.zone_id: row.others for row in now},
    )


async def commune_names(connection: AsyncConnection, authority_id: UUID) -> dict[str, str]:
    """Read the names of an authority's communes by their code."""
    found = await connection.execute(
        select(commune.c.code, commune.c.name).where(commune.c.authority_id == authority_id)
    )
    return {row.code: row.name for row in found}


async def catalogue_version(connection: AsyncConnection) -> int:
    """Read the version of the reference data."""
    return int((await connection.execute(select(catalogue.c.version))).scalar_one())
