"""Everything a decision may know. A new fact is a visible change of this file.

Facts are read together, in one go, and never changed: `decide` says what should change, the ledger writes it
where the facts still hold.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.passes import MediumStatus, PassStatus
from domain.places import Doorway
from domain.products import Limit, Measure, Product


class Direction(StrEnum):
    """Which way somebody goes through the gate."""

    ENTRY = "entry"
    EXIT = "exit"


class Evidence(Struct, frozen=True):
    """What reading the credential proved. Without `medium_id` nothing was proved, and `flaw` says why.

    `flaw` is the code of a reason in `domain.access.reasons`. `assurance` goes from 0 (copied in seconds) to 3
    (fresh proof of a key). `issuer` is the code of the authority whose key signed; None where nobody signs.
    """

    medium_id: int | None = None
    assurance: int = 0
    flaw: str | None = None
    issuer: str | None = None


class MediumFacts(Struct, frozen=True):
    """The medium as the register knows it, with the pass it shows."""

    medium_id: int
    medium_status: MediumStatus
    pass_id: UUID
    pass_status: PassStatus
    pass_valid_from: date
    pass_valid_until: date
    authority_id: UUID
    born_on: date


class Balance(Struct, frozen=True):
    """What one limit of one right has seen in the window that holds the day of the decision.

    `version` 0 means that nothing was counted in this window yet.
    """

    limit: Limit
    starts_on: date
    ends_before: date
    used: int
    version: int

    @property
    def left(self) -> int:
        """Thousandths that remain; never below nothing, even where offline facts spent too much."""
        return max(0, self.limit.amount - self.used)


class Right(Struct, frozen=True):
    """One right that the pass may spend here, with a balance for each limit of its product."""

    entitlement_id: UUID
    product: Product
    valid_from: date
    valid_until: date
    balances: tuple[Balance, ...]

    def covers(self, day: date) -> bool:
        """Tell whether the right is in its window on this day."""
        return self.valid_from <= day < self.valid_until


class Presence(Struct, frozen=True):
    """Where the pass was last seen at this site. `version` 0 means never."""

    inside: bool
    since: datetime | None
    version: int


NOWHERE = Presence(inside=False, since=None, version=0)


class Facts(Struct, frozen=True):
    """One question at one gate."""

    at: datetime
    day: date
    minute: int
    direction: Direction
    doorway: Doorway
    hours: tuple[tuple[int, int], ...]
    evidence: Evidence
    medium: MediumFacts | None
    rights: tuple[Right, ...]
    presence: Presence
    seen_today: bool
    crowd: int
    asked: dict[Measure, int]

    @property
    def inside(self) -> bool:
        """Whether the pass counts as inside: yesterday's open entry is forgotten, by date arithmetic."""
        return self.presence.inside and self.seen_today
