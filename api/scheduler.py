"""Putting modifications of the catalogue in force at their time."""

from api.rounds import Rounds
from domain.ports import Clock
from store.database import Database
from store.schedule import put_in_force_what_is_due

EVERY_SECONDS = 10.0
"""How late a modification may be at most, while the server runs. One that came due while it did not comes at once."""


class Scheduler:
    """One for each process: whichever looks first does it, the others find it done."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.rounds = Rounds("scheduler", self.round, every_seconds=EVERY_SECONDS)

    async def round(self) -> None:
        """Put in force what is due."""
        await put_in_force_what_is_due(self._database, self._clock())
