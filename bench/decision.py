"""`python -m bench.decision`: what one decision takes, in microseconds of Python, without database or network.

A decision stays under twenty: the ordinary passage, and the richest that the catalogue can make.
"""

from datetime import UTC, date, datetime, timedelta
from timeit import repeat
from uuid import UUID

from msgspec.structs import replace

from domain.access.admissions import Admission
from domain.access.answer import compose, encode
from domain.access.decide import decide
from domain.access.facts import NOWHERE, Balance, Direction, Evidence, Facts, MediumFacts, Presence, Right, Standing
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions, Vehicle, VehicleClass
from domain.limits import ONE, Limit, Measure, Window
from domain.passes import MediumStatus, PassStatus
from domain.people import Subject
from domain.periods import FOREVER
from domain.places import Doorway, Gate, Passback, Site, VehicleLimits, Zone
from domain.products import Grace, Product, Terms
from domain.rates import Rate
from domain.text import Text

BUDGET_US = 20
RUNS, ROUNDS = 300, 100

_NAME = Text(fr="Essai", en="Trial")
_TODAY = date(2026, 11, 18)
_LIFE = (date(2026, 1, 1), date(2027, 1, 1))
_OWNER = UUID(int=1)

EVERY_CONDITION = Conditions(
    age_from=16,
    age_below=99,
    communes=("59350", "59009"),
    bands=("A", "B"),
    statuses=("student", "staff"),
    weekdays=(0, 1, 2, 3, 4),
    bank_holidays=False,
    sites=("site",),
    sessions=("morning", "lesson"),
    vehicles=(VehicleClass.CAR, VehicleClass.VAN),
    kinds=("rubble", "wood"),
)
_STANDINGS = (
    Standing(CircumstanceKind.COMMUNE, "59350", FOREVER),
    Standing(CircumstanceKind.QUOTIENT, "B", FOREVER),
    Standing(CircumstanceKind.STATUS, "student", FOREVER),
)
_RATES = (
    Rate(900, (VehicleClass.CAR,), ("rubble", "wood")),
    Rate(1_400, (VehicleClass.CAR,)),
    Rate(2_500, (VehicleClass.VAN,)),
)
_FOUR_LIMITS = (
    Limit(0, Measure.POINT, 50 * ONE, Window.YEAR, free=40 * ONE, rates=_RATES),
    Limit(1, Measure.VISIT, 4 * ONE, Window.MONTH),
    Limit(2, Measure.VISIT, 30 * ONE, Window.YEAR),
    Limit(3, Measure.M3, 2 * ONE, Window.DAY),
)
_EVERY_TERM = Terms(EVERY_CONDITION, points={VehicleClass.CAR: 500}, grace=Grace(days=14))


def ordinary() -> Facts:
    """An adult with a year's visits at a waste centre that counts vehicles."""
    site = Site(UUID(int=10), _OWNER, "site", "waste-centre", _NAME, "59350")
    zone = Zone(UUID(int=11), _OWNER, site.id, "zone", 40, Passback.TIMED, 10)
    return Facts(
        at=datetime(2026, 11, 18, 11, tzinfo=UTC),
        day=_TODAY,
        minute=720,
        direction=Direction.ENTRY,
        doorway=Doorway(Gate(UUID(int=12), _OWNER, zone.id, "gate", _NAME), zone, site, "Europe/Paris", "ville"),
        hours=((540, 720), (720, 1_080)),
        entries=((540, 720), (720, 1_080)),
        evidence=Evidence(77, 1, None, "ville"),
        medium=MediumFacts(
            77, MediumStatus.ACTIVE, UUID(int=20), PassStatus.ACTIVE, *_LIFE, _OWNER, born_on=date(1980, 5, 17)
        ),
        rights=(_right(30, (Limit(0, Measure.VISIT, 24 * ONE, Window.YEAR),), Terms()),),
        presence=NOWHERE,
        seen_today=False,
        crowd=7,
        asked={Measure.VISIT: ONE},
    )


def richest() -> Facts:
    """Three rights with four limits each, prices by vehicle and load and every condition, at a site that looks at both.

    Its zone counts the day and has a supplement, which was paid on the way in an hour ago.
    """
    plain = ordinary()
    zone = replace(plain.doorway.zone, daily_capacity=400, supplement_cents=300)
    been = Admission(zone.id, _TODAY, plain.at - timedelta(hours=1), 1, 1)
    site = replace(plain.doorway.site, vehicles=VehicleLimits(190, 3_500), accepts=("rubble", "wood"))
    return replace(
        plain,
        doorway=replace(plain.doorway, site=site, zone=zone),
        presence=Presence(None, been.at, 2, admissions=(been,)),
        admitted=12,
        rights=tuple(_right(number, _FOUR_LIMITS, _EVERY_TERM) for number in (30, 31, 32)),
        sessions=("lesson",),
        vehicle=Vehicle(VehicleClass.CAR, 150, 1_500),
        kinds={"rubble": {Measure.M3: 500}},
    )


def richest_refused() -> Facts:
    """The same with every quota spent: each right has to be weighed to the end."""
    facts = richest()
    return replace(facts, rights=tuple(replace(right, balances=_spent(right)) for right in facts.rights))


def richest_priced() -> Facts:
    """One such right beyond its free part: a price by vehicle and load (SMITOM Lombric)."""
    facts = richest()
    return replace(facts, rights=(replace(facts.rights[0], balances=_beyond(facts.rights[0])),))


def richest_dearest() -> Facts:
    """The whole right is spent, and both others cost something: every price is worked out before one is chosen."""
    facts = richest()
    first, *others = facts.rights
    return replace(
        facts,
        rights=(replace(first, balances=_spent(first)), *(replace(one, balances=_beyond(one)) for one in others)),
    )


CASES = {
    "ordinary": ordinary,
    "richest": richest,
    "richest, refused": richest_refused,
    "richest, priced": richest_priced,
    "richest, dearest": richest_dearest,
}


def _right(number: int, limits: tuple[Limit, ...], terms: Terms) -> Right:
    owner = UUID(int=number + 100)
    product = Product(owner, _OWNER, f"p{number}", "waste-centre", Subject.HOUSEHOLD, _NAME, limits, terms=terms)
    balances = tuple(Balance(limit, *limit.period(_TODAY, *_LIFE), used=0, version=0) for limit in limits)
    return Right(UUID(int=number), product, *_LIFE, balances, _STANDINGS if terms.conditions.communes else ())


def _spent(right: Right) -> tuple[Balance, ...]:
    return tuple(replace(balance, used=balance.limit.amount) for balance in right.balances)


def _beyond(right: Right) -> tuple[Balance, ...]:
    return tuple(
        replace(balance, used=balance.limit.free) if balance.limit.free is not None else balance
        for balance in right.balances
    )


def _microseconds(facts: Facts, *, answers: bool) -> float:
    """Return the least that a decision took: the rest is what else the machine did."""

    def judged() -> None:
        fresh = replace(facts)  # what was weighed before is forgotten
        verdict = decide(fresh)
        if answers:
            encode(compose(fresh, verdict))

    return min(repeat(judged, number=RUNS, repeat=ROUNDS)) / RUNS * 1e6


def main() -> None:
    """Print each case, without and with the answer's bytes."""
    for name, facts in CASES.items():
        alone, answered = (_microseconds(facts(), answers=answers) for answers in (False, True))
        kept = "kept" if alone < BUDGET_US else "MISSED"
        print(f"{name:<18} {alone:5.1f} us decided, {answered:5.1f} us with its answer; under {BUDGET_US} us: {kept}")


if __name__ == "__main__":
    main()
