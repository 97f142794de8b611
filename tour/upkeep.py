"""What is done every minute whether anybody looks or not: roll up, watch, and forget what is old enough."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.readings import NEVER
from store.database import Database
from store.devices import streams_in_service
from store.readings import newest
from store.rollups import Forgotten, forget, roll_up
from store.troubles import Open, add_troubles, end_troubles, open_troubles
from tour.watch import trouble_of

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
    quarters = 0
    while True:
        async with database.write() as connection:
            done = await roll_up(connection)
        quarters += done
        if done == 0:
            break
    begun: list[Open] = []
    over: list[Open] = []
    async with database.look() as unit:
        authorities = await unit.places.authorities()
    for authority in authorities:
        async with database.write() as connection:
            watched = await watch(connection, authority.id, now)
        begun += watched.begun
        over += watched.over
    async with database.write() as connection:
        forgotten = await forget(connection, now)
    return Upkept(quarters, Watched(tuple(begun), tuple(over)), forgotten)


async def watch(connection: AsyncConnection, authority_id: UUID, now: datetime) -> Watched:
    """Compare what is wrong now with what agents were told, and write the difference."""
    in_service = await streams_in_service(connection, authority_id)
    wrong: set[tuple[UUID, str]] = set()
    for place in range(0, len(in_service), _AT_ONCE):
        some = in_service[place : place + _AT_ONCE]
        values = await newest(connection, [stream.id for _, stream in some])
        for device, stream in some:
            trouble = trouble_of(device, stream, values.get(stream.id, NEVER), now)
            if trouble is not None:
                wrong.add((stream.id, trouble.value))
    told = {(one.stream_id, one.trouble): one for one in await open_troubles(connection, authority_id)}
    begun = tuple(Open(*key, now) for key in sorted(wrong - told.keys()))
    over = tuple(one for key, one in told.items() if key not in wrong)
    await add_troubles(connection, authority_id, begun)
    await end_troubles(connection, over, now)
    return Watched(begun, over)
