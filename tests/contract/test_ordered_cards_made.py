"""Cards that residents have ordered, as they are made: into batches, by post, over a desk; on both engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.keyring import KeyRing
from domain import card_orders, made_cards, personalisation
from domain.agents import Role
from domain.errors import DomainError
from domain.errors.cards import (
    CardNotOrderable,
    CardUnderway,
    WrongCardNumber,
)
from domain.order_endings import Ending
from domain.ordered_cards import (
    Handed,
    OrderReason,
    Standing,
    activate,
)
from domain.passes import BlockReason, MediumStatus
from domain.replacements import ReplacementReason, replace_by_card
from store.ordered_cards import count_waiting, destinations, waiting
from tests.city import NOW
from tests.contract.batch_world import chips, said
from tests.contract.ordered_world import A_DAY, LETTER_BOX, Town, fetched, open_town, posted


@pytest.fixture
async def town(database_url: str, keyring: KeyRing) -> AsyncIterator[Town]:
    async with open_town(database_url, keyring) as opened:
        yield opened


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
            done = await replace_by_card(unit, who.pass_, old, found, now=NOW, reason=reason)
        prices.append(done.replacement.fee_cents)
        assert await town.stands(who) is Standing.ELSEWHERE, "no second card is made"
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
