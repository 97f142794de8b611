"""Cards of a batch on both engines: at desks, in the post, bound once, discarded, and what the status list says."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from adapters.keyring import KeyRing
from domain import made_cards, passes
from domain.card_batches import BatchCard
from domain.errors.cards import (
    BadBatch,
    BatchClosed,
    BatchNotFound,
    CardNotReturnable,
    CardOfAnotherPass,
    MadeCardNotFound,
)
from domain.errors.passes import LifecycleConflict
from domain.made_cards import Drawer
from domain.passes import BlockReason, MediumKind, MediumStatus, PassStatus
from domain.personalisation import Wanted
from domain.replacements import replace_by_card, replace_medium
from nfc.status_list import Status
from store import batches, status_lists
from store.tables.ledger import medium_use
from tests.city import KEEP, NOW
from tests.contract.batch_world import BLANK, UNTIL, World, chips, open_world, said


@pytest.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    async with open_world(database_url, keyring) as opened:
        yield opened


# --- desks -------------------------------------------------------------------------------------------


async def test_blank_cards_lie_at_desks_and_move_between_them(world: World) -> None:
    await world.order(*[BLANK] * 6, Wanted(UNTIL, KEEP, world.zoe.pass_))
    await world.send(chips(7))
    await world.settle(said(await world.cards(), spoiled=frozenset({6})))
    await world.deliver(desk="hall")
    await world.deliver(desk="annexe", first=4)
    async with world.database.read() as connection:
        left = await batches.drawers(connection, world.city.authority.id)
        assert left == [Drawer("annexe", 2), Drawer("hall", 3)], "the spoiled one and the one with a name are not blank"
        assert await batches.drawers(connection, world.city.neighbour.id) == []
        counts = await batches.tally(connection, (await world.cards())[0].batch_id)
    assert counts == {MediumStatus.READY_AT_DESK: 6, MediumStatus.DAMAGED: 1}
    with pytest.raises(BadBatch):
        await world.deliver(desk="The Hall")


async def test_nothing_is_delivered_before_the_report(world: World) -> None:
    await world.order(BLANK)
    await world.send(chips(1))
    with pytest.raises(BatchClosed):
        await world.deliver()
    with pytest.raises(LifecycleConflict):
        await world.bind((await world.cards())[0].number, world.zoe)


async def test_only_cards_that_bear_a_name_go_by_post(world: World) -> None:
    await world.order(BLANK, Wanted(UNTIL, KEEP, world.zoe.pass_))
    await world.send(chips(2))
    await world.settle(said(await world.cards()))
    async with world.database.begin() as unit:
        batch = await unit.batches.hold(world.city.authority.id, "spring")
        (shipped,) = await made_cards.ship(unit, batch, first=1, last=2, now=NOW)
    assert (shipped.sequence, shipped.status) == (2, MediumStatus.SHIPPED)
    with pytest.raises(CardOfAnotherPass):
        await world.bind(shipped.number, world.max)
    assert (await world.bind(shipped.number, world.zoe)).pass_id == world.zoe.pass_.id


async def test_a_bound_card_is_an_ordinary_medium_under_the_name_its_chip_has(world: World) -> None:
    card = (await world.at_desk())[0]
    medium = await world.bind(card.number, world.zoe)
    assert (medium.id, medium.kind, medium.status) == (card.medium_id, MediumKind.CARD, MediumStatus.ACTIVE)
    assert (medium.status_list, medium.status_index) == (card.status_list, card.status_index)
    assert (medium.expires_at, medium.keep_until) == (UNTIL, world.zoe.pass_.keep_until)
    async with world.database.begin() as unit:
        assert medium in await unit.passes.media(world.zoe.pass_.id)
        stopped = await passes.block(unit, world.zoe.pass_, medium.id, reason=BlockReason.STOLEN, now=NOW)
        replaced = await replace_medium(unit, world.zoe.pass_, stopped.id, expires_at=UNTIL, now=NOW)
    assert replaced.medium.id != medium.id
    assert (await world.entries())[card.status_index] is Status.INVALID
    assert (await world.cards())[0].status is MediumStatus.ACTIVE


async def test_of_two_desks_that_bind_a_card_one_does(world: World) -> None:
    card = (await world.at_desk())[0]
    both = await asyncio.gather(
        world.bind(card.number, world.zoe), world.bind(card.number, world.max), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["LifecycleConflict", "Medium"]


async def test_no_card_is_bound_to_a_pass_that_has_ended_or_after_its_own_end(world: World) -> None:
    card = (await world.at_desk())[0]
    ended = replace(world.zoe.pass_, status=PassStatus.ENDED)
    async with world.database.begin() as unit:
        with pytest.raises(LifecycleConflict, match="ended"):
            await made_cards.bind(unit, card, ended, now=NOW)
        with pytest.raises(LifecycleConflict, match="over"):
            await made_cards.bind(unit, card, world.zoe.pass_, now=UNTIL)


@pytest.mark.parametrize("reason", [BlockReason.LOST, BlockReason.STOLEN, BlockReason.DAMAGED, BlockReason.REVOKED])
async def test_a_discarded_card_never_opens_anything(world: World, reason: BlockReason) -> None:
    card, other = await world.at_desk()
    async with world.database.begin() as unit:
        await made_cards.discard(unit, card, reason=reason)
    assert await world.entries() == {card.status_index: Status.INVALID, other.status_index: Status.SUSPENDED}
    with pytest.raises(LifecycleConflict):
        await world.bind(card.number, world.zoe)
    await world.bind(other.number, world.zoe)
    async with world.database.begin() as unit:
        bound = await unit.batches.card_by_number(world.city.authority.id, other.number)
        with pytest.raises(LifecycleConflict, match="block it there"):
            await made_cards.discard(unit, bound, reason=reason)


async def test_what_changes_in_a_list_is_told_to_those_who_have_the_version_before(world: World) -> None:
    card = (await world.at_desk())[0]
    async with world.database.read() as connection:
        before = (await status_lists.head(connection, "ville", 1)).version
    await world.bind(card.number, world.zoe)
    async with world.database.read() as connection:
        after = (await status_lists.head(connection, "ville", 1)).version
        authority = world.city.authority.id
        changed = await status_lists.changes(connection, authority, 1, since=before, until=after)
        since_ever = await status_lists.changes(connection, authority, 1, since=0, until=after)
    assert changed == {card.status_index: Status.VALID}
    assert since_ever is not None
    assert {place for place, status in since_ever.items() if status is not Status.VALID} == (
        await world.entries()
    ).keys()


async def test_of_a_large_batch_the_list_is_fetched_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_lists, "MOST_CHANGES", 2)
    await world.order(*[BLANK] * 3)
    async with world.database.read() as connection:
        assert await status_lists.changes(connection, world.city.authority.id, 1, since=0, until=1) is None
    assert len(await world.entries()) == 3


# --- undone ------------------------------------------------------------------------------------------


async def undo(world: World, number: str, *, after: timedelta = timedelta()) -> BatchCard:
    async with world.database.begin() as unit:
        card = await unit.batches.card_by_number(world.city.authority.id, number)
        return await made_cards.unbind(unit, card, now=NOW + after)


async def test_a_card_that_was_bound_by_mistake_is_blank_again_and_goes_to_somebody_else(world: World) -> None:
    card, other = await world.at_desk()
    medium = await world.bind(card.number, world.zoe)
    assert replace(await undo(world, card.number), keep_until=card.keep_until) == card
    assert await world.entries() == dict.fromkeys([card.status_index, other.status_index], Status.SUSPENDED)
    async with world.database.look() as unit:
        assert medium not in await unit.passes.media(world.zoe.pass_.id)
    again = await world.bind(card.number, world.max)
    assert (again.id, again.pass_id) == (card.medium_id, world.max.pass_.id)
    await undo(world, card.number)
    with pytest.raises(LifecycleConflict):
        await undo(world, card.number)


async def test_a_card_that_bears_a_name_waits_for_its_holder_again(world: World) -> None:
    await world.order(Wanted(UNTIL, KEEP, world.zoe.pass_))
    await world.send(chips(1))
    await world.settle(said(await world.cards()))
    await world.deliver()
    (card,) = await world.cards()
    await world.bind(card.number, world.zoe)
    returned = await undo(world, card.number)
    assert (returned.status, returned.pass_id) == (MediumStatus.READY_AT_DESK, world.zoe.pass_.id)
    with pytest.raises(CardOfAnotherPass):
        await world.bind(card.number, world.max)


async def test_a_binding_is_undone_within_half_an_hour(world: World) -> None:
    first, second = await world.at_desk()
    for card in (first, second):
        await world.bind(card.number, world.zoe)
    with pytest.raises(CardNotReturnable):
        await undo(world, first.number, after=made_cards.TAKE_BACK_WITHIN)
    await undo(world, second.number, after=made_cards.TAKE_BACK_WITHIN - timedelta(seconds=1))


async def test_a_card_that_was_stopped_or_took_the_place_of_another_does_not_go_back(world: World) -> None:
    first, second = await world.at_desk()
    stopped = await world.bind(first.number, world.zoe)
    async with world.database.begin() as unit:
        await passes.block(unit, world.zoe.pass_, stopped.id, reason=BlockReason.LOST, now=NOW)
        card = await unit.batches.card_by_number(world.city.authority.id, second.number)
        await replace_by_card(unit, world.zoe.pass_, stopped.id, card, now=NOW)
    for number in (first.number, second.number):
        with pytest.raises(CardNotReturnable):
            await undo(world, number)


async def test_of_a_gate_and_an_undoing_the_gate_is_right(world: World) -> None:
    """A batch of passages has written the card's last use: whoever undoes after it hears so, by that row alone."""
    card = (await world.at_desk())[0]
    medium = await world.bind(card.number, world.zoe)
    async with world.database.write() as connection:
        use = {"medium_id": medium.id, "authority_id": medium.authority_id, "keep_until": KEEP}
        await connection.execute(medium_use.insert().values(**use, mark=7, spent=True, version=1))
    async with world.database.begin() as unit:
        assert await unit.passes.withdraw(medium) is None
    with pytest.raises(CardNotReturnable):
        await undo(world, card.number)


# --- neighbours --------------------------------------------------------------------------------------


async def test_a_neighbours_batches_and_cards_are_not_there(world: World) -> None:
    card = (await world.at_desk())[0]
    neighbour = world.city.neighbour.id
    async with world.database.look() as unit:
        assert await unit.batches.all_of(neighbour) == []
        assert await unit.batches.card_by_chip(neighbour, card.uid_digest or b"") is None
        with pytest.raises(BatchNotFound):
            await unit.batches.by_code(neighbour, "spring")
        with pytest.raises(MadeCardNotFound):
            await unit.batches.card_by_number(neighbour, card.number)
        assert await unit.batches.ordered(neighbour) == 0
