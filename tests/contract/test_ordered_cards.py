"""Cards that residents order: one at a time, at the price that was shown, cancelled in time; on both engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.keyring import KeyRing
from domain import passes
from domain.card_terms import (
    CardDesk,
    CardOffer,
    CardTerms,
    card_offer,
    change_card_offer,
    check_card_terms,
    set_card_terms,
)
from domain.errors.cards import (
    BadCardTerms,
    BadDelivery,
    CardNotOrderable,
    CardOrdered,
    CardOrderedTooOften,
    CardOrderNotFound,
    CardOrderTaken,
)
from domain.errors.sales import PriceChanged
from domain.order_endings import KEPT, Ending
from domain.ordered_cards import (
    MOST_A_YEAR,
    OrderReason,
    Standing,
    offered_for,
)
from domain.passes import BlockReason, MediumStatus, PassStatus
from domain.replacements import ReplacementReason
from domain.text import Text
from store.retention import walk
from tests.city import NOW, TODAY
from tests.contract.ordered_world import A_DAY, ANNEXE, HALL, Town, fetched, open_town, posted


@pytest.fixture
async def town(database_url: str, keyring: KeyRing) -> AsyncIterator[Town]:
    async with open_town(database_url, keyring) as opened:
        yield opened


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


async def test_of_two_who_change_the_terms_at_once_one_hears_of_the_other(town: Town) -> None:
    owner = town.world.city.authority.id
    async with town.world.database.look() as unit:
        seen = (await card_offer(unit, owner)).version

    async def changes(desk: CardDesk, cents: int) -> None:
        offer = CardOffer(CardTerms((desk,)), {ReplacementReason.LOSS: cents})
        async with town.world.database.begin() as unit:
            await change_card_offer(unit, offer, authority_id=owner, seen=seen)

    both = await asyncio.gather(changes(HALL, 100), changes(ANNEXE, 200), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["NoneType", "VersionChanged"]
    async with town.world.database.look() as unit:
        offer = await card_offer(unit, owner)
    assert (offer.terms.desks[0].code, offer.prices[ReplacementReason.LOSS]) in {("hall", 100), ("annexe", 200)}


async def test_an_authority_that_has_said_nothing_yet_is_changed_by_one_of_two(town: Town) -> None:
    """There is no row to lock before the first word."""
    owner = town.world.city.neighbour.id
    async with town.world.database.look() as unit:
        seen = (await card_offer(unit, owner)).version

    async def changes(days: int) -> None:
        async with town.world.database.begin() as unit:
            offer = CardOffer(CardTerms((HALL,), working_days=days), {})
            await change_card_offer(unit, offer, authority_id=owner, seen=seen)

    both = await asyncio.gather(changes(5), changes(6), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["NoneType", "VersionChanged"]


@pytest.mark.parametrize("cents", [-1, 100_001])
async def test_a_price_that_no_app_could_send_is_refused(town: Town, cents: int) -> None:
    owner = town.world.city.authority.id
    async with town.world.database.begin() as unit:
        seen = (await card_offer(unit, owner)).version
        with pytest.raises(BadCardTerms):
            await change_card_offer(
                unit, CardOffer(CardTerms((HALL,)), {ReplacementReason.LOSS: cents}), authority_id=owner, seen=seen
            )
