"""What a pass can use and buy at one gate, now: the answer for tills and kiosks, which never compute a discount.

Rights are judged as the gate judges them (`domain.access.prospects`), prices by the same conditions
(`domain.access.conditions_met`). Nothing is read, written or spent here.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from domain.access.conditions_met import holds_until, unmet
from domain.access.decide import EXCUSED
from domain.access.facts import Facts, Prospect, Right
from domain.access.prospects import best, prospects
from domain.access.reasons import RANK, Reason
from domain.access.rules import ALWAYS, warnings
from domain.buyers import Buyer
from domain.conditions import Conditions
from domain.products import NO_TERMS, Price, Product
from domain.services import BY_CODE

_USABLE = frozenset({None, Reason.PAYMENT_DUE, Reason.QUANTITY_NEEDED})
"""A right serves though something is to be paid at the gate, or to be measured there."""


class Offer(Struct, frozen=True):
    """A product that can be bought now, for `buyer`, at its lowest price.

    The price holds to the day before `price_until`, as far as one knows today. The right would begin on `valid_from`
    and end before `valid_until`. `supplement_cents` is what entering this gate's zone would cost on top: nothing
    once it was paid today.
    """

    product: Product
    buyer: Buyer
    price: Price
    price_until: date
    valid_from: date
    valid_until: date
    supplement_cents: int


class Hindered(Struct, frozen=True):
    """A right that does not serve now, with what is in its way."""

    right: Right
    reason: Reason


class Unavailable(Struct, frozen=True):
    """A product on sale that this buyer cannot have, with the reason that matters most."""

    product: Product
    buyer: Buyer
    reason: Reason


class Offers(Struct, frozen=True):
    """The whole answer. Where the pass itself is `refused`, there is nothing else in it.

    `without_buyer` are the codes of what is sold here to households or organisations, where the holder has none.
    """

    refused: Reason | None = None
    usable: tuple[Prospect, ...] = ()
    unusable: tuple[Hindered, ...] = ()
    on_sale: tuple[Offer, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    messages: tuple[Reason, ...] = ()
    without_buyer: tuple[str, ...] = ()


def offers(facts: Facts, buyers: tuple[Buyer, ...], products: Iterable[Product]) -> Offers:
    """Say what a pass can use at a gate, and what of these products can be bought there."""
    refused = _first(reason for rule in ALWAYS if (reason := rule(facts)) is not None)
    if refused is not None:
        return Offers(refused=refused)
    found = prospects(facts)
    on_sale = sorted((one for one in products if _sold_here(one, facts)), key=lambda product: product.code)
    bought_for = {buyer.subject for buyer in buyers}
    answers = [
        _answer(product, buyer, facts) for product in on_sale for buyer in buyers if buyer.subject is product.subject
    ]
    return Offers(
        usable=tuple(one for one in found if one.objection in _USABLE),
        unusable=tuple(
            Hindered(one.right, one.objection)
            for one in found
            if one.objection is not None and one.objection not in _USABLE
        ),
        on_sale=tuple(one for one in answers if isinstance(one, Offer)),
        unavailable=tuple(one for one in answers if isinstance(one, Unavailable)),
        messages=_messages(facts),
        without_buyer=tuple(product.code for product in on_sale if product.subject not in bought_for),
    )


def _messages(facts: Facts) -> tuple[Reason, ...]:
    """Collect what the place has to say whoever comes, and what the person should hear of the right they would use."""
    rules, white_until = BY_CODE[facts.doorway.site.service_code].rules, facts.doorway.site.white_until
    said = {reason for rule in rules if (reason := rule(facts)) is not None and reason not in EXCUSED}
    if white_until is not None and facts.day < white_until:
        said.add(Reason.WHITE_PERIOD)
    next_one = best(facts)
    if next_one is not None and next_one.objection is None:
        said.update(warnings(facts, next_one))
    return tuple(sorted(said, key=RANK.__getitem__))


def _sold_here(product: Product, facts: Facts) -> bool:
    """Tell whether a product of this place has a price today. One that is asked days before is not sold at a till."""
    site, terms = facts.doorway.site, product.terms
    return (
        product.authority_id == site.authority_id
        and product.service_code == site.service_code
        and terms.term is not None
        and not terms.notice_days
        and not terms.withdrawn_on(facts.day)
        and bool(_prices(product, facts.day))
    )


def _prices(product: Product, day: date) -> list[Price]:
    return [price for price in product.prices if price.valid_from <= day < price.valid_until]


def _answer(product: Product, buyer: Buyer, facts: Facts) -> Offer | Unavailable:
    reason = Reason.SERVICE_SUSPENDED if buyer.suspended_from(product.service_code) else None
    if reason is None:
        # A tariff that has ended sells nothing more: grace is for rights that somebody already has.
        reason, _ = unmet(_lasting(product.terms.conditions), NO_TERMS, buyer.standings, facts)
    if reason is not None:
        return Unavailable(product, buyer, reason)
    judged = [
        (price, unmet(price.conditions, NO_TERMS, buyer.standings, facts)[0]) for price in _prices(product, facts.day)
    ]
    holding = [price for price, objection in judged if objection is None]
    if not holding:
        # The price that came nearest says what is in the way, as with rights.
        nearest = max((objection for _, objection in judged if objection is not None), key=RANK.__getitem__)
        return Unavailable(product, buyer, nearest)
    return _offer(product, buyer, min(holding, key=lambda price: (price.amount_cents, price.position)), facts)


def _offer(product: Product, buyer: Buyer, price: Price, facts: Facts) -> Offer:
    term, zone = product.terms.term, facts.doorway.zone
    assert term is not None  # noqa: S101 - `_sold_here` has asked
    valid_from, valid_until = term.period(facts.day)
    asked = (price.conditions, _lasting(product.terms.conditions))
    return Offer(
        product=product,
        buyer=buyer,
        price=price,
        price_until=min(price.valid_until, *(holds_until(one, buyer.standings, facts) for one in asked)),
        valid_from=valid_from,
        valid_until=valid_until,
        supplement_cents=0 if zone.code in product.terms.zones or not facts.unpaid else zone.supplement_cents,
    )


def _lasting(conditions: Conditions) -> Conditions:
    """Keep what is asked of the person: a subscription for weekdays may well be bought on a Sunday."""
    return replace(conditions, weekdays=(), bank_holidays=True, sessions=(), vehicles=())


def _first(reasons: Iterable[Reason]) -> Reason | None:
    return min(reasons, key=RANK.__getitem__, default=None)
