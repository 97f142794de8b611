"""What goes into the ledger, and the ways in which it comes back."""

from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from msgspec import Struct

from domain.access.facts import Direction, Evidence
from domain.products import Measure


class Scan(Struct, frozen=True, gc=False):
    """One tap at one gate. `fingerprint` stands for all that the request said: 32 bytes of SHA-256.

    `at` is the server's time and rules the decision; `terminal_at` is only kept. `asked` is in thousandths.
    """

    terminal_id: UUID
    key: str
    fingerprint: bytes
    gate_id: UUID
    direction: Direction
    evidence: Evidence
    asked: dict[Measure, int]
    at: datetime
    terminal_at: datetime | None = None


class Rejected(Enum):
    """A request that the ledger does not record: it was not a passage."""

    KEY_CONFLICT = auto()
    TERMINAL_REVOKED = auto()
    UNKNOWN_GATE = auto()


KeyConflict = Rejected.KEY_CONFLICT
TerminalRevoked = Rejected.TERMINAL_REVOKED
UnknownGate = Rejected.UNKNOWN_GATE

Settled = bytes | Rejected
"""The stored answer's bytes, or why there is none."""
