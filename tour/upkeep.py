"""What is done every minute whether anybody looks or not: roll up, watch, and forget what is old enough."""

import asyncio
from datetime import datetime, timedelta
from time import thread_time
from uuid import UUID

from msgspec import Struct

from domain.devices import Device, Stream
from domain.readings import NEVER, Last
from store.arrivals import forget_arrivals
from store.database import Database
from store.devices import page_of
from store.readings import newest
from store.rollups import Forgotten, forget, lowest_of_days, roll_up
from store.troubles import Open, add_troubles, end_troubles, open_troubles
from tour.air_watch import watch_air
from tour.cooling import note_gains
from tour.flood_watch import watch_levels
from tour.quality import co2_drifts
from tour.watch import OUTSIDE, Trouble, apart, may_drift, trouble_of

_QUARTERS = 200
"""Quarters of one transaction: what comes for them meanwhile waits for its end."""

_WEEK = timedelta(days=7)

_AT_ONCE = 100
"""Devices that are looked at with one question."""


class Watched(Struct, frozen=True):
    """What agents are to be told: troubles that have begun, and those that are over."""

    begun: tuple[Open, ...]
    over: tuple[Open, ...]


class Upkept(Struct, frozen=True):
    """What a round did."""

    quarters: int
    watched: Watched
    forgotten: Forgotten


class Pace:
    """How much of its time a round works; for the rest it stands aside, between one small part and the next.

    A thread that computes keeps all others of its process from it: without pauses, ten thousand streams would be a
    second of every minute in which nobody is heard and no gate is answered.
    """

    def __init__(self, share: float) -> None:
        self._rest = 1 / share - 1
        self._since = thread_time()

    async def stand_aside(self) -> None:
        """Rest in proportion to what this thread has computed since it rested last."""
        await asyncio.sleep(self._rest * (thread_time() - self._since))
        self._since = thread_time()


async def upkeep(database: Database, now: datetime, *, share: float = 1.0) -> Upkept:
    """Do one round, each part in a transaction of its own: another round may run at the same time.

    `share` is how much of its time it works, from above 0 to 1.
    """
    pace = Pace(share)
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
        await pace.stand_aside()
    quarters = 0
    while True:
        async with database.write() as connection:
            done = await roll_up(connection, most=_QUARTERS, now=now)
        quarters += done
        await pace.stand_aside()
        if done == 0:
            break
    begun: list[Open] = []
    over: list[Open] = []
    for authority in authorities:
        watched = await watch(database, authority.id, now, pace)
        begun += watched.begun
        over += watched.over
    async with database.write() as connection:
        await forget_arrivals(connection, now)
    async with database.write() as connection:
        forgotten = await forget(connection, now)
    return Upkept(quarters, Watched(tuple(begun), tuple(over)), forgotten)


async def watch(database: Database, authority_id: UUID, now: datetime, pace: Pace) -> Watched:
    """Compare what is wrong now with what agents were told, and write the difference: nobody waits while we look."""
    wrong = await _wrong(database, authority_id, now, pace)
    async with database.write() as connection:
        told = {(one.stream_id, one.trouble): one for one in await open_troubles(connection, authority_id)}
        begun = tuple(Open(*key, now) for key in sorted(wrong - told.keys()))
        over = tuple(one for key, one in told.items() if key not in wrong)
        await add_troubles(connection, authority_id, begun)
        await end_troubles(connection, over, now)
    return Watched(begun, over)


async def _wrong(database: Database, authority_id: UUID, now: datetime, pace: Pace) -> set[tuple[UUID, str]]:
    wrong: set[tuple[UUID, str]] = set()
    outside: list[tuple[Device, Stream, Last]] = []
    after = ""
    while True:
        async with database.read() as connection:
            devices = await page_of(connection, authority_id, after=after, most=_AT_ONCE, in_service=True)
            streams = [(device, stream) for device, of_device in devices for stream in of_device]
            lasts = await newest(connection, [stream.id for _, stream in streams])
            rooms = [stream.id for device, stream in streams if may_drift(device, stream)]
            lowest = await lowest_of_days(connection, rooms, now - _WEEK, days=_WEEK.days)
        wrong |= {(stream_id, Trouble.DRIFTING.value) for stream_id, low in lowest.items() if co2_drifts(low)}
        seen = [(device, stream, lasts.get(stream.id, NEVER)) for device, stream in streams]
        for device, stream, last in seen:
            trouble = trouble_of(device, stream, last, now)
            if trouble is not None:
                wrong.add((stream.id, trouble.value))
        outside += [one for one in seen if one[0].kind in OUTSIDE]
        await pace.stand_aside()
        if len(devices) < _AT_ONCE:
            return wrong | {(stream_id, Trouble.APART.value) for stream_id in apart(outside, now)}
        after = devices[-1][0].code
