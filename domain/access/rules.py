"""The vocabulary of rules: each looks at the facts and objects, warns, or says nothing.

A rule is `Callable[[Facts], Reason | None]`. It objects by returning a reason; `decide` picks the one that matters
most. Where a fact it needs is missing because an earlier rule has already objected, a rule says nothing.
"""

from collections.abc import Callable
from datetime import timedelta

from domain.access.facts import Facts, Right
from domain.access.reasons import RANK, Reason
from domain.passes import MediumStatus, PassStatus
from domain.people import age_on
from domain.places import Passback
from domain.products import ONE, Measure, Window

Rule = Callable[[Facts], Reason | None]

EXPIRES_SOON = timedelta(days=14)

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
    """Object outside the opening hours of the day."""
    minute = facts.minute
    for opens, closes in facts.hours:
        if opens <= minute < closes:
            return None
    return Reason.SITE_CLOSED


def no_passback(facts: Facts) -> Reason | None:
    """Object to a second entry without an exit, in the way that the zone asks for."""
    zone, presence = facts.doorway.zone, facts.presence
    if zone.passback is Passback.NONE or presence.since is None or presence.zone_id != zone.id:
        return None
    if zone.passback is Passback.HARD:
        return Reason.ALREADY_INSIDE if facts.inside_here else None
    if facts.at - presence.since >= timedelta(minutes=zone.passback_minutes):
        return None
    return Reason.TOO_SOON if zone.passback is Passback.TIMED else Reason.SAME_TRIP


def entitled(facts: Facts) -> Reason | None:
    """Object unless some right for this service covers today. Out of season, a right begins with the next one."""
    if any(right.covers(facts.day) for right in facts.rights):
        return None
    if not facts.rights:
        return Reason.NO_RIGHT
    return (
        Reason.RIGHT_NOT_STARTED if any(right.is_to_come(facts.day) for right in facts.rights) else Reason.RIGHT_EXPIRED
    )


def entitled_or_pays(facts: Facts) -> Reason | None:
    """As `entitled`, for places with a till: without a right one buys an entry."""
    return None if entitled(facts) is None else Reason.TICKET_NEEDED


def within_quota(facts: Facts) -> Reason | None:
    """Object when every right that covers today has a limit which this visit would break."""
    covering = [right for right in facts.rights if right.covers(facts.day)]
    if not covering or any(has_room(right, facts.asked) for right in covering):
        return None
    return Reason.QUOTA_SPENT if any(_measured(right, facts.asked) for right in covering) else Reason.QUANTITY_NEEDED


def within_carnet(facts: Facts) -> Reason | None:
    """As `within_quota`, for places with a till: an empty carnet is topped up, not refused."""
    found = within_quota(facts)
    return Reason.CARNET_EMPTY if found is Reason.QUOTA_SPENT else found


def below_capacity(facts: Facts) -> Reason | None:
    """Object when the zone is full (the maximum attendance at one moment); somebody inside takes no new place."""
    capacity = facts.doorway.zone.capacity
    return Reason.SITE_FULL if capacity is not None and facts.crowd >= capacity and not facts.inside_here else None


def child_accompanied(*, below_age: int) -> Rule:
    """Make a rule that asks the agent to look when a child younger than this comes to the gate."""

    def rule(facts: Facts) -> Reason | None:
        medium = facts.medium
        return Reason.CHILD_WITH_ADULT if medium is not None and age_on(medium.born_on, facts.day) < below_age else None

    return rule


def has_room(right: Right, asked: dict[Measure, int]) -> bool:
    """Tell whether every limit of the right can still take what is asked.

    A right that counts something nobody has measured has no room: an entry without points would be free for ever.
    """
    if not _measured(right, asked):
        return False
    for balance in right.balances:
        need = asked.get(balance.limit.unit, 0)
        if need and balance.used + need > balance.limit.amount:
            return False
    return True


def _measured(right: Right, asked: dict[Measure, int]) -> bool:
    return not right.balances or any(balance.limit.unit in asked for balance in right.balances)


def warnings(facts: Facts, right: Right | None) -> tuple[Reason, ...]:
    """Collect what the person should hear though the gate opens, the most pressing first.

    A limit of the day starts anew tomorrow, so reaching it is no news; and a right of a few days is not "ending soon".
    """
    if right is None:
        return ()
    found: set[Reason] = set()
    for balance in right.balances:
        need = facts.asked.get(balance.limit.unit, 0)
        if not need or balance.limit.window is Window.DAY:
            continue
        left = balance.limit.amount - balance.used - need
        if left < ONE and balance.limit.unit is Measure.VISIT:
            found.add(Reason.LAST_VISIT)
        elif left <= right.product.warn_below:
            found.add(Reason.LOW_BALANCE)
    if right.valid_until - facts.day <= EXPIRES_SOON and right.valid_until - right.valid_from > 2 * EXPIRES_SOON:
        found.add(Reason.EXPIRES_SOON)
    return tuple(sorted(found, key=RANK.__getitem__)) if found else ()


ALWAYS: tuple[Rule, ...] = (authentic, medium_active, pass_active)
"""What every service asks before its own rules."""
