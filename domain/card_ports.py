"""What the verbs on cards ask of the outside world: cards of makers, of others, and those that replace others."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from domain.card_batches import BatchCard, CardBatch
    from domain.card_terms import CardTerms
    from domain.external_media import Gateway, Reading, SectorIdentifier
    from domain.ordered_cards import CardOrder
    from domain.passes import Medium, MediumStatus, Pass
    from domain.replacements import Replacement, ReplacementFee


class ExternalMedia(Protocol):
    """Gateways that read cards of others, and how each sector knows their holders."""

    async def add_gateway(self, new: "Gateway") -> None: ...
    async def gateway(self, authority_id: UUID, gateway_id: UUID) -> "Gateway": ...
    async def save_gateway(self, changed: "Gateway") -> None: ...
    async def gateways(self, authority_id: UUID) -> "list[Gateway]": ...
    async def gateways_named(self, authority_id: UUID, kid: bytes) -> "list[Gateway]":
        """List the gateways whose keys have this name, revoked ones too: four bytes may collide."""
        ...

    async def add(self, new: "SectorIdentifier") -> None: ...
    async def save(self, changed: "SectorIdentifier") -> None: ...
    async def alike(self, authority_id: UUID, reading: "Reading") -> "list[SectorIdentifier]":
        """List who has the identifier or the card of a reading, in its sector."""
        ...

    async def by_serial(self, authority_id: UUID, serial_hash: bytes) -> "list[SectorIdentifier]": ...
    async def of_holder(
        self, authority_id: UUID, holder_id: UUID, sector: str
    ) -> "tuple[SectorIdentifier, MediumStatus] | None":
        """Find how a sector knows a holder, and what became of the medium; None if it does not."""
        ...

    async def sectors(self, medium_id: int) -> list[str]: ...


class Replacements(Protocol):
    """Media that took the place of others, and what that costs."""

    async def fees(self, authority_id: UUID) -> "list[ReplacementFee]": ...
    async def set_fees(self, authority_id: UUID, fees: "Sequence[ReplacementFee]") -> None:
        """Write an authority's price list in the place of the one before."""
        ...

    async def add(self, new: "Replacement") -> None:
        """Write what took the place of what.

        Raises:
            LifecycleConflict: something else has taken it a moment ago.
        """
        ...

    async def due(self, authority_id: UUID, since: datetime, before: datetime) -> "list[tuple[str, Replacement]]":
        """List what is due for replacements of a time, with the numbers of the passes."""
        ...


class Batches(Protocol):
    """Cards that a maker produces, until each is a medium."""

    async def add(self, new: "CardBatch") -> None: ...
    async def save(self, changed: "CardBatch") -> None: ...
    async def by_code(self, authority_id: UUID, code: str) -> "CardBatch": ...
    async def hold(self, authority_id: UUID, code: str) -> "CardBatch":
        """Find a batch, and keep others from changing it to the end of the unit."""
        ...

    async def by_id(self, batch_id: UUID) -> "CardBatch": ...
    async def all_of(self, authority_id: UUID) -> "list[CardBatch]": ...
    async def ordered(self, authority_id: UUID) -> int:
        """Count the cards that were ever ordered."""
        ...

    async def add_cards(self, new: "Sequence[BatchCard]") -> None:
        """Write the cards of a batch.

        Raises:
            AlreadyExists: another batch has drawn one of their numbers or places at this very moment.
        """
        ...

    async def save_cards(self, changed: "Sequence[BatchCard]") -> None: ...
    async def cards(self, batch_id: UUID) -> "list[BatchCard]":
        """List the cards of a batch in their order."""
        ...

    async def card_by_number(self, authority_id: UUID, number: str) -> "BatchCard":
        """Find a card by what is printed on it, and keep others from changing it to the end of the unit."""
        ...

    async def card_by_chip(self, authority_id: UUID, uid_digest: bytes) -> "BatchCard | None": ...
    async def card_of_medium(self, authority_id: UUID, medium_id: int) -> "BatchCard | None": ...
    async def numbers_taken(self, numbers: "Sequence[str]") -> set[str]: ...
    async def places_taken(self, authority_id: UUID, status_list: int) -> set[int]: ...
    async def chips_known(self, authority_id: UUID, uid_digests: "Sequence[bytes]") -> set[bytes]:
        """Return those of these chips that are media, or cards of a batch."""
        ...

    async def passes_with_card_underway(self, pass_ids: "Sequence[UUID]") -> set[UUID]: ...
    async def card_underway(self, pass_id: UUID) -> "BatchCard | None":
        """Find the card that is made for a pass by name, from its order until it is bound or out of use."""
        ...


class OrderedCards(Protocol):
    """What residents order for their passes. A pass has one open order at most."""

    async def terms(self, authority_id: UUID) -> "CardTerms":
        """Return what an authority says of such orders; what takes none, where it has said nothing."""
        ...

    async def hold_terms(self, authority_id: UUID) -> None:
        """Keep others from changing an authority's terms to the end of the unit."""
        ...

    async def set_terms(self, authority_id: UUID, terms: "CardTerms") -> None: ...
    async def add(self, new: "CardOrder") -> None:
        """Write an order, and owe its account a word.

        Raises:
            CardOrdered: the pass has an open one, perhaps since a moment ago.
        """
        ...

    async def save(self, changed: "CardOrder", *, told_from: datetime | None = None) -> None:
        """Write what became of an order; with an instant, its account is owed a word from then on."""
        ...

    async def newest(self, pass_id: UUID) -> "CardOrder | None": ...
    async def hold_open(self, pass_id: UUID) -> "CardOrder | None":
        """Find the open order of a pass, and keep others from changing it to the end of the unit."""
        ...

    async def count_since(self, pass_id: UUID, since: datetime) -> int: ...
    async def take(self, authority_id: UUID, most: int) -> "list[Pass]":
        """List the passes whose orders wait longest, and hold these; sorted by where the cards go."""
        ...

    async def moved(self, pass_ids: "Sequence[UUID]", now: datetime) -> None:
        """Write that the cards of these passes lie at a desk or are in the post, and owe their accounts a word."""
        ...

    async def reopen(self, medium: "Medium", *, now: datetime) -> None:
        """Open the order again that ended as a card became this medium: that card was put back.

        Who was told that it ended is told that it stands. One for the post whose address is gone stays ended.
        """
        ...

    async def ended_elsewhere(self, pass_ids: "Sequence[UUID]", since: datetime) -> set[UUID]:
        """Return which of these passes have got another card than the ordered one since an instant; none is open."""
        ...
