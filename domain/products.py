"""Products and the rights they become.

Quantities are whole thousandths of their unit (a visit is 1000, half a point 500, 1.5 m3 is 1500): exact
sums without decimals, in every database.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.errors import ContradictoryPeriod, Invalid
from domain.people import Subject
from domain.ports import Unit
from domain.text import Text

ONE = 1000
"""One whole unit, in thousandths."""


class Measure(StrEnum):
    """What a limit counts."""

    VISIT = "visit"
    POINT = "point"
    M3 = "m3"
    LITRE = "litre"
    MINUTE = "minute"


class Window(StrEnum):
    """Over which stretch of days a limit counts, in the site's own calendar."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    WHOLE = "whole"
    """The whole life of the right: a carnet."""


class Limit(Struct, frozen=True):
    """At most `amount` thousandths of `unit` in each `window`. `position` names it within its product."""

    position: int
    unit: Measure
    amount: int
    window: Window

    def period(self, day: date, valid_from: date, valid_until: date) -> tuple[date, date]:
        """Return the first day, and the first day after, of the window in which `day` falls."""
        match self.window:
            case Window.DAY:
                return day, day + timedelta(days=1)
            case Window.WEEK:
                monday = day - timedelta(days=day.weekday())
                return monday, monday + timedelta(days=7)
            case Window.MONTH:
                first = day.replace(day=1)
                return first, (first + timedelta(days=31)).replace(day=1)
            case Window.YEAR:
                return date(day.year, 1, 1), date(day.year + 1, 1, 1)
            case Window.WHOLE:
                return valid_from, valid_until


class Product(Struct, frozen=True):
    """Something an authority grants or sells for one service; no limit at all means as often as one likes.

    `warn_below` thousandths of the tightest limit make the answer mention what is left.
    """

    id: UUID
    authority_id: UUID
    code: str
    service_code: str
    subject: Subject
    name: Text
    limits: tuple[Limit, ...] = ()
    warn_below: int = 0


class Entitlement(Struct, frozen=True):
    """A right: this subject may use this product from `valid_from` to the day before `valid_until`."""

    id: UUID
    authority_id: UUID
    subject_id: UUID
    product_id: UUID
    service_code: str
    valid_from: date
    valid_until: date
    granted_at: datetime
    keep_until: date


def check_product(product: Product) -> None:
    """Refuse a product that contradicts itself, at entry rather than at the gate.

    Raises:
        Invalid: a limit of nothing or less, or two limits under one position.
    """
    if any(limit.amount <= 0 for limit in product.limits):
        raise Invalid(f"Product {product.code} has a limit of nothing or less.")
    if len({limit.position for limit in product.limits}) != len(product.limits):
        raise Invalid(f"Product {product.code} has two limits under one position.")


async def grant(
    unit: Unit,
    *,
    product: Product,
    subject_id: UUID,
    valid_from: date,
    valid_until: date,
    now: datetime,
    keep_until: date,
) -> Entitlement:
    """Give a subject the right to use a product over a period."""
    if valid_until <= valid_from:
        raise ContradictoryPeriod(f"The right would end on {valid_until}, before it begins on {valid_from}.")
    entitlement = Entitlement(
        id=unit.ids.row(),
        authority_id=product.authority_id,
        subject_id=subject_id,
        product_id=product.id,
        service_code=product.service_code,
        valid_from=valid_from,
        valid_until=valid_until,
        granted_at=now,
        keep_until=keep_until,
    )
    await unit.products.add_entitlement(entitlement)
    return entitlement
