"""Taking a passage back: what it counted is given back, in an event of its own. Nothing is ever erased."""

from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from domain.access.answer import encode, plain
from domain.access.facts import Direction
from domain.access.reasons import REASONS, Reason
from domain.places import Doorway
from domain.services import BY_CODE
from store.ledger.rows import CounterRow, Detail, EventRow, Working
from store.ledger.scan import Passed, Scan, wall_clock

Line = tuple[int, date, date, int]
"""What was counted, as an event keeps it: position, first day, first day after, thousandths."""


def cancel(scan: Scan, passed: Passed, doorway: Doorway, working: Working) -> bytes:
    """Settle a cancellation: once, by the terminal within its time, by an agent at any time."""
    day, _ = wall_clock(passed.when, doorway.time_zone)
    service = BY_CODE[doorway.site.service_code]
    reason = Reason.CANCELLED
    if passed.number in working.known.cancelled or passed.number in working.cancelled:
        reason = Reason.CANCELLED_ALREADY
    elif scan.act is None and scan.at - passed.when > timedelta(minutes=service.cancel_minutes):
        reason = Reason.CANCELLED_TOO_LATE
    done = reason is Reason.CANCELLED
    back: list[Line] = []
    if done:
        working.cancelled.add(passed.number)
        back = _give_back(passed, doorway, working)
        _step_back(scan, passed, doorway, day, working)
    answer = encode(plain(reason, passed.direction, scan.at))
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


def _give_back(passed: Passed, doorway: Doorway, working: Working) -> list[Line]:
    """Give back what a passage counted, and return the lines that say so, with negative amounts.

    Never more than is counted: a counter that was purged meanwhile, its window long closed, has nothing to give back.
    """
    entitlement_id = passed.entitlement_id
    if entitlement_id is None:
        return []
    back = []
    for position, starts_on, ends_before, amount in passed.charges:
        key = (entitlement_id.int, ends_before, position)
        used, version = working.used(key)
        given = min(amount, used)
        if not given:
            continue
        row = working.counters.get(key)
        if row is None:
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
        row.used -= given
        back.append((position, starts_on, ends_before, -given))
    return back


def _step_back(scan: Scan, passed: Passed, doorway: Doorway, day: date, working: Working) -> None:
    """Take an entry from the day's count and from what is paid. If nothing was seen of the pass since, undo its move as
    well: it leaves, or is back where it came from.
    """
    if passed.direction is not Direction.ENTRY:
        return
    key, zone_id = (passed.pass_id.int, doorway.site.id.int), doorway.zone.id
    presence, seen_on = working.presence(key)
    undone = [one for one in presence.admissions if (one.zone_id, one.at) == (zone_id, passed.when)]
    moves = (presence.since, presence.zone_id, seen_on) == (passed.when, zone_id, day)
    if not (moves or undone) or presence.since is None or presence.gate_id is None:
        return
    back_to = passed.left_zone_id
    presence = replace(presence, admissions=tuple(one for one in presence.admissions if one not in undone))
    if moves:
        presence = replace(presence, zone_id=back_to, gate_id=doorway.gate.id)
        # Back in the other zone it was last seen there: so the entry into that one can be cancelled too. Put out, it
        # was read by nobody: an exit that follows within seconds is no second reading of one.
        presence = (
            replace(presence, since=scan.at, came_at=None, entitlement_id=None, medium_id=None)
            if back_to is None
            else replace(presence, since=passed.left_since)
        )
    working.keep(passed.pass_id, doorway, presence, seen_on)
    # The counts of a day that is long over may be purged: then nobody is counted there who could leave or be back.
    if (zone_id.int, day) in working.known.crowds:
        here = working.crowd(zone_id, day, doorway)
        here.admitted -= sum(one.persons for one in undone)
        # What was told on a later day was never counted among those inside.
        moves = moves and wall_clock(passed.recorded_at, doorway.time_zone)[0] == day
        # Nor does it move whoever an agent has counted since, as they stood there.
        if moves and not working.counted_since(zone_id, day, passed.when):
            working.count_out(zone_id, day, doorway, presence.attends, presence.persons)
        if moves and back_to is not None and not working.counted_since(back_to, day, passed.when):
            working.crowd(back_to, day, doorway).put_back(presence.attends, presence.persons)
