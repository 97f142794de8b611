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


class Evidence(Struct, frozen=True, gc=False):
    """What reading the credential proved. Without `medium_id` nothing was proved, and `flaw` says why.

    `flaw` is the code of a reason in `domain.access.reasons`. `assurance` goes from 0 (copied in seconds) to 3
    (fresh proof of a key). `issuer` is the code of the authority whose key signed; None where nobody signs.
    """

    medium_id: int | None = None
    assurance: int = 0
    flaw: str | None = None
    issuer: str | None = None


class MediumFacts(Struct, frozen=True, gc=False):
    """The medium as the register knows it, with the pass it shows."""

    medium_id: int
    medium_status: MediumStatus
    pass_id: UUID
    pass_status: PassStatus
    pass_valid_from: date
    pass_valid_until: date
    authority_id: UUID
    born_on: date


class Balance(Struct, frozen=True, gc=False):
    """What one limit of one right has seen in the window that holds the day of the decision.

    `version` 0 means that nothing was counted in this window yet. Outside a season the window is empty, and begins
    where the next season does.
    """

    limit: Limit
    starts_on: date
    ends_before: date
    used: int
    version: int

    @property
    def in_season(self) -> bool:
        """Whether there is a window at all on the day of the decision."""
        return self.starts_on < self.ends_before

    @property
    def left(self) -> int:
        """Thousandths that remain; never below nothing, even where offline facts spent too much. None out of season."""
        return max(0, self.limit.amount - self.used) if self.in_season else 0


class Right(Struct, frozen=True, gc=False):
    """One right that the pass may spend here, with a balance for each limit of its product."""

    entitlement_id: UUID
    product: Product
    valid_from: date
    valid_until: date
    balances: tuple[Balance, ...]

    def covers(self, day: date) -> bool:
        """Tell whether the right may be used on this day: it lives, and none of its limits is out of season."""
        if not self.valid_from <= day < self.valid_until:
            return False
        for balance in self.balances:  # noqa: SIM110 - `all` costs three times as much, several times a passage
            if not balance.in_season:
                return False
        return True

    def is_to_come(self, day: date) -> bool:
        """Tell whether the right will begin after this day, or come back with a season that begins within its life."""
        return day < self.valid_from or any(
            not balance.in_season and balance.starts_on < self.valid_until for balance in self.balances
        )


class Presence(Struct, frozen=True, gc=False):
    """Where the pass was last seen at this site: `zone_id` None once it has left. `version` 0 means never seen."""

    zone_id: UUID | None
    since: datetime | None
    version: int


NOWHERE = Presence(zone_id=None, since=None, version=0)


class Facts(Struct, frozen=True, gc=False):
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
    def zone_now(self) -> UUID | None:
        """The zone of this site in which the pass is: yesterday's open entry is forgotten, by date arithmetic."""
        return self.presence.zone_id if self.seen_today else None

    @property
    def inside_here(self) -> bool:
        """Whether the pass is already in the zone that this gate leads into."""
        return self.zone_now == self.doorway.zone.id
