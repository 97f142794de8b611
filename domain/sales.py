"""Sales: registered before they are paid, all or nothing, and cancelled by their id while nothing was used.

Registering is what makes a price sure. A till that hears nothing sends the same key again and gets the same receipt;
one whose customer cannot pay cancels. What was sold stays on record with its names and prices, whatever becomes of the
catalogue: the receipt of a sale is never rewritten.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.errors.passes import KeyReused
from domain.errors.sales import PassRefused, SaleAlreadyPaid, SaleAlreadyUsed, SaleAnonymous, SaleCancelled
from domain.offers import Offer, Offers
from domain.orders import Order, chosen
from domain.people import KEPT_AFTER, Subject
from domain.ports import Unit
from domain.products import Product, grant
from domain.text import Text

PAID_WITHIN = timedelta(minutes=30)
"""A sale that is neither paid nor cancelled by then was forgotten by its till, which finds it in its list."""

NOBODY: Final = UUID(int=0)
"""Whose pass and whose right it was once they were erased: the nil UUID (RFC 9562). What was sold stays on record."""

_A_DAY = timedelta(days=1)


class SaleState(StrEnum):
    """Where a sale stands. A till that keeps its own books never says that a sale was paid."""

    REGISTERED = "registered"
    PAID = "paid"
    CANCELLED = "cancelled"


class Means(StrEnum):
    """How a sale was paid."""

    CASH = "cash"
    CARD = "card"
    CHEQUE = "cheque"
    TRANSFER = "transfer"
    VOUCHER = "voucher"
    ONLINE = "online"


class Sale(Struct, frozen=True):
    """One sale of one till, under the till's own key. `receipt` holds the bytes that the till was answered."""

    id: UUID
    authority_id: UUID
    terminal_id: UUID
    key: str
    fingerprint: bytes
    receipt: bytes
    gate_id: UUID
    pass_id: UUID
    state: SaleState
    total_cents: int
    registered_at: datetime
    keep_until: date
    paid_at: datetime | None = None
    means: Means | None = None
    payment: str | None = None
    cancelled_at: datetime | None = None
    cancelled_by: UUID | None = None

    @property
    def refund_cents(self) -> int:
        """What the till owes the customer: all of it where a paid sale was cancelled, nothing elsewhere."""
        return self.total_cents if self.state is SaleState.CANCELLED and self.paid_at is not None else 0


class SaleItem(Struct, frozen=True):
    """One right that was sold, under the id of that right, with the name and the price it had then."""

    id: UUID
    sale_id: UUID
    position: int
    authority_id: UUID
    product_id: UUID
    product_code: str
    name: Text
    price_cents: int
    subject: Subject
    subject_id: UUID
    valid_from: date
    valid_until: date
    keep_until: date


class ReceiptLine(Struct, frozen=True, rename="camel"):
    """One right on a receipt: `id` is the right's own, it ends before `validUntil`."""

    id: UUID
    product: str
    name: Text
    price_cents: int
    subject: Subject
    valid_from: date
    valid_until: date


class Receipt(Struct, frozen=True, rename="camel"):
    """What a till is answered, once and for all. Unless it is paid or cancelled before `payBefore`, it is listed."""

    id: UUID
    registered_at: datetime
    pay_before: datetime
    total_cents: int
    items: tuple[ReceiptLine, ...]


def receipt_of(known: Sale, fingerprint: bytes) -> bytes:
    """Return the receipt of a sale to whoever sends its key again.

    Raises:
        KeyReused: the key was used for another sale.
    """
    if known.fingerprint != fingerprint:
        raise KeyReused("This key was used for another sale; nothing was registered.")
    return known.receipt


async def register(unit: Unit, order: Order, offered: Offers, *, now: datetime) -> bytes:
    """Register a sale: every right of it at once, or none.

    Raises:
        PassRefused: the pass is not valid here.
        ProductNotOffered, BuyerMissing, BuyerAmbiguous, MembershipNotFound, PriceChanged: as `domain.orders.chosen`.
        YearlyAllowanceSpent: the buyer has had as many of these as one may have a year.
        AlreadyExists: another request registers this very key at this moment; ask for its receipt.
    """
    if offered.refused is not None or order.pass_id is None:
        raise PassRefused(f"The pass is not valid here: {offered.refused}.")
    sold = [offer for wanted in order.wanted for offer in [chosen(wanted, offered)] * wanted.quantity]
    sale_id = unit.ids.row()
    keep_until = max(offer.valid_until for offer in sold) + KEPT_AFTER
    items = [_item(unit, sale_id, place, offer, keep_until) for place, offer in enumerate(sold, 1)]
    sale = Sale(
        id=sale_id,
        authority_id=order.authority_id,
        terminal_id=order.terminal_id,
        key=order.key,
        fingerprint=order.fingerprint,
        receipt=msgspec.json.encode(_receipt(sale_id, items, now)),
        gate_id=order.gate_id,
        pass_id=order.pass_id,
        state=SaleState.REGISTERED,
        total_cents=sum(item.price_cents for item in items),
        registered_at=now,
        keep_until=keep_until,
    )
    # The sale first: of two requests under one key, the second stops here, before it grants anything.
    await unit.sales.add(sale, items)
    # By product: granting one that has an allowance a year locks it, and two sales must not lock two crosswise.
    for item, offer in sorted(zip(items, sold, strict=True), key=lambda pair: (pair[0].product_id, pair[0].position)):
        await grant(
            unit,
            product=offer.product,
            subject_id=item.subject_id,
            valid_from=item.valid_from,
            valid_until=item.valid_until,
            now=now,
            keep_until=offer.buyer.keep_until,
            entitlement_id=item.id,
        )
    return sale.receipt


async def settle(unit: Unit, sale: Sale, *, means: Means, reference: str, now: datetime) -> Sale:
    """Record that a sale was paid. Saying the same again changes nothing.

    Raises:
        SaleCancelled: there is nothing left to pay.
        SaleAlreadyPaid: it was paid by another payment.
    """
    if sale.state is SaleState.CANCELLED:
        raise SaleCancelled("The sale was cancelled.")
    if sale.state is SaleState.PAID:
        if (sale.means, sale.payment) != (means, reference):
            raise SaleAlreadyPaid("The sale was paid by another payment.")
        return sale
    paid = replace(sale, state=SaleState.PAID, paid_at=now, means=means, payment=reference)
    await unit.sales.save(paid)
    return paid


async def cancel(unit: Unit, sale: Sale, *, today: date, now: datetime, agent_id: UUID | None = None) -> Sale:
    """Cancel a whole sale: its rights are gone, the sale and its items stay. Cancelling it again changes nothing.

    `sale` must be held by this unit. Before anything is looked at, the counters that a passage of this minute could
    move are moved: a gate that has read the rights, and not written yet, finds its write refused and reads anew.

    Raises:
        SaleAlreadyUsed: a passage was made on one of its rights.
        SaleAnonymous: a right of it was erased with its owner.
    """
    if sale.state is SaleState.CANCELLED:
        return sale
    items = await unit.sales.items(sale.id)
    if any(item.subject_id == NOBODY for item in items):
        raise SaleAnonymous("A right of this sale was erased with its owner.")
    for item in sorted(items, key=lambda item: item.id):
        product = await unit.products.by_id(item.product_id)
        await unit.sales.move_counters(item, _windows(product, item, today), keep_until=today + 2 * _A_DAY)
    if await unit.sales.used(items):
        raise SaleAlreadyUsed("Something of this sale was used already.")
    await unit.products.remove_entitlements([item.id for item in items])
    cancelled = replace(sale, state=SaleState.CANCELLED, cancelled_at=now, cancelled_by=agent_id)
    await unit.sales.save(cancelled)
    return cancelled


def _windows(product: Product, item: SaleItem, today: date) -> list[tuple[date, int, date]]:
    """Name the counters that a passage of this minute could move: end of the window, position, first day.

    Midnight may lie between the gate's clock and ours, so the windows of yesterday and tomorrow are among them.
    """
    found = set()
    for limit in product.limits:
        for day in (today - _A_DAY, today, today + _A_DAY):
            starts_on, ends_before = limit.period(day, item.valid_from, item.valid_until)
            if starts_on < ends_before:
                found.add((ends_before, limit.position, starts_on))
    return sorted(found)


def _item(unit: Unit, sale_id: UUID, position: int, offer: Offer, keep_until: date) -> SaleItem:
    return SaleItem(
        id=unit.ids.row(),
        sale_id=sale_id,
        position=position,
        authority_id=offer.product.authority_id,
        product_id=offer.product.id,
        product_code=offer.product.code,
        name=offer.product.name,
        price_cents=offer.price.amount_cents,
        subject=offer.buyer.subject,
        subject_id=offer.buyer.id,
        valid_from=offer.valid_from,
        valid_until=offer.valid_until,
        keep_until=keep_until,
    )


def _receipt(sale_id: UUID, items: list[SaleItem], now: datetime) -> Receipt:
    return Receipt(
        id=sale_id,
        registered_at=now,
        pay_before=now + PAID_WITHIN,
        total_cents=sum(item.price_cents for item in items),
        items=tuple(
            ReceiptLine(
                item.id,
                item.product_code,
                item.name,
                item.price_cents,
                item.subject,
                item.valid_from,
                item.valid_until,
            )
            for item in items
        ),
    )
