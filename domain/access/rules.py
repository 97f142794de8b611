"""The vocabulary of rules: each looks at the facts and objects, warns, or says nothing.

A rule is `Callable[[Facts], Reason | None]`. It objects by returning a reason; `decide` picks the one that matters
most. Where a fact it needs is missing because an earlier rule has already objected, a rule says nothing.
"""

from collections.abc import Callable
from datetime import timedelta

from domain.access.facts import Charge, Facts, Prospect, Right
from domain.access.prospects import CONDITIONS, LIFE, QUOTA, attends, best
from domain.access.reasons import RANK, Reason
from domain.calendars import Intervals
from domain.limits import ONE, Measure, Window
from domain.passes import MediumStatus, PassStatus
from domain.people import age_on
from domain.places import Passback
from domain.products import Attendance

Rule = Callable[[Facts], Reason | None]

_NO_TIME = timedelta(0)
EXPIRES_SOON = timedelta(days=14)
_NOT_SHORT = 2 * EXPIRES_SOON

_MEDIUM_OBJECTIONS = {
    MediumStatus.LOST: Reason.MEDIUM_LOST,
    MediumStatus.STOLEN: Reason.MEDIUM_LOST,
    MediumStatus.DAMAGED: Reason.MEDIUM_BLOCKED,
    MediumStatus.REVOKED: Reason.MEDIUM_BLOCKED,
    MediumStatus.EXPIRED: Reason.CODE_EXPIRED,
    MediumStatus.SUSPENDED: Reason.MEDIUM_SUSPENDED,
    MediumStatus.REPLACED: Reason.MEDIUM_REPLACED,
}
_PASS_OBJECTIONS = {PassStatus.ENDED: Reason.PASS_ENDED, PassStatus.SUSPENDED: Reason.PASS_SUSPENDED}


def authentic(facts: Facts) -> Reason | None:
    """Object unless the credential was proved and its medium stands in this authority's register."""
    evidence, medium, doorway = facts.evidence, facts.medium, facts.doorway
    # Both must be ours: a neighbour's key proves nothing about a medium of this authority.
    if evidence.issuer is not None and evidence.issuer != doorway.authority_code:
        return Reason.OTHER_AUTHORITY
    if medium is not None and medium.authority_id != doorway.gate.authority_id:
        return Reason.OTHER_AUTHORITY
    if evidence.flaw is not None:
        return Reason(evidence.flaw)
    return Reason.UNKNOWN_MEDIUM if medium is None else None


def shown_anew(facts: Facts) -> Reason | None:
    """Object to a card's message or a phone's code that a gate has opened for, or that is older than such a one."""
    return Reason.REPLAYED if facts.replayed else None


def proved_enough(facts: Facts) -> Reason | None:
    """Object to a proof for another service or sector, or one that is easier to copy than this service accepts."""
    evidence = facts.evidence
    if evidence.service is not None and evidence.service != facts.doorway.site.service_code:
        return Reason.OTHER_SERVICE
    if evidence.sector is not None and evidence.sector != facts.sector:
        return Reason.OTHER_SERVICE
    return Reason.PROOF_TOO_WEAK if evidence.assurance < facts.least_assurance else None


def medium_active(facts: Facts) -> Reason | None:
    """Object unless this support is in use: one that is lost stops here, the phone beside it does not."""
    medium = facts.medium
    if medium is None or medium.medium_status is MediumStatus.ACTIVE:
        return None
    return _MEDIUM_OBJECTIONS.get(medium.medium_status, Reason.MEDIUM_NOT_ACTIVE)


def pass_active(facts: Facts) -> Reason | None:
    """Object unless the contract itself runs today."""
    medium = facts.medium
    if medium is None:
        return None
    if medium.pass_status is not PassStatus.ACTIVE:
        return _PASS_OBJECTIONS[medium.pass_status]
    if facts.day < medium.pass_valid_from:
        return Reason.PASS_NOT_STARTED
    return Reason.PASS_ENDED if facts.day >= medium.pass_valid_until else None


def site_open(facts: Facts) -> Reason | None:
    """Object outside the opening hours of the day, too late to begin a visit, or while others have the site."""
    if not _within(facts.hours, facts.minute):
        return Reason.SITE_CLOSED
    if not _within(facts.entries, facts.minute):
        return Reason.LAST_ENTRY_PASSED
    return Reason.SESSION_RESERVED if facts.reserved and not _of_session(facts) else None


def _within(hours: Intervals, minute: int) -> bool:
    for opens, closes in hours:  # noqa: SIM110 - `any` costs three times as much, at every passage
        if opens <= minute < closes:
            return True
    return False


def _of_session(facts: Facts) -> bool:
    return any(
        session in right.product.terms.conditions.sessions
        for session in facts.reserved
        for right in facts.rights
        if right.covers(facts.day) and not right.suspended
    )


def inside(facts: Facts) -> Reason | None:
    """Object to a deposit by somebody who did not come through the entrance today."""
    return Reason.NOT_INSIDE if facts.zone_now is None else None


def no_passback(facts: Facts) -> Reason | None:
    """Object to a second entry without an exit, in the way that the zone asks for."""
    zone, presence = facts.doorway.zone, facts.presence
    if zone.passback is Passback.NONE or presence.since is None or presence.zone_id != zone.id:
        return None
    if zone.passback is Passback.HARD:
        return Reason.ALREADY_INSIDE if facts.inside_here else None
    apart = facts.at - presence.since
    if apart < _NO_TIME and not facts.seen_today:
        # A tap of an earlier day, settled late. On one day it is the server's clock that went back: that opens nothing.
        apart = -apart
    if apart >= timedelta(minutes=zone.passback_minutes):
        return None
    return Reason.TOO_SOON if zone.passback is Passback.TIMED else Reason.SAME_TRIP


def entitled(facts: Facts) -> Reason | None:
    """Object unless some right for this service covers today. Out of season, a right begins with the next one."""
    prospect = best(facts)
    if prospect is None:
        return Reason.NO_RIGHT
    return prospect.objection if prospect.objection in LIFE else None


def entitled_or_pays(facts: Facts) -> Reason | None:
    """As `entitled`, for places with a till: without a right one buys an entry."""
    found = entitled(facts)
    return found if found in {None, Reason.SERVICE_SUSPENDED} else Reason.TICKET_NEEDED


def conditions_met(facts: Facts) -> Reason | None:
    """Object when no right that covers today serves this person, from there, with that vehicle, on this day."""
    prospect = best(facts)
    return prospect.objection if prospect is not None and prospect.objection in CONDITIONS else None


def within_quota(facts: Facts) -> Reason | None:
    """Object when every right that covers today has a limit which this visit would break."""
    prospect = best(facts)
    return prospect.objection if prospect is not None and prospect.objection in QUOTA else None


def within_carnet(facts: Facts) -> Reason | None:
    """As `within_quota`, for places with a till: an empty carnet is topped up, not refused."""
    found = within_quota(facts)
    return Reason.CARNET_EMPTY if found is Reason.QUOTA_SPENT else found


def paid(facts: Facts) -> Reason | None:
    """Object when there is something to pay before the gate opens, and it was not paid."""
    prospect = best(facts)
    return Reason.PAYMENT_DUE if prospect is not None and prospect.objection is Reason.PAYMENT_DUE else None


def below_capacity(facts: Facts) -> Reason | None:
    """Object when the zone is full, for the day or at the moment; somebody inside takes no new place."""
    zone = facts.doorway.zone
    crowd: int | None
    most = zone.daily_capacity
    if most is not None and 0 < facts.newcomers > most - facts.admitted:
        return Reason.DAY_FULL
    if attends(facts) is Attendance.OTHERS:
        capacity, crowd = zone.capacity_others, facts.others
    else:
        capacity, crowd = zone.capacity, facts.crowd
    # Where nobody can tell how many are inside, nobody is turned away: a site that must not risk it fails closed.
    full = capacity is not None and crowd is not None and crowd + facts.persons > capacity
    return Reason.SITE_FULL if full and not facts.inside_here else None


def child_accompanied(*, below_age: int) -> Rule:
    """Make a rule that asks the agent to look when a child younger than this comes to the gate.

    An age that nobody can tell asks for nothing: else every adult would wait for the agent.
    """

    def rule(facts: Facts) -> Reason | None:
        born_on = facts.medium.born_on if facts.medium is not None else None
        return Reason.CHILD_WITH_ADULT if born_on is not None and age_on(born_on, facts.day) < below_age else None

    return rule


def warnings(facts: Facts, prospect: Prospect | None) -> tuple[Reason, ...]:
    """Collect what the person should hear though the gate opens, the most pressing first.

    A limit of the day starts anew tomorrow, so reaching it is no news; and a right of a few days is not "ending soon".
    """
    if prospect is None:
        return ()
    right = prospect.right
    found: set[Reason] = set()
    if prospect.billed_cents:
        found.add(Reason.OVERAGE)
    if prospect.graced:
        found.add(Reason.GRACE)
    for charge in prospect.charges:
        heard = _nearly_used_up(right, charge)
        if heard is not None:
            found.add(heard)
    ends_soon = right.valid_until - facts.day <= EXPIRES_SOON and right.valid_until - right.valid_from > _NOT_SHORT
    if ends_soon and not right.graced:
        found.add(Reason.EXPIRES_SOON)
    return tuple(sorted(found, key=RANK.__getitem__)) if found else ()


def _nearly_used_up(right: Right, charge: Charge) -> Reason | None:
    balance = right.balances[charge.balance]
    limit = balance.limit
    if limit.window is Window.DAY:
        return None
    left = limit.free_amount - balance.used - charge.amount
    if left < 0:
        # A price says so itself: it stands in the answer as billed, or was paid before the gate opened.
        return None if limit.is_priced else Reason.GRACE
    if left < ONE and limit.unit is Measure.VISIT:
        return Reason.LAST_VISIT
    return Reason.LOW_BALANCE if left <= right.product.warn_below else None


ALWAYS: tuple[Rule, ...] = (authentic, shown_anew, proved_enough, medium_active, pass_active)
"""What every service asks before its own rules."""

RIGHTS: tuple[Rule, ...] = (entitled, conditions_met, within_quota, paid)
"""What a service asks whose doors a right opens."""

RIGHTS_OR_TILL: tuple[Rule, ...] = (entitled_or_pays, conditions_met, within_carnet, paid)
"""The same where there is a till: who has no right buys an entry."""
