"""Where a passage leaves a pass: its last state at a site, and what it is remembered for on that day."""

from msgspec.structs import replace

from domain.access.admissions import Admission
from domain.access.decide import Verdict
from domain.access.facts import Direction, Facts, Presence
from store.ledger.rows import Working


def stay_after(facts: Facts, verdict: Verdict) -> Presence:
    """Return the last state of the pass after this passage. Whoever is inside goes on with what they came in with."""
    medium, before = facts.medium, facts.presence
    assert medium is not None  # noqa: S101 - nobody unknown is let through
    # A stay begins with the first entry.
    stays = facts.zone_now is not None
    spent = verdict.right.entitlement_id if verdict.right is not None else None
    return Presence(
        zone_id=facts.doorway.zone.id if facts.direction is Direction.ENTRY else None,
        since=facts.at,
        version=before.version,
        gate_id=facts.doorway.gate.id,
        medium_id=medium.medium_id,
        came_at=before.came_at if stays and before.came_at is not None else facts.at,
        entitlement_id=before.entitlement_id if stays else spent,
        persons=before.persons if stays else facts.persons,
        attends=before.attends if stays else verdict.attends,
        admissions=_admissions(facts, verdict),
    )


def _admission(facts: Facts, verdict: Verdict) -> Admission | None:
    """Return what is remembered of an entry: nothing where the zone does not count the day nor has a supplement."""
    if not (verdict.newcomers or verdict.pays_for):
        return None
    return Admission(facts.doorway.zone.id, facts.day, facts.at, verdict.newcomers, verdict.pays_for)


def _admissions(facts: Facts, verdict: Verdict) -> tuple[Admission, ...]:
    """Return what a pass is remembered for on this day."""
    today = tuple(one for one in facts.presence.admissions if one.day == facts.day)
    new = _admission(facts, verdict)
    return today if new is None else (*today, new)


def remember(facts: Facts, verdict: Verdict, working: Working) -> None:
    """Remember the admission of an entry that was overtaken beside the others of its day, and move nothing else.

    So nobody counts or pays twice, and a cancellation finds it; unless the pass was seen on a later day since.
    """
    medium, doorway, before = facts.medium, facts.doorway, facts.presence
    assert medium is not None  # noqa: S101 - nobody unknown is let through
    seen_on = working.presence((medium.pass_id.int, doorway.site.id.int))[1]
    new = _admission(facts, verdict)
    if new is not None and seen_on <= facts.day and before.gate_id is not None:
        working.keep(medium.pass_id, doorway, replace(before, admissions=(*before.admissions, new)), seen_on)
