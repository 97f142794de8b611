"""Keeping the roll-ups up to date, in small steps: no gate waits for a dashboard."""

import asyncio
from datetime import datetime

from domain.access.catalogue import Catalogue
from domain.places import local_day
from store.database import Database
from store.figures.counting import count_on, hold
from store.figures.looks import look_at_terminals
from store.figures.snapshots import is_due, read_snapshots, write_snapshots

AT_ONCE = 2_000
"""Events of one step beside a running server: some ten milliseconds of its thread."""

_PAUSE_SECONDS = 0.05


async def count_beside(database: Database) -> None:
    """Count what has not been counted, and let others work between two steps."""
    counted = AT_ONCE
    while counted:
        counted = await count_on(database, most=AT_ONCE)
        await asyncio.sleep(_PAUSE_SECONDS if counted else 0)


async def look_around(database: Database, catalogue: Catalogue, now: datetime) -> None:
    """Note which terminals are silent; once a day what stands in the register."""
    async with database.write() as connection:
        await look_at_terminals(connection, catalogue, now)
    await snapshot(database, now)


async def snapshot(database: Database, now: datetime) -> None:
    """Write what stands in the register of each authority, where that was not done today."""
    async with database.look() as unit:
        authorities = await unit.places.authorities()
    for authority in authorities:
        today = local_day(now, authority.zone)
        async with database.read() as connection:
            if not await is_due(connection, authority.id, today):
                continue
            found = await read_snapshots(connection, authority.id, today)
        async with database.write() as connection:
            await hold(connection)
            # Another worker may have been faster.
            if await is_due(connection, authority.id, today):
                await write_snapshots(connection, found)
