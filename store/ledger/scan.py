"""What goes into the ledger, and the ways in which it comes back."""

from datetime import date, datetime
from enum import Enum, auto
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.access.facts import Direction, Evidence
from domain.access.merge import Said
from domain.conditions import Vehicle
from domain.errors import NotAuthenticated
from domain.errors.passes import KeyReused
from domain.errors.places import GateNotFound
from domain.limits import Measure
from domain.passes import MediumStatus, PassStatus


class Payment(Struct, frozen=True, gc=False):
    """What was paid at the gate for a passage: cents, and the reference that the till or the card terminal gave."""

    amount_cents: int
    reference: str


class AgentAct(Struct, frozen=True, gc=False):
    """An agent who acts in the place of a terminal, on their own account: who, and why (a code)."""

    agent_id: UUID
    motive: str


class Passed(Struct, frozen=True, gc=False):
    """A passage of the past that is to be cancelled, as its event tells it: never changed since, so it may be read
    beforehand. `charges` are (position, first day, first day after, thousandths). `left_zone_id` is the zone from which
    it went on, where the pass was last seen at `left_since`. `happened_at` where a terminal decided alone: the event
    was recorded later.
    """

    number: int
    recorded_at: datetime
    direction: Direction
    medium_id: int | None
    pass_id: UUID
    entitlement_id: UUID | None
    charges: tuple[tuple[int, date, date, int], ...]
    billed_cents: int = 0
    persons: int = 1
    left_zone_id: UUID | None = None
    left_since: datetime | None = None
    happened_at: datetime | None = None

    @property
    def when(self) -> datetime:
        """The instant of the passage itself."""
        return self.recorded_at if self.happened_at is None else self.happened_at


class Fact(Struct, frozen=True, gc=False):
    """A passage that a terminal decided alone, as it tells it afterwards: it is merged, never judged.

    `sequence` grows by one with each event of the terminal, `bundle` is that of the bundle it decided by.
    `drift_seconds` is the server's time less the terminal's when it was sent. `asked_as` are the fingerprints under
    which the terminal may have asked before it decided alone. `vouched`: an agent takes it in, whatever has become of
    the terminal. `decided_by` is the terminal as it decided: paired anew since, it tells the rest under another id.
    `medium_status` and `pass_status` are what the two were when it was shown; None where that has not changed since.
    """

    happened_at: datetime
    said: Said
    sequence: int
    bundle: int | None
    drift_seconds: int
    asked_as: tuple[bytes, ...] = ()
    vouched: bool = False
    decided_by: UUID | None = None
    medium_status: MediumStatus | None = None
    pass_status: PassStatus | None = None


class Scan(Struct, frozen=True, gc=False):
    """One tap at one gate. `fingerprint` stands for all that the request said: 32 bytes of SHA-256.

    `at` is the server's time and rules the decision; `terminal_at` is only kept. `asked` is in thousandths, `kinds`
    the same by kind of waste. With `act` an agent overrides what may be overridden, and `terminal_id` is the agent's;
    with `cancels` nothing is decided: what that passage counted is given back. With `fact` the passage is over; `at` is
    when the server heard of it.
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
    vehicle: Vehicle | None = None
    kinds: dict[str, dict[Measure, int]] = {}
    payment: Payment | None = None
    act: AgentAct | None = None
    cancels: Passed | None = None
    fact: Fact | None = None

    @property
    def about(self) -> datetime:
        """The instant whose day matters: that of a passage which is over or cancelled, or of the tap itself."""
        if self.cancels is None:
            return self.at if self.fact is None else self.fact.happened_at
        return self.cancels.when


@lru_cache(maxsize=1_024)
def wall_clock(at: datetime, time_zone: str) -> tuple[date, int]:
    """Return the day, and the minutes since midnight that a clock on the wall shows, at an instant in a place."""
    here = at.astimezone(ZoneInfo(time_zone))
    return here.date(), here.hour * 60 + here.minute


class Rejected(Enum):
    """A request that the ledger does not record: it was not a passage."""

    KEY_CONFLICT = auto()
    TERMINAL_REVOKED = auto()
    UNKNOWN_GATE = auto()
    STALE_IDENTITY = auto()
    """The medium that was remembered of a chip is not in use: the register may know it as another by now."""


KeyConflict = Rejected.KEY_CONFLICT
TerminalRevoked = Rejected.TERMINAL_REVOKED
UnknownGate = Rejected.UNKNOWN_GATE
StaleIdentity = Rejected.STALE_IDENTITY


class Repeated(Struct, frozen=True, gc=False):
    """A fact that stands in the ledger already: the answer that was stored under its key."""

    answer: bytes


Settled = bytes | Repeated | Rejected
"""The stored answer's bytes, or why there is none; a fact tells apart what is new."""


def answer_of(settled: Settled) -> bytes:
    """Return the stored answer's bytes.

    Raises:
        KeyReused: the key was used for another passage.
        NotAuthenticated: the terminal was revoked.
        GateNotFound: the gate is gone.
    """
    if isinstance(settled, bytes):
        return settled
    if settled is KeyConflict:
        raise KeyReused("This key was used for another passage; nothing was recorded.")
    if settled is TerminalRevoked:
        raise NotAuthenticated("This terminal was revoked.")
    raise GateNotFound("This gate does not exist any more.")
