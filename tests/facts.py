"""Facts for tests: an ordinary adult with a good card, on an ordinary Wednesday, at the pool; a test says what differs.

`question()` answers `welcome`. Everything is a plain value: no database, no clock.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from domain.access.facts import NOWHERE, Balance, Direction, Evidence, Facts, MediumFacts, Presence, Right, Standing
from domain.limits import ONE, Limit, Measure, Window
from domain.passes import MediumStatus, PassStatus
from domain.people import Subject
from domain.places import Doorway, Gate, Passback, Site, Zone
from domain.products import Product, Terms
from domain.text import Text

AUTHORITY, NEIGHBOUR = UUID(int=1), UUID(int=2)
ZONE, OTHER_ZONE = UUID(int=11), UUID(int=12)
TODAY = date(2026, 11, 18)
NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
"""Noon in Paris."""

ALL_DAY = ((0, 1440),)
ONE_VISIT = {Measure.VISIT: ONE}
MINUTE = timedelta(minutes=1)
_NAME = Text(fr="Essai", en="Trial")


def doorway(
    service: str = "pool",
    *,
    capacity: int | None = None,
    passback: Passback = Passback.NONE,
    minutes: int = 0,
) -> Doorway:
    """A gate of a site under one service."""
    site = Site(UUID(int=10), AUTHORITY, "site", service, _NAME, "00101")
    zone = Zone(ZONE, AUTHORITY, site.id, "zone", capacity, passback, minutes)
    return Doorway(Gate(UUID(int=13), AUTHORITY, zone.id, "gate", _NAME), zone, site, "Europe/Paris", "ville")


def medium(
    status: MediumStatus = MediumStatus.ACTIVE,
    *,
    pass_status: PassStatus = PassStatus.ACTIVE,
    valid_from: date = date(2026, 1, 1),
    valid_until: date = date(2031, 1, 1),
    authority_id: UUID = AUTHORITY,
    born_on: date = date(1980, 5, 17),
) -> MediumFacts:
    """A medium of the register, with its pass."""
    return MediumFacts(77, status, UUID(int=20), pass_status, valid_from, valid_until, authority_id, born_on)


def right(
    *balances: Balance,
    number: int = 30,
    valid_from: date = date(2026, 1, 1),
    valid_until: date = date(2027, 1, 1),
    warn_below: int = 0,
    service: str = "pool",
) -> Right:
    """A right with these balances under it; none at all means as often as one likes."""
    limits = tuple(balance.limit for balance in balances)
    product = Product(
        UUID(int=number + 100), AUTHORITY, f"p{number}", service, Subject.PERSON, _NAME, limits, warn_below
    )
    return Right(UUID(int=number), product, valid_from, valid_until, balances)


def on_terms(held: Right, *standings: Standing, **terms: Any) -> Right:  # noqa: ANN401 - fields of Terms
    """The right, of a product with these terms, and what holds of whoever has it."""
    return replace(held, product=replace(held.product, terms=Terms(**terms)), standings=standings)


def balance(
    amount: float,
    used: float = 0,
    *,
    unit: Measure = Measure.VISIT,
    window: Window = Window.YEAR,
    position: int = 0,
) -> Balance:
    """A limit of `amount` whole units of which `used` are gone."""
    limit = Limit(position, unit, round(amount * ONE), window)
    starts_on, ends_before = limit.period(TODAY, date(2026, 1, 1), date(2027, 1, 1))
    return Balance(limit, starts_on, ends_before, round(used * ONE), 1 if used else 0)


def last_seen(ago: timedelta, *, zone: UUID | None = ZONE) -> Presence:
    """What is known of a pass that came into a zone, or left (None), some time ago."""
    return Presence(zone_id=zone, since=NOON - ago, version=3)


def question(**different: object) -> Facts:
    """The ordinary question, with some facts replaced."""
    ordinary = Facts(
        at=NOON,
        day=TODAY,
        minute=12 * 60,
        direction=Direction.ENTRY,
        doorway=doorway(),
        hours=ALL_DAY,
        entries=ALL_DAY,
        evidence=Evidence(medium_id=77, assurance=1),
        medium=medium(),
        rights=(right(),),
        presence=NOWHERE,
        seen_today=False,
        crowd=0,
        asked=ONE_VISIT,
    )
    if "hours" in different:
        different = {"entries": different["hours"], **different}
    return replace(ordinary, **different)


def leaving(**different: object) -> Facts:
    """The ordinary question on the way out."""
    return question(direction=Direction.EXIT, **different)


INSIDE: dict[str, Any] = {"presence": last_seen(MINUTE), "seen_today": True}
"""A pass that came in a minute ago."""
