"""Acting on `keep_until`: once a local day, people leave what is over, and whoever is over leaves the register."""

import structlog

from adapters.document_vault import DocumentVault
from api.rounds import Rounds
from domain.places import Authority, local_day
from domain.ports import Clock
from store.database import Database
from store.retention import walk, walked_on

EVERY_SECONDS = 300.0
"""How often a process looks whether a new day has begun somewhere, or a walk was cut off."""

log = structlog.get_logger("retention")


class Eraser:
    """One for each process: two that walk at once do the same, and each row once."""

    def __init__(self, database: Database, clock: Clock, vault: DocumentVault) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self.rounds = Rounds("retention", self.round, every_seconds=EVERY_SECONDS)

    async def round(self) -> None:
        """See to every authority that has not been seen to on its day."""
        async with self._database.look() as unit:
            authorities = await unit.places.authorities()
        for authority in authorities:
            await self._at(authority)

    async def _at(self, authority: Authority) -> None:
        now = self._clock()
        day = local_day(now, authority.zone)
        if await walked_on(self._database, authority.id) == day:
            return
        walked = await walk(self._database, authority.id, day=day, now=now)
        # Without its key a file is noise already: removing it only frees the disk.
        self._vault.remove(walked.photos)
        log.info("walked", authority=authority.code, day=str(day), rows=sum(walked.rows.values()))
