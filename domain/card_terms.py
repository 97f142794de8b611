"""Whether residents order plastic cards themselves, where these go and what they cost: data of the authority's."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.errors import VersionChanged
from domain.errors.cards import BadCardTerms
from domain.passes import MediumKind
from domain.ports import Unit
from domain.replacements import ReplacementFee, ReplacementReason
from domain.text import Text

LONGEST_ADDRESS: Final = 200
MOST_DESKS: Final = 20
MOST_DAYS: Final = 90
MOST_CENTS: Final = 100_000
"""What a card may cost: the apps of residents send prices no higher."""

_DESK = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class CardDesk(Struct, frozen=True):
    """Where cards are fetched: `code` is the one under which they are delivered there."""

    code: str
    name: Text
    address: str = ""


class CardTerms(Struct, frozen=True):
    """Whether residents order cards, and where these go. `working_days` is what they are told to wait.

    An authority that has said nothing takes no orders. While they are `paused` nobody orders, and desks keep their
    names for the cards that are on their way.
    """

    desks: tuple[CardDesk, ...] = ()
    by_post: bool = False
    working_days: int = 15
    paused: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a card may be ordered, and can come to anybody."""
        return not self.paused and (bool(self.desks) or self.by_post)

    def desk(self, code: str | None) -> CardDesk | None:
        """Return the desk of a code, if cards are fetched there."""
        return next((one for one in self.desks if one.code == code), None)


NO_ORDERS: Final = CardTerms()


class CardOffer(Struct, frozen=True):
    """All that is said of cards that residents order. `prices` are cents, by reason; what is not named is free."""

    terms: CardTerms
    prices: dict[ReplacementReason, int]

    @property
    def version(self) -> str:
        """A name of this very offer: whoever changes it says which one they have seen."""
        return sha256(msgspec.json.encode(self, order="sorted")).hexdigest()[:16]


def check_card_terms(terms: CardTerms) -> None:
    """Refuse what no resident could follow.

    Raises:
        BadCardTerms: a desk has no code, no name or the code of another, or the wait is none.
    """
    codes = [one.code for one in terms.desks]
    named = all(one.name.fr.strip() and one.name.en.strip() for one in terms.desks)
    for holds, words in (
        (len(codes) <= MOST_DESKS, f"Cards are fetched at {MOST_DESKS} desks at most."),
        (all(_DESK.fullmatch(code) for code in codes), "A desk has a code of small letters, digits and hyphens."),
        (len(set(codes)) == len(codes), "Two desks have one code."),
        (named, "A desk has a name in French and in English."),
        (all(len(one.address) <= LONGEST_ADDRESS for one in terms.desks), "The address of a desk is too long."),
        (1 <= terms.working_days <= MOST_DAYS, f"People wait 1 to {MOST_DAYS} working days."),
    ):
        if not holds:
            raise BadCardTerms(words)


async def set_card_terms(unit: Unit, terms: CardTerms, *, authority_id: UUID) -> None:
    """Say whether residents order cards from now on, and where these go. Orders that are there go on.

    Raises:
        BadCardTerms: as `check_card_terms`.
    """
    check_card_terms(terms)
    await unit.ordered_cards.set_terms(authority_id, terms)


async def card_offer(unit: Unit, authority_id: UUID) -> CardOffer:
    """Return what an authority says of cards that residents order, and what another card costs."""
    fees = await unit.replacements.fees(authority_id)
    prices = {fee.reason: fee.amount_cents for fee in fees if fee.kind is MediumKind.CARD}
    return CardOffer(await unit.ordered_cards.terms(authority_id), prices)


async def change_card_offer(unit: Unit, offer: CardOffer, *, authority_id: UUID, seen: str) -> None:
    """Change the terms and the prices of cards, from the next order on. `seen` is the version that was changed.

    Orders that are there go on, each at the price that was shown. Desks charge by the new list at once; what other
    media cost stays.

    Raises:
        VersionChanged: somebody has changed it since.
        BadCardTerms: as `check_card_terms`, or a price is none.
    """
    await unit.ordered_cards.hold_terms(authority_id)
    if (await card_offer(unit, authority_id)).version != seen:
        raise VersionChanged("A colleague has changed the terms of cards meanwhile.")
    if not all(0 <= cents <= MOST_CENTS for cents in offer.prices.values()):
        raise BadCardTerms(f"A card costs 0 to {MOST_CENTS} cents.")
    await set_card_terms(unit, offer.terms, authority_id=authority_id)
    others = [fee for fee in await unit.replacements.fees(authority_id) if fee.kind is not MediumKind.CARD]
    await unit.replacements.set_fees(authority_id, [*others, *_fees(offer.prices, authority_id)])


def _fees(prices: Mapping[ReplacementReason, int], authority_id: UUID) -> list[ReplacementFee]:
    return [ReplacementFee(authority_id, MediumKind.CARD, reason, cents) for reason, cents in sorted(prices.items())]
