"""A fact goes into the books: what a passage that a terminal settled alone moves, and what is kept of it beside.

Last states move forward in time only, and counts of people with them: how many are inside follows from who was seen
last where, so it does not depend on the order in which facts arrive. Arrivals are counted in their own hour.
"""

from datetime import datetime

import msgspec
from msgspec import Struct

from domain.access.decide import Verdict
from domain.access.facts import Direction, Facts
from domain.access.merge import Flag, Merged, overtaken
from domain.access.reasons import Outcome, Reason
from store.ledger.rows import FactRow, HourRow, Working
from store.ledger.scan import Fact, Scan, wall_clock
from store.ledger.stays import remember, stay_after


class Receipt(Struct, frozen=True, rename="camel", gc=False):
    """What is stored under the key of a fact: what the terminal said, when it happened, and the flags it was given."""

    outcome: Outcome
    reason: Reason
    direction: Direction
    happened_at: datetime
    flags: tuple[Flag, ...]


_encoder = msgspec.json.Encoder()
_receipts = msgspec.json.Decoder(Receipt)


def receipt(scan: Scan, fact: Fact, merged: Merged) -> bytes:
    """Return the bytes that are stored under the key of a fact."""
    said = fact.said
    return _encoder.encode(Receipt(said.outcome, said.reason, scan.direction, fact.happened_at, merged.flags))


def flags_of(answer: bytes) -> tuple[Flag, ...]:
    """Return the flags of a stored fact; none where the answer is that of a gate which was asked."""
    try:
        return _receipts.decode(answer).flags
    except msgspec.ValidationError:
        return ()


def fact_row(fact: Fact, merged: Merged, working: Working) -> FactRow:
    """Return what is kept of a fact beside its event."""
    working.has_facts = True
    return FactRow(
        happened_at=fact.happened_at,
        flags=" ".join(merged.flags),
        judged_outcome=merged.judged.outcome,
        judged_reason=merged.judged.reason,
        sequence=fact.sequence,
        bundle=fact.bundle,
        drift_seconds=fact.drift_seconds,
    )


def follow(scan: Scan, facts: Facts, verdict: Verdict, working: Working) -> None:
    """Move the last state of the pass, unless something later is known of it; count the arrival in any case.

    Who is inside is counted for the day that it is: a day that is over has nobody inside. Where an agent has counted
    heads since, whoever passed before is in their count, or not, as they were seen.
    """
    medium, doorway, before = facts.medium, facts.doorway, facts.presence
    assert medium is not None  # noqa: S101 - a passage of nobody is not seen
    entering = facts.direction is Direction.ENTRY
    if entering:
        here = working.crowd(doorway.zone.id, facts.day, doorway)
        here.entries += 1
        here.admitted += verdict.newcomers
        here.beyond_admitted += verdict.newcomers
        _arrive(facts, working)
    if overtaken(facts):
        if entering:
            remember(facts, verdict, working)
        return
    working.keep(medium.pass_id, doorway, stay_after(facts, verdict), facts.day)
    today, _ = wall_clock(scan.at, doorway.time_zone)
    if facts.day != today:
        return
    if verdict.enters and not working.counted_since(doorway.zone.id, facts.day, facts.at):
        here = working.crowd(doorway.zone.id, facts.day, doorway)
        here.count(verdict.attends, verdict.enters)
        here.raise_ceiling(verdict.attends, verdict.enters)
    if verdict.leaves is not None and not working.counted_since(verdict.leaves, facts.day, facts.at):
        working.count_out(verdict.leaves, facts.day, doorway, before.attends, before.persons)


def _arrive(facts: Facts, working: Working) -> None:
    """Count who came in the hour in which they did. How many were inside at most, nobody can tell afterwards."""
    zone_id, hour = facts.doorway.zone.id, facts.minute // 60
    key = (zone_id.int, facts.day, hour)
    row = working.hours.get(key)
    if row is None:
        row = working.hours[key] = HourRow(zone_id, facts.day, hour, facts.doorway.gate.authority_id)
    row.entries += facts.persons
