"""Priced products for the small city: what a till sells in the tests of sales, on both engines."""

from datetime import date

from msgspec import Struct

from domain import sales
from domain.access.facts import Evidence
from domain.conditions import NO_CONDITIONS, Conditions
from domain.limits import ONE, Limit, Measure, Window
from domain.orders import Order, Wanted
from domain.people import Subject
from domain.products import Price, Product, Term, Terms, publish_product
from domain.text import Text
from store.database import Database
from store.tills import Tills
from tests.city import NOW, City, TestPass

FIRST, END = date(2021, 1, 1), date(2041, 1, 1)
RESIDENT = Conditions(communes=("00101",))
_FOR_A_YEAR = Term(Window.ROLLING_DAYS, days=365)


class _Sold(Struct, frozen=True):
    code: str
    service: str
    subject: Subject
    limits: tuple[Limit, ...]
    term: Term
    cents: tuple[int, int]


SOLD = (
    _Sold(
        "ten",
        "pool",
        Subject.PERSON,
        (Limit(1, Measure.VISIT, 10 * ONE, Window.WHOLE), Limit(2, Measure.VISIT, 2 * ONE, Window.DAY)),
        _FOR_A_YEAR,
        (3240, 2430),
    ),
    _Sold("pool-365", "pool", Subject.PERSON, (), _FOR_A_YEAR, (25_000, 23_000)),
    _Sold(
        "waste-5",
        "waste-centre",
        Subject.HOUSEHOLD,
        (Limit(1, Measure.VISIT, 5 * ONE, Window.WHOLE),),
        _FOR_A_YEAR,
        (10_000, 5_000),
    ),
)


async def sell_things(database: Database, city: City) -> dict[str, Product]:
    """Publish products with a full price and one for residents."""
    published = {}
    async with database.begin() as unit:
        for sold in SOLD:
            full, resident = sold.cents
            product = Product(
                id=unit.ids.row(),
                authority_id=city.authority.id,
                code=sold.code,
                service_code=sold.service,
                subject=sold.subject,
                name=Text(fr=sold.code, en=sold.code),
                limits=sold.limits,
                terms=Terms(term=sold.term),
                prices=(Price(1, full, FIRST, END, NO_CONDITIONS), Price(2, resident, FIRST, END, RESIDENT)),
            )
            published[sold.code] = await publish_product(unit, product)
    return published


async def order(
    database: Database, city: City, who: TestPass, *wanted: Wanted, key: str = "sale-1", gate: str = "pool"
) -> bytes:
    """Sell something at a gate of the city as the API does, without its wire."""
    gate_id = city.gates[gate].id
    asked = await Tills(database).ask(gate_id=gate_id, evidence=Evidence(who.medium.id, 1, None, "ville"), at=NOW)
    request = Order(
        authority_id=city.authority.id,
        terminal_id=city.terminal.terminal.id,
        key=key,
        fingerprint=key.encode().ljust(32),
        gate_id=gate_id,
        pass_id=asked.pass_id,
        wanted=wanted,
    )
    async with database.begin() as unit:
        return await sales.register(unit, request, asked.offers, now=NOW)
