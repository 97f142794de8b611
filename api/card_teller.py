"""Telling accounts of the cards that they have ordered: that one is ordered, then where it waits or that it is sent;
or that the pass has got another card, and none will come.
"""

from api.messenger import Messenger
from api.telling import Teller
from domain.account_letters import Subject
from domain.ordered_card_words import at_desk, price
from domain.ordered_cards import Standing, standing_of
from domain.ports import Clock
from store.database import Database
from store.ordered_cards import Owed, due_to_be_told, put_off, told_of

_SUBJECTS = {
    Standing.WAITING: Subject.CARD_ORDERED,
    Standing.MAKING: Subject.CARD_ORDERED,
    Standing.READY: Subject.CARD_READY,
    Standing.SENT: Subject.CARD_SENT,
    Standing.ELSEWHERE: Subject.CARD_ELSEWHERE,
}
"""What is told of an order as it stands when the letter leaves: nobody needs to hear what they did themselves."""


class CardTeller(Teller[Owed]):
    """Tells of ordered cards."""

    def __init__(self, database: Database, clock: Clock, messenger: Messenger) -> None:
        super().__init__("cards", database, clock, messenger, due=due_to_be_told, put_off=put_off)

    async def tell(self, one: Owed) -> bool:
        """Write how the order stands now; what is over, or nobody's, is told to nobody."""
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
