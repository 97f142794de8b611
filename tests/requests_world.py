"""A household that asks for a pass, for the tests of requests."""

from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.agents import Role
from domain.applications import Address, Application, Asker, Person
from domain.documents import DocumentState, Safe
from domain.ports import Unit
from domain.request_terms import ServiceTerms, Terms, set_terms, usual_terms
from domain.requests import Channel, Hand, PassRequest, begin, submit
from tests.city import NOW, TODAY, City

LILAS = Address("12 rue des Lilas", "59000", "Lille", "59350")
NINA = Person("Nina", "Berthelot-Sèvre", date(1988, 3, 2))
TOM = Person("Tom", "Berthelot-Sèvre", date(2016, 9, 21))
DUE = date(2026, 11, 25)


def application(
    *persons: Person, services: tuple[str, ...] = ("pool", "waste-centre"), address: Address = LILAS
) -> Application:
    """What Nina asks for, for herself unless somebody else is named."""
    return Application(Asker("Nina Berthelot-Sèvre", phone="06 12 34 56 78"), address, persons or (NINA,), services)


class Desk(Struct):
    """An agent at a desk, in one unit of work."""

    unit: Unit
    city: City

    @property
    def agent(self) -> UUID:
        return self.city.agents[Role.DESK].id

    @property
    def other(self) -> UUID:
        return self.city.agents[Role.MANAGER].id

    def hand(self, request: PassRequest, *, by: UUID | None = None) -> Hand:
        """Act on what one has just read."""
        return Hand(request.version, by or self.agent, NOW)

    async def sent(
        self,
        *persons: Person,
        due_on: date = DUE,
        services: tuple[str, ...] = ("pool", "waste-centre"),
        address: Address = LILAS,
    ) -> PassRequest:
        """Send a request."""
        draft = await begin(
            self.unit,
            application(*persons, services=services, address=address),
            authority_id=self.city.authority.id,
            channel=Channel.DESK,
            by=self.agent,
            now=NOW,
        )
        return await submit(self.unit, draft, self.hand(draft), received_on=TODAY, due_on=due_on)

    async def terms(self) -> Terms:
        """Grant what the small city has: a year at the pool for each, the waste centre for the household."""
        services = (
            ServiceTerms("pool", ("identity",), "pool-year"),
            ServiceTerms("waste-centre", ("identity", "residence"), "waste-24"),
        )
        terms = replace(usual_terms(), services=services)
        return await set_terms(self.unit, terms, authority_id=self.city.authority.id, by=self.agent, now=NOW)

    def safe(self, digest: bytes = b"\x01" * 32, state: DocumentState = DocumentState.KEPT) -> Safe:
        """A file that lies in the vault."""
        return Safe(self.unit.ids.row(), state, "image/jpeg", 1200, 1, digest, b"wrapped")
