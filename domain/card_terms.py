"""Whether residents order plastic cards themselves, and where these go: data of the authority's."""

import re
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.errors.cards import BadCardTerms
from domain.ports import Unit
from domain.text import Text

LONGEST_ADDRESS: Final = 200
MOST_DESKS: Final = 20
MOST_DAYS: Final = 90

_DESK = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class CardDesk(Struct, frozen=True):
    """Where cards are fetched: `code` is the one under which they are delivered there."""

    code: str
    name: Text
    address: str = ""


class CardTerms(Struct, frozen=True):
    """Whether residents order cards, and where these go. `working_days` is what they are told to wait.

    An authority that has said nothing takes no orders.
    """

    desks: tuple[CardDesk, ...] = ()
    by_post: bool = False
    working_days: int = 15

    @property
    def is_open(self) -> bool:
        """Whether a card can come to anybody."""
        return bool(self.desks) or self.by_post

    def desk(self, code: str | None) -> CardDesk | None:
        """Return the desk of a code, if cards are fetched there."""
        return next((one for one in self.desks if one.code == code), None)


NO_ORDERS: Final = CardTerms()


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
