"""Telling accounts that a photo from home was refused: why, as its page says, and where another one is sent.

Each account is owed a word of its own: nobody hears it again because another could not be reached.
"""

from urllib.parse import quote

from api.messenger import Messenger
from api.telling import Teller
from domain.account_letters import Subject
from domain.portrait_offers import FLAWS
from domain.ports import Clock
from store.database import Database
from store.portrait_words import Owed, due_to_be_told, put_off, told_of


class PhotoTeller(Teller[Owed]):
    """Tells of refused photos."""

    def __init__(self, database: Database, clock: Clock, messenger: Messenger, *, public_url: str) -> None:
        super().__init__("photos", database, clock, messenger, due=due_to_be_told, put_off=put_off)
        self._persons = f"{public_url.rstrip('/')}/moi/persons"

    async def tell(self, one: Owed) -> bool:
        """Write why, and where another one is sent; who may send none any more hears nothing."""
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
