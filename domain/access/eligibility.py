"""Whether a right may be used on a day, whatever the moment: what the entitled lists of gates without network say.

Not a second set of rules: the service's own are asked, on facts that speak for the person in all that hangs on the
moment. A right may be used when there is a door of the service, and a moment of the day, at which none of them objects
for a reason of rights. What the place itself objects to (hours, people inside, a second entry) is not looked at.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from msgspec.structs import replace

from domain.access.catalogue import Catalogue
from domain.access.decide import EXCUSED
from domain.access.facts import NOWHERE, Direction, Evidence, Facts, MediumFacts, Right
from domain.access.reasons import Reason
from domain.conditions import Vehicle
from domain.limits import ONE, Measure
from domain.places import Doorway
from domain.services import BY_CODE

OF_THE_MOMENT = frozenset(
    {
        Reason.VEHICLE_NOT_ALLOWED,
        Reason.VEHICLE_TOO_HIGH,
        Reason.VEHICLE_TOO_HEAVY,
        Reason.WASTE_NOT_ACCEPTED,
        Reason.QUANTITY_NEEDED,
    }
)
"""What hangs on what somebody brings: the next time it may be something else."""

OF_RIGHTS = EXCUSED - OF_THE_MOMENT
"""Refusals that hang on rights alone. A price to pay is one: a bundle cannot take money."""


def occasions(catalogue: Catalogue, doors: Iterable[Doorway], day: date) -> tuple[Facts, ...]:
    """Return the ways to come to a service on a day that rights can tell apart: one question for each.

    At every site: while nothing takes place, and in each session of the day. Nobody asks yet, with no right.
    """
    found: dict[tuple[object, ...], Facts] = {}
    for door in doors:
        today = catalogue.day_of(door, day)
        for session, reserved in [(None, False), *((one.code, one.reserved) for one in today.sessions)]:
            running = () if session is None else (session,)
            supplement = (door.zone.code, door.zone.supplement_cents) if door.zone.supplement_cents else ()
            key = (session is not None, running, reserved, door.site.code, supplement)
            found[key] = Facts(
                at=datetime.combine(day, datetime.min.time(), UTC),
                day=day,
                minute=0,
                direction=Direction.ENTRY,
                doorway=door,
                hours=(),
                entries=(),
                evidence=Evidence(),
                medium=None,
                rights=(),
                presence=NOWHERE,
                seen_today=False,
                crowd=0,
                asked={Measure.VISIT: ONE},
                sessions=running,
                reserved=running if reserved else (),
                bank_holiday=today.bank_holiday,
            )
    # The plain ones first: most rights are settled by the first.
    return tuple(sorted(found.values(), key=lambda facts: (len(facts.sessions), facts.doorway.zone.supplement_cents)))


def may_use(right: Right | None, medium: MediumFacts | None, at: Iterable[Facts]) -> bool:
    """Tell whether somebody with this right, or with none, is refused for no reason of rights on one of the occasions.

    `medium` tells how old its holder is; None where the right does not ask.
    """
    rights = () if right is None else (right,)
    vehicle = None if right is None else _lightest(right)
    return any(_lets_in(replace(facts, rights=rights, medium=medium, vehicle=vehicle)) for facts in at)


def _lets_in(facts: Facts) -> bool:
    return all(rule(facts) not in OF_RIGHTS for rule in BY_CODE[facts.doorway.site.service_code].rules)


def _lightest(right: Right) -> Vehicle | None:
    """Return what counts least of all that counts: where points are spent with it, no vehicle comes in any more."""
    terms = right.product.terms
    counting = {
        kind: points
        for kind, points in terms.points.items()
        if points and (not terms.conditions.vehicles or kind in terms.conditions.vehicles)
    }
    return Vehicle(min(counting, key=counting.__getitem__)) if counting else None
