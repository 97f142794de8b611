"""Seeing to what nobody sees to any more: requests, documents and photos at their end, and the quarantine."""

from collections import Counter
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from adapters.antivirus import Finding
from adapters.document_vault import DocumentVault
from api.rounds import Rounds
from domain.documents import CheckResult, DocumentState
from domain.errors.requests import DocumentNotFound
from domain.jobs import Job
from domain.places import Authority, local_day
from domain.portraits import WITHOUT_PASS
from domain.ports import Clock
from domain.requests import RequestStatus, abandon
from store import purges
from store.database import Database
from store.documents import quarantined
from store.portraits import forget_portraits, portraits_end
from store.request_retention import forget_requests, requests_end, unanswered

EVERY_SECONDS = 60.0
_AT_ONCE = 20
"""Of each kind and round: nobody who waits for an answer is kept waiting."""


class Archivist:
    """One for each process: what one has seen to no other finds."""

    def __init__(self, database: Database, clock: Clock, vault: DocumentVault) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self.rounds = Rounds("archivist", self.round, every_seconds=EVERY_SECONDS)

    async def round(self) -> None:
        """See to every authority."""
        async with self._database.look() as unit:
            authorities = await unit.places.authorities()
        for authority in authorities:
            now = self._clock()
            day = local_day(now, authority.zone)
            async with purges.told(self._database, authority.id, Job.ARCHIVIST, day=day, now=now):
                await self._forget(authority, day, now)
                await self._forget_photos(authority, day, now)
            await self._give_up(authority)
            await self._look_again(authority)

    async def _forget(self, authority: Authority, day: date, now: datetime) -> None:
        rows: Counter[str] = Counter()
        async with self._database.read() as connection:
            over = await requests_end(connection, authority.id, day)
        if over:
            async with self._database.write() as connection:
                files = await forget_requests(connection, authority.id, day, rows=rows)
                await purges.note(connection, authority.id, Job.ARCHIVIST, day=day, now=now, rows=rows)
            self._vault.remove(files)

    async def _forget_photos(self, authority: Authority, day: date, now: datetime) -> None:
        """Forget the photos whose day has come, and those of people who have no pass any more."""
        rows: Counter[str] = Counter()
        async with self._database.read() as connection:
            over = await portraits_end(connection, authority.id, day, now - WITHOUT_PASS)
        if over:
            async with self._database.write() as connection:
                files = await forget_portraits(connection, authority.id, day, now - WITHOUT_PASS, rows=rows)
                await purges.note(connection, authority.id, Job.ARCHIVIST, day=day, now=now, rows=rows)
            self._vault.remove(files)

    async def _give_up(self, authority: Authority) -> None:
        """Close requests whose household was asked and has not answered in time."""
        now = self._clock()
        today = local_day(now, authority.zone)
        async with self._database.look() as unit:
            terms = await unit.requests.terms(authority.id)
        async with self._database.read() as connection:
            asked_before = today - timedelta(days=terms.answer_days)
            silent = await unanswered(connection, authority.id, asked_before=asked_before, most=_AT_ONCE)
        for reference in silent:
            async with self._database.begin() as unit:
                request = await unit.requests.hold(authority.id, reference)
                if request.status is RequestStatus.NEEDS_MORE_INFO:
                    await abandon(unit, request, now=now, today=today)

    async def _look_again(self, authority: Authority) -> None:
        """Show files to the antivirus that was away. One that it knows is forgotten, and counts as not accepted."""
        async with self._database.read() as connection:
            waiting = await quarantined(connection, authority.id, _AT_ONCE)
        for document in waiting:
            try:
                finding = await self._vault.look_again(authority.code, document)
            except DocumentNotFound:
                continue  # taken back, a moment ago
            if finding is Finding.UNKNOWN:
                return
            clean = finding is Finding.CLEAN
            refused = replace(
                document, state=DocumentState.FORGOTTEN, wrapped_key=b"", digest=b"", result=CheckResult.NOT_ACCEPTED
            )
            async with self._database.begin() as unit:
                await unit.documents.release(replace(document, state=DocumentState.KEPT) if clean else refused)
            if not clean:
                self._vault.remove([document.id])
