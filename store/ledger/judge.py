"""A batch is judged here, the same for every engine: facts that were read in, verdicts and rows to write out.

Scans are judged in order and see each other: the second tap of one pass in a batch meets the counter that the first
has just moved. What was read is never changed; the moves live in a `Working` copy that dies with the batch, so a
batch that fails to write leaves nothing behind.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.access.answer import compose, encode
from domain.access.catalogue import Catalogue
from domain.access.decide import Verdict, decide
from domain.access.facts import NOWHERE, Balance, Direction, Facts, MediumFacts, Right
from domain.access.merge import merge, overtaken
from domain.access.rules import authentic, medium_active
from domain.limits import ONE, Limit, Measure, Window
from domain.places import Doorway
from domain.products import Grace
from domain.services import BY_CODE
from store.ledger.cancel import cancel
from store.ledger.facts import fact_row, follow, receipt
from store.ledger.rows import (
    CounterRow,
    Detail,
    EventRow,
    HourRow,
    Known,
    RightRow,
    Told,
    UseRow,
    Working,
)
from store.ledger.scan import (
    KeyConflict,
    Repeated,
    Scan,
    Settled,
    StaleIdentity,
    TerminalRevoked,
    UnknownGate,
    wall_clock,
)
from store.ledger.stays import remember, stay_after

_PHONE_DAYS = timedelta(days=2)
"""How long the moment of a phone's last code is kept: past midnight in every time zone."""


def judge(scans: list[Scan], known: Known, catalogue: Catalogue) -> tuple[list[Settled], Working]:
    """Settle every scan of a batch, in order; return what to answer and what to write."""
    working = Working(known)
    return [_settle(scan, working, catalogue) for scan in scans], working


def facts_of(scan: Scan, known: Known, catalogue: Catalogue) -> Facts:
    """Return the facts by which a scan would be judged if it came alone: for whoever asks why, nothing is settled."""
    return _facts(scan, catalogue.doorways[scan.gate_id], Working(known), catalogue)


def _settle(scan: Scan, working: Working, catalogue: Catalogue) -> Settled:
    # An agent has proved who they are and what they may do before they come here.
    if scan.terminal_id.int not in working.known.active_terminals and scan.act is None and not _vouched(scan):
        return TerminalRevoked
    key = (scan.terminal_id.int, scan.key)
    stored = working.answers.get(key) or working.known.answers.get(key)
    if stored is not None:
        return _again(scan, *stored)
    doorway = catalogue.doorways.get(scan.gate_id)
    if doorway is None:
        return UnknownGate
    if scan.cancels is not None:
        answer = cancel(scan, scan.cancels, doorway, working)
    else:
        facts = _facts(scan, doorway, working, catalogue)
        if scan.evidence.remembered and (facts.medium is None or medium_active(facts) is not None):
            return StaleIdentity
        if scan.fact is None:
            verdict = decide(facts)
            answer = encode(compose(facts, verdict))
            _note(scan, facts, verdict, answer, working)
        else:
            merged = merge(facts, scan.fact.said)
            answer = receipt(scan, scan.fact, merged)
            _note(scan, facts, merged.verdict, answer, working)
            working.events[-1].fact = fact_row(scan.fact, merged, working)
    working.answers[key] = (scan.fingerprint, answer)
    return answer


def _vouched(scan: Scan) -> bool:
    return scan.fact is not None and scan.fact.vouched


def _again(scan: Scan, fingerprint: bytes, answer: bytes) -> Settled:
    """Return the answer under a key that is there: what was stored first wins, asked or told."""
    if scan.fact is None:
        return answer if fingerprint == scan.fingerprint else KeyConflict
    return Repeated(answer) if fingerprint in (scan.fingerprint, *scan.fact.asked_as) else KeyConflict


def _facts(scan: Scan, doorway: Doorway, working: Working, catalogue: Catalogue) -> Facts:
    known, at = working.known, scan.about
    day, minute = wall_clock(at, doorway.time_zone)
    medium_id = scan.evidence.medium_id
    medium = _as_it_was(known.media.get(medium_id), scan) if medium_id is not None else None
    presence, seen_on = NOWHERE, day
    rights: tuple[Right, ...] = ()
    if medium is not None:
        presence, seen_on = working.presence((medium.pass_id.int, doorway.site.id.int))
        rows = known.rights.get((medium.medium_id, doorway.site.service_code, day), ())
        standings = known.standings.get((medium.medium_id, day), ())
        rights = tuple(right_of(row, day, standings, working, catalogue) for row in rows)
    users, others = working.inside((doorway.zone.id.int, day))
    today = catalogue.day_of(doorway, day)
    running = today.running(minute) if today.sessions else ()
    service = BY_CODE[doorway.site.service_code]
    return Facts(
        at=at,
        day=day,
        minute=minute,
        direction=scan.direction,
        doorway=doorway,
        hours=today.hours,
        entries=today.entries,
        evidence=scan.evidence,
        medium=medium,
        rights=rights,
        presence=presence,
        seen_today=seen_on == day,
        crowd=users,
        asked=scan.asked,
        others=others,
        admitted=working.admitted((doorway.zone.id.int, day)) if doorway.zone.daily_capacity is not None else 0,
        sessions=tuple(session.code for session in running),
        reserved=tuple(session.code for session in running if session.reserved),
        bank_holiday=today.bank_holiday,
        vehicle=scan.vehicle,
        kinds=scan.kinds,
        paid_cents=scan.payment.amount_cents if scan.payment is not None else 0,
        override=scan.act is not None,
        least_assurance=service.assurance,
        sector=service.sector,
        last_use=working.last_use(medium.medium_id) if medium is not None and scan.evidence.mark is not None else None,
    )


def _as_it_was(medium: MediumFacts | None, scan: Scan) -> MediumFacts | None:
    """Return a medium with what it was at the passage: one that was stopped since was in use then."""
    if medium is None or scan.fact is None:
        return medium
    return replace(
        medium,
        medium_status=scan.fact.medium_status or medium.medium_status,
        pass_status=scan.fact.pass_status or medium.pass_status,
    )


def right_of(row: RightRow, day: date, standings: Sequence[Told], working: Working, catalogue: Catalogue) -> Right:
    """Make a right of its row: its windows on the day, what they have counted, and what holds of its subject."""
    product = catalogue.products[row.product_id]
    grace = product.terms.grace
    graced = grace is not None and row.valid_until <= day < row.valid_until + timedelta(days=grace.days)
    if graced and grace is not None:
        since, until = row.valid_until, row.valid_until + timedelta(days=grace.days)
        windows = [(limit, since, until) for limit in _entries_of_grace(grace)]
    else:
        windows = [(limit, *limit.period(day, row.valid_from, row.valid_until)) for limit in product.limits]
    balances = tuple(
        Balance(limit, since, until, *working.used((row.entitlement_id.int, until, limit.position)))
        for limit, since, until in windows
    )
    # What a person may use alone depends on where they live: with each of their households, never with their firm.
    told = tuple(one.standing for one in standings if (one.at_home if row.own else one.subject_id == row.subject_id))
    return Right(row.entitlement_id, product, row.valid_from, row.valid_until, balances, told, graced, row.suspended)


@lru_cache(maxsize=64)
def _entries_of_grace(grace: Grace) -> tuple[Limit, ...]:
    """Return what counts the entries of grace, under a position that no limit of a product has."""
    return () if grace.entries is None else (Limit(-1, Measure.VISIT, grace.entries * ONE, Window.WHOLE),)


def _note(scan: Scan, facts: Facts, verdict: Verdict, answer: bytes, working: Working) -> None:
    """Note what the verdict moves."""
    keep_until = BY_CODE[facts.doorway.site.service_code].keep_until(facts.day)
    charges = _charge(facts, verdict, working) if verdict.charges else "[]"
    if verdict.seen:
        if scan.fact is None:
            _move(facts, verdict, working)
        else:
            follow(scan, facts, verdict, working)
    if facts.evidence.mark is not None:
        _show(facts, verdict, facts.evidence.mark, working)
    working.events.append(
        EventRow(
            scan=scan,
            doorway=facts.doorway,
            pass_id=facts.medium.pass_id if facts.medium is not None else None,
            entitlement_id=verdict.right.entitlement_id if verdict.right is not None and verdict.charges else None,
            outcome=verdict.outcome,
            reason=verdict.reason,
            charges=charges,
            answer=answer,
            keep_until=keep_until,
            detail=_detail(scan, facts, verdict),
        )
    )


def _detail(scan: Scan, facts: Facts, verdict: Verdict) -> Detail | None:
    """Return what is worth a row of its own, and nothing for an ordinary passage."""
    payment, act = scan.payment, scan.act
    persons = facts.presence.persons if verdict.leaves is not None else facts.persons
    goes_on = verdict.seen and scan.direction is Direction.ENTRY and facts.changes_zone and not _late(scan, facts)
    if not (verdict.billed_cents or payment is not None or act is not None or scan.kinds or goes_on or persons > 1):
        return None
    return Detail(
        billed_cents=verdict.billed_cents if verdict.opens else 0,
        paid_cents=payment.amount_cents if payment is not None else 0,
        payment=payment.reference if payment is not None else None,
        agent_id=act.agent_id if act is not None else None,
        motive=act.motive if act is not None else None,
        deposits=msgspec.json.encode(scan.kinds).decode() if scan.kinds else None,
        persons=persons,
        left_zone_id=facts.zone_now if goes_on else None,
        left_since=facts.presence.since if goes_on else None,
    )


def _late(scan: Scan, facts: Facts) -> bool:
    return facts.settled_late if scan.fact is None else overtaken(facts)


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
                # The entries of grace are counted after the right has ended.
                keep_until=balance.ends_before if right.graced else right.valid_until,
            )
        else:
            row.used += charge.amount
        spent.append((balance.limit.position, balance.starts_on, balance.ends_before, charge.amount))
    return msgspec.json.encode(spent).decode()


def _move(facts: Facts, verdict: Verdict, working: Working) -> None:
    medium, doorway, before = facts.medium, facts.doorway, facts.presence
    assert medium is not None  # noqa: S101 - nobody unknown is let through
    entering = facts.direction is Direction.ENTRY
    if facts.settled_late:
        if entering:
            _count_late(facts, verdict, working)
        return
    stays = facts.zone_now is not None
    working.keep(medium.pass_id, doorway, stay_after(facts, verdict), facts.day)
    if entering:
        _attend(doorway.zone.id, facts, working)
        here = working.crowd(doorway.zone.id, facts.day, doorway)
        if verdict.enters:
            here.ceiling, here.ceiling_others = doorway.zone.capacity, doorway.zone.capacity_others
        if verdict.newcomers:
            here.daily_ceiling = doorway.zone.daily_capacity
        here.entries += 1
        here.admitted += verdict.newcomers
        here.count(before.attends if stays else verdict.attends, verdict.enters)
        _attend(doorway.zone.id, facts, working, entries=verdict.enters)
    if verdict.leaves is not None:
        if verdict.leaves == doorway.zone.id:
            _attend(verdict.leaves, facts, working)
        working.count_out(verdict.leaves, facts.day, doorway, before.attends, before.persons)


def _count_late(facts: Facts, verdict: Verdict, working: Working) -> None:
    """Count an entry from before the last passage on its day: it says nothing of where the pass is now."""
    doorway = facts.doorway
    here = working.crowd(doorway.zone.id, facts.day, doorway)
    if verdict.newcomers:
        here.daily_ceiling = doorway.zone.daily_capacity
    here.entries += 1
    here.admitted += verdict.newcomers
    _attend(doorway.zone.id, facts, working, entries=0 if facts.was_inside_here else facts.persons)
    remember(facts, verdict, working)


def _show(facts: Facts, verdict: Verdict, mark: int, working: Working) -> None:
    """Remember what a medium has shown: from now on only a greater mark is a new showing. The mark never goes back."""
    medium, last = facts.medium, facts.last_use
    if medium is None or authentic(facts) is not None or (last is not None and mark < last.mark):
        return
    # Nothing new: it is shown again, and no gate opens, or one has opened before.
    if last is not None and mark == last.mark and (last.spent or not verdict.opens):
        return
    working.uses[medium.medium_id] = UseRow(
        medium_id=medium.medium_id,
        authority_id=medium.authority_id,
        mark=mark,
        spent=verdict.opens,
        version=last.version if last is not None else 0,
        # A chip's count holds as long as the chip; a phone's code is out of time within minutes.
        keep_until=medium.pass_valid_until if facts.evidence.counter is not None else facts.day + _PHONE_DAYS,
    )


def _attend(zone_id: UUID, facts: Facts, working: Working, *, entries: int = 0) -> None:
    """Add to the hour's attendance: who came in, and how many are inside just now, if that is the most so far."""
    hour = facts.minute // 60
    key = (zone_id.int, facts.day, hour)
    row = working.hours.get(key)
    if row is None:
        row = working.hours[key] = HourRow(zone_id, facts.day, hour, facts.doorway.gate.authority_id)
    row.entries += entries
    row.most = max(row.most, sum(working.inside(key[:2])))
