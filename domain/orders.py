"""What a till asks for, matched with what it was offered: one offer for each item, or the reason why there is none."""

from uuid import UUID

from msgspec import Struct

from domain.buyers import Buyer
from domain.errors.people import MembershipNotFound
from domain.errors.sales import BuyerAmbiguous, BuyerMissing, PriceChanged, ProductNotOffered
from domain.offers import Offer, Offers


class Wanted(Struct, frozen=True):
    """What a till asks for: a product at the price it was offered at, so many times.

    `buyer` is the place of the household or the organisation where the holder has several.
    """

    product: str
    price_cents: int
    quantity: int = 1
    buyer: int | None = None


class Order(Struct, frozen=True):
    """One request of a till. `fingerprint` stands for all that it said: 32 bytes of SHA-256.

    Without `pass_id` the credential led to no pass, and nothing will be sold.
    """

    authority_id: UUID
    terminal_id: UUID
    key: str
    fingerprint: bytes
    gate_id: UUID
    pass_id: UUID | None
    wanted: tuple[Wanted, ...]


def chosen(wanted: Wanted, offered: Offers) -> Offer:
    """Return the offer that an item means.

    Raises:
        ProductNotOffered: the product is not on sale at this gate, or not to this buyer.
        BuyerMissing: the right is a household's or an organisation's, and the holder has none.
        BuyerAmbiguous: the holder has several, and the item does not say which.
        MembershipNotFound: the item names one that is not the holder's.
        PriceChanged: the price is not the one of this moment.
    """
    offers = [one for one in offered.on_sale if one.product.code == wanted.product]
    refusals = [one for one in offered.unavailable if one.product.code == wanted.product]
    buyers = [*(one.buyer for one in offers), *(one.buyer for one in refusals)]
    if not buyers:
        if wanted.product in offered.without_buyer:
            raise BuyerMissing(f"{wanted.product} is not sold to persons, and this pass has nobody else to buy for.")
        raise ProductNotOffered(f"{wanted.product} is not on sale here.")
    buyer = _buyer(wanted, buyers)
    offer = next((one for one in offers if one.buyer.id == buyer.id), None)
    if offer is None:
        reason = next(one.reason for one in refusals if one.buyer.id == buyer.id)
        raise ProductNotOffered(f"{wanted.product} is not sold on this pass: {reason}.")
    if offer.price.amount_cents != wanted.price_cents:
        raise PriceChanged(f"{wanted.product} costs {offer.price.amount_cents} cents now.")
    return offer


def _buyer(wanted: Wanted, buyers: list[Buyer]) -> Buyer:
    if wanted.buyer is not None:
        named = next((one for one in buyers if one.place == wanted.buyer), None)
        if named is None:
            raise MembershipNotFound("The holder of the pass does not belong to whom the sale names.")
        return named
    if len(buyers) > 1:
        raise BuyerAmbiguous(f"{wanted.product} can be bought for several: say which, as the offers number them.")
    return buyers[0]
