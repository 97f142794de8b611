"""Accounts that sleep: their owners are told in time, and what nobody came back for is forgotten."""

from contextlib import suppress
from datetime import date, datetime

from adapters.keyring import KeyRing
from api.messenger import Messenger
from api.resident_notices import forget_choices
from api.rounds import Rounds
from domain.account_letters import Subject
from domain.accounts import WARNED, Account, warn
from domain.dates import written
from domain.errors import AlreadyExists
from domain.jobs import Job
from domain.places import Authority, local_day
from domain.ports import Clock
from store import purges
from store.account_sessions import accounts_end, forget_accounts, over, sleeping
from store.database import Database

EVERY_SECONDS = 600.0

_AT_ONCE = 20
"""Letters of one round: a mail server takes no more of a city at a time."""


class AccountKeeper:
    """One for each process; an account that one has warned no other finds."""

    def __init__(self, database: Database, keyring: KeyRing, clock: Clock, messenger: Messenger) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._messenger = messenger
        self.rounds = Rounds("accounts", self.round, every_seconds=EVERY_SECONDS)

    async def round(self) -> None:
        """Warn and forget at every authority."""
        async with self._database.look() as unit:
            authorities = await unit.places.authorities()
        for authority in authorities:
            await self._warn(authority)
            now = self._clock()
            day = local_day(now, authority.zone)
            async with purges.told(self._database, authority.id, Job.ACCOUNTS, day=day, now=now):
                await self._forget(authority, day, now)

    async def _warn(self, authority: Authority) -> None:
        now = self._clock()
        day = local_day(now, authority.zone) + WARNED
        async with self._database.read() as connection:
            found = await sleeping(connection, authority.id, day, _AT_ONCE)
        for account in found:
            # First: of two workers one tells them. Nor is it tried again where no address answers any more.
            with suppress(AlreadyExists):
                async with self._database.begin() as unit:
                    warned = await warn(unit, account, now=now)
                await self._tell(authority, warned)

    async def _tell(self, authority: Authority, account: Account) -> None:
        async with self._database.look() as unit:
            contacts = await unit.accounts.contacts(account.id)
        day = written(account.keep_until, account.language)
        await self._messenger.tell(Subject.SLEEPING, authority, contacts, language=account.language, day=day)

    async def _forget(self, authority: Authority, day: date, now: datetime) -> None:
        async with self._database.read() as connection:
            # Most times there is nothing: no writer is kept waiting for it.
            ended = await accounts_end(connection, authority.id, day, now)
            gone = await over(connection, authority.id, day, now) if ended else []
        for account in gone:
            # What somebody chose to be told of lies apart from their account, and goes before it.
            async with self._database.begin() as unit:
                await forget_choices(unit, self._keyring, account)
        if ended:
            async with self._database.write() as connection:
                rows = await forget_accounts(connection, authority.id, day, now)
                await purges.note(connection, authority.id, Job.ACCOUNTS, day=day, now=now, rows=rows)
