"""What a city says of cards that residents order, in tests."""

from domain.card_terms import CardDesk, CardTerms, set_card_terms
from domain.passes import MediumKind, add_medium
from domain.replacements import ReplacementFee, ReplacementReason
from domain.text import Text
from tests.city import TestPass
from tests.house_app import House

HALL = CardDesk("hall", Text(fr="Siège", en="Town hall"), "1 place de la République")


async def take_orders(house: House, *, loss: int = 500, by_post: bool = True) -> None:
    """Say that residents order cards, and what a lost one costs."""
    authority = house.city.authority.id
    async with house.database.begin() as unit:
        await set_card_terms(unit, CardTerms((HALL,), by_post=by_post), authority_id=authority)
        fee = ReplacementFee(authority, MediumKind.CARD, ReplacementReason.LOSS, loss)
        await unit.replacements.set_fees(authority, [fee])


async def give_card(house: House, who: TestPass) -> None:
    """Give somebody a card in use."""
    now = house.clock()
    async with house.database.begin() as unit:
        await add_medium(unit, who.pass_, kind=MediumKind.CARD, expires_at=now.replace(year=2030), now=now)
