"""Places, people and taps for the tests of the ledger, on top of the small city."""

from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from domain import products
from domain.access.facts import DOUBLE_READ, Direction, Evidence
from domain.conditions import Vehicle
from domain.errors import DomainError, LedgerUnavailable, Overloaded
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.places import Gate, Passback, Site, Zone, open_site, open_zone
from domain.products import NO_TERMS, Product, Terms
from domain.text import Text
from store.database import Database
from store.ledger import Lane, Scan, Settled
from store.ledger.scan import AgentAct, Passed, Payment
from tests.city import ALWAYS_OPEN, KEEP, NOW, City
from tests.contract.ledger_books import charges_of, instant

ONE_VISIT = {Measure.VISIT: ONE}
Kinds = dict[str, dict[Measure, int]]
APART = DOUBLE_READ + timedelta(seconds=1)
"""Two taps this far apart at one gate are two scans; nearer ones are one, read twice."""


async def add_place(
    database: Database,
    city: City,
    code: str,
    *,
    doors: int = 1,
    service: str = "pool",
    capacity: int | None = None,
    capacity_others: int | None = None,
    passback: Passback = Passback.NONE,
    minutes: int = 0,
    daily_capacity: int | None = None,
    white_until: date | None = None,
) -> list[Gate]:
    """Build a site of one zone with some doors; return the doors."""
    async with database.begin() as unit:
        owner, name = city.authority.id, Text(fr=code, en=code)
        site = Site(unit.ids.row(), owner, code, service, name, "00101", ALWAYS_OPEN)
        site = replace(site, white_until=white_until)
        zone = Zone(unit.ids.row(), owner, site.id, code, capacity, passback, minutes, capacity_others)
        zone = replace(zone, daily_capacity=daily_capacity)
        gates = [Gate(unit.ids.row(), owner, zone.id, f"{code}-{number}", name) for number in range(1, doors + 1)]
        await open_site(unit, site)
        await unit.places.add_zone(zone)
        for gate in gates:
            await unit.places.add_gate(gate)
    return gates


async def add_zone(
    database: Database,
    city: City,
    beside: Gate,
    code: str,
    *,
    capacity: int | None = None,
    capacity_others: int | None = None,
    passback: Passback = Passback.HARD,
    supplement_cents: int = 0,
    daily_capacity: int | None = None,
) -> Gate:
    """Build one more zone at the site of a door; return its own door."""
    site_id = (await database.catalogue()).doorways[beside.id].site.id
    async with database.begin() as unit:
        owner = city.authority.id
        zone = Zone(unit.ids.row(), owner, site_id, code, capacity, passback, 0, capacity_others, supplement_cents)
        gate = Gate(unit.ids.row(), owner, zone.id, f"{code}-1", Text(fr=code, en=code))
        await open_zone(unit, replace(zone, daily_capacity=daily_capacity))
        await unit.places.add_gate(gate)
    return gate


async def add_product(
    database: Database,
    city: City,
    code: str,
    *limits: tuple[int, Window] | Limit,
    service: str = "pool",
    subject: Subject = Subject.PERSON,
    terms: Terms = NO_TERMS,
) -> Product:
    """Offer a product with these limits: so many visits in a window, or whole limits, whose place is given here."""
    async with database.begin() as unit:
        product = Product(
            id=unit.ids.row(),
            authority_id=city.authority.id,
            code=code,
            service_code=service,
            subject=subject,
            name=Text(fr=code, en=code),
            limits=tuple(_limit(place, limit) for place, limit in enumerate(limits)),
            terms=terms,
        )
        await products.publish_product(unit, product)
    return product


def _limit(place: int, said: tuple[int, Window] | Limit) -> Limit:
    if isinstance(said, Limit):
        return replace(said, position=place)
    visits, window = said
    return Limit(place, Measure.VISIT, visits * ONE, window)


async def give(
    database: Database,
    product: Product,
    subject_id: UUID,
    *,
    starts: date = date(2026, 1, 1),
    ends: date = date(2027, 1, 1),
    now: datetime = NOW,
) -> products.Entitlement:
    """Grant a right by the domain's own verb."""
    async with database.begin() as unit:
        return await products.grant(
            unit, product=product, subject_id=subject_id, valid_from=starts, valid_until=ends, now=now, keep_until=KEEP
        )


def scan(
    terminal_id: UUID,
    key: str,
    gate_id: UUID,
    medium_id: int | None,
    *,
    direction: Direction = Direction.ENTRY,
    at: datetime = NOW,
    asked: dict[Measure, int] | None = None,
    kinds: Kinds | None = None,
    paid_cents: int | None = None,
    vehicle: Vehicle | None = None,
    act: AgentAct | None = None,
    cancels: Passed | None = None,
) -> Scan:
    """Make one tap. As on the wire, the fingerprint covers what the terminal said, not the server's time."""
    said = repr((key, gate_id, medium_id, direction, asked, kinds, paid_cents, vehicle, act, cancels))
    return Scan(
        terminal_id=terminal_id,
        key=key,
        fingerprint=sha256(said.encode()).digest(),
        gate_id=gate_id,
        direction=direction,
        evidence=Evidence(medium_id=medium_id, assurance=1),
        asked=ONE_VISIT if asked is None else asked,
        at=at,
        vehicle=vehicle,
        kinds=kinds or {},
        payment=Payment(paid_cents, "till") if paid_cents is not None else None,
        act=act,
        cancels=cancels,
    )


def deposit(
    terminal_id: UUID, key: str, gate_id: UUID, medium_id: int | None, kinds: Kinds, *, at: datetime = NOW
) -> Scan:
    """Hand over waste at the quay: a quantity of each kind, and no visit."""
    return scan(terminal_id, key, gate_id, medium_id, direction=Direction.DEPOSIT, at=at, asked={}, kinds=kinds)


def cancellation(
    terminal_id: UUID,
    key: str,
    event: Any,  # noqa: ANN401 - a row
    *,
    at: datetime = NOW,
    act: AgentAct | None = None,
) -> Scan:
    """Take back a passage, as its event tells it: a row of the books that an audit has read."""
    passed = Passed(
        number=event.number,
        recorded_at=instant(event.recorded_at),
        direction=Direction(event.direction),
        medium_id=event.medium_id,
        pass_id=event.pass_id,
        entitlement_id=event.entitlement_id,
        charges=tuple(charges_of(event)),
        billed_cents=event.billed_cents or 0,
        persons=event.persons or 1,
        left_zone_id=event.left_zone_id,
        left_since=instant(event.left_since) if event.left_since is not None else None,
    )
    return scan(
        terminal_id, key, event.gate_id, event.medium_id, direction=passed.direction, at=at, act=act, cancels=passed
    )


async def settle_at_last(lane: Lane, tap: Scan) -> tuple[Settled, int]:
    """Submit a tap as a terminal does: the same key again until there is a definite answer. Counts the attempts."""
    attempts = 0
    while True:
        attempts += 1
        try:
            return await lane.submit(tap), attempts
        except (LedgerUnavailable, Overloaded) as later:
            _remember(later, attempts)


def _remember(problem: DomainError, attempts: int) -> None:
    assert attempts < 200, f"never settled: {problem!r}"
