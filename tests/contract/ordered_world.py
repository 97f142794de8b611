"""A city where residents order cards, and what people do there, in few words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from msgspec import Struct

from adapters.keyring import KeyRing
from domain import card_orders, made_cards, passes, personalisation
from domain.accounts import Account, ContactChannel, open_account
from domain.agents import Role
from domain.card_batches import BatchCard
from domain.card_terms import CardDesk, CardTerms, set_card_terms
from domain.ordered_cards import (
    CardOrder,
    CardWay,
    Handed,
    Offered,
    OrderReason,
    Standing,
    Wish,
    cancel_order,
    hand_over,
    offered_for,
    order_card,
    standing_of,
)
from domain.passes import MediumKind, MediumStatus
from domain.replacements import Replacement, ReplacementFee, ReplacementReason
from domain.text import Text
from tests.city import NOW, TODAY, TestPass
from tests.contract.batch_world import World, chips, open_world, said

A_DAY = timedelta(days=1)
HALL = CardDesk("hall", Text(fr="Siège", en="Town hall"), "1 place de la République")
ANNEXE = CardDesk("annexe", Text(fr="Annexe", en="Annexe"))
TERMS = CardTerms((HALL, ANNEXE), by_post=True)
LETTER_BOX = "Zoé Lefèvre\n12 rue des Lilas\n59000 Lille"


def fetched(reason: OrderReason, cents: int = 0, desk: str = "hall") -> Wish:
    return Wish(reason, CardWay.DESK, desk, "", cents)


def posted(reason: OrderReason, cents: int = 0, address: str = LETTER_BOX) -> Wish:
    return Wish(reason, CardWay.POST, None, address, cents)


class Town(Struct, frozen=True):
    """A city that takes orders, and an account."""

    world: World
    account: Account

    async def orders(self, who: TestPass, wish: Wish, *, at: timedelta = 0 * A_DAY) -> CardOrder:
        now = NOW + at
        async with self.world.database.begin() as unit:
            return await order_card(unit, self.account, who.pass_, wish, now=now, today=now.date())

    async def cancels(self, who: TestPass) -> CardOrder:
        async with self.world.database.begin() as unit:
            return await cancel_order(unit, who.pass_, now=NOW)

    async def sees(self, who: TestPass) -> Offered:
        async with self.world.database.look() as unit:
            return await offered_for(unit, who.pass_, now=NOW, today=TODAY)

    async def stands(self, who: TestPass) -> Standing:
        seen = await self.sees(who)
        assert seen.order is not None
        return standing_of(seen.order, seen.card)

    async def has_card(self, who: TestPass, *, days: int = 900) -> int:
        """Give somebody a card in use."""
        async with self.world.database.begin() as unit:
            made = await passes.add_medium(
                unit, who.pass_, kind=MediumKind.CARD, expires_at=NOW + days * A_DAY, now=NOW - A_DAY
            )
        return made.id

    async def asks(self, **cents: int) -> None:
        authority = self.world.city.authority.id
        fees = [
            ReplacementFee(authority, MediumKind.CARD, ReplacementReason(reason), each)
            for reason, each in cents.items()
        ]
        async with self.world.database.begin() as unit:
            await unit.replacements.set_fees(authority, fees)

    async def takes_in(self, code: str = "spring") -> list[BatchCard]:
        """Have a batch take in what waits."""
        authority = self.world.city.authority
        async with self.world.database.begin() as unit:
            wanted = await card_orders.for_residents(unit, authority, (NOW + 1000 * A_DAY).date(), most=500)
            await personalisation.order(
                unit,
                authority.id,
                code=code,
                wanted=wanted,
                key_version=1,
                agent_id=self.world.city.agents[Role.MANAGER].id,
                now=NOW,
            )
        return await self.world.cards(code)

    async def made(self, code: str = "spring") -> list[BatchCard]:
        """Have them made as well."""
        taken = await self.takes_in(code)
        await self.world.send(chips(len(taken)), code=code)
        await self.world.settle(said(await self.world.cards(code)), code=code)
        return await self.world.cards(code)

    async def ships(self) -> None:
        async with self.world.database.begin() as unit:
            batch = await unit.batches.hold(self.world.city.authority.id, "spring")
            await made_cards.ship(unit, batch, first=1, last=100, now=NOW + A_DAY)

    async def hands(self, card: BatchCard, who: TestPass) -> Handed:
        async with self.world.database.begin() as unit:
            found = await unit.batches.card_by_number(card.authority_id, card.number)
            return await hand_over(unit, found, who.pass_, now=NOW)

    async def due(self) -> list[tuple[str, Replacement]]:
        async with self.world.database.look() as unit:
            return await unit.replacements.due(self.world.city.authority.id, NOW - A_DAY, NOW + A_DAY)

    async def status(self, who: TestPass, medium_id: int) -> MediumStatus:
        async with self.world.database.look() as unit:
            return next(one.status for one in await unit.passes.media(who.pass_.id) if one.id == medium_id)


@asynccontextmanager
async def open_town(database_url: str, keyring: KeyRing) -> AsyncIterator[Town]:
    """Open a city that takes orders, with the account of somebody who has a pass."""
    async with open_world(database_url, keyring) as world:
        authority = world.city.authority.id
        async with world.database.begin() as unit:
            await set_card_terms(unit, TERMS, authority_id=authority)
            account = await open_account(
                unit,
                authority_id=authority,
                channel=ContactChannel.EMAIL,
                address="zoe@example.org",
                language="fr",
                now=NOW,
            )
        yield Town(world, account)
