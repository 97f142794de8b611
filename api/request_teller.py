"""Telling accounts how their requests stand: the receipt at once, then each question and decision, by whatever door.

The word is owed in the transaction of the act, so none is lost, and one worker has it in hand at a time; who dies
between the mail server's yes and our note of it sends it twice.
"""

from api.messenger import Messenger
from api.rounds import Rounds
from api.telling import tell_each
from domain.account_letters import Subject
from domain.places import local_day
from domain.ports import Clock
from domain.request_letters import receipt_text
from domain.request_terms import missing
from domain.requests import RequestStatus
from store.database import Database
from store.resident_requests import MOST_TOLD, Owed, due_to_be_told, put_off

EVERY_SECONDS = 5.0

_SUBJECTS = {
    RequestStatus.SUBMITTED: Subject.REQUEST_RECEIVED,
    RequestStatus.UNDER_REVIEW: Subject.REQUEST_RECEIVED,
    RequestStatus.NEEDS_MORE_INFO: Subject.REQUEST_ASKED,
    RequestStatus.APPROVED: Subject.REQUEST_APPROVED,
    RequestStatus.REJECTED: Subject.REQUEST_REJECTED,
    RequestStatus.ABANDONED: Subject.REQUEST_ABANDONED,
}
"""What is told of a request as it stands when the letter leaves: nobody needs to hear what is over."""


class RequestTeller:
    """One for each process; what one has in hand no other takes."""

    def __init__(self, database: Database, clock: Clock, messenger: Messenger) -> None:
        self._database = database
        self._clock = clock
        self._messenger = messenger
        self.rounds = Rounds("requests", self.round, every_seconds=EVERY_SECONDS)

    async def round(self) -> None:
        """Tell whoever is to be told by now."""
        now = self._clock()
        async with self._database.read() as connection:
            owed = await due_to_be_told(connection, now)
        await tell_each(self._database, owed, put_off, self._tell, now=now)
        if len(owed) == MOST_TOLD:
            self.rounds.call()  # more may wait: on the day of an opening they would for hours

    async def _tell(self, one: Owed) -> bool:
        subject = _SUBJECTS.get(one.request.status)
        if subject is None:
            return True
        given = {"reference": one.request.reference}
        if subject is Subject.REQUEST_RECEIVED:
            given["receipt"] = await self._receipt(one)
        return await self._messenger.tell(
            subject, one.authority, list(one.contacts), language=one.request.application.language, **given
        )

    async def _receipt(self, one: Owed) -> str:
        async with self._database.look() as unit:
            terms = await unit.requests.terms(one.authority.id)
            documents = await unit.documents.of_request(one.request.id)
        lacking = missing(terms, one.request.application, documents)
        return receipt_text(terms, one.request, lacking, today=local_day(self._clock(), one.authority.zone))
