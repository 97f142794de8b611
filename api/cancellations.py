"""`POST /v1/access/cancellations`: a terminal takes back what it has just recorded, within the time of the service."""

import msgspec
from msgspec import Struct

from api import bodies
from api.bodies import Key
from api.gate import TerminalDoor
from api.sessions import TerminalSessions, soon
from domain.ports import Clock
from domain.terminals import Ability
from store import passages
from store.database import Database
from store.ledger import Lane, Scan
from store.ledger.acts import cancellation
from store.terminal_tokens import TerminalSession

CANCELLATIONS_PATH = "/v1/access/cancellations"


class CancellationRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """Take a passage back. `cancels` is the key that this very terminal gave it; `key` is one of its own."""

    key: Key
    cancels: Key


_decoder = msgspec.json.Decoder(CancellationRequest)
_FLAT = bodies.members(CancellationRequest)


class CancellationDoor(TerminalDoor):
    """The door of cancellations: whether it is too late, or was done before, is a verdict of the ledger."""

    ability = Ability.CANCEL

    def __init__(self, *, sessions: TerminalSessions, lane: Lane, clock: Clock, database: Database) -> None:
        super().__init__(sessions=sessions, lane=lane, clock=clock)
        self._database = database

    async def _ask(self, session: TerminalSession, body: bytes) -> Scan:
        request = bodies.decode(_decoder, body, _FLAT)
        async with soon(self._database) as connection:
            recorded = await passages.by_key(connection, session.terminal_id, request.cancels)
        return cancellation(
            recorded,
            terminal_id=session.terminal_id,
            key=request.key,
            fingerprint=bodies.fingerprint(request),
            at=self._clock(),
        )
