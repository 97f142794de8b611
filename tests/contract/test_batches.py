"""Batches of cards on both engines: each step once, all of a file or nothing, and every flaw told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.keyring import KeyRing
from domain import personalisation
from domain.agents import Role
from domain.card_batches import BatchState, is_card_number
from domain.cards import CardTechnology, bind_card
from domain.errors import AlreadyExists
from domain.errors.cards import BadBatch, BatchClosed, BatchFileRefused, CardUnderway
from domain.errors.passes import LifecycleConflict
from domain.maker_reports import Report
from domain.passes import MediumStatus, PassStatus
from domain.personalisation import Wanted
from nfc.status_list import Status
from tests.city import KEEP, NOW
from tests.contract.batch_world import BLANK, SHA, UNTIL, World, chips, open_world, said


@pytest.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    async with open_world(database_url, keyring) as opened:
        yield opened


# --- ordering ----------------------------------------------------------------------------------------


async def test_an_order_draws_numbers_and_places_that_nobody_else_has(world: World) -> None:
    await world.order(*[BLANK] * 1_200)
    await world.order(*[BLANK] * 1_200, code="autumn")
    cards = [*await world.cards(), *await world.cards("autumn")]
    assert len({card.number for card in cards}) == len({card.medium_id for card in cards}) == 2_400
    assert len({(card.status_list, card.status_index) for card in cards}) == 2_400
    assert all(is_card_number(card.number) for card in cards)
    assert {card.status_list for card in cards} == {1}, "passes draw their places in list 0"
    assert {(card.status, card.pass_id, card.uid_digest) for card in cards} == {(MediumStatus.ORDERED, None, None)}
    assert [card.sequence for card in cards] == [*range(1, 1_201)] * 2


@pytest.mark.parametrize(("code", "count"), [("spring", 0), ("Spring", 1), ("", 1), ("a" * 41, 1), ("-a", 1)])
async def test_a_batch_has_cards_and_a_code(world: World, code: str, count: int) -> None:
    with pytest.raises(BadBatch):
        await world.order(*[BLANK] * count, code=code)


async def test_a_code_is_given_once_in_an_authority(world: World) -> None:
    await world.order(BLANK)
    with pytest.raises(AlreadyExists):
        await world.order(BLANK)


async def test_a_pass_has_one_card_on_its_way(world: World) -> None:
    for_zoe, for_max = (Wanted(UNTIL, KEEP, owner.pass_) for owner in (world.zoe, world.max))
    with pytest.raises(CardUnderway, match="twice"):
        await world.order(for_zoe, for_zoe)
    await world.order(for_zoe)
    with pytest.raises(CardUnderway, match=world.zoe.pass_.number):
        await world.order(for_max, for_zoe, code="autumn")
    await world.send(chips(1))
    await world.settle(said(await world.cards(), spoiled=frozenset({1})))
    await world.order(for_max, for_zoe, code="autumn")


async def test_a_pass_that_has_ended_gets_no_card(world: World) -> None:
    ended = replace(world.zoe.pass_, status=PassStatus.ENDED)
    with pytest.raises(LifecycleConflict):
        await world.order(Wanted(UNTIL, KEEP, ended))


# --- sending -----------------------------------------------------------------------------------------


async def test_a_batch_is_sent_once_even_by_two_at_once(world: World) -> None:
    await world.order(*[BLANK] * 3)
    sent = await asyncio.gather(world.send(chips(3)), world.send(chips(3, first=50)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in sent) == ["BatchClosed", "CardBatch"]
    cards = await world.cards()
    assert {card.status for card in cards} == {MediumStatus.IN_PRODUCTION}
    assert [card.uid_digest for card in cards] in (chips(3), chips(3, first=50))


async def test_a_chip_that_another_batch_took_since_it_was_paired_stops_the_order(world: World) -> None:
    await world.order(BLANK)
    await world.order(BLANK, code="autumn")
    authority, agent = world.city.authority.id, world.city.agents[Role.MANAGER].id
    async with world.database.look() as unit:
        paired = await personalisation.pair_chips(unit, await unit.batches.by_code(authority, "spring"), chips(1))
    await world.send(chips(1), code="autumn")
    async with world.database.begin() as unit:
        batch = await unit.batches.hold(authority, "spring")
        with pytest.raises(BatchFileRefused, match="a card already"):
            await personalisation.send(unit, batch, paired, file_digest=SHA, agent_id=agent, now=NOW)
    assert {card.status for card in await world.cards()} == {MediumStatus.ORDERED}


@pytest.mark.parametrize(
    ("listed", "flaws"),
    [
        (chips(2), [(0, "2 chips for 3 cards.")]),
        (chips(4), [(0, "4 chips for 3 cards.")]),
        ([*chips(2), *chips(1)], [(3, "twice")]),
        ([*chips(2), *chips(1, first=90)], [(3, "a card already")]),
        ([*chips(2), *chips(1, first=70)], [(3, "a card already")]),
        (chips(1) * 4, [(0, "4 chips"), (2, "twice"), (3, "twice"), (4, "twice")]),
    ],
    ids=["few", "many", "twice", "enrolled", "another batch", "all of it"],
)
async def test_each_card_gets_a_chip_that_is_no_card_yet(
    world: World, listed: list[bytes], flaws: list[tuple[int, str]]
) -> None:
    async with world.database.begin() as unit:
        await bind_card(
            unit,
            world.zoe.pass_,
            uid_digest=chips(1, first=90)[0],
            technology=CardTechnology.UID_ONLY,
            key_version=None,
            expires_at=UNTIL,
            now=NOW,
        )
    await world.order(BLANK, code="before")
    await world.send(chips(1, first=70), code="before")
    await world.order(*[BLANK] * 3)
    with pytest.raises(BatchFileRefused) as refused:
        await world.send(listed)
    assert [flaw.line for flaw in refused.value.flaws] == [line for line, _ in flaws]
    assert all(words in flaw.what for flaw, (_, words) in zip(refused.value.flaws, flaws, strict=True))
    assert {card.uid_digest for card in await world.cards()} == {None}, "nothing of it was taken"
    await world.send(chips(3))


# --- reports -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoiled", "state"),
    [
        (frozenset(), BatchState.ACCEPTED),
        (frozenset({2}), BatchState.PARTLY_ACCEPTED),
        (frozenset({1, 2, 3}), BatchState.REFUSED),
    ],
)
async def test_a_report_says_which_cards_there_are(world: World, spoiled: frozenset[int], state: BatchState) -> None:
    await world.order(*[BLANK] * 3)
    await world.send(chips(3))
    settled = await world.settle(said(await world.cards(), spoiled=spoiled))
    assert (settled.state, settled.settled_at, settled.settled_by) == (
        state,
        NOW,
        world.city.agents[Role.MANAGER].id,
    )
    for card in await world.cards():
        expected = MediumStatus.DAMAGED if card.sequence in spoiled else MediumStatus.PRODUCED
        assert card.status is expected
    with pytest.raises(BatchClosed):
        await world.settle(said(await world.cards()))


def another_batch(report: Report) -> Report:
    return replace(report, batch="autumn")


def another_order(report: Report) -> Report:
    return replace(report, order_digest=bytes(32))


def one_short(report: Report) -> Report:
    return replace(report, cards=report.cards[:-1])


def with_card(place: int, **changed: Any) -> Callable[[Report], Report]:  # noqa: ANN401 - any field
    def change(report: Report) -> Report:
        cards = [*report.cards]
        cards[place] = replace(cards[place], **changed)
        return replace(report, cards=cards)

    return change


def one_twice(report: Report) -> Report:
    return replace(report, cards=[*report.cards[:-1], report.cards[0]])


def numbers_swapped(report: Report) -> Report:
    first, second, *others = report.cards
    return replace(report, cards=[replace(first, number=second.number), replace(second, number=first.number), *others])


@pytest.mark.parametrize(
    ("change", "flaws"),
    [
        (another_batch, [(1, "on batch autumn")]),
        (another_order, [(1, "another order file")]),
        (one_short, [(0, "2 cards are reported, 3 were ordered")]),
        (one_twice, [(2, "more than once"), (4, "more than once")]),
        (with_card(1, sequence=7), [(3, "no card of the order")]),
        (with_card(1, number="000000000000"), [(3, "no card of the order")]),
        (with_card(1, uid_digest=chips(1, first=40)[0]), [(3, "another chip")]),
        (with_card(1, uid_digest=chips(1)[0]), [(2, "its chip"), (3, "its chip")]),
        (with_card(2, key_version=2), [(4, "keys of version 2, not 1")]),
        (numbers_swapped, [(2, "no card of the order"), (3, "no card of the order")]),
    ],
)
async def test_a_report_that_is_not_of_these_cards_is_refused_whole(
    world: World, change: Callable[[Report], Report], flaws: list[tuple[int, str]]
) -> None:
    await world.order(*[BLANK] * 3)
    await world.send(chips(3))
    report = said(await world.cards())
    with pytest.raises(BatchFileRefused) as refused:
        await world.settle(change(report))
    told = [(flaw.line, flaw.what) for flaw in refused.value.flaws]
    assert [line for line, _ in told] == [line for line, _ in flaws]
    assert all(words in what for (_, what), (_, words) in zip(told, flaws, strict=True)), told
    assert {card.status for card in await world.cards()} == {MediumStatus.IN_PRODUCTION}
    assert (await world.settle(report)).state is BatchState.ACCEPTED, "the right one is still welcome"


async def test_an_order_that_was_not_sent_has_no_report(world: World) -> None:
    await world.order(BLANK)
    with pytest.raises(BatchClosed):
        await world.settle(said(await world.cards()))


async def test_a_report_is_read_once_even_by_two_at_once(world: World) -> None:
    await world.order(*[BLANK] * 3)
    await world.send(chips(3))
    report = said(await world.cards())
    settled = await asyncio.gather(world.settle(report), world.settle(report), return_exceptions=True)
    assert sorted(type(one).__name__ for one in settled) == ["BatchClosed", "CardBatch"]


# --- refusing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [False, True])
async def test_a_batch_may_be_refused_until_it_is_reported_on(world: World, *, sent: bool) -> None:
    await world.order(*[BLANK] * 2)
    if sent:
        await world.send(chips(2))
    for last in (False, True):
        async with world.database.begin() as unit:
            batch = await unit.batches.hold(world.city.authority.id, "spring")
            if last:
                with pytest.raises(BatchClosed):
                    await personalisation.refuse(unit, batch, agent_id=batch.ordered_by, now=NOW)
            else:
                refused = await personalisation.refuse(unit, batch, agent_id=batch.ordered_by, now=NOW)
                assert refused.state is BatchState.REFUSED
    cards = await world.cards()
    assert {card.status for card in cards} == {MediumStatus.REVOKED}
    assert await world.entries() == {card.status_index: Status.INVALID for card in cards}
