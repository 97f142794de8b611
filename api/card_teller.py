"""Telling accounts of the cards that they have ordered: that one is ordered, then where it waits or that it is sent;
or that the pass has got another card, and none will come.

The word is owed in the transaction of the act, so none is lost, and one worker has it in hand at a time; who dies
between the mail server's yes and our note of it sends it twice.
"""

from api.messenger import Messenger
from api.rounds import Rounds
from api.telling import tell_each
from domain.account_letters import Subject
from domain.ordered_card_words import at_desk, price
from domain.ordered_cards import Standing, standing_of
from domain.ports import Clock
from store.database import Database
from store.ordered_cards import MOST_TOLD, Owed, due_to_be_told, put_off, told_of

EVERY_SECONDS = 5.0

_SUBJECTS = {
    Standing.WAITING: Subject.CARD_ORDERED,
    Standing.MAKING: Subject.CARD_ORDERED,
    Standing.READY: Subject.CARD_READY,
    Standing.SENT: Subject.CARD_SENT,
    Standing.ELSEWHERE: Subject.CARD_ELSEWHERE,
}
"""What is told of an order as it stands when the letter leaves: nobody needs to hear what they did themselves."""


class CardTeller:
    """One for each process; what one has in hand no other takes."""

    def __init__(self, database: Database, clock: Clock, messenger: Messenger) -> None:
        self._database = database
        self._clock = clock
        self._messenger = messenger
        self.rounds = Rounds("cards", self.round, every_seconds=EVERY_SECONDS)

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
            told = await told_of(connection, one.order_id)
        if told is None:
            return True
        subject = _SUBJECTS.get(standing_of(told.order, told.card))
        if subject is None:
            return True
        code = told.card.desk if told.card is not None else None
        place = at_desk(told.terms.desk(code), code or "")
        due = price(told.order.fee_cents)
        in_french = told.language == "fr"
        return await self._messenger.tell(
            subject,
            told.authority,
            list(told.contacts),
            language=told.language,
            number=told.number,
            place=place.fr if in_french else place.en,
            price=due.fr if in_french else due.en,
        )
