"""What goes on while a server runs, whoever asks: telling, counting, forgetting, importing, keeping dates."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from adapters.cards import CardKeys
from adapters.delivery_reports import ReportFolder
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from adapters.notice_letters import NoticeLetters
from adapters.notice_pushes import NoticePushes
from adapters.subscriber_keys import SubscriberKeys
from adapters.webhooks import Poster
from api.account_keeper import AccountKeeper
from api.archivist import Archivist
from api.bounce_reader import BounceReader
from api.card_teller import CardTeller
from api.courier import Courier
from api.diary import Diary
from api.eraser import Eraser
from api.forgetter import Forgetter
from api.importing import Importer
from api.letter_returns import LetterReturns, host_of
from api.messenger import Messenger
from api.notice_carrier import NoticeCarrier
from api.photo_teller import PhotoTeller
from api.request_teller import RequestTeller
from api.rounds import Rounds
from api.scheduler import Scheduler
from api.settings import Settings
from api.tallying import Tallier
from domain.errors import LedgerUnavailable
from domain.mail import Mail
from domain.ports import Clock
from domain.push import Push
from store.database import Database

DIARY_SECONDS = 15.0
"""How often a process looks whether it has something to note of its jobs."""

START_SECONDS = 1.0
"""How long a server that has just started is there for those who waited for it, before its jobs begin by themselves."""

TURN_SECONDS = 1.0
"""How long the first round of one job is waited for before the next job begins."""


class Background:
    """The rounds of one process, over a database of their own: they take no connection from those who wait."""

    def __init__(
        self,
        settings: Settings,
        keyring: KeyRing,
        clock: Clock,
        vault: DocumentVault,
        cards: CardKeys,
        *,
        mail: Mail | None,
        messenger: Messenger,
        push: Push | None,
    ) -> None:
        self._database = Database(settings.database_url)
        self._poster = Poster()
        self.courier = Courier(self._database, keyring, clock, self._poster)
        self.tallier = Tallier(self._database, clock)
        self.importer = Importer(self._database, cards, clock)
        keys = SubscriberKeys(keyring)
        letters = NoticeLetters(keys, settings.public_url)
        pushes = NoticePushes(push, keys, letters, settings.public_url, clock) if push is not None else None
        self.carrier = NoticeCarrier(self._database, letters, mail, clock, pushes=pushes)
        self.diary = Diary(self._database, clock)
        reports = ReportFolder(Path(settings.bounces_folder)) if settings.bounces_folder else None
        returns = LetterReturns(self._database, keyring, clock, host=host_of(settings))
        jobs = (
            self.importer.rounds,
            self.courier.rounds,
            self.carrier.rounds,
            self.tallier.rounds,
            Forgetter(self._database, clock, journalled=timedelta(days=settings.journal_days)).rounds,
            Archivist(self._database, clock, vault).rounds,
            Eraser(self._database, clock, vault).rounds,
            AccountKeeper(self._database, keyring, clock, messenger).rounds,
            RequestTeller(self._database, clock, messenger).rounds,
            CardTeller(self._database, clock, messenger).rounds,
            PhotoTeller(self._database, clock, messenger, public_url=settings.public_url).rounds,
            Scheduler(self._database, clock).rounds,
            *((BounceReader(reports, returns, clock).rounds,) if reports is not None else ()),
        )
        for rounds in jobs:
            rounds.told = self.diary.note
        self._jobs = jobs
        self._diary = Rounds("diary", self.diary.write, every_seconds=DIARY_SECONDS)
        self.diary.call = self._diary.call
        self._starting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin with what is called at once, and a little later with one job after the other.

        All together, each would open a connection to use it for a moment.
        """
        for rounds in self._jobs:
            rounds.stand_by()
        self._starting = asyncio.create_task(self._start())

    async def _start(self) -> None:
        await asyncio.sleep(START_SECONDS)
        for rounds in self._jobs:
            rounds.call()
            await rounds.first(seconds=TURN_SECONDS)
        self._diary.start()

    async def stop(self) -> None:
        """End what is under way, and let go of the database."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await asyncio.gather(*(rounds.stop() for rounds in (*self._jobs, self._diary)), return_exceptions=True)
        with suppress(LedgerUnavailable, DBAPIError):
            await self.diary.leave()
        await self._poster.close()
        await self._database.close()
