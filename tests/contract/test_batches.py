"""Batches of cards on both engines: each step once, all of a file or nothing, and every flaw told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from adapters.keyring import KeyRing
from domain import made_cards, passes, personalisation
from domain.agents import Role
from domain.card_batches import BatchCard, BatchState, CardBatch, is_card_number
from domain.cards import CardTechnology, bind_card
from domain.errors import (
    AlreadyExists,
    BadBatch,
    BatchClosed,
    BatchFileRefused,
    BatchNotFound,
    CardOfAnotherPass,
    CardUnderway,
    LifecycleConflict,
    MadeCardNotFound,
)
from domain.made_cards import Drawer
from domain.maker_reports import Report, ReportedCard
from domain.passes import BlockReason, Medium, MediumKind, MediumStatus, PassStatus
from domain.personalisation import Wanted
from domain.replacements import replace_medium
from nfc.status_list import Status
from store import batches, status_lists
from store.database import Database
from tests.city import KEEP, NOW, City, TestPass, resident, small_city

UNTIL = NOW + timedelta(days=900)
BLANK = Wanted(UNTIL, KEEP)
SHA = bytes(range(32))


class World(Struct, frozen=True):
    """The small city, two residents, and the verbs with what never changes between calls."""

    database: Database
    city: City
    zoe: TestPass
    max: TestPass

    async def order(self, *wanted: Wanted, code: str = "spring", key_version: int = 1) -> CardBatch:
        async with self.database.begin() as unit:
            return await personalisation.order(
                unit,
                self.city.authority.id,
                code=code,
                wanted=wanted,
                key_version=key_version,
                agent_id=self.city.agents[Role.MANAGER].id,
                now=NOW,
            )

    async def send(self, chips: Sequence[bytes], *, code: str = "spring") -> CardBatch:
        """As the command line does it: paired first, held and sent after."""
        async with self.database.look() as unit:
            batch = await unit.batches.by_code(self.city.authority.id, code)
            paired = await personalisation.pair_chips(unit, batch, chips)
        async with self.database.begin() as unit:
            batch = await unit.batches.hold(self.city.authority.id, code)
            agent = self.city.agents[Role.MANAGER]
            return await personalisation.send(unit, batch, paired, file_digest=SHA, agent_id=agent.id, now=NOW)

    async def settle(self, report: Report, *, code: str = "spring") -> CardBatch:
        async with self.database.begin() as unit:
            batch = await unit.batches.hold(self.city.authority.id, code)
            agent = self.city.agents[Role.MANAGER]
            return await personalisation.settle(unit, batch, report, agent_id=agent.id, now=NOW)

    async def deliver(self, *, code: str = "spring", desk: str = "hall", first: int = 1, last: int = 100) -> None:
        async with self.database.begin() as unit:
            batch = await unit.batches.hold(self.city.authority.id, code)
            await made_cards.deliver_to_desk(unit, batch, desk=desk, first=first, last=last)

    async def bind(self, number: str, owner: TestPass) -> Medium:
        async with self.database.begin() as unit:
            card = await unit.batches.card_by_number(self.city.authority.id, number)
            return await made_cards.bind(unit, card, owner.pass_, now=NOW)

    async def cards(self, code: str = "spring") -> list[BatchCard]:
        async with self.database.look() as unit:
            return await unit.batches.cards((await unit.batches.by_code(self.city.authority.id, code)).id)

    async def at_desk(self, count: int = 2) -> list[BatchCard]:
        """Blank cards that lie at a desk."""
        await self.order(*[BLANK] * count)
        await self.send(chips(count))
        await self.settle(said(await self.cards()))
        await self.deliver()
        return await self.cards()

    async def entries(self) -> dict[int, Status]:
        async with self.database.read() as connection:
            return await status_lists.entries(connection, self.city.authority.id, 1)


def chips(count: int, *, first: int = 0) -> list[bytes]:
    return [number.to_bytes(32, "big") for number in range(first + 1, first + count + 1)]


def said(cards: Sequence[BatchCard], *, spoiled: frozenset[int] = frozenset()) -> Report:
    """The report of a maker who did as was asked."""
    told = [
        ReportedCard(card.sequence, card.number, card.uid_digest or b"", card.sequence not in spoiled, 1)
        for card in cards
    ]
    return Report("spring", SHA, told)


@pytest.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    database = Database(database_url)
    city = await small_city(database, keyring)
    yield World(database, city, *[await resident(database, keyring, city, name) for name in ("R1", "R2")])
    await database.close()


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
        (shipped,) = await made_cards.ship(unit, batch, first=1, last=2)
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
