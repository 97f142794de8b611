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
    if not done and scan.act is None:
        return None
    return Detail(
        billed_cents=-passed.billed_cents if done else 0,
        agent_id=scan.act.agent_id if scan.act is not None else None,
        motive=scan.act.motive if scan.act is not None else None,
        cancels=passed.number if done else None,
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
    """Take an entry from the day's count and from what is paid; let the pass leave again, if it was its last."""
    if passed.direction is not Direction.ENTRY:
        return
    key, zone_id = (passed.pass_id.int, doorway.site.id.int), doorway.zone.id
    presence, seen_on = working.presence(key)
    undone = [one for one in presence.admissions if (one.zone_id, one.at) == (zone_id, passed.when)]
    leaves = (presence.since, presence.zone_id, seen_on) == (passed.when, zone_id, day)
    if not (leaves or undone) or presence.since is None or presence.gate_id is None:
        return
    working.presences[key] = PresenceRow(
        pass_id=passed.pass_id,
        site_id=doorway.site.id,
        authority_id=doorway.gate.authority_id,
        zone_id=None if leaves else presence.zone_id,
        since=scan.at if leaves else presence.since,
        day=seen_on,
        version=presence.version,
        keep_until=BY_CODE[doorway.site.service_code].keep_until(seen_on),
        gate_id=doorway.gate.id if leaves else presence.gate_id,
        medium_id=presence.medium_id,
        came_at=None if leaves else presence.came_at,
        entitlement_id=None if leaves else presence.entitlement_id,
        persons=presence.persons,
        attends=presence.attends,
        admissions=tuple(one for one in presence.admissions if one not in undone),
    )
    # The count of a day that is long over may be purged: then nobody is counted there who could leave.
    if (zone_id.int, day) in working.known.crowds:
        here = working.crowd(zone_id, day, doorway)
        here.admitted -= sum(one.persons for one in undone)
        # What was told on a later day was never counted among those inside.
        if leaves and wall_clock(passed.recorded_at, doorway.time_zone)[0] == day:
            here.count(presence.attends, -presence.persons)
