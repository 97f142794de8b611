"""Cards that residents order: one at a time, at the price that was shown, cancelled in time; on both engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec import Struct

from adapters.keyring import KeyRing
from domain import card_orders, made_cards, passes, personalisation
from domain.accounts import Account, ContactChannel, open_account
from domain.agents import Role
from domain.card_batches import BatchCard
from domain.card_terms import CardDesk, CardTerms, check_card_terms, set_card_terms
from domain.errors import DomainError
from domain.errors.cards import (
    BadCardTerms,
    BadDelivery,
    CardNotOrderable,
    CardOrdered,
    CardOrderedTooOften,
    CardOrderNotFound,
    CardOrderTaken,
    CardUnderway,
    WrongCardNumber,
)
from domain.errors.sales import PriceChanged
from domain.ordered_cards import (
    KEPT,
    MOST_A_YEAR,
    CardOrder,
    CardWay,
    Ending,
    Handed,
    Offered,
    OrderReason,
    Standing,
    Wish,
    activate,
    cancel_order,
    hand_over,
    offered_for,
    order_card,
    replace_at_desk,
    standing_of,
)
from domain.passes import BlockReason, MediumKind, MediumStatus, PassStatus
from domain.replacements import Replacement, ReplacementFee, ReplacementReason
from domain.text import Text
from store.ordered_cards import count_waiting, destinations, waiting
from store.retention import walk
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


@pytest.fixture
async def town(database_url: str, keyring: KeyRing) -> AsyncIterator[Town]:
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


async def test_a_city_that_has_said_nothing_takes_no_orders(town: Town) -> None:
    zoe = town.world.zoe
    async with town.world.database.begin() as unit:
        await set_card_terms(unit, CardTerms(), authority_id=town.world.city.authority.id)
        assert not (await unit.ordered_cards.terms(town.world.city.neighbour.id)).is_open
    assert (await town.sees(zoe)).choices == []
    with pytest.raises(CardNotOrderable):
        await town.orders(zoe, fetched(OrderReason.FIRST))


def test_terms_that_nobody_could_follow_are_refused() -> None:
    nameless = CardDesk("hall", Text(fr="", en="Hall"))
    for terms in (
        CardTerms((HALL, HALL)),
        CardTerms((CardDesk("Town hall!", HALL.name),)),
        CardTerms((nameless,)),
        CardTerms((HALL,), working_days=0),
        CardTerms((CardDesk("hall", HALL.name, "x" * 201),)),
    ):
        with pytest.raises(BadCardTerms):
            check_card_terms(terms)


async def test_a_first_card_is_ordered_made_fetched_and_free(town: Town) -> None:
    """The pass lived on paper: its first card comes from a batch to the desk that was chosen."""
    zoe = town.world.zoe
    assert [(one.reason, one.fee_cents, one.stops) for one in (await town.sees(zoe)).choices] == [
        (OrderReason.FIRST, 0, False)
    ]
    await town.orders(zoe, fetched(OrderReason.FIRST))
    assert await town.stands(zoe) is Standing.WAITING
    (card,) = await town.made()
    assert await town.stands(zoe) is Standing.MAKING
    await town.world.deliver()
    assert await town.stands(zoe) is Standing.READY
    assert (await town.hands(card, zoe)).fee_cents == 0
    assert await town.stands(zoe) is Standing.DONE
    assert await town.due() == []
    assert [one.reason for one in (await town.sees(zoe)).choices] == [
        OrderReason.LOST,
        OrderReason.STOLEN,
        OrderReason.DAMAGED,
    ]


async def test_a_lost_card_is_stopped_as_another_is_ordered_and_costs_what_was_shown(town: Town) -> None:
    """Whatever the list says by the day of the desk, in both directions."""
    zoe, max_ = town.world.zoe, town.world.max
    lost, stolen = await town.has_card(zoe), await town.has_card(max_)
    await town.asks(loss=500, theft=300)
    with pytest.raises(PriceChanged):
        await town.orders(zoe, fetched(OrderReason.LOST, 0))
    assert await town.status(zoe, lost) is MediumStatus.ACTIVE, "nothing is stopped at a price that nobody saw"
    await town.orders(zoe, fetched(OrderReason.LOST, 500))
    await town.orders(max_, fetched(OrderReason.STOLEN, 300))
    assert await town.status(zoe, lost) is MediumStatus.LOST
    assert await town.status(max_, stolen) is MediumStatus.STOLEN
    assert await town.due() == [], "nothing is due for a card that nobody has"

    await town.asks(loss=900)
    cards = await town.made()
    await town.world.deliver()
    by_pass = {card.pass_id: card for card in cards}
    assert (await town.hands(by_pass[zoe.pass_.id], zoe)).fee_cents == 500
    assert (await town.hands(by_pass[max_.pass_.id], max_)).fee_cents == 300
    due = {number: (one.reason, one.fee_cents, one.replaced_id) for number, one in await town.due()}
    assert due == {
        zoe.pass_.number: (ReplacementReason.LOSS, 500, lost),
        max_.pass_.number: (ReplacementReason.THEFT, 300, stolen),
    }
    assert await town.status(zoe, lost) is MediumStatus.REPLACED


async def test_a_card_whose_date_has_passed_or_that_is_stopped_already_is_renewed_for_its_own_reason(
    town: Town,
) -> None:
    zoe, max_ = town.world.zoe, town.world.max
    await town.has_card(zoe, days=-1)
    broken = await town.has_card(max_)
    async with town.world.database.begin() as unit:
        await passes.block(unit, max_.pass_, broken, reason=BlockReason.DAMAGED, now=NOW)
    assert [(one.reason, one.stops) for one in (await town.sees(zoe)).choices] == [(OrderReason.EXPIRED, False)]
    assert [(one.reason, one.stops) for one in (await town.sees(max_)).choices] == [(OrderReason.DAMAGED, False)]
    await town.orders(zoe, fetched(OrderReason.EXPIRED))
    (card,) = await town.made()
    await town.world.deliver()
    await town.hands(card, zoe)
    with pytest.raises(CardNotOrderable):
        await town.orders(max_, fetched(OrderReason.LOST))


@pytest.mark.parametrize("reason", [BlockReason.REVOKED, BlockReason.SUSPENDED])
async def test_what_the_city_has_stopped_itself_is_for_its_desk(town: Town, reason: BlockReason) -> None:
    zoe = town.world.zoe
    card = await town.has_card(zoe)
    async with town.world.database.begin() as unit:
        await passes.block(unit, zoe.pass_, card, reason=reason, now=NOW)
    assert (await town.sees(zoe)).choices == []


async def test_a_pass_that_is_suspended_orders_nothing(town: Town) -> None:
    zoe = town.world.zoe
    async with town.world.database.begin() as unit:
        suspended = await passes.change_status(unit, zoe.pass_, PassStatus.SUSPENDED, now=NOW)
        assert (await offered_for(unit, suspended, now=NOW, today=TODAY)).choices == []


async def test_a_pass_has_one_open_order_however_often_its_owner_presses(town: Town) -> None:
    zoe, wish = town.world.zoe, fetched(OrderReason.FIRST)
    both = await asyncio.gather(town.orders(zoe, wish), town.orders(zoe, wish), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["CardOrder", "CardOrdered"]
    with pytest.raises(CardOrdered):
        await town.orders(zoe, wish)


async def test_an_order_is_cancelled_until_a_batch_takes_it_and_the_old_card_stays_stopped(town: Town) -> None:
    zoe = town.world.zoe
    lost = await town.has_card(zoe)
    await town.orders(zoe, posted(OrderReason.LOST))
    cancelled = await town.cancels(zoe)
    assert (cancelled.ending, cancelled.address, cancelled.keep_until) == (
        Ending.CANCELLED,
        "",
        min(zoe.pass_.keep_until, TODAY + KEPT),
    )
    assert await town.status(zoe, lost) is MediumStatus.LOST
    with pytest.raises(CardOrderNotFound):
        await town.cancels(zoe)
    await town.orders(zoe, fetched(OrderReason.LOST))
    await town.takes_in()
    with pytest.raises(CardOrderTaken):
        await town.cancels(zoe)


async def test_of_a_batch_and_an_owner_who_cancels_at_once_one_is_first(town: Town) -> None:
    """No card is made for an order that was cancelled before."""
    zoe = town.world.zoe
    await town.orders(zoe, fetched(OrderReason.FIRST))
    both = await asyncio.gather(town.takes_in(), town.cancels(zoe), return_exceptions=True)
    failed = [one for one in both if isinstance(one, BaseException)]
    assert len(failed) == 1
    assert isinstance(failed[0], DomainError)
    assert await town.stands(zoe) in {Standing.MAKING, Standing.CANCELLED}


async def test_two_batches_at_once_take_each_order_in_once(town: Town) -> None:
    await town.orders(town.world.zoe, fetched(OrderReason.FIRST))
    both = await asyncio.gather(town.takes_in("one"), town.takes_in("two"), return_exceptions=True)
    assert sum(len(one) for one in both if not isinstance(one, BaseException)) == 1
    assert [type(one) for one in both if isinstance(one, BaseException)] == [
        type(one) for one in both if isinstance(one, DomainError)
    ]


async def test_a_batch_lies_desk_by_desk_and_the_post_at_its_end(town: Town) -> None:
    zoe, max_ = town.world.zoe, town.world.max
    await town.orders(zoe, posted(OrderReason.FIRST))
    await town.orders(max_, fetched(OrderReason.FIRST, desk="annexe"), at=A_DAY)
    authority = town.world.city.authority.id
    async with town.world.database.read() as connection:
        assert [one.number for one in await waiting(connection, authority, most=1)] == [zoe.pass_.number]
        assert await count_waiting(connection, authority) == 2
        assert await count_waiting(connection, town.world.city.neighbour.id) == 0
    cards = await town.takes_in()
    async with town.world.database.read() as connection:
        goes = await destinations(connection, cards[0].batch_id)
        assert await count_waiting(connection, authority) == 0
    assert [(one.sequence, one.desk, one.address) for one in goes] == [(1, "annexe", ""), (2, None, LETTER_BOX)]


@pytest.mark.parametrize("fate", ["refused", "spoiled", "discarded"])
async def test_an_order_waits_again_when_its_card_comes_to_nothing(town: Town, fate: str) -> None:
    zoe = town.world.zoe
    await town.orders(zoe, fetched(OrderReason.FIRST))
    await town.takes_in()
    agent = town.world.city.agents[Role.MANAGER]
    if fate == "refused":
        async with town.world.database.begin() as unit:
            batch = await unit.batches.hold(town.world.city.authority.id, "spring")
            await personalisation.refuse(unit, batch, agent_id=agent.id, now=NOW)
    else:
        await town.world.send(chips(1))
        spoiled = frozenset({1}) if fate == "spoiled" else frozenset[int]()
        await town.world.settle(said(await town.world.cards(), spoiled=spoiled))
    if fate == "discarded":
        await town.world.deliver()
        async with town.world.database.begin() as unit:
            (card,) = await unit.batches.cards((await unit.batches.by_code(agent.authority_id, "spring")).id)
            await made_cards.discard(unit, card, reason=BlockReason.STOLEN)
    assert await town.stands(zoe) is Standing.WAITING
    assert len(await town.takes_in("again")) == 1


async def test_a_card_from_the_post_opens_nothing_until_its_owner_types_its_number(town: Town) -> None:
    zoe = town.world.zoe
    await town.orders(zoe, posted(OrderReason.FIRST))
    (card,) = await town.made()
    async with town.world.database.begin() as unit:
        with pytest.raises(CardNotOrderable):
            await activate(unit, zoe.pass_, card.number, now=NOW)
    await town.ships()
    assert await town.stands(zoe) is Standing.SENT
    for wrong in ("808012345670", "", "é" * 12):
        async with town.world.database.begin() as unit:
            with pytest.raises(WrongCardNumber):
                await activate(unit, zoe.pass_, wrong, now=NOW)
    async with town.world.database.begin() as unit:
        handed = await activate(unit, zoe.pass_, card.number, now=NOW)
        assert (handed.medium.id, handed.medium.status) == (card.medium_id, MediumStatus.ACTIVE)
        done = await unit.ordered_cards.newest(zoe.pass_.id)
    assert done is not None
    assert (done.ending, done.address) == (Ending.DONE, "")


async def test_of_an_owner_and_a_desk_that_bind_one_card_at_once_one_does(town: Town) -> None:
    zoe = town.world.zoe
    await town.orders(zoe, posted(OrderReason.FIRST))
    (card,) = await town.made()
    await town.ships()

    async def types() -> Handed:
        async with town.world.database.begin() as unit:
            return await activate(unit, zoe.pass_, card.number, now=NOW)

    both = await asyncio.gather(types(), town.hands(card, zoe), return_exceptions=True)
    assert [isinstance(one, Handed) for one in both].count(True) == 1
    assert [isinstance(one, DomainError) for one in both].count(True) == 1
    assert await town.stands(zoe) is Standing.DONE


async def test_a_card_goes_nowhere_that_the_city_has_not_said(town: Town) -> None:
    zoe = town.world.zoe
    for wish in (
        fetched(OrderReason.FIRST, desk="elsewhere"),
        posted(OrderReason.FIRST, address="  "),
        posted(OrderReason.FIRST, address="x" * 201),
    ):
        with pytest.raises(BadDelivery):
            await town.orders(zoe, wish)
    async with town.world.database.begin() as unit:
        await set_card_terms(unit, CardTerms((HALL,)), authority_id=town.world.city.authority.id)
    with pytest.raises(BadDelivery):
        await town.orders(zoe, posted(OrderReason.FIRST))


async def test_nobody_orders_one_card_after_the_other(town: Town) -> None:
    zoe = town.world.zoe
    for _ in range(MOST_A_YEAR):
        await town.orders(zoe, fetched(OrderReason.FIRST))
        await town.cancels(zoe)
    with pytest.raises(CardOrderedTooOften):
        await town.orders(zoe, fetched(OrderReason.FIRST))
    await town.orders(zoe, fetched(OrderReason.FIRST), at=timedelta(days=366))


async def test_a_desk_that_replaces_the_card_from_its_drawer_ends_the_order_at_its_price(town: Town) -> None:
    """A reason that the desk knows better is charged by the list."""
    zoe, max_ = town.world.zoe, town.world.max
    cards = await town.world.at_desk(2)
    await town.asks(loss=500, theft=500)
    prices = []
    for who, card, reason in (
        (zoe, cards[0], ReplacementReason.LOSS),
        (max_, cards[1], ReplacementReason.THEFT_REPORTED),
    ):
        old = await town.has_card(who)
        await town.orders(who, fetched(OrderReason.LOST, 500))
        await town.asks(loss=900, theft=900)
        async with town.world.database.begin() as unit:
            found = await unit.batches.card_by_number(card.authority_id, card.number)
            done = await replace_at_desk(unit, who.pass_, old, found, now=NOW, reason=reason)
        prices.append(done.replacement.fee_cents)
        assert await town.stands(who) is Standing.DONE
        await town.asks(loss=500, theft=500)
    assert prices == [500, 0]


async def test_a_first_card_that_was_handed_over_by_mistake_is_ordered_still(town: Town) -> None:
    zoe = town.world.zoe
    await town.orders(zoe, fetched(OrderReason.FIRST))
    (card,) = await town.made()
    await town.world.deliver()
    await town.hands(card, zoe)
    async with town.world.database.begin() as unit:
        bound = await unit.batches.card_by_number(card.authority_id, card.number)
        await made_cards.unbind(unit, bound, now=NOW + timedelta(minutes=5))
    assert await town.stands(zoe) is Standing.READY


async def test_a_manager_orders_no_second_card_for_a_pass_that_waits_for_one(town: Town) -> None:
    zoe = town.world.zoe
    await town.orders(zoe, fetched(OrderReason.FIRST))
    await town.takes_in()
    authority = town.world.city.authority
    async with town.world.database.look() as unit:
        named = await card_orders.for_passes(unit, authority, [zoe.pass_.number], NOW.date() + 900 * A_DAY)
    with pytest.raises(CardUnderway):
        await town.world.order(*named, code="again")


async def test_an_order_that_is_over_is_forgotten_after_its_days_and_an_open_one_stays(town: Town) -> None:
    zoe, max_ = town.world.zoe, town.world.max
    await town.orders(zoe, fetched(OrderReason.FIRST))
    await town.cancels(zoe)
    await town.orders(max_, fetched(OrderReason.FIRST))
    day = TODAY + KEPT
    authority = town.world.city.authority.id
    await walk(town.world.database, authority, day=day - A_DAY, now=NOW + KEPT - A_DAY)
    assert (await town.sees(zoe)).order is not None
    walked = await walk(town.world.database, authority, day=day, now=NOW + KEPT)
    assert walked.rows["card_order"] == 1
    assert (await town.sees(zoe)).order is None
    assert (await town.sees(max_)).order is not None
