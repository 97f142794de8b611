"""Plastic cards that residents order themselves: the first of a pass that lives on a telephone, or another in the place
of one that was lost, stolen or broken.

An order says why, at which price and where to; it is no card yet. A batch takes it in (`card_orders.for_residents`),
and from there on its card says how far it has come. The old card is stopped as the new one is ordered. What is due is
the price that was shown, and it is due once the card is in somebody's hand (ADR 0070).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.accounts import Account
from domain.card_batches import BatchCard
from domain.card_terms import LONGEST_ADDRESS, CardTerms
from domain.errors.cards import (
    BadDelivery,
    CardNotOrderable,
    CardOrdered,
    CardOrderedTooOften,
    CardOrderNotFound,
    CardOrderTaken,
    WrongCardNumber,
)
from domain.errors.sales import PriceChanged
from domain.made_cards import bind
from domain.order_endings import Ending, end, end_by_card
from domain.passes import BlockReason, Medium, MediumKind, MediumStatus, Pass, PassStatus, block
from domain.ports import Unit
from domain.replacements import (
    ReplacementFee,
    fee_cents,
    may_retire,
    reason_for,
    reason_of,
    replace_by_card,
)

MOST_A_YEAR: Final = 4
"""Orders for one pass within 365 days, cancelled ones included: each may stop a card, and each is looked at."""

_A_YEAR = timedelta(days=365)


class OrderReason(StrEnum):
    """Why somebody orders a card: as they say it, not as a price list does."""

    FIRST = "first"
    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    EXPIRED = "expired"


class CardWay(StrEnum):
    """How a card comes to whoever ordered it."""

    DESK = "desk"
    POST = "post"


class Standing(StrEnum):
    """How far an order has come."""

    WAITING = "waiting"
    """No batch has taken it in yet: it may be cancelled."""
    MAKING = "making"
    READY = "ready"
    """The card lies at a desk."""
    SENT = "sent"
    """It is in the post, and opens nothing until whoever gets it says so."""
    DONE = "done"
    ELSEWHERE = "elsewhere"
    """The pass has got another card, by another way."""
    CANCELLED = "cancelled"


OVER: Final = frozenset({Standing.DONE, Standing.ELSEWHERE, Standing.CANCELLED})
"""Nothing comes of an order that stands there."""


class CardOrder(Struct, frozen=True):
    """What somebody has ordered for a pass. `account_id` is who is told; None once that account is gone.

    `replaces` names the medium whose place the card takes. `fee_cents` is the price that was shown. `address` is asked
    for post alone, and erased as the order ends. `moved_at`: since when the card lies at its desk, or is in the post.
    """

    id: UUID
    authority_id: UUID
    pass_id: UUID
    account_id: UUID | None
    reason: OrderReason
    replaces: int | None
    fee_cents: int
    way: CardWay
    desk: str | None
    address: str
    ordered_at: datetime
    keep_until: date
    moved_at: datetime | None = None
    ended_at: datetime | None = None
    ending: Ending | None = None


class Wish(Struct, frozen=True):
    """What somebody asks for, at the price that they were shown."""

    reason: OrderReason
    way: CardWay
    desk: str | None
    address: str
    fee_cents: int


class Choice(Struct, frozen=True):
    """A reason for which a card may be ordered now, and its price. `stops`: the card `replaces` is stopped with it."""

    reason: OrderReason
    fee_cents: int
    replaces: int | None
    stops: bool


class Offered(Struct, frozen=True):
    """What may be ordered for a pass today, and what was. `card` is the one that is being made for it, if any is."""

    terms: CardTerms
    choices: list[Choice]
    order: CardOrder | None
    card: BatchCard | None


class Handed(Struct, frozen=True):
    """The medium that a card is now, and what is due for it."""

    medium: Medium
    fee_cents: int


def standing_of(order: CardOrder, card: BatchCard | None) -> Standing:
    """Say how far an order has come; `card` is the one that is being made for its pass."""
    if order.ending is not None:
        return Standing(order.ending.value)
    if card is None:
        return Standing.WAITING
    there = {MediumStatus.SHIPPED: Standing.SENT, MediumStatus.READY_AT_DESK: Standing.READY}
    return there.get(card.status, Standing.MAKING)


def choices(
    terms: CardTerms,
    pass_: Pass,
    media: Sequence[Medium],
    fees: Sequence[ReplacementFee],
    *,
    now: datetime,
    today: date,
) -> list[Choice]:
    """List why a card may be ordered for a pass, each at its price; nothing where a desk has to see to it.

    What the authority itself has stopped, and a card that it has suspended, are for its desk.
    """
    if not terms.is_open or pass_.status is not PassStatus.ACTIVE or pass_.valid_until <= today:
        return []
    cards = [one for one in media if one.kind is MediumKind.CARD and one.status is not MediumStatus.REPLACED]
    if not cards:
        return [Choice(OrderReason.FIRST, 0, None, stops=False)]
    newest = max(cards, key=lambda one: (one.status is MediumStatus.ACTIVE, one.created_at, one.id))
    status = newest.status
    if status is MediumStatus.ACTIVE and newest.expires_at <= now:
        status = MediumStatus.EXPIRED
    in_use = status is MediumStatus.ACTIVE
    wanted = [OrderReason.LOST, OrderReason.STOLEN, OrderReason.DAMAGED] if in_use else _reason_of(status)
    return [Choice(one, _price(fees, one), newest.id, stops=in_use) for one in wanted]


async def offered_for(unit: Unit, pass_: Pass, *, now: datetime, today: date) -> Offered:
    """Find what may be ordered for a pass today, and how far its last order has come."""
    terms = await unit.ordered_cards.terms(pass_.authority_id)
    order = await unit.ordered_cards.newest(pass_.id)
    card = await unit.batches.card_underway(pass_.id)
    is_open = order is not None and order.ending is None
    temporary = await unit.temporary_passes.of_pass(pass_.id) if terms.is_open else None
    if is_open or card is not None or temporary is not None:
        return Offered(terms, [], order, card)
    fees = await unit.replacements.fees(pass_.authority_id)
    media = [one for one in await unit.passes.media(pass_.id) if not await _is_of_others(unit, one)]
    return Offered(terms, choices(terms, pass_, media, fees, now=now, today=today), order, card)


async def order_card(unit: Unit, account: Account, pass_: Pass, wish: Wish, *, now: datetime, today: date) -> CardOrder:
    """Order a card for a pass; the one that it replaces is stopped at once, for good.

    Raises:
        CardOrdered: one is ordered, or made, for this pass already.
        CardNotOrderable: the authority takes no such order, or not for this reason now.
        PriceChanged: it costs something else now.
        BadDelivery: it would go nowhere.
        CardOrderedTooOften: `MOST_A_YEAR` were ordered within a year.
    """
    await unit.people.hold(pass_.authority_id, pass_.holder_id)
    offered = await offered_for(unit, pass_, now=now, today=today)
    if offered.card is not None or (offered.order is not None and offered.order.ending is None):
        raise CardOrdered("A card for this pass is ordered, or on its way.")
    choice = next((one for one in offered.choices if one.reason is wish.reason), None)
    if choice is None:
        raise CardNotOrderable(f"No card is ordered here for this pass because of {wish.reason}.")
    if choice.fee_cents != wish.fee_cents:
        raise PriceChanged(f"It costs {choice.fee_cents} cents now.")
    desk, address = _delivery(offered.terms, wish)
    if await unit.ordered_cards.count_since(pass_.id, now - _A_YEAR) >= MOST_A_YEAR:
        raise CardOrderedTooOften(f"{MOST_A_YEAR} cards were ordered for this pass within a year.")
    if choice.stops and choice.replaces is not None:
        await block(unit, pass_, choice.replaces, reason=BlockReason(wish.reason.value), now=now)
    new = CardOrder(
        id=unit.ids.row(),
        authority_id=pass_.authority_id,
        pass_id=pass_.id,
        account_id=account.id,
        reason=wish.reason,
        replaces=choice.replaces,
        fee_cents=choice.fee_cents,
        way=wish.way,
        desk=desk,
        address=address,
        ordered_at=now,
        keep_until=pass_.keep_until,
    )
    await unit.ordered_cards.add(new)
    return new


async def cancel_order(unit: Unit, pass_: Pass, *, now: datetime) -> CardOrder:
    """Cancel what was ordered for a pass. A card that was stopped with the order stays stopped.

    Raises:
        CardOrderNotFound: nothing is ordered.
        CardOrderTaken: the card is being made already.
    """
    order = await unit.ordered_cards.hold_open(pass_.id)
    if order is None:
        raise CardOrderNotFound("No card is ordered for this pass.")
    if await unit.batches.card_underway(pass_.id) is not None:
        raise CardOrderTaken("The card is being made already.")
    return await end(unit, order, Ending.CANCELLED, now=now)


async def activate(unit: Unit, pass_: Pass, number: str, *, now: datetime) -> Handed:
    """Take a card into use that came by post, by the number that is printed on it.

    Raises:
        CardOrderNotFound: nothing is ordered.
        CardNotOrderable: no card is in the post.
        WrongCardNumber: this is not its number.
        LifecycleConflict: a desk has bound it a moment ago.
    """
    # The card is held before the order, as a desk does that hands it over at this moment.
    order = await unit.ordered_cards.newest(pass_.id)
    if order is None or order.ending is not None:
        raise CardOrderNotFound("No card is ordered for this pass.")
    underway = await unit.batches.card_underway(pass_.id)
    if underway is None or underway.status is not MediumStatus.SHIPPED:
        raise CardNotOrderable("No card of this pass is in the post.")
    card = await unit.batches.card_by_number(pass_.authority_id, underway.number)
    if not number.isascii() or not compare_digest(number, card.number):
        raise WrongCardNumber("This is not the number of the card that was sent.")
    return await hand_over(unit, card, pass_, now=now)


async def hand_over(unit: Unit, card: BatchCard, pass_: Pass, *, now: datetime, by: UUID | None = None) -> Handed:
    """Make a card the active card of a pass, and end what was ordered for it: at the price that was shown.

    Raises:
        CardOfAnotherPass, LifecycleConflict, AlreadyExists: as `made_cards.bind`.
    """
    order = await end_by_card(unit, pass_, card=card, now=now)
    if order is None:
        return Handed(await bind(unit, card, pass_, now=now, by=by), 0)
    old = next((one for one in await unit.passes.media(pass_.id) if one.id == order.replaces), None)
    if old is None or not may_retire(old, now):
        # A desk has replaced it meanwhile, and written down what was due; or this is the first one, which is free.
        return Handed(await bind(unit, card, pass_, now=now, by=by), 0)
    done = await replace_by_card(
        unit, pass_, old.id, card, now=now, reason=reason_of(order), shown_cents=order.fee_cents, by=by
    )
    return Handed(done.medium, done.replacement.fee_cents)


async def _is_of_others(unit: Unit, medium: Medium) -> bool:
    """Tell whether a medium is a card of another issuer: it opens one sector, and is not ours to replace."""
    return medium.kind is MediumKind.CARD and bool(await unit.external_media.sectors(medium.id))


def _delivery(terms: CardTerms, wish: Wish) -> tuple[str | None, str]:
    """Return to which desk a card goes, or to which address."""
    if wish.way is CardWay.DESK:
        if terms.desk(wish.desk) is None:
            raise BadDelivery("No card is fetched at such a desk.")
        return wish.desk, ""
    address = wish.address.strip()
    if not terms.by_post or not address or len(address) > LONGEST_ADDRESS:
        raise BadDelivery("No card is sent by post here, or the address is missing or too long.")
    return None, address


def _reason_of(status: MediumStatus) -> list[OrderReason]:
    """Return why a card that is not in use is replaced, as its owner would say it; nothing where a desk has to."""
    return [one for one in OrderReason if one.value == status.value]


def _price(fees: Sequence[ReplacementFee], reason: OrderReason) -> int:
    return fee_cents(fees, MediumKind.CARD, reason_for(MediumStatus(reason.value)))
