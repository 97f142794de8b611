"""What is done every minute whether anybody looks or not: roll up, watch, and forget what is old enough."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Device, Stream
from domain.readings import NEVER, Last
from store.arrivals import forget_arrivals
from store.database import Database
from store.devices import streams_in_service
from store.readings import newest
from store.rollups import Forgotten, forget, lowest_of_days, roll_up
from store.troubles import Open, add_troubles, end_troubles, open_troubles
from tour.air_watch import watch_air
from tour.cooling import note_gains
from tour.flood_watch import watch_levels
from tour.quality import co2_drifts
from tour.watch import Trouble, apart, may_drift, trouble_of

_QUARTERS = 200
"""Quarters of one transaction: what comes for them meanwhile waits for its end."""

_WEEK = timedelta(days=7)

_AT_ONCE = 500
"""Streams that are looked at with one question."""


class Watched(Struct, frozen=True):
    """What agents are to be told: troubles that have begun, and those that are over."""

    begun: tuple[Open, ...]
    over: tuple[Open, ...]


class Upkept(Struct, frozen=True):
    """What a round did."""

    quarters: int
    watched: Watched
    forgotten: Forgotten


async def upkeep(database: Database, now: datetime) -> Upkept:
    """Do one round, each part in a transaction of its own: another round may run at the same time."""
    async with database.look() as unit:
        authorities = await unit.places.authorities()
    for authority in authorities:
        # First: a flood waits for no backlog of roll-ups.
        async with database.begin() as unit:
            await watch_levels(unit, authority.id, now)
        async with database.begin() as unit:
            await watch_air(unit, authority, now)
        async with database.write() as connection:
            await note_gains(connection, authority.id, now)
    quarters = 0
    while True:
        async with database.write() as connection:
            done = await roll_up(connection, most=_QUARTERS, now=now)
        quarters += done
        if done == 0:
            break
    begun: list[Open] = []
    over: list[Open] = []
    for authority in authorities:
        async with database.write() as connection:
            watched = await watch(connection, authority.id, now)
        begun += watched.begun
        over += watched.over
    async with database.write() as connection:
        await forget_arrivals(connection, now)
    async with database.write() as connection:
        forgotten = await forget(connection, now)
    return Upkept(quarters, Watched(tuple(begun), tuple(over)), forgotten)


async def watch(connection: AsyncConnection, authority_id: UUID, now: datetime) -> Watched:
    """Compare what is wrong now with what agents were told, and write the difference."""
    in_service = await streams_in_service(connection, authority_id)
    wrong: set[tuple[UUID, str]] = set()
    seen: list[tuple[Device, Stream, Last]] = []
    for place in range(0, len(in_service), _AT_ONCE):
        some = in_service[place : place + _AT_ONCE]
        values = await newest(connection, [stream.id for _, stream in some])
        seen += [(device, stream, values.get(stream.id, NEVER)) for device, stream in some]
        rooms = [stream.id for device, stream in some if may_drift(device, stream)]
        lowest = await lowest_of_days(connection, rooms, now - _WEEK, days=_WEEK.days)
        wrong |= {(stream_id, Trouble.DRIFTING.value) for stream_id, low in lowest.items() if co2_drifts(low)}
    for device, stream, last in seen:
        trouble = trouble_of(device, stream, last, now)
        if trouble is not None:
            wrong.add((stream.id, trouble.value))
    wrong |= {(stream_id, Trouble.APART.value) for stream_id in apart(seen, now)}
    told = {(one.stream_id, one.trouble): one for one in await open_troubles(connection, authority_id)}
    begun = tuple(Open(*key, now) for key in sorted(wrong - told.keys()))
    over = tuple(one for key, one in told.items() if key not in wrong)
    await add_troubles(connection, authority_id, begun)
    await end_troubles(connection, over, now)
    return Watched(begun, over)
