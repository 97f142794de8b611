"""Which medium a card is, remembered: one look-up less at each tap of the same card.

What is remembered is an identity, never a state. Whether the medium may be used is read with the facts of every batch,
and the ledger sends a scan back whose remembered medium is not in use (`StaleIdentity`): then the register is asked. It
may say otherwise by then, for a chip changes its medium only when the old one was stopped (`domain.cards`). So a card
that was stopped or enrolled anew a moment ago, by whichever worker, is seen as it is. A card that nobody knows is not
remembered: enrolled, it is known at its next tap.
"""

from collections import OrderedDict
from uuid import UUID

from domain.cards import Card
from store import cards
from store.database import Database

MOST_REMEMBERED = 50_000
"""About 20 MB."""


class KnownCards:
    """The cards that this process has seen."""

    def __init__(self, database: Database, *, most: int = MOST_REMEMBERED) -> None:
        self._database = database
        self._most = most
        self._cards: OrderedDict[tuple[UUID, bytes], Card] = OrderedDict()
        self._keys: dict[int, tuple[UUID, bytes]] = {}

    def remembered(self, authority_id: UUID, digest: bytes) -> Card | None:
        """Return what was found before, without asking anybody."""
        found = self._cards.get((authority_id, digest))
        if found is not None:
            self._cards.move_to_end((authority_id, digest))
        return found

    async def find(self, authority_id: UUID, digest: bytes) -> Card | None:
        """Ask the register, and remember the card that it knows."""
        async with self._database.read() as connection:
            found = await cards.find(connection, authority_id, digest)
        if found is not None:
            self._keep((authority_id, digest), found)
        return found

    def forget(self, medium_id: int) -> None:
        """Ask the register when this medium's chip comes again."""
        key = self._keys.pop(medium_id, None)
        if key is not None:
            self._cards.pop(key, None)

    def _keep(self, key: tuple[UUID, bytes], found: Card) -> None:
        before = self._cards.pop(key, None)
        if before is not None:
            self._keys.pop(before.medium_id, None)
        self._cards[key] = found
        self._keys[found.medium_id] = key
        if len(self._cards) > self._most:
            _, oldest = self._cards.popitem(last=False)
            self._keys.pop(oldest.medium_id, None)
