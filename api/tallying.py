"""Counting for the dashboards, as long as the server runs: passages every minute, what stands still every five."""

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

from api.rounds import Rounds
from domain.access.catalogue import Catalogue
from domain.ports import Clock
from store.attendance import catalogue_version
from store.catalogue import read
from store.database import Database
from store.figures.looks import note_visits
from store.figures.upkeep import count_beside, look_around

EVERY_SECONDS = 60.0

LOOK_EVERY = timedelta(minutes=5)


class Tallier:
    """One for each process. Of several who count the same passages one writes; looks and visits add up."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._looked_at: datetime | None = None
        self._catalogue: Catalogue | None = None
        self._visits: Counter[tuple[UUID, UUID, date]] = Counter()
        self.rounds = Rounds("tallier", self.round, every_seconds=EVERY_SECONDS)

    def visited(self, authority_id: UUID, point_id: UUID, day: date) -> None:
        """Count a page of the tour that was shown. Nothing else is known of it."""
        self._visits[authority_id, point_id, day] += 1

    async def round(self) -> None:
        """Count what there is. A server that has just begun has better things to do than to look around."""
        now = self._clock()
        await self.write_visits()
        await count_beside(self._database)
        if self._looked_at is None:
            self._looked_at = now
        elif now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            await look_around(self._database, await self._reference(), now)

    async def _reference(self) -> Catalogue:
        """Hold on to the reference data while its version stands: reading it all keeps this thread busy."""
        async with self._database.read() as connection:
            if self._catalogue is None or self._catalogue.version != await catalogue_version(connection):
                self._catalogue = await connection.run_sync(read)
        return self._catalogue

    async def write_visits(self) -> None:
        """Write the visits that were counted since."""
        visits, self._visits = self._visits, Counter()
        if visits:
            async with self._database.write() as connection:
                await note_visits(connection, visits)
