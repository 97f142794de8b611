"""Putting in force what was scheduled: each modification once, whichever worker comes first."""

from datetime import datetime

import structlog

from domain.catalogue.changes import Stage, hold_back, take_effect
from domain.errors import Invalid
from store.database import Database

log = structlog.get_logger("schedule")


async def put_in_force_what_is_due(database: Database, now: datetime) -> int:
    """Put in force what is due, each in a transaction of its own. Returns how many this call did.

    Raises:
        LedgerUnavailable: the database is away.
    """
    async with database.look() as unit:
        due = await unit.modifications.due(now)
    done = 0
    for authority_id, number in due:
        try:
            async with database.begin() as unit:
                found = await unit.modifications.hold(authority_id, number)
                after = await take_effect(unit, found, now=now)
            done += found.state is Stage.SCHEDULED and after.state is Stage.IN_FORCE
        except Invalid as problem:
            # What fitted when it was written does not any more: the others are put in force all the same.
            log.warning("held back", modification=number, problem=problem.code)
            async with database.begin() as unit:
                await hold_back(unit, await unit.modifications.hold(authority_id, number), now=now)
    return done
