"""What each right could do for a passage, and which of them to spend.

A right goes through its life, the conditions of its product, its limits and its price, in this order; the first thing
in its way is its objection. The best prospect is one without any; where there is none, the one that got furthest:
its objection is what the person can do most about.
"""

from datetime import timedelta

from domain.access.facts import Balance, Charge, Direction, Facts, Prospect, Right
from domain.access.reasons import RANK, Reason
from domain.circumstances import CircumstanceKind
from domain.conditions import NO_CONDITIONS, Conditions, Lift
from domain.limits import ONE, Measure, Settlement
from domain.people import age_on

LIFE = frozenset({Reason.SERVICE_SUSPENDED, Reason.RIGHT_NOT_STARTED, Reason.RIGHT_EXPIRED})
"""Objections of a right that does not serve at all on the day."""

CONDITIONS = frozenset(
    {
        Reason.DAY_NOT_INCLUDED,
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

_ENTRY, _DEPOSIT = Direction.ENTRY, Direction.DEPOSIT
_VISIT, _POINT, _MINUTE = Measure.VISIT, Measure.POINT, Measure.MINUTE


def best(facts: Facts) -> Prospect | None:
    """Return the prospect to follow; None where the pass has no right for this service at all.

    The order is complete, so that two workers, or a gate and the server, never charge different rights: what costs
    least, a derogation after an ordinary right, grace after life, a right without limits first, then the one that
    ends soonest, then the older one.
    """
    if not facts.weighed:
        found = [_prospect(right, facts) for right in facts.rights]
        facts.weighed.append((min(found, key=_order) if len(found) > 1 else found[0]) if found else None)
    return facts.weighed[0]


def _order(prospect: Prospect) -> tuple[object, ...]:
    right, objection = prospect.right, prospect.objection
    return (
        0 if objection is None else len(RANK) - RANK[objection],
        prospect.due_cents + prospect.billed_cents,
        bool(right.product.terms.lifts),
        prospect.graced,
        bool(right.balances),
        right.valid_until,
        right.entitlement_id,
    )


def _prospect(right: Right, facts: Facts) -> Prospect:
    objection = _life(right, facts)
    if objection is not None:
        return Prospect(right, objection)
    conditions, graced = right.product.terms.conditions, right.graced
    if conditions != NO_CONDITIONS:
        objection = _case(conditions, right, facts)
        if objection is None and conditions.asks_circumstances:
            objection, late = _circumstances(conditions, right, facts)
            graced = graced or late
    objection = objection or _vehicle(right, facts) or _waste(right, facts)
    return Prospect(right, objection) if objection is not None else _counted(right, facts, graced=graced)


def _life(right: Right, facts: Facts) -> Reason | None:
    if right.suspended:
        return Reason.SERVICE_SUSPENDED
    if right.covers(facts.day):
        return None
    return Reason.RIGHT_NOT_STARTED if right.is_to_come(facts.day) else Reason.RIGHT_EXPIRED


def _case(conditions: Conditions, right: Right, facts: Facts) -> Reason | None:
    """Check the day, the session, the age and the kind of vehicle."""
    weekdays, vehicle, medium = conditions.weekdays, facts.vehicle, facts.medium
    if (weekdays and facts.day.weekday() not in weekdays) or (facts.bank_holiday and not conditions.bank_holidays):
        return Reason.DAY_NOT_INCLUDED
    if conditions.sessions and not any(session in conditions.sessions for session in facts.sessions):
        return Reason.SESSION_NEEDED
    if medium is not None and (conditions.age_from is not None or conditions.age_below is not None):
        age = age_on(medium.born_on, facts.day)
        if age < (conditions.age_from or 0) or (conditions.age_below is not None and age >= conditions.age_below):
            return Reason.AGE_NOT_INCLUDED
    if conditions.vehicles and vehicle is not None and vehicle.kind is not None:
        lifted = Lift.VEHICLE in right.product.terms.lifts
        return None if vehicle.kind in conditions.vehicles or lifted else Reason.VEHICLE_NOT_ALLOWED
    return None


def _circumstances(conditions: Conditions, right: Right, facts: Facts) -> tuple[Reason | None, bool]:
    """Check residence, quotient and status; tell too whether one of the latter holds by grace only."""
    grace = right.product.terms.grace
    late = facts.day - timedelta(days=grace.days) if grace is not None else facts.day
    graced = False
    for kind, values, objection in (
        (CircumstanceKind.COMMUNE, conditions.communes, Reason.NOT_RESIDENT),
        (CircumstanceKind.QUOTIENT, conditions.bands, Reason.TARIFF_ENDED),
        (CircumstanceKind.STATUS, conditions.statuses, Reason.TARIFF_ENDED),
    ):
        if not values:
            continue
        ends = [one.ends for one in right.standings if one.kind is kind and one.value in values]
        if any(end > facts.day for end in ends):
            continue
        # Somebody who has moved away has moved: grace is for papers that were not renewed in time.
        if kind is CircumstanceKind.COMMUNE or not any(end > late for end in ends):
            return objection, False
        graced = True
    return None, graced


def _vehicle(right: Right, facts: Facts) -> Reason | None:
    vehicle, bounds, terms = facts.vehicle, facts.doorway.site.vehicles, right.product.terms
    if vehicle is None or Lift.VEHICLE in terms.lifts:
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
    accepts = facts.doorway.site.accepts
    if not facts.kinds or not accepts or Lift.WASTE_KIND in right.product.terms.lifts:
        return None
    return None if all(kind in accepts for kind in facts.kinds) else Reason.WASTE_NOT_ACCEPTED


def _counted(right: Right, facts: Facts, *, graced: bool) -> Prospect:
    """Count the passage against every limit, and its price."""
    charges = []
    due = billed = 0
    measured = not right.balances or facts.changes_zone or facts.direction is _DEPOSIT
    spent = False
    for place, balance in enumerate(right.balances):
        need = _need(balance, right, facts)
        if need is None:
            continue
        measured = True
        limit, used = balance.limit, balance.used
        least = ONE if limit.unit is _MINUTE and facts.direction is _ENTRY and not facts.changes_zone else need
        if used + max(need, least) > limit.amount and max(need, least):
            spent = True
        if need:
            charges.append(Charge(place, need))
            cents = -(-limit.over_free(used, need) * limit.price_cents // ONE)
            if limit.settlement is Settlement.AT_GATE:
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


def _need(balance: Balance, right: Right, facts: Facts) -> int | None:
    """Return the thousandths that the passage asks of one limit; None where nobody has measured them."""
    limit = balance.limit
    if limit.kind is not None:
        return facts.kinds[limit.kind].get(limit.unit, 0) if limit.kind in facts.kinds else None
    if facts.changes_zone and limit.unit in {_VISIT, _POINT, _MINUTE}:
        return None
    terms = right.product.terms
    if limit.unit is _POINT and terms.points and facts.vehicle is not None and facts.vehicle.kind is not None:
        return terms.points.get(facts.vehicle.kind)
    if limit.unit is _MINUTE and facts.direction is _ENTRY:
        return facts.asked.get(_MINUTE, terms.entry_minutes * ONE)
    return facts.asked.get(limit.unit)
