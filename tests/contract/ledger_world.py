"""Places, people and taps for the tests of the ledger, on top of the small city."""

from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from domain import products
from domain.access.facts import Direction, Evidence
from domain.errors import DomainError, LedgerUnavailable, Overloaded
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.places import Gate, Passback, Site, Zone, open_site
from domain.products import Product
from domain.text import Text
from store.database import Database
from store.ledger import Lane, Scan, Settled
from tests.city import ALWAYS_OPEN, KEEP, NOW, City

ONE_VISIT = {Measure.VISIT: ONE}


async def add_place(
    database: Database,
    city: City,
    code: str,
    *,
    doors: int = 1,
    service: str = "pool",
    capacity: int | None = None,
    passback: Passback = Passback.NONE,
    minutes: int = 0,
) -> list[Gate]:
    """Build a site of one zone with some doors; return the doors."""
    async with database.begin() as unit:
        owner, name = city.authority.id, Text(fr=code, en=code)
        site = Site(unit.ids.row(), owner, code, service, name, "00101", ALWAYS_OPEN)
        zone = Zone(unit.ids.row(), owner, site.id, code, capacity, passback, minutes)
        gates = [Gate(unit.ids.row(), owner, zone.id, f"{code}-{number}", name) for number in range(1, doors + 1)]
        await open_site(unit, site)
        await unit.places.add_zone(zone)
        for gate in gates:
            await unit.places.add_gate(gate)
    return gates


async def add_product(
    database: Database,
    city: City,
    code: str,
    *limits: tuple[int, Window],
    service: str = "pool",
    subject: Subject = Subject.PERSON,
) -> Product:
    """Offer a product with these limits of visits."""
    async with database.begin() as unit:
        product = Product(
            id=unit.ids.row(),
            authority_id=city.authority.id,
            code=code,
            service_code=service,
            subject=subject,
            name=Text(fr=code, en=code),
            limits=tuple(
                Limit(place, Measure.VISIT, visits * ONE, window) for place, (visits, window) in enumerate(limits)
            ),
        )
        await products.publish_product(unit, product)
    return product


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
) -> Scan:
    """Make one tap. As on the wire, the fingerprint covers what the terminal said, not the server's time."""
    said = repr((key, gate_id, medium_id, direction, asked))
    return Scan(
        terminal_id=terminal_id,
        key=key,
        fingerprint=sha256(said.encode()).digest(),
        gate_id=gate_id,
        direction=direction,
        evidence=Evidence(medium_id=medium_id, assurance=1),
        asked=asked or ONE_VISIT,
        at=at,
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
