"""What a till is told: the facts of a passage that never happens, the buyers of a pass, and what is on sale."""

import asyncio
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.access.catalogue import Catalogue
from domain.access.facts import Direction, Evidence, Facts
from domain.access.reasons import Reason
from domain.buyers import Buyer, buyers_of
from domain.errors import Overloaded
from domain.errors.places import GateNotFound
from domain.limits import ONE, Measure
from domain.offers import Offers, offers
from store.database import Database
from store.ledger.scan import Scan
from store.ledger.what_if import TRIES, consider, shown_of

AT_ONCE = 4
"""Questions that are answered at the same time: each has a connection of its own."""

_NOBODY = UUID(int=0)
_ONE_VISIT = {Measure.VISIT: ONE}


class Asked(Struct, frozen=True):
    """The offers with what they were made of; `pass_id` is there where the credential leads to a pass."""

    offers: Offers
    facts: Facts
    pass_id: UUID | None


class Tills:
    """Answers tills. The reference data is remembered, and read anew when its version has moved."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._catalogue: Catalogue | None = None
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def ask(self, *, gate_id: UUID, evidence: Evidence, at: datetime) -> Asked:
        """Say what whoever shows this can use and buy at a gate. Nothing is recorded, spent or moved.

        Raises:
            GateNotFound: the gate is gone.
            Overloaded: places and products keep changing under the question.
            LedgerUnavailable: the database is away.
        """
        scan = Scan(
            terminal_id=_NOBODY,
            key="",
            fingerprint=b"",
            gate_id=gate_id,
            direction=Direction.ENTRY,
            evidence=evidence,
            asked=_ONE_VISIT,
            at=at,
        )
        async with self._turns:
            return await self._answer(scan)

    async def ask_for(self, *, authority_id: UUID, number: str, gate: str, at: datetime) -> Asked:
        """Say the same of the pass of a number at the gate of a code, as if its medium in use were shown.

        Raises:
            PassNotFound: no pass of this authority has this number.
            MediumNotFound: no medium shows the pass.
            GateNotFound: no gate of this authority has this code.
            LedgerUnavailable: the database is away.
        """
        async with self._database.look() as unit:
            pass_ = await unit.passes.by_number(authority_id, number)
            medium = shown_of(await unit.passes.media(pass_.id))
            door = await unit.places.gate(authority_id, gate)
        over = at >= medium.expires_at
        evidence = Evidence(medium_id=medium.id, assurance=1, flaw=Reason.CODE_EXPIRED if over else None)
        return await self.ask(gate_id=door.id, evidence=evidence, at=at)

    async def _answer(self, scan: Scan) -> Asked:
        gate_id, catalogue = scan.gate_id, self._catalogue
        for _ in range(TRIES):
            if catalogue is None or gate_id not in catalogue.doorways:
                catalogue = self._catalogue = await self._database.catalogue()
            if gate_id not in catalogue.doorways:
                raise GateNotFound("This gate does not exist any more.")
            facts = await consider(self._database, scan, catalogue)
            if facts is not None:
                found = offers(facts, await self._buyers(facts), catalogue.products.values())
                return Asked(found, facts, facts.medium.pass_id if facts.medium is not None else None)
            catalogue = None
        raise Overloaded("The places and products keep changing: ask again.")

    async def _buyers(self, facts: Facts) -> tuple[Buyer, ...]:
        medium, owner = facts.medium, facts.doorway.gate.authority_id
        if medium is None or medium.authority_id != owner:
            return ()
        async with self._database.look() as unit:
            pass_ = await unit.passes.by_id(owner, medium.pass_id)
            return await buyers_of(unit, authority_id=owner, holder_id=pass_.holder_id, day=facts.day)
