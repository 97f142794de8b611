"""What a batch has read, and what it will write: one Struct for each row, by key."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct, field

from domain.access.admissions import Admission
from domain.access.facts import NOWHERE, LastUse, MediumFacts, Presence, Standing
from domain.access.reasons import Outcome, Reason
from domain.places import Doorway
from domain.products import Attendance
from domain.services import BY_CODE
from store.ledger.scan import Scan

# Ids in keys are the integers of their UUIDs: those hash in C, and every scan looks a dozen of them up.
CounterKey = tuple[int, date, int]
"""Entitlement, first day after the window, position of the limit."""

PlaceKey = tuple[int, int]
"""Pass and site."""

ScanKey = tuple[int, str]
"""Terminal and its key."""

RightsKey = tuple[int, str, date]
"""Medium, service and day: whose rights a pass may spend depends on the day."""

StandingsKey = tuple[int, date]
"""Medium and day."""

CrowdKey = tuple[int, date]
"""Zone and day."""

HourKey = tuple[int, date, int]
"""Zone, day and hour of the day."""


class RightRow(Struct, frozen=True, gc=False):
    """A right as it is stored; its balances are looked up by window.

    `own`: conditions look at the holder in person, and not at the subject. So it is for the rights of a household that
    somebody has left and goes on sharing.
    """

    entitlement_id: UUID
    product_id: UUID
    valid_from: date
    valid_until: date
    subject_id: UUID
    own: bool
    suspended: bool


class Told(Struct, frozen=True, gc=False):
    """A circumstance of a subject of the pass. `at_home`: of the holder in person, or of a household of theirs."""

    subject_id: UUID
    at_home: bool
    standing: Standing


class Known(Struct):
    """What one read found, by key. A missing key means that the row does not exist.

    `crowds` are those inside, users and others, and those let in that day; `standings` the circumstances of each
    subject of a medium; `uses` the last use of each medium that brings a mark; `counted_at` when an agent last counted
    heads in a zone that day.
    """

    answers: dict[ScanKey, tuple[bytes, bytes]] = field(default_factory=dict)
    active_terminals: set[int] = field(default_factory=set)
    media: dict[int, MediumFacts] = field(default_factory=dict)
    rights: dict[RightsKey, list[RightRow]] = field(default_factory=dict)
    standings: dict[StandingsKey, list[Told]] = field(default_factory=dict)
    counters: dict[CounterKey, tuple[int, int]] = field(default_factory=dict)
    presences: dict[PlaceKey, tuple[Presence, date]] = field(default_factory=dict)
    crowds: dict[CrowdKey, tuple[int, int, int]] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    uses: dict[int, LastUse] = field(default_factory=dict)
    counted_at: dict[CrowdKey, datetime] = field(default_factory=dict)

    def keep_crowd(self, key: CrowdKey, heads: tuple[int, int, int], counted_at: datetime | None) -> None:
        """Keep how many are in a zone on a day, and when an agent last counted them."""
        self.crowds[key] = heads
        if counted_at is not None:
            self.counted_at[key] = counted_at


class CounterRow(Struct, gc=False):
    """A counter to write. `version` is the one that was read; 0 means that the row is new."""

    entitlement_id: UUID
    ends_before: date
    position: int
    starts_on: date
    authority_id: UUID
    used: int
    version: int
    keep_until: date


class PresenceRow(Struct, gc=False):
    """A last state to write. `version` is the one that was read; 0 means that the row is new."""

    pass_id: UUID
    site_id: UUID
    authority_id: UUID
    zone_id: UUID | None
    since: datetime
    day: date
    version: int
    keep_until: date
    gate_id: UUID
    medium_id: int | None
    came_at: datetime | None
    entitlement_id: UUID | None
    persons: int
    attends: Attendance
    admissions: tuple[Admission, ...] = ()


class UseRow(Struct, gc=False):
    """The last use of a medium, to write. `version` is the one that was read; 0 means that the row is new."""

    medium_id: int
    authority_id: UUID
    mark: int
    spent: bool
    version: int
    keep_until: date


class CrowdRow(Struct, gc=False):
    """A change of a zone's count. A ceiling is None where nothing limits it; `known` tells that the row exists.

    `beyond` is the part of the change that came in by facts, which no ceiling keeps out; so is `beyond_admitted`.
    """

    zone_id: UUID
    day: date
    authority_id: UUID
    known: bool
    ceiling: int | None = None
    ceiling_others: int | None = None
    change: int = 0
    change_others: int = 0
    entries: int = 0
    daily_ceiling: int | None = None
    admitted: int = 0
    beyond: int = 0
    beyond_others: int = 0
    beyond_admitted: int = 0

    def count(self, attends: Attendance, persons: int) -> None:
        """Count persons in, or out where they are negative."""
        if attends is Attendance.USERS:
            self.change += persons
        else:
            self.change_others += persons

    def raise_ceiling(self, attends: Attendance, persons: int) -> None:
        """Let in, beside the ceilings of others, whoever is in already: facts ask no ceiling."""
        if attends is Attendance.USERS:
            self.beyond += persons
        else:
            self.beyond_others += persons

    def put_back(self, attends: Attendance, persons: int) -> None:
        """Count persons in again, who never left by a gate: others may have taken their place, and all of them stay."""
        self.count(attends, persons)
        if attends is Attendance.USERS and self.ceiling is not None:
            self.ceiling += persons
        elif attends is Attendance.OTHERS and self.ceiling_others is not None:
            self.ceiling_others += persons


class HourRow(Struct, gc=False):
    """What an hour adds to the attendance of a zone: persons who came in, and the most that were inside at once."""

    zone_id: UUID
    day: date
    hour: int
    authority_id: UUID
    entries: int = 0
    most: int = 0


class Detail(Struct, frozen=True, gc=False):
    """What few passages have: money, an agent's act, the passage that is cancelled, what was handed over by kind.

    And how many a group was, or from which zone of the site somebody went on, with when they were last seen there.
    """

    billed_cents: int = 0
    paid_cents: int = 0
    payment: str | None = None
    agent_id: UUID | None = None
    motive: str | None = None
    cancels: int | None = None
    deposits: str | None = None
    persons: int = 1
    left_zone_id: UUID | None = None
    left_since: datetime | None = None


class FactRow(Struct, frozen=True, gc=False):
    """What a terminal that decided alone adds to its event; `judged` is what the server would have answered."""

    happened_at: datetime
    flags: str
    judged_outcome: Outcome
    judged_reason: Reason
    sequence: int
    bundle: int | None
    drift_seconds: int


class EventRow(Struct, gc=False):
    """A passage to record, with the stored answer that goes under its key."""

    scan: Scan
    doorway: Doorway
    pass_id: UUID | None
    entitlement_id: UUID | None
    outcome: Outcome
    reason: Reason
    charges: str
    answer: bytes
    keep_until: date
    detail: Detail | None = None
    fact: FactRow | None = None


class Working(Struct):
    """What a batch changes, by key, on top of what was `known`."""

    known: Known
    counters: dict[CounterKey, CounterRow] = field(default_factory=dict)
    presences: dict[PlaceKey, PresenceRow] = field(default_factory=dict)
    crowds: dict[CrowdKey, CrowdRow] = field(default_factory=dict)
    hours: dict[HourKey, HourRow] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    answers: dict[ScanKey, tuple[bytes, bytes]] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    uses: dict[int, UseRow] = field(default_factory=dict)
    has_facts: bool = False
    asked_counts: set[CrowdKey] = field(default_factory=set)
    """Zones whose last head count this batch relies upon."""

    def last_use(self, medium_id: int) -> LastUse | None:
        """Return the last use of a medium, as moved by the batch so far."""
        moved = self.uses.get(medium_id)
        return self.known.uses.get(medium_id) if moved is None else LastUse(moved.mark, moved.spent, moved.version)

    def presence(self, key: PlaceKey) -> tuple[Presence, date]:
        """Return the last state of a pass at a site and the day it is of, as moved by the batch so far."""
        moved = self.presences.get(key)
        if moved is None:
            return self.known.presences.get(key, (NOWHERE, date.min))
        return (
            Presence(
                moved.zone_id,
                moved.since,
                moved.version,
                moved.gate_id,
                moved.medium_id,
                moved.came_at,
                moved.entitlement_id,
                moved.persons,
                moved.attends,
                moved.admissions,
            ),
            moved.day,
        )

    def keep(self, pass_id: UUID, doorway: Doorway, presence: Presence, day: date) -> None:
        """Write where a pass was last seen at the site of a door, over what was known of it."""
        assert presence.since is not None  # noqa: S101 - who was never seen has no last state
        assert presence.gate_id is not None  # noqa: S101 - nor was anybody seen nowhere
        self.presences[pass_id.int, doorway.site.id.int] = PresenceRow(
            pass_id=pass_id,
            site_id=doorway.site.id,
            authority_id=doorway.gate.authority_id,
            zone_id=presence.zone_id,
            since=presence.since,
            day=day,
            version=presence.version,
            keep_until=BY_CODE[doorway.site.service_code].keep_until(day),
            gate_id=presence.gate_id,
            medium_id=presence.medium_id,
            came_at=presence.came_at,
            entitlement_id=presence.entitlement_id,
            persons=presence.persons,
            attends=presence.attends,
            admissions=presence.admissions,
        )

    def inside(self, key: CrowdKey) -> tuple[int, int]:
        """Return how many are in a zone, users and others, as moved by the batch so far."""
        users, others, _ = self.known.crowds.get(key, (0, 0, 0))
        moved = self.crowds.get(key)
        return (users, others) if moved is None else (users + moved.change, others + moved.change_others)

    def counted_since(self, zone_id: UUID, day: date, at: datetime) -> bool:
        """Tell whether an agent has counted the heads in a zone since an instant: then what was is in their count."""
        key = (zone_id.int, day)
        self.asked_counts.add(key)
        counted_at = self.known.counted_at.get(key)
        return counted_at is not None and at <= counted_at

    def count_out(self, zone_id: UUID, day: date, doorway: Doorway, attends: Attendance, persons: int) -> None:
        """Count persons out of a zone. Where an agent has counted fewer heads than gates did, no more than are in."""
        users, others = self.inside((zone_id.int, day))
        out = min(persons, users if attends is Attendance.USERS else others)
        if out:
            self.crowd(zone_id, day, doorway).count(attends, -out)

    def admitted(self, key: CrowdKey) -> int:
        """Return how many were let into a zone on a day, as moved by the batch so far."""
        moved = self.crowds.get(key)
        return self.known.crowds.get(key, (0, 0, 0))[2] + (moved.admitted if moved is not None else 0)

    def used(self, key: CounterKey) -> tuple[int, int]:
        """Return what a counter has counted, as moved by the batch so far, and the version that was read."""
        moved = self.counters.get(key)
        return (moved.used, moved.version) if moved is not None else self.known.counters.get(key, (0, 0))

    def crowd(self, zone_id: UUID, day: date, doorway: Doorway) -> CrowdRow:
        """Find the row that counts a zone on a day. Whoever is in another zone than the gate's is counted there."""
        key = (zone_id.int, day)
        row = self.crowds.get(key)
        if row is None:
            known = key in self.known.crowds or zone_id != doorway.zone.id
            row = self.crowds[key] = CrowdRow(zone_id, day, doorway.gate.authority_id, known)
        return row


_admissions = msgspec.json.Decoder(tuple[Admission, ...])


def admissions_of(text: str | None) -> tuple[Admission, ...]:
    """Read the admissions of a last state, as they are stored: no text where there are none."""
    return _admissions.decode(text) if text is not None else ()


def admissions_text(admissions: tuple[Admission, ...]) -> str | None:
    """Write the admissions of a last state."""
    return msgspec.json.encode(admissions).decode() if admissions else None
