"""What each right could do for a passage, and which of them to spend.

A right goes through its life, the conditions of its product, its limits and its price, in this order; the first thing
in its way is its objection. The best prospect is one without any; where there is none, the one that got furthest:
its objection is what the person can do most about.
"""

from msgspec import Struct

from domain.access.conditions_met import share, unmet
from domain.access.facts import Charge, Direction, Facts, Prospect, Right
from domain.access.reasons import RANK, Reason
from domain.conditions import NO_CONDITIONS, Lift
from domain.limits import ONE, Limit, Measure, Settlement
from domain.products import Attendance
from domain.rates import rate_for

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


class _Visit(Struct, frozen=True, gc=False):
    """What is the same for every right, found out once.

    `goes_on`: the visit itself is counted already. `asked` holds thousandths by measure, of all kinds together.
    `pays_for` are the persons for whom the zone's supplement is due, unless the right includes the zone.
    """

    facts: Facts
    goes_on: bool
    asked: dict[Measure, int]
    pays_for: int


def _visit(facts: Facts) -> _Visit:
    zone_now, zone, entering = facts.zone_now, facts.doorway.zone, facts.direction is _ENTRY
    comes = entering and zone_now != zone.id
    return _Visit(
        facts,
        goes_on=facts.direction is _DEPOSIT or (zone_now is not None and zone_now != zone.id),
        asked=_in_all(facts) if facts.kinds else facts.asked,
        pays_for=facts.unpaid if zone.supplement_cents and comes else 0,
    )


def prospects(facts: Facts) -> list[Prospect]:
    """Return what each right could do, in the order in which they would be spent."""
    visit = _visit(facts)
    return sorted((_prospect(right, visit) for right in facts.rights), key=_order)


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
    visit = _visit(facts)
    if len(facts.rights) == 1:
        return _prospect(facts.rights[0], visit)
    found = []
    for right in sorted(facts.rights, key=_preference):
        prospect = _prospect(right, visit)
        found.append(prospect)
        if not (prospect.objection or prospect.due_cents or prospect.billed_cents or prospect.graced):
            break  # nothing that is still to come can be preferred to it
    return min(found, key=_cost)  # the first of those that cost the same, which are in order of preference


def _preference(right: Right) -> tuple[object, ...]:
    """Return where a right stands among those that cost the same."""
    return bool(right.product.terms.lifts), right.graced, bool(right.balances), right.valid_until, right.entitlement_id


def _cost(prospect: Prospect) -> tuple[object, ...]:
    """Return what goes before preference: how far a right got, and what it costs."""
    objection = prospect.objection
    return (
        0 if objection is None else len(RANK) - RANK[objection],
        prospect.due_cents + prospect.billed_cents,
        bool(prospect.right.product.terms.lifts),
        prospect.graced,
    )


def _order(prospect: Prospect) -> tuple[object, ...]:
    return *_cost(prospect), *_preference(prospect.right)


def _prospect(right: Right, visit: _Visit) -> Prospect:
    facts = visit.facts
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
    return Prospect(right, objection) if objection is not None else _counted(right, visit, graced=graced)


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


def _counted(right: Right, visit: _Visit, *, graced: bool) -> Prospect:
    """Count the passage against every limit, and its price."""
    facts, goes_on = visit.facts, visit.goes_on
    charges = []
    due = billed = 0
    measured, priced = goes_on or not right.balances, True
    for place, balance in enumerate(right.balances):
        need = _need(balance.limit, right, visit)
        if need is None:
            continue
        measured = True
        limit, used = balance.limit, balance.used
        # A credit of time opens with a minute left: the stay is charged when it ends.
        room = ONE if not need and limit.unit is _MINUTE else need
        if room and used + room > limit.amount:
            return Prospect(right, Reason.QUOTA_SPENT, graced=graced)
        if need:
            charges.append(Charge(place, need))
            if limit.free is not None and used + need > limit.free:
                price = _price(limit, used + need - max(limit.free, used), facts)
                if price is None:
                    return Prospect(right, Reason.QUOTA_SPENT, graced=graced)
                priced = priced and price >= 0
                due, billed = (due + price, billed) if limit.settlement is _AT_GATE else (due, billed + price)
    if not (measured and priced):
        return Prospect(right, Reason.QUANTITY_NEEDED, graced=graced)
    zone = facts.doorway.zone
    pays_for = visit.pays_for if visit.pays_for and zone.code not in right.product.terms.zones else 0
    due += zone.supplement_cents * pays_for
    objection = Reason.PAYMENT_DUE if due > facts.paid_cents else None
    return Prospect(right, objection, tuple(charges), due, billed, graced, pays_for)


_UNTOLD = -1
"""Where a price depends on a vehicle or a load of which nobody has told."""


def _price(limit: Limit, beyond: int, facts: Facts) -> int | None:
    """Return the cents for what lies beyond the free part; None where it is not sold to that vehicle with that load."""
    cents = limit.price_cents
    if limit.rates:
        rate, known = rate_for(limit.rates, facts.vehicle.kind if facts.vehicle is not None else None, facts.kinds)
        if not known:
            return _UNTOLD
        if rate is None:
            return None
        cents = rate.price_cents
    return -(-beyond * cents // ONE)


def _need(limit: Limit, right: Right, visit: _Visit) -> int | None:
    """Return the thousandths that the passage asks of one limit; None where nobody has measured them."""
    facts, unit = visit.facts, limit.unit
    if limit.kind is not None:
        return facts.kinds[limit.kind].get(unit, 0) if limit.kind in facts.kinds else None
    if visit.goes_on and unit in _OF_THE_VISIT:
        return None
    if unit is _POINT and facts.vehicle is not None and facts.vehicle.kind is not None:
        points = right.product.terms.points
        if points:
            return points.get(facts.vehicle.kind)
    if unit is _MINUTE and facts.direction is _ENTRY:
        return facts.asked.get(_MINUTE, right.product.terms.entry_minutes * ONE)
    return visit.asked.get(unit)


def _in_all(facts: Facts) -> dict[Measure, int]:
    """Return how much is brought of all kinds together: nobody has to add up what was told kind by kind."""
    brought: dict[Measure, int] = {}
    for quantities in facts.kinds.values():
        for unit, amount in quantities.items():
            brought[unit] = brought.get(unit, 0) + amount
    asked = dict(facts.asked)
    for unit, amount in brought.items():
        if amount > asked.get(unit, 0):
            asked[unit] = amount
    return asked
