"""A batch is judged here, the same for every engine: facts that were read in, verdicts and rows to write out.

Scans are judged in order and see each other: the second tap of one pass in a batch meets the counter that the first
has just moved. What was read is never changed; the moves live in a `Working` copy that dies with the batch, so a
batch that fails to write leaves nothing behind.
"""

from datetime import date, datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field

from domain.access.answer import compose, encode
from domain.access.catalogue import Catalogue
from domain.access.decide import Verdict, decide
from domain.access.facts import NOWHERE, Balance, Direction, Facts, MediumFacts, Presence, Right
from domain.places import Doorway
from domain.services import BY_CODE
from store.ledger.scan import KeyConflict, Scan, Settled, TerminalRevoked, UnknownGate

# Ids in keys are the integers of their UUIDs: those hash in C, and every scan looks a dozen of them up.
CounterKey = tuple[int, date, int]
"""Entitlement, first day after the window, position of the limit."""

PlaceKey = tuple[int, int]
"""Pass and site."""

ScanKey = tuple[int, str]
"""Terminal and its key."""

RightsKey = tuple[int, str, date]
"""Medium, service and day: whose rights a pass may spend depends on the day."""

CrowdKey = tuple[int, date]
"""Zone and day."""


class RightRow(Struct, frozen=True, gc=False):
    """A right as it is stored; its balances are looked up by window."""

    entitlement_id: UUID
    product_id: UUID
    valid_from: date
    valid_until: date


class Known(Struct):
    """What one read found, by key. A missing key means that the row does not exist."""

    answers: dict[ScanKey, tuple[bytes, bytes]] = field(default_factory=dict)
    active_terminals: set[int] = field(default_factory=set)
    media: dict[int, MediumFacts] = field(default_factory=dict)
    rights: dict[RightsKey, list[RightRow]] = field(default_factory=dict)
    counters: dict[CounterKey, tuple[int, int]] = field(default_factory=dict)
    presences: dict[PlaceKey, tuple[Presence, date]] = field(default_factory=dict)
    crowds: dict[CrowdKey, int] = field(default_factory=dict)


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


class CrowdRow(Struct, gc=False):
    """A change of a zone's count. `ceiling` None where nothing limits it; `known` tells that the row exists."""

    zone_id: UUID
    day: date
    authority_id: UUID
    known: bool
    ceiling: int | None = None
    change: int = 0
    entries: int = 0


class EventRow(Struct, gc=False):
    """A passage to record, with the stored answer that goes under its key."""

    scan: Scan
    doorway: Doorway
    pass_id: UUID | None
    entitlement_id: UUID | None
    verdict: Verdict
    charges: str
    answer: bytes
    keep_until: date


class Working(Struct):
    """What a batch changes, by key, on top of what was `known`."""

    known: Known
    counters: dict[CounterKey, CounterRow] = field(default_factory=dict)
    presences: dict[PlaceKey, PresenceRow] = field(default_factory=dict)
    crowds: dict[CrowdKey, CrowdRow] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    answers: dict[ScanKey, tuple[bytes, bytes]] = field(default_factory=dict)


@lru_cache(maxsize=1_024)
def wall_clock(at: datetime, time_zone: str) -> tuple[date, int]:
    """Return the day, and the minutes since midnight that a clock on the wall shows, at an instant in a place."""
    here = at.astimezone(ZoneInfo(time_zone))
    return here.date(), here.hour * 60 + here.minute


def judge(scans: list[Scan], known: Known, catalogue: Catalogue) -> tuple[list[Settled], Working]:
    """Settle every scan of a batch, in order; return what to answer and what to write."""
    working = Working(known)
    return [_settle(scan, working, catalogue) for scan in scans], working


def facts_of(scan: Scan, known: Known, catalogue: Catalogue) -> Facts:
    """Return the facts by which a scan would be judged if it came alone: for whoever asks why, nothing is settled."""
    return _facts(scan, catalogue.doorways[scan.gate_id], Working(known), catalogue)


def _settle(scan: Scan, working: Working, catalogue: Catalogue) -> Settled:
    if scan.terminal_id.int not in working.known.active_terminals:
        return TerminalRevoked
    key = (scan.terminal_id.int, scan.key)
    stored = working.answers.get(key) or working.known.answers.get(key)
    if stored is not None:
        return stored[1] if stored[0] == scan.fingerprint else KeyConflict
    doorway = catalogue.doorways.get(scan.gate_id)
    if doorway is None:
        return UnknownGate
    facts = _facts(scan, doorway, working, catalogue)
    verdict = decide(facts)
    answer = encode(compose(facts, verdict))
    _note(scan, facts, verdict, answer, working)
    working.answers[key] = (scan.fingerprint, answer)
    return answer


def _facts(scan: Scan, doorway: Doorway, working: Working, catalogue: Catalogue) -> Facts:
    known = working.known
    day, minute = wall_clock(scan.at, doorway.time_zone)
    medium_id = scan.evidence.medium_id
    medium = known.media.get(medium_id) if medium_id is not None else None
    presence, seen_on = NOWHERE, day
    rights: tuple[Right, ...] = ()
    if medium is not None:
        presence, seen_on = _presence((medium.pass_id.int, doorway.site.id.int), working)
        rows = known.rights.get((medium.medium_id, doorway.site.service_code, day), ())
        rights = tuple(_right(row, day, working, catalogue) for row in rows)
    crowd_key = (doorway.zone.id.int, day)
    moved = working.crowds.get(crowd_key)
    return Facts(
        at=scan.at,
        day=day,
        minute=minute,
        direction=scan.direction,
        doorway=doorway,
        hours=catalogue.hours_of(doorway, day),
        evidence=scan.evidence,
        medium=medium,
        rights=rights,
        presence=presence,
        seen_today=seen_on == day,
        crowd=known.crowds.get(crowd_key, 0) + (moved.change if moved is not None else 0),
        asked=scan.asked,
    )


def _presence(key: PlaceKey, working: Working) -> tuple[Presence, date]:
    moved = working.presences.get(key)
    if moved is not None:
        return Presence(moved.zone_id, moved.since, moved.version), moved.day
    return working.known.presences.get(key, (NOWHERE, date.min))


def _right(row: RightRow, day: date, working: Working, catalogue: Catalogue) -> Right:
    product = catalogue.products[row.product_id]
    balances = []
    for limit in product.limits:
        starts_on, ends_before = limit.period(day, row.valid_from, row.valid_until)
        key = (row.entitlement_id.int, ends_before, limit.position)
        moved = working.counters.get(key)
        used, version = (moved.used, moved.version) if moved is not None else working.known.counters.get(key, (0, 0))
        balances.append(Balance(limit, starts_on, ends_before, used, version))
    return Right(row.entitlement_id, product, row.valid_from, row.valid_until, tuple(balances))


def _note(scan: Scan, facts: Facts, verdict: Verdict, answer: bytes, working: Working) -> None:
    """Note what the verdict moves."""
    service = BY_CODE[facts.doorway.site.service_code]
    keep_until = service.keep_until(facts.day)
    charges = _charge(facts, verdict, working) if verdict.charges else "[]"
    if verdict.seen:
        _move(facts, verdict, keep_until, working)
    working.events.append(
        EventRow(
            scan=scan,
            doorway=facts.doorway,
            pass_id=facts.medium.pass_id if facts.medium is not None else None,
            entitlement_id=verdict.right.entitlement_id if verdict.right is not None and verdict.charges else None,
            verdict=verdict,
            charges=charges,
            answer=answer,
            keep_until=keep_until,
        )
    )


def _charge(facts: Facts, verdict: Verdict, working: Working) -> str:
    right = verdict.right
    assert right is not None  # noqa: S101 - charges exist only where a right is spent
    spent = []
    for charge in verdict.charges:
        balance = right.balances[charge.balance]
        key = (right.entitlement_id.int, balance.ends_before, balance.limit.position)
        row = working.counters.get(key)
        if row is None:
            working.counters[key] = CounterRow(
                entitlement_id=right.entitlement_id,
                ends_before=balance.ends_before,
                position=balance.limit.position,
                starts_on=balance.starts_on,
                authority_id=facts.doorway.gate.authority_id,
                used=balance.used + charge.amount,
                version=balance.version,
                keep_until=right.valid_until,
            )
        else:
            row.used += charge.amount
        spent.append((balance.limit.position, balance.starts_on, balance.ends_before, charge.amount))
    return msgspec.json.encode(spent).decode()


def _move(facts: Facts, verdict: Verdict, keep_until: date, working: Working) -> None:
    medium, doorway = facts.medium, facts.doorway
    assert medium is not None  # noqa: S101 - nobody unknown is let through
    entering = facts.direction is Direction.ENTRY
    working.presences[medium.pass_id.int, doorway.site.id.int] = PresenceRow(
        pass_id=medium.pass_id,
        site_id=doorway.site.id,
        authority_id=medium.authority_id,
        zone_id=doorway.zone.id if entering else None,
        since=facts.at,
        day=facts.day,
        version=facts.presence.version,
        keep_until=keep_until,
    )
    if entering:
        here = _crowd(doorway.zone.id, facts, working)
        here.ceiling = doorway.zone.capacity
        here.change += verdict.enters
        here.entries += 1
    if verdict.leaves is not None:
        _crowd(verdict.leaves, facts, working).change -= 1


def _crowd(zone_id: UUID, facts: Facts, working: Working) -> CrowdRow:
    """Find the row that counts a zone today. Whoever is in another zone than the gate's is counted there."""
    key = (zone_id.int, facts.day)
    row = working.crowds.get(key)
    if row is None:
        known = key in working.known.crowds or zone_id != facts.doorway.zone.id
        row = working.crowds[key] = CrowdRow(zone_id, facts.day, facts.doorway.gate.authority_id, known)
    return row
