"""What a temporary code opens: a small carnet for one service, drawn from the product that an approval would grant.

The authority says two numbers, days and entries; the product follows from them. It keeps what makes the real one safe
to give: for whom it is, in which zones, how much waste. What has to be paid for is left out.
"""

from itertools import count
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.products import ProductNotFound
from domain.errors.requests import BadTerms
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.ports import Unit
from domain.products import NO_TERMS, Product, Term, Terms, publish_product
from domain.services import BY_CODE
from domain.text import Text

MOST_DAYS = 60
MOST_ENTRIES = 30

_LOADS = frozenset({Measure.M3, Measure.LITRE, Measure.PIECE})
"""What is counted beside entries and means the same for a few of them."""


class Temporary(Struct, frozen=True, forbid_unknown_fields=True):
    """A service may be used before a request is decided: for `days` days, the first one included, `entries` times.

    `product` is the code of what is granted for it; whoever sets terms leaves it out, and is told it.
    """

    days: int
    entries: int
    product: str | None = None


def is_temporary(product: Product) -> bool:
    """Tell whether a product was made here: it goes with a request, and no desk offers it by itself."""
    return product.code.startswith(_named(product.service_code))


def _named(service: str) -> str:
    return f"temporary-{service}-"


async def offer(unit: Unit, authority_id: UUID, service: str, wanted: Temporary, *, like: Product | None) -> Temporary:
    """Make sure that there is a product for a temporary code, and name it. `like` is what an approval grants.

    Raises:
        BadTerms: the numbers are out of reach, or the service is for organisations, or costs something from the start.
    """
    if not (1 <= wanted.days <= MOST_DAYS and 1 <= wanted.entries <= MOST_ENTRIES):
        raise BadTerms(f"A temporary code holds 1 to {MOST_DAYS} days and 1 to {MOST_ENTRIES} entries.")
    if like is not None and like.subject is Subject.ORGANISATION:
        raise BadTerms(f"{like.code} is for organisations: nobody has it before a decision.")
    code = f"{_named(service)}{wanted.days}-{wanted.entries}"
    # What the real product says may have changed since: then the next number says the new thing, and rights that were
    # given keep what they said.
    for number in count(1):
        named = code if number == 1 else f"{code}-{number}"
        product = _product(unit.ids.row(), authority_id, named, service, wanted, like=like)
        known = await _known(unit, authority_id, named)
        if known is None:
            await publish_product(unit, product)
        if known is None or replace(known, id=product.id) == product:
            return replace(wanted, product=named)
    raise AssertionError


async def _known(unit: Unit, authority_id: UUID, code: str) -> Product | None:
    try:
        return await unit.products.by_code(authority_id, code)
    except ProductNotFound:
        return None


def _product(
    product_id: UUID, authority_id: UUID, code: str, service: str, wanted: Temporary, *, like: Product | None
) -> Product:
    name, terms = BY_CODE[service].name, NO_TERMS if like is None else like.terms
    entries = Limit(1, Measure.VISIT, wanted.entries * ONE, Window.WHOLE)
    loads = [] if like is None else [limit for limit in like.limits if limit.unit in _LOADS]
    if any(not limit.free_amount for limit in loads):
        raise BadTerms(f"{code} would give what has to be paid for from the first load on.")
    return Product(
        id=product_id,
        authority_id=authority_id,
        code=code,
        service_code=service,
        subject=Subject.PERSON if like is None else like.subject,
        name=Text(fr=f"Code provisoire ({name.fr})", en=f"Temporary code ({name.en})"),
        limits=(entries, *(_free(limit, position) for position, limit in enumerate(loads, 2))),
        terms=Terms(
            conditions=terms.conditions,
            attends=terms.attends,
            zones=terms.zones,
            term=Term(Window.ROLLING_DAYS, days=wanted.days),
        ),
    )


def _free(limit: Limit, position: int) -> Limit:
    """Keep of a limit what costs nothing."""
    return Limit(
        position, limit.unit, limit.free_amount, limit.window, limit.starts, limit.ends, limit.days, limit.kind
    )
