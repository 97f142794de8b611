"""What goes on while a server runs, whoever asks: telling webhooks, counting, forgetting, importing, keeping dates."""

import asyncio
from datetime import timedelta

from adapters.cards import CardKeys
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from adapters.webhooks import Poster
from api.archivist import Archivist
from api.courier import Courier
from api.forgetter import Forgetter
from api.importing import Importer
from api.scheduler import Scheduler
from api.settings import Settings
from api.tallying import Tallier
from domain.ports import Clock
from store.database import Database


class Background:
    """The rounds of one process, over a database of their own: they take no connection from those who wait."""

    def __init__(
        self, settings: Settings, keyring: KeyRing, clock: Clock, vault: DocumentVault, cards: CardKeys
    ) -> None:
        self._database = Database(settings.database_url)
        self._poster = Poster()
        self.courier = Courier(self._database, keyring, clock, self._poster)
        self.tallier = Tallier(self._database, clock)
        self.importer = Importer(self._database, cards, clock)
        self._rounds = (
            self.importer.rounds,
            self.courier.rounds,
            self.tallier.rounds,
            Forgetter(self._database, clock, journalled=timedelta(days=settings.journal_days)).rounds,
            Archivist(self._database, clock, vault).rounds,
            Scheduler(self._database, clock).rounds,
        )

    def start(self) -> None:
        """Begin."""
        for rounds in self._rounds:
            rounds.start()

    async def stop(self) -> None:
        """End what is under way, and let go of the database."""
        await asyncio.gather(*(rounds.stop() for rounds in self._rounds), return_exceptions=True)
        await self._poster.close()
        await self._database.close()
