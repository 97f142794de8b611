"""`POST /v1/access/deposits`: what somebody hands over at the quay, once inside, kind by kind."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from api import bodies
from api.bodies import Key, Paid
from api.credentials import Credentials
from api.gate import Credential, GateCode, TerminalDoor
from api.loads import Load, kinds_of
from api.sessions import TerminalSessions, soon
from domain.access.facts import Direction
from domain.errors.passes import NoDepositsHere
from domain.errors.places import GateNotFound
from domain.ports import Clock
from domain.services import BY_CODE
from domain.terminals import Ability
from domain.waste import together
from store import passages
from store.database import Database
from store.ledger import Lane, Scan
from store.terminal_tokens import TerminalSession

DEPOSITS_PATH = "/v1/access/deposits"


class DepositRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """One unloading of one vehicle, all its kinds together. `key` is made for it and never used for another."""

    key: Key
    gate: GateCode
    credential: Credential
    items: Load
    terminal_time: Annotated[datetime, Meta(tz=True)] | None = None
    payment: Paid | UnsetType = UNSET


_decoder = msgspec.json.Decoder(DepositRequest)


class DepositDoor(TerminalDoor):
    """The door of deposits: the visit itself was counted at the entrance, here the kinds are."""

    ability = Ability.DEPOSIT

    def __init__(
        self, *, sessions: TerminalSessions, credentials: Credentials, lane: Lane, clock: Clock, database: Database
    ) -> None:
        super().__init__(sessions=sessions, lane=lane, clock=clock, forget=credentials.forget)
        self._credentials = credentials
        self._database = database

    async def _ask(self, session: TerminalSession, body: bytes) -> Scan:
        request = bodies.decode(_decoder, body)
        bodies.check_instant(request.terminal_time)
        kinds = kinds_of(request.items)
        gate_id = session.gates.get(request.gate)
        if gate_id is None:
            raise GateNotFound("This terminal serves no gate of that code.")
        async with soon(self._database) as connection:
            service = await passages.service_at(connection, gate_id)
        check_takes_deposits(service)
        now = self._clock()
        return Scan(
            terminal_id=session.terminal_id,
            key=request.key,
            fingerprint=bodies.fingerprint(request),
            gate_id=gate_id,
            direction=Direction.DEPOSIT,
            evidence=await self._credentials.read_for_ledger(session, request.credential, now),
            asked=together(kinds),
            at=now,
            terminal_at=request.terminal_time,
            kinds=kinds,
            payment=None if request.payment is UNSET else request.payment.known(),
        )


def check_takes_deposits(service: str) -> None:
    """Refuse what is handed over where nothing is.

    Raises:
        NoDepositsHere: the service has no rules for deposits.
    """
    if not BY_CODE[service].deposit_rules:
        raise NoDepositsHere(f"Nothing is handed over to the service {service}.")
