"""Telling accounts how their requests stand: the receipt at once, then each question and decision, by whatever door."""

from api.messenger import Messenger
from api.telling import Teller
from domain.account_letters import Subject
from domain.places import local_day
from domain.ports import Clock
from domain.request_letters import receipt_text
from domain.request_terms import missing
from domain.requests import RequestStatus
from store.database import Database
from store.resident_requests import Owed, due_to_be_told, put_off

_SUBJECTS = {
    RequestStatus.SUBMITTED: Subject.REQUEST_RECEIVED,
    RequestStatus.UNDER_REVIEW: Subject.REQUEST_RECEIVED,
    RequestStatus.NEEDS_MORE_INFO: Subject.REQUEST_ASKED,
    RequestStatus.APPROVED: Subject.REQUEST_APPROVED,
    RequestStatus.REJECTED: Subject.REQUEST_REJECTED,
    RequestStatus.ABANDONED: Subject.REQUEST_ABANDONED,
}
"""What is told of a request as it stands when the letter leaves: nobody needs to hear what is over."""


class RequestTeller(Teller[Owed]):
    """Tells of requests."""

    def __init__(self, database: Database, clock: Clock, messenger: Messenger) -> None:
        super().__init__("requests", database, clock, messenger, due=due_to_be_told, put_off=put_off)

    async def tell(self, one: Owed) -> bool:
        """Write how the request stands now; of a draft and of what was taken back there is nothing to tell."""
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
