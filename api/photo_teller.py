"""Telling accounts that a photo from home was refused: why, as its page says, and where another one is sent.

The word is owed in the transaction of the refusal, to each account on its own: none is lost, and nobody hears it again
because another could not be reached. One worker has it in hand at a time; who dies between the mail server's yes and
our note of it sends it twice.
"""

from urllib.parse import quote

from api.messenger import Messenger
from api.rounds import Rounds
from api.telling import tell_each
from domain.account_letters import Subject
from domain.portrait_offers import FLAWS
from domain.ports import Clock
from store.database import Database
from store.portrait_words import MOST_TOLD, Owed, due_to_be_told, put_off, told_of

EVERY_SECONDS = 5.0


class PhotoTeller:
    """One for each process; what one has in hand no other takes."""

    def __init__(self, database: Database, clock: Clock, messenger: Messenger, *, public_url: str) -> None:
        self._database = database
        self._clock = clock
        self._messenger = messenger
        self._persons = f"{public_url.rstrip('/')}/moi/persons"
        self.rounds = Rounds("photos", self.round, every_seconds=EVERY_SECONDS)

    async def round(self) -> None:
        """Tell whoever is to be told by now."""
        now = self._clock()
        async with self._database.read() as connection:
            owed = await due_to_be_told(connection, now)
        await tell_each(self._database, owed, put_off, self._tell, now=now)
        if len(owed) == MOST_TOLD:
            self.rounds.call()

    async def _tell(self, one: Owed) -> bool:
        async with self._database.read() as connection:
            told = await told_of(connection, one, self._clock())
        if told is None:
            return True
        why = FLAWS[told.flaw]
        return await self._messenger.tell(
            Subject.PHOTO_REFUSED,
            told.authority,
            list(told.contacts),
            language=told.language,
            name=told.first_name,
            why=why.fr if told.language == "fr" else why.en,
            page=f"{self._persons}/{quote(told.reference, safe='')}/photo",
        )
