"""An order ends when its pass gets another card, whichever way: none comes twice, none is paid twice; both engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from adapters.keyring import KeyRing
from domain import made_cards
from domain.card_batches import BatchCard
from domain.cards import CardTechnology, bind_card
from domain.errors import DomainError
from domain.errors.cards import BadBatch, CardOrderNotFound
from domain.errors.passes import LifecycleConflict
from domain.external_media import ExternalTechnology, Reading, bind_external
from domain.ordered_cards import CardOrder, Handed, OrderReason, Standing, activate
from domain.passes import BlockReason, MediumStatus, block
from domain.replacements import ReplacementReason, replace_by_card, replace_medium
from store.ordered_cards import due_to_be_told
from tests.city import NOW, TestPass
from tests.contract.batch_world import chips, said
from tests.contract.ordered_world import A_DAY, Town, fetched, open_town, posted

FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
async def town(database_url: str, keyring: KeyRing) -> AsyncIterator[Town]:
    async with open_town(database_url, keyring) as opened:
        yield opened


async def order_of(town: Town, who: TestPass) -> CardOrder:
    seen = await town.sees(who)
    assert seen.order is not None
    return seen.order


async def owed(town: Town, at: datetime) -> int:
    async with town.world.database.read() as connection:
        return len(await due_to_be_told(connection, at))


async def stock(town: Town) -> BatchCard:
    """A blank card in the drawer, of a batch of its own."""
    (card,) = await town.world.at_desk(1)
    return card


async def binds_a_chip(town: Town, who: TestPass) -> None:
    async with town.world.database.begin() as unit:
        await bind_card(
            unit,
            who.pass_,
            uid_digest=bytes(range(32)),
            technology=CardTechnology.UID_ONLY,
            key_version=None,
            expires_at=NOW + 900 * A_DAY,
            now=NOW,
        )


async def test_a_lost_card_that_a_program_replaces_is_paid_once_at_the_price_that_was_shown(town: Town) -> None:
    zoe = town.world.zoe
    lost = await town.has_card(zoe)
    await town.asks(loss=500)
    await town.orders(zoe, posted(OrderReason.LOST, 500))
    await town.asks(loss=900)
    async with town.world.database.begin() as unit:
        await replace_medium(unit, zoe.pass_, lost, expires_at=NOW + 900 * A_DAY, now=NOW)
    ended = await order_of(town, zoe)
    assert (await town.stands(zoe), ended.address) == (Standing.ELSEWHERE, "")
    assert [(number, due.fee_cents) for number, due in await town.due()] == [(zoe.pass_.number, 500)]
    with pytest.raises(BadBatch):
        await town.takes_in()
    assert await owed(town, NOW) == 1


async def test_a_printed_code_that_is_replaced_leaves_the_order_as_it_is(town: Town) -> None:
    zoe = town.world.zoe
    await town.orders(zoe, fetched(OrderReason.FIRST))
    async with town.world.database.begin() as unit:
        await block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.LOST, now=NOW)
        await replace_medium(unit, zoe.pass_, zoe.medium.id, expires_at=NOW + 900 * A_DAY, now=NOW)
    assert await town.stands(zoe) is Standing.WAITING


@pytest.mark.parametrize("way", ["a chip", "the drawer"])
async def test_whoever_ordered_their_first_card_and_is_given_one_gets_no_second_one(town: Town, way: str) -> None:
    zoe = town.world.zoe
    card = await stock(town)
    await town.orders(zoe, fetched(OrderReason.FIRST))
    if way == "a chip":
        await binds_a_chip(town, zoe)
    else:
        await town.world.bind(card.number, zoe)
    assert await town.stands(zoe) is Standing.ELSEWHERE
    assert await town.due() == []
    with pytest.raises(BadBatch):
        await town.takes_in("ordered")
    assert [one.reason for one in (await town.sees(zoe)).choices][:1] == [OrderReason.LOST], (
        "it may be lost in its turn"
    )


async def test_a_desk_that_replaces_an_older_card_ends_the_order_and_charges_by_its_list(town: Town) -> None:
    zoe = town.world.zoe
    card = await stock(town)
    await town.asks(loss=500, damage=200)
    older = await town.has_card(zoe)
    async with town.world.database.begin() as unit:
        await block(unit, zoe.pass_, older, reason=BlockReason.DAMAGED, now=NOW)
    await town.has_card(zoe)
    await town.orders(zoe, fetched(OrderReason.LOST, 500))
    async with town.world.database.begin() as unit:
        found = await unit.batches.card_by_number(card.authority_id, card.number)
        await replace_by_card(unit, zoe.pass_, older, found, now=NOW, reason=ReplacementReason.DAMAGE)
    assert await town.stands(zoe) is Standing.ELSEWHERE
    assert [due.fee_cents for _, due in await town.due()] == [200]


@pytest.mark.parametrize("place", ["the post", "the desk"])
async def test_the_card_on_its_way_opens_nothing_once_another_one_is_in_use(town: Town, place: str) -> None:
    zoe = town.world.zoe
    await town.orders(zoe, posted(OrderReason.FIRST) if place == "the post" else fetched(OrderReason.FIRST))
    (made,) = await town.made()
    await (town.ships() if place == "the post" else town.world.deliver())
    await binds_a_chip(town, zoe)
    assert (await town.world.cards())[0].status is MediumStatus.REVOKED
    async with town.world.database.begin() as unit:
        with pytest.raises(CardOrderNotFound):
            await activate(unit, zoe.pass_, made.number, now=NOW)
    with pytest.raises(LifecycleConflict):
        await town.hands(made, zoe)
    await town.asks(loss=0)
    await town.orders(zoe, fetched(OrderReason.LOST), at=A_DAY)
    assert len(await town.takes_in("again")) == 1, "nothing of the old order stands in the way of the next one"


async def test_a_card_that_is_being_made_is_out_of_use_when_its_maker_reports(town: Town) -> None:
    zoe, max_ = town.world.zoe, town.world.max
    for who in (zoe, max_):
        await town.orders(who, fetched(OrderReason.FIRST))
    await town.takes_in()
    await town.world.send(chips(2))
    await binds_a_chip(town, zoe)
    await town.world.settle(said(await town.world.cards()))
    states = {card.pass_id: card.status for card in await town.world.cards()}
    assert states == {zoe.pass_.id: MediumStatus.REVOKED, max_.pass_.id: MediumStatus.PRODUCED}
    await town.world.deliver()
    assert (await town.stands(zoe), await town.stands(max_)) == (Standing.ELSEWHERE, Standing.READY)


async def test_a_card_of_another_issuer_ends_nothing_for_it_opens_one_sector(town: Town) -> None:
    zoe = town.world.zoe
    await town.orders(zoe, fetched(OrderReason.FIRST))
    reading = Reading(ExternalTechnology.CALYPSO, "sport", b"holder-1", b"s" * 32, NOW)
    async with town.world.database.begin() as unit:
        await bind_external(unit, zoe.pass_, reading, expires_at=NOW + 900 * A_DAY, now=NOW)
    assert await town.stands(zoe) is Standing.WAITING
    await town.cancels(zoe)
    assert [one.reason for one in (await town.sees(zoe)).choices] == [OrderReason.FIRST], "it is not ours to replace"


async def test_a_card_put_back_opens_the_order_again_where_it_can_still_go_somewhere(town: Town) -> None:
    """Whoever was told that their order ended is told that it stands."""
    zoe, max_ = town.world.zoe, town.world.max
    cards = await town.world.at_desk(2)
    await town.orders(zoe, fetched(OrderReason.FIRST))
    await town.orders(max_, posted(OrderReason.FIRST))
    for who, card in zip((zoe, max_), cards, strict=True):
        await town.world.bind(card.number, who)
        async with town.world.database.begin() as unit:
            bound = await unit.batches.card_by_number(card.authority_id, card.number)
            await made_cards.unbind(unit, bound, now=NOW + FIVE_MINUTES)
    assert (await town.stands(zoe), await town.stands(max_)) == (Standing.WAITING, Standing.ELSEWHERE)
    assert await owed(town, NOW) == 1, "that it is over, to one"
    assert await owed(town, NOW + FIVE_MINUTES) == 2


async def test_of_a_desk_and_an_owner_who_take_two_cards_at_once_the_order_ends_once(town: Town) -> None:
    zoe = town.world.zoe
    drawer = (await town.world.at_desk(1))[0]
    await town.orders(zoe, posted(OrderReason.FIRST))
    taken = await town.takes_in("ordered")
    await town.world.send(chips(1, first=50), code="ordered")
    report = said(await town.world.cards("ordered"))
    await town.world.settle(replace(report, batch="ordered"), code="ordered")
    async with town.world.database.begin() as unit:
        batch = await unit.batches.hold(town.world.city.authority.id, "ordered")
        await made_cards.ship(unit, batch, first=1, last=1, now=NOW)

    async def types() -> Handed:
        async with town.world.database.begin() as unit:
            return await activate(unit, zoe.pass_, taken[0].number, now=NOW)

    both = await asyncio.gather(town.hands(drawer, zoe), types(), return_exceptions=True)
    assert all(isinstance(one, Handed | DomainError) for one in both), both
    assert any(isinstance(one, Handed) for one in both)
    assert await town.stands(zoe) in {Standing.DONE, Standing.ELSEWHERE}
