"""Taking a passage back: what it counted is given back, in an event of its own. Nothing is ever erased."""

from datetime import date, timedelta

import msgspec

from domain.access.answer import encode, plain
from domain.access.facts import Direction
from domain.access.reasons import REASONS, Reason
from domain.places import Doorway
from domain.services import BY_CODE
from store.ledger.rows import CounterRow, Detail, EventRow, PresenceRow, Working
from store.ledger.scan import Passed, Scan, wall_clock


def cancel(scan: Scan, passed: Passed, doorway: Doorway, working: Working) -> bytes:
    """Settle a cancellation: once, by the terminal within its time, by an agent at any time."""
    day, _ = wall_clock(passed.recorded_at, doorway.time_zone)
    service = BY_CODE[doorway.site.service_code]
    reason = Reason.CANCELLED
    if passed.number in working.known.cancelled or passed.number in working.cancelled:
        reason = Reason.CANCELLED_ALREADY
    elif scan.act is None and scan.at - passed.recorded_at > timedelta(minutes=service.cancel_minutes):
        reason = Reason.CANCELLED_TOO_LATE
    done = reason is Reason.CANCELLED
    if done:
        working.cancelled.add(passed.number)
        _give_back(passed, doorway, working)
        _step_back(scan, passed, doorway, day, working)
    answer = encode(plain(reason, passed.direction, scan.at))
    back = [(position, since, until, -amount) for position, since, until, amount in passed.charges] if done else []
    working.events.append(
        EventRow(
            scan=scan,
            doorway=doorway,
            pass_id=passed.pass_id,
            entitlement_id=passed.entitlement_id if back else None,
            outcome=REASONS[reason].outcome,
            reason=reason,
            charges=msgspec.json.encode(back).decode(),
            answer=answer,
            keep_until=service.keep_until(day),
            detail=_detail(scan, passed, done=done),
        )
    )
    return answer


def _detail(scan: Scan, passed: Passed, *, done: bool) -> Detail | None:
    if not done and scan.act is None and passed.persons == 1:
        return None
    return Detail(
        billed_cents=-passed.billed_cents if done else 0,
        agent_id=scan.act.agent_id if scan.act is not None else None,
        motive=scan.act.motive if scan.act is not None else None,
        cancels=passed.number if done else None,
        persons=passed.persons,
    )


def _give_back(passed: Passed, doorway: Doorway, working: Working) -> None:
    entitlement_id = passed.entitlement_id
    if entitlement_id is None:
        return
    for position, starts_on, ends_before, amount in passed.charges:
        key = (entitlement_id.int, ends_before, position)
        row = working.counters.get(key)
        if row is None:
            used, version = working.known.counters[key]
            row = working.counters[key] = CounterRow(
                entitlement_id=entitlement_id,
                ends_before=ends_before,
                position=position,
                starts_on=starts_on,
                authority_id=doorway.gate.authority_id,
                used=used,
                version=version,
                keep_until=ends_before,
            )
        row.used -= amount


def _step_back(scan: Scan, passed: Passed, doorway: Doorway, day: date, working: Working) -> None:
    """Undo the move of an entry, if nothing was seen of the pass since: it leaves, or is back where it came from."""
    if passed.direction is not Direction.ENTRY:
        return
    key = (passed.pass_id.int, doorway.site.id.int)
    presence, seen_on = working.presence(key)
    if presence.since != passed.recorded_at or presence.zone_id != doorway.zone.id or seen_on != day:
        return
    back_to = passed.left_zone_id
    working.presences[key] = PresenceRow(
        pass_id=passed.pass_id,
        site_id=doorway.site.id,
        authority_id=doorway.gate.authority_id,
        zone_id=back_to,
        # Back in the other zone it was last seen there: so the entry into that one can be cancelled too.
        since=scan.at if passed.left_since is None else passed.left_since,
        day=day,
        version=presence.version,
        keep_until=BY_CODE[doorway.site.service_code].keep_until(day),
        gate_id=doorway.gate.id,
        medium_id=presence.medium_id,
        came_at=None if back_to is None else presence.came_at,
        entitlement_id=None if back_to is None else presence.entitlement_id,
        persons=presence.persons,
        attends=presence.attends,
    )
    working.crowd(doorway.zone.id, day, doorway).count(presence.attends, -presence.persons)
    if back_to is not None:
        # Whoever took their place meanwhile stays as well: this is no entry, so no ceiling is asked.
        working.crowd(back_to, day, doorway).count(presence.attends, presence.persons)
