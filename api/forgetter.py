"""Forgetting what people said, what was told, what was journalled and who was logged in, at the end of its days.

It goes on as long as the server runs, whoever looks.
"""

from datetime import date, datetime, timedelta

from api.rounds import Rounds
from domain.jobs import Job
from domain.journal import KEPT
from domain.journal_keeping import forget
from domain.places import Authority, local_day
from domain.ports import Clock
from store import purges
from store.agent_sessions import forget_sessions, sessions_end
from store.database import Database
from store.expression import expression_ends, forget_expression
from store.journal import journal_ends
from store.personal_tokens import forget_tokens, tokens_end
from store.subscribers import forget_subscribers, subscribers_end
from store.unit import SqlUnit
from store.unsent import forget_unsent, unsent_end
from store.webhooks import deliveries_end, forget_deliveries

EVERY_SECONDS = 60.0
"""A salt outlives its day by no more than this, while a server runs; the next one begins with it."""


class Forgetter:
    """One for each process: what one has forgotten no other finds. `journalled`: how long the journal's lines stay."""

    def __init__(self, database: Database, clock: Clock, *, journalled: timedelta = KEPT) -> None:
        self._database = database
        self._clock = clock
        self._sooner = KEPT - journalled
        self.rounds = Rounds("forgetter", self.round, every_seconds=EVERY_SECONDS)

    async def round(self) -> None:
        """Forget what has come to its end at every authority."""
        async with self._database.look() as unit:
            authorities = await unit.places.authorities()
        for authority in authorities:
            await self._at(authority)

    async def _at(self, authority: Authority) -> None:
        now = self._clock()
        day = local_day(now, authority.zone)
        async with purges.told(self._database, authority.id, Job.FORGETTER, day=day, now=now):
            await self._forget(authority, day, now)

    async def _forget(self, authority: Authority, day: date, now: datetime) -> None:
        """Forget, and write down how many rows of which table, in the transactions that erase them."""
        async with self._database.read() as connection:
            # Most minutes there is nothing: no writer is kept waiting for it.
            said = await expression_ends(connection, authority.id, day)
            told = await deliveries_end(connection, authority.id, now)
            visited = await sessions_end(connection, authority.id, day)
            shown = await tokens_end(connection, authority.id, day)
            followed = await subscribers_end(connection, authority.id, day)
            unsent = await unsent_end(connection, authority.id, now)
            journalled = await journal_ends(connection, authority.id, day + self._sooner)
        if said or told or visited or shown or unsent:
            async with self._database.write() as connection:
                rows = {
                    **await forget_expression(connection, authority.id, day),
                    **await forget_deliveries(connection, authority.id, now),
                    **await forget_sessions(connection, authority.id, day),
                    **await forget_tokens(connection, authority.id, day),
                    **await forget_unsent(connection, authority.id, now),
                }
                await purges.note(connection, authority.id, Job.FORGETTER, day=day, now=now, rows=rows)
        if followed:
            async with self._database.write() as connection:
                rows = await forget_subscribers(connection, authority.id, day)
                await purges.note(connection, authority.id, Job.FORGETTER, day=day, now=now, rows=rows)
        if journalled:
            await self._forget_journal(authority, day, now)

    async def _forget_journal(self, authority: Authority, day: date, now: datetime) -> None:
        async with self._database.begin() as unit:
            gone = await forget(unit.journal, authority.id, day=day + self._sooner, now=now)
            if gone is not None and isinstance(unit, SqlUnit):
                rows = {"journal_entry": gone.lines}
                await purges.note(unit.connection, authority.id, Job.FORGETTER, day=day, now=now, rows=rows)
