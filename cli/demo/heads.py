"""An agent of the pool who has counted heads today: a few people had slipped out without showing their pass."""

from datetime import datetime

from api.head_counts import counted_heads, counted_zones
from cli.demo.places import LOGINS, Territory
from domain.agents import Role
from domain.head_counts import CountMotive, HeadCount, Heads
from domain.places import local_day
from store import head_counts
from store.database import Database

_ONE_IN = 8
"""Of so many people one has slipped out; one at least."""


async def count_heads(database: Database, city: Territory, now: datetime) -> HeadCount | None:
    """Have the pool's agent put the count right, if there are people at this hour."""
    login = next(one for one in LOGINS if one.role is Role.SITE_AGENT and one.site)
    zones = counted_zones(await database.catalogue(), city.authority.id, str(login.site))
    async with database.look() as unit:
        agent = await unit.agents.by_login(login.login)
    if agent is None or not zones:
        return None
    where = next(iter(zones.values()))
    async with database.read() as connection:
        seen = await head_counts.see(connection, where.zone, local_day(now, where.time_zone), now)
    if not seen.heads.users:
        return None
    there = seen.heads.users - max(1, seen.heads.users // _ONE_IN)
    return await counted_heads(
        database.begin,
        agent,
        where,
        seen=seen,
        counted=Heads(there, seen.heads.others),
        motive=CountMotive.LEFT_UNSEEN,
        now=now,
    )
