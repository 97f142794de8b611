"""Everything a decision may know. A new fact is a visible change of this file.

Facts are read together, in one go, and never changed: `decide` says what should change, the ledger writes it
where the facts still hold.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import force_setattr

from domain.access.admissions import Admission, newly_in, still_to_pay
from domain.access.reasons import Reason
from domain.calendars import Intervals
from domain.circumstances import CircumstanceKind
from domain.conditions import Vehicle
from domain.limits import ONE, Limit, Measure
from domain.passes import MediumStatus, PassStatus
from domain.places import Doorway
from domain.products import Attendance, Product

DOUBLE_READ = timedelta(seconds=3)
"""A code that stays before a reader is read again and again: within this time it is one scan."""

_NO_TIME = timedelta(0)
"""A tap that arrives late happened before what is known: it is no second reading of it."""


class Direction(StrEnum):
    """What somebody does at the gate: comes in, goes out, or, once inside, hands over waste at the quay."""

    ENTRY = "entry"
    EXIT = "exit"
    DEPOSIT = "deposit"


class Evidence(Struct, frozen=True, gc=False):
    """What reading the credential proved. Without `medium_id` nothing was proved, and `flaw` says why.

    `flaw` is the code of a reason in `domain.access.reasons`. `assurance` goes from 0 (copied in seconds) to 3
    (fresh proof of a key). `issuer` is the code of the authority whose key signed; None where nobody signs.

    `counter` is what a card's chip has counted, `iat` the second since 1970, by the phone's own clock, at which it made
    its code. A medium brings one of them or none, and always the same one. `service` is the one service that the holder
    chose to show it for, `sector` the one sector in which a card of others was read; None: any. `remembered` says that
    the medium of the chip was looked up at an earlier tap.
    """

    medium_id: int | None = None
    assurance: int = 0
    flaw: str | None = None
    issuer: str | None = None
    counter: int | None = None
    iat: int | None = None
    service: str | None = None
    sector: str | None = None
    remembered: bool = False

    @property
    def mark(self) -> int | None:
        """What only grows from one showing of the medium to the next; None of what is the same each time."""
        return self.iat if self.counter is None else self.counter


class LastUse(Struct, frozen=True, gc=False):
    """The greatest mark that a medium has shown. `spent`: a gate has opened for it. `version` counts the writes."""

    mark: int
    spent: bool
    version: int


class MediumFacts(Struct, frozen=True, gc=False):
    """The medium as the register knows it, with the pass it shows.

    `born_on` None: nobody can tell, as at a gate that decides by its bundle.
    """

    medium_id: int
    medium_status: MediumStatus
    pass_id: UUID
    pass_status: PassStatus
    pass_valid_from: date
    pass_valid_until: date
    authority_id: UUID
    born_on: date | None


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


class Standing(Struct, frozen=True, gc=False):
    """A dated circumstance of whoever a right belongs to, as far as a decision needs it; it ends before `ends`."""

    kind: CircumstanceKind
    value: str
    ends: date


class Right(Struct, frozen=True, gc=False):
    """One right that the pass may spend here, with a balance for each limit of its product.

    `graced`: it has ended, and its product's grace goes on; its one balance, if any, counts the entries of grace.
    `suspended`: its subject is kept from this service. `standings` are there where the product asks for them.
    """

    entitlement_id: UUID
    product: Product
    valid_from: date
    valid_until: date
    balances: tuple[Balance, ...]
    standings: tuple[Standing, ...] = ()
    graced: bool = False
    suspended: bool = False

    def covers(self, day: date) -> bool:
        """Tell whether the right may be used on this day: it lives, and none of its limits is out of season."""
        if self.graced:
            return True
        if not self.valid_from <= day < self.valid_until:
            return False
        for balance in self.balances:  # noqa: SIM110 - `all` costs three times as much, several times a passage
            if balance.starts_on >= balance.ends_before:  # out of season; a property costs a call for each limit
                return False
        return True

    def is_to_come(self, day: date) -> bool:
        """Tell whether the right will begin after this day, or come back with a season that begins within its life."""
        return day < self.valid_from or any(
            not balance.in_season and balance.starts_on < self.valid_until for balance in self.balances
        )


class Presence(Struct, frozen=True, gc=False):
    """Where the pass was last seen at this site: `zone_id` None once it has left. `version` 0 means never seen.

    `since` is its last passage, by `gate_id` with `medium_id`; `came_at` the entry that the stay began with. `persons`
    came in with it, counted as `attends`, on the right `entitlement_id`. `admissions` are those of the last day.
    """

    zone_id: UUID | None
    since: datetime | None
    version: int
    gate_id: UUID | None = None
    medium_id: int | None = None
    came_at: datetime | None = None
    entitlement_id: UUID | None = None
    persons: int = 1
    attends: Attendance = Attendance.USERS
    admissions: tuple[Admission, ...] = ()


NOWHERE = Presence(zone_id=None, since=None, version=0)


class Charge(Struct, frozen=True, gc=False):
    """Count `amount` thousandths against one limit of a right; `balance` is its place in the right's balances."""

    balance: int
    amount: int


class Prospect(Struct, frozen=True, gc=False):
    """What one right could do for this passage.

    `objection` is the first thing in its way. Without any it can be spent: `charges` are counted, `due_cents` is paid
    at the gate, `billed_cents` later. What is due holds the zone's supplement for `pays_for` persons.
    """

    right: Right
    objection: Reason | None
    charges: tuple[Charge, ...] = ()
    due_cents: int = 0
    billed_cents: int = 0
    graced: bool = False
    pays_for: int = 0


class Facts(Struct, frozen=True, gc=False):
    """One question at one gate.

    `entries` are the stretches of `hours` in which somebody may still come in. `crowd` (and `others`) are in the zone
    now, `admitted` have come in today.
    `asked` holds thousandths by measure, `kinds` the same for each kind of waste. `sessions` are the codes of those
    that run now, `reserved` of those among them that keep others out. `paid_cents` were paid for this passage,
    `override` says that an agent lets the person in on their own account. `last_use` is there where the medium brings a
    mark, and has brought one before. `least_assurance` is what the service asks of the evidence, `sector` the one
    that it belongs to. `crowd` None: nobody can tell how many are inside.
    """

    at: datetime
    day: date
    minute: int
    direction: Direction
    doorway: Doorway
    hours: Intervals
    entries: Intervals
    evidence: Evidence
    medium: MediumFacts | None
    rights: tuple[Right, ...]
    presence: Presence
    seen_today: bool
    crowd: int | None
    asked: dict[Measure, int]
    others: int = 0
    admitted: int = 0
    sessions: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    bank_holiday: bool = False
    vehicle: Vehicle | None = None
    kinds: dict[str, dict[Measure, int]] = {}
    paid_cents: int = 0
    override: bool = False
    last_use: LastUse | None = None
    least_assurance: int = 0
    sector: str = ""
    weighed: list[Prospect | None] = []
    """What `prospects.best` has found out, once it was asked: never given, never stored."""

    def __post_init__(self) -> None:
        """Forget what was weighed before: facts that were made of others must be weighed anew."""
        force_setattr(self, "weighed", [])

    @property
    def zone_now(self) -> UUID | None:
        """The zone of this site in which the pass is: yesterday's open entry is forgotten, by date arithmetic."""
        return self.presence.zone_id if self.seen_today else None

    @property
    def settled_late(self) -> bool:
        """Whether the pass was seen at this site since: then this passage says nothing of where it is now."""
        return self.presence.since is not None and self.at < self.presence.since

    @property
    def was_inside_here(self) -> bool:
        """Whether the pass was in the gate's zone at the instant of this passage: one settled late may come from before
        the entry that the stay began with.
        """
        presence = self.presence
        if not self.seen_today or presence.zone_id != self.doorway.zone.id:
            return False
        if presence.since is None or self.at >= presence.since:
            return True
        return presence.came_at is not None and presence.came_at <= self.at

    @property
    def inside_here(self) -> bool:
        """Whether the pass is already in the zone that this gate leads into."""
        return self.seen_today and self.presence.zone_id == self.doorway.zone.id

    @property
    def changes_zone(self) -> bool:
        """Whether somebody goes on from another zone of the site: the visit itself was counted there."""
        zone_id = self.presence.zone_id
        return self.seen_today and zone_id is not None and zone_id != self.doorway.zone.id

    @property
    def persons(self) -> int:
        """How many come in with this pass, or go on with it from another zone."""
        return self.presence.persons if self.changes_zone else self.asked.get(Measure.VISIT, ONE) // ONE

    @property
    def newcomers(self) -> int:
        """How many come in who do not count for the zone's maximum of the day yet."""
        if self.seen_today and self.was_inside_here:  # who comes first on a day is spared a call
            return 0
        return newly_in(self.presence.admissions, self.doorway.zone.id, self.day, self.persons)

    @property
    def unpaid(self) -> int:
        """For how many who come in the zone's supplement, if it has one, is not paid today."""
        return still_to_pay(self.presence.admissions, self.doorway.zone.id, self.day, self.persons)

    @property
    def replayed(self) -> bool:
        """Whether this showing of the medium is an old one.

        The same mark may come again until a gate has opened for it: somebody pays, brings an adult, or holds a phone to
        the reader while it refuses. Afterwards it is good for nothing but the second reading of that very passage.
        """
        mark, last = self.evidence.mark, self.last_use
        if mark is None or last is None or mark > last.mark:
            return False
        return mark < last.mark or (last.spent and not self.read_twice)

    @property
    def read_twice(self) -> bool:
        """Whether one reader read one code twice: the same way through the same gate, within seconds."""
        presence = self.presence
        return (
            presence.since is not None
            and presence.gate_id == self.doorway.gate.id
            and presence.medium_id == self.evidence.medium_id
            and _NO_TIME <= self.at - presence.since <= DOUBLE_READ
            and presence.zone_id == (self.doorway.zone.id if self.direction is Direction.ENTRY else None)
        )
