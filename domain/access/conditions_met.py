"""Whether conditions hold: the same judgement for a right at the gate and for a price at the till."""

from collections.abc import Sequence
from datetime import date, timedelta

from domain.access.facts import Facts, Standing
from domain.access.reasons import Reason
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions, Lift
from domain.people import age_on, birthday
from domain.periods import FOREVER
from domain.products import Grace, Terms

# Looking a member up in its class costs as much as comparing it.
_COMMUNE, _QUOTIENT, _STATUS = CircumstanceKind.COMMUNE, CircumstanceKind.QUOTIENT, CircumstanceKind.STATUS
_LIFTS_VEHICLE = Lift.VEHICLE


def unmet(
    conditions: Conditions, terms: Terms, standings: Sequence[Standing], facts: Facts
) -> tuple[Reason | None, bool]:
    """Return the first condition that fails, and whether a band or a status holds by the grace of `terms` only."""
    objection = _case(conditions, terms, facts)
    if objection is not None or not conditions.asks_circumstances:
        return objection, False
    return _circumstances(conditions, terms.grace, standings, facts.day)


def lacking(
    conditions: Conditions, standings: Sequence[Standing], born_on: date | None, day: date
) -> tuple[Reason, ...]:
    """Return all that is asked of somebody and does not hold of them on a day, wherever and whenever they come.

    Of residence, quotient and status at most one, and no grace: a desk asks before anybody has a right.
    """
    age = () if born_on is None or _of_age(conditions, born_on, day) else (Reason.AGE_NOT_INCLUDED,)
    circumstance, _ = _circumstances(conditions, None, standings, day)
    return age if circumstance is None else (*age, circumstance)


def holds_until(conditions: Conditions, standings: Sequence[Standing], facts: Facts) -> date:
    """Return the first day on which conditions that hold now may no longer do, as far as one knows today."""
    ends = [date.max]
    if conditions.weekdays or conditions.sessions or not conditions.bank_holidays:
        ends.append(facts.day + timedelta(days=1))
    born_on = facts.medium.born_on if facts.medium is not None else None
    if conditions.age_below is not None and born_on is not None:
        ends.append(birthday(born_on, conditions.age_below))
    asked = ((_COMMUNE, conditions.communes), (_QUOTIENT, conditions.bands), (_STATUS, conditions.statuses))
    ends += [_end(standings, kind, values) for kind, values in asked if values]
    return min(ends)


def _case(conditions: Conditions, terms: Terms, facts: Facts) -> Reason | None:
    """Check the day, the site, the session, the age and the kind of vehicle."""
    weekdays, vehicle = conditions.weekdays, facts.vehicle
    born_on = facts.medium.born_on if facts.medium is not None else None
    if (weekdays and facts.day.weekday() not in weekdays) or (facts.bank_holiday and not conditions.bank_holidays):
        return Reason.DAY_NOT_INCLUDED
    if conditions.sites and facts.doorway.site.code not in conditions.sites:
        return Reason.SITE_NOT_INCLUDED
    if conditions.sessions and not share(facts.sessions, conditions.sessions):
        return Reason.SESSION_NEEDED
    if born_on is not None and (conditions.age_from is not None or conditions.age_below is not None):
        age = age_on(born_on, facts.day)
        if age < (conditions.age_from or 0) or (conditions.age_below is not None and age >= conditions.age_below):
            return Reason.AGE_NOT_INCLUDED
    if conditions.vehicles and vehicle is not None and vehicle.kind is not None:
        lifted = _LIFTS_VEHICLE in terms.lifts
        return None if vehicle.kind in conditions.vehicles or lifted else Reason.VEHICLE_NOT_ALLOWED
    return None


def _of_age(conditions: Conditions, born_on: date, day: date) -> bool:
    """As `_case` has it, which is written out there: a gate pays for each call."""
    age = age_on(born_on, day)
    return age >= (conditions.age_from or 0) and (conditions.age_below is None or age < conditions.age_below)


def share(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Tell whether the two have something in common."""
    for one in some:  # noqa: SIM110 - `any` costs three times as much, several times a passage
        if one in others:
            return True
    return False


def _circumstances(
    conditions: Conditions, grace: Grace | None, standings: Sequence[Standing], day: date
) -> tuple[Reason | None, bool]:
    """Check residence, quotient and status; tell too whether one of the latter holds by grace only."""
    # Somebody who has moved away has moved: grace is for papers that were not renewed in time.
    if conditions.communes and not _end(standings, _COMMUNE, conditions.communes) > day:
        return Reason.NOT_RESIDENT, False
    graced = False
    for kind, values in ((_QUOTIENT, conditions.bands), (_STATUS, conditions.statuses)):
        end = _end(standings, kind, values) if values else FOREVER
        if end > day:
            continue
        if grace is None or end <= day - timedelta(days=grace.days):
            return Reason.TARIFF_ENDED, False
        graced = True
    return None, graced


def _end(standings: Sequence[Standing], kind: CircumstanceKind, values: tuple[str, ...]) -> date:
    """Return when the last of these circumstances ends; long ago where none ever held."""
    last = date.min
    for one in standings:
        if one.kind is kind and one.value in values and one.ends > last:
            last = one.ends
    return last
