"""What each right could do for a passage, and which of them to spend.

A right goes through its life, the conditions of its product, its limits and its price, in this order; the first thing
in its way is its objection. The best prospect is one without any; where there is none, the one that got furthest:
its objection is what the person can do most about.
"""

from domain.access.conditions_met import share, unmet
from domain.access.facts import Balance, Charge, Direction, Facts, Prospect, Right
from domain.access.reasons import RANK, Reason
from domain.conditions import NO_CONDITIONS, Lift
from domain.limits import ONE, Measure, Settlement
from domain.products import Attendance

LIFE = frozenset({Reason.SERVICE_SUSPENDED, Reason.RIGHT_NOT_STARTED, Reason.RIGHT_EXPIRED})
"""Objections of a right that does not serve at all on the day."""

CONDITIONS = frozenset(
    {
        Reason.DAY_NOT_INCLUDED,
        Reason.SITE_NOT_INCLUDED,
        Reason.SESSION_NEEDED,
        Reason.AGE_NOT_INCLUDED,
        Reason.NOT_RESIDENT,
        Reason.TARIFF_ENDED,
        Reason.VEHICLE_NOT_ALLOWED,
        Reason.VEHICLE_TOO_HIGH,
        Reason.VEHICLE_TOO_HEAVY,
        Reason.WASTE_NOT_ACCEPTED,
    }
)
"""Objections of a right that serves, but not in this case."""

QUOTA = frozenset({Reason.QUOTA_SPENT, Reason.QUANTITY_NEEDED})

# Looking a member up in its class costs as much as comparing it.
_ENTRY, _DEPOSIT, _AT_GATE = Direction.ENTRY, Direction.DEPOSIT, Settlement.AT_GATE
_LIFTS_VEHICLE, _LIFTS_KIND = Lift.VEHICLE, Lift.WASTE_KIND
_POINT, _MINUTE = Measure.POINT, Measure.MINUTE

_OF_THE_VISIT = frozenset({Measure.VISIT, Measure.POINT, Measure.MINUTE})
"""What coming in has counted already, when somebody goes on to another zone or hands waste over."""


def prospects(facts: Facts) -> list[Prospect]:
    """Return what each right could do, in the order in which they would be spent."""
    return sorted((_prospect(right, facts) for right in facts.rights), key=_order)


def best(facts: Facts) -> Prospect | None:
    """Return the prospect to follow; None where the pass has no right for this service at all.

    The order is complete, so that two workers, or a gate and the server, never charge different rights: what costs
    least, a derogation after an ordinary right, grace after life, a right without limits first, then the one that
    ends soonest, then the older one.
    """
    if not facts.weighed:
        facts.weighed.append(_weigh(facts) if facts.rights else None)
    return facts.weighed[0]


def attends(facts: Facts) -> Attendance:
    """Return as whom somebody is counted: whoever is inside as they came in, others as their right says."""
    if facts.zone_now is not None:
        return facts.presence.attends
    prospect = best(facts)
    return prospect.right.product.terms.attends if prospect is not None else Attendance.USERS


def _weigh(facts: Facts) -> Prospect:
    if len(facts.rights) == 1:
        return _prospect(facts.rights[0], facts)
    found = []
    for right in sorted(facts.rights, key=_preference):
        prospect = _prospect(right, facts)
        found.append(prospect)
        if not (prospect.objection or prospect.due_cents or prospect.billed_cents or prospect.graced):
            break  # nothing that is still to come can be preferred to it
    return min(found, key=_order)


def _preference(right: Right) -> tuple[object, ...]:
    """Return where a right stands among those that cost the same."""
    return bool(right.product.terms.lifts), right.graced, bool(right.balances), right.valid_until, right.entitlement_id


def _order(prospect: Prospect) -> tuple[object, ...]:
    objection, (lifts, _, *last) = prospect.objection, _preference(prospect.right)
    return (
        0 if objection is None else len(RANK) - RANK[objection],
        prospect.due_cents + prospect.billed_cents,
        lifts,
        prospect.graced,
        *last,
    )


def _prospect(right: Right, facts: Facts) -> Prospect:
    objection = _life(right, facts)
    if objection is not None:
        return Prospect(right, objection)
    conditions, graced = right.product.terms.conditions, right.graced
    if facts.reserved and not share(facts.reserved, conditions.sessions):
        # While some have the site to themselves, nothing is spent but their rights.
        objection = Reason.SESSION_NEEDED
    elif conditions != NO_CONDITIONS:
        objection, late = unmet(conditions, right.product.terms, right.standings, facts)
        graced = graced or late
    objection = objection or _vehicle(right, facts) or _waste(right, facts)
    return Prospect(right, objection) if objection is not None else _counted(right, facts, graced=graced)


def _life(right: Right, facts: Facts) -> Reason | None:
    if right.suspended:
        return Reason.SERVICE_SUSPENDED
    if right.covers(facts.day):
        return None
    return Reason.RIGHT_NOT_STARTED if right.is_to_come(facts.day) else Reason.RIGHT_EXPIRED


def _vehicle(right: Right, facts: Facts) -> Reason | None:
    vehicle, bounds, terms = facts.vehicle, facts.doorway.site.vehicles, right.product.terms
    if vehicle is None or _LIFTS_VEHICLE in terms.lifts:
        return None
    if terms.points and vehicle.kind is not None and vehicle.kind not in terms.points:
        return Reason.VEHICLE_NOT_ALLOWED
    if bounds is None:
        return None
    if _beyond(vehicle.height_cm, bounds.max_height_cm):
        return Reason.VEHICLE_TOO_HIGH
    return Reason.VEHICLE_TOO_HEAVY if _beyond(vehicle.weight_kg, bounds.max_weight_kg) else None


def _beyond(measured: int | None, most: int | None) -> bool:
    return measured is not None and most is not None and measured > most


def _waste(right: Right, facts: Facts) -> Reason | None:
    terms = right.product.terms
    if not facts.kinds or _LIFTS_KIND in terms.lifts:
        return None
    accepts, covers = facts.doorway.site.accepts, terms.conditions.kinds
    for kind in facts.kinds:
        if (accepts and kind not in accepts) or (covers and kind not in covers):
            return Reason.WASTE_NOT_ACCEPTED
    return None


def _counted(right: Right, facts: Facts, *, graced: bool) -> Prospect:
    """Count the passage against every limit, and its price."""
    charges = []
    due = billed = 0
    goes_on = facts.direction is _DEPOSIT or facts.changes_zone
    measured, spent = goes_on or not right.balances, False
    for place, balance in enumerate(right.balances):
        need = _need(balance, right, facts, goes_on=goes_on)
        if need is None:
            continue
        measured = True
        limit, used = balance.limit, balance.used
        # A credit of time opens with a minute left: the stay is charged when it ends.
        room = ONE if not need and limit.unit is _MINUTE else need
        if room and used + room > limit.amount:
            spent = True
        if need:
            charges.append(Charge(place, need))
            if limit.price_cents:
                cents = -(-limit.over_free(used, need) * limit.price_cents // ONE)
                if limit.settlement is _AT_GATE:
                    due += cents
                else:
                    billed += cents
    if spent or not measured:
        return Prospect(right, Reason.QUOTA_SPENT if spent else Reason.QUANTITY_NEEDED, graced=graced)
    zone = facts.doorway.zone
    if zone.supplement_cents and facts.direction is _ENTRY and not facts.inside_here:
        due += 0 if zone.code in right.product.terms.zones else zone.supplement_cents * facts.persons
    objection = Reason.PAYMENT_DUE if due > facts.paid_cents else None
    return Prospect(right, objection, tuple(charges), due, billed, graced)


def wanted(right: Right, facts: Facts) -> tuple[Charge, ...]:
    """Return what the passage takes from each limit of a right, whatever is left: for what was granted offline."""
    goes_on = facts.direction is _DEPOSIT or facts.changes_zone
    needs = ((place, _need(balance, right, facts, goes_on=goes_on)) for place, balance in enumerate(right.balances))
    return tuple(Charge(place, need) for place, need in needs if need)


def _need(balance: Balance, right: Right, facts: Facts, *, goes_on: bool) -> int | None:
    """Return the thousandths that the passage asks of one limit; None where nobody has measured them."""
    limit = balance.limit
    if limit.kind is not None:
        return facts.kinds[limit.kind].get(limit.unit, 0) if limit.kind in facts.kinds else None
    if goes_on and limit.unit in _OF_THE_VISIT:
        return None
    terms = right.product.terms
    if limit.unit is _POINT and terms.points and facts.vehicle is not None and facts.vehicle.kind is not None:
        return terms.points.get(facts.vehicle.kind)
    if limit.unit is _MINUTE and facts.direction is _ENTRY:
        return facts.asked.get(_MINUTE, terms.entry_minutes * ONE)
    return _in_all(limit.unit, facts) if facts.kinds else facts.asked.get(limit.unit)


def _in_all(unit: Measure, facts: Facts) -> int | None:
    """Return how much is brought of all kinds together: nobody has to add up what was told kind by kind."""
    asked, brought = facts.asked.get(unit), 0
    for quantities in facts.kinds.values():
        brought += quantities.get(unit, 0)
    return brought if brought > (asked or 0) else asked
