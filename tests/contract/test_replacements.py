"""Media in the place of others, and what is due for them: kept, listed and never asked twice. On both engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from alembic.util import CommandError
from msgspec import Struct

from adapters.keyring import KeyRing
from domain import passes
from domain.agents import Role
from domain.errors.passes import LifecycleConflict, WrongReplacementReason
from domain.passes import BlockReason, Medium, MediumKind, MediumStatus
from domain.replacements import Replaced, Replacement, ReplacementFee, ReplacementReason, replace_medium
from store import media, migrate
from store.database import Database
from tests.city import KEEP, NOW, City, TestPass, resident, small_city

LOSS, REPORTED = ReplacementReason.LOSS, ReplacementReason.THEFT_REPORTED
A_DAY = timedelta(days=1)
LATER = datetime(2030, 1, 1, tzinfo=UTC)


class Desk(Struct, frozen=True):
    """A desk with a price list, and somebody who holds a card."""

    database: Database
    city: City
    who: TestPass
    card: Medium

    async def asks(self, *fees: tuple[ReplacementReason, int]) -> None:
        async with self.database.begin() as unit:
            listed = [ReplacementFee(self.city.authority.id, MediumKind.CARD, reason, cents) for reason, cents in fees]
            await unit.replacements.set_fees(self.city.authority.id, listed)

    async def stops(self, medium: Medium, reason: BlockReason) -> None:
        async with self.database.begin() as unit:
            await passes.block(unit, self.who.pass_, medium.id, reason=reason, now=NOW)

    async def replaces(
        self, medium: Medium, reason: ReplacementReason | None = None, *, now: datetime = NOW
    ) -> Replaced:
        async with self.database.begin() as unit:
            return await replace_medium(
                unit, self.who.pass_, medium.id, expires_at=now + 1_000 * A_DAY, now=now, reason=reason
            )

    async def due(self, since: datetime = NOW - A_DAY, before: datetime = LATER) -> list[tuple[str, Replacement]]:
        async with self.database.look() as unit:
            return await unit.replacements.due(self.city.authority.id, since, before)


@pytest_asyncio.fixture
async def desk(database_url: str, keyring: KeyRing) -> AsyncIterator[Desk]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    who = await resident(database, keyring, city, "R-1")
    async with database.begin() as unit:
        card = await passes.add_medium(unit, who.pass_, kind=MediumKind.CARD, expires_at=NOW + 1_000 * A_DAY, now=NOW)
    yield Desk(database, city, who, card)
    await database.close()


async def test_the_first_card_is_free_and_the_next_one_costs_what_the_list_says(desk: Desk) -> None:
    """Mulhouse, table 2.1: first card free, replacement 15 euros."""
    await desk.asks((LOSS, 1_500))
    assert await desk.due() == []
    await desk.stops(desk.card, BlockReason.LOST)
    replaced = await desk.replaces(desk.card)
    assert replaced.replacement == Replacement(
        replaced.medium.id, desk.city.authority.id, desk.card.id, LOSS, 1_500, NOW, replaced.medium.keep_until
    )
    assert await desk.due() == [(desk.who.pass_.number, replaced.replacement)]


async def test_what_is_waived_is_on_record_and_nothing_is_due(desk: Desk) -> None:
    """Section 2.6: waived for a theft that was reported."""
    await desk.asks((LOSS, 500), (ReplacementReason.THEFT, 500))
    await desk.stops(desk.card, BlockReason.STOLEN)
    replaced = await desk.replaces(desk.card, REPORTED)
    assert (replaced.replacement.reason, replaced.replacement.fee_cents) == (REPORTED, 0)
    assert await desk.due() == []


async def test_what_was_due_outlives_the_price_list_and_the_days_of_a_list_are_half_open(desk: Desk) -> None:
    await desk.asks((LOSS, 500))
    await desk.stops(desk.card, BlockReason.LOST)
    first = await desk.replaces(desk.card)
    await desk.asks((LOSS, 700))
    await desk.stops(first.medium, BlockReason.LOST)
    second = await desk.replaces(first.medium, now=NOW + A_DAY)
    number = desk.who.pass_.number
    assert [one.fee_cents for _, one in await desk.due()] == [500, 700]
    assert await desk.due(NOW, NOW + A_DAY) == [(number, first.replacement)]
    assert await desk.due(NOW + A_DAY, NOW + 2 * A_DAY) == [(number, second.replacement)]
    async with desk.database.look() as unit:
        assert await unit.replacements.due(desk.city.neighbour.id, NOW - A_DAY, LATER) == []
        assert await unit.replacements.fees(desk.city.neighbour.id) == []
        assert [fee.amount_cents for fee in await unit.replacements.fees(desk.city.authority.id)] == [700]


async def test_the_changes_of_a_medium_are_kept_in_order_with_their_agents(desk: Desk) -> None:
    ines = desk.city.agents[Role.DESK]
    await desk.stops(desk.card, BlockReason.SUSPENDED)
    async with desk.database.begin() as unit:
        (paused,) = [one for one in await unit.passes.media(desk.who.pass_.id) if one.id == desk.card.id]
        await passes.move(unit, paused, MediumStatus.ACTIVE, now=NOW + A_DAY, by=ines.id)
    async with desk.database.read() as connection:
        told = await media.changes_told(connection, desk.card.id)
        found = await media.changes_of(connection, {desk.card.id, desk.who.medium.id})
    assert found == [change for change, _ in told]
    assert [(change.was, change.changed_at, login) for change, login in told] == [
        (MediumStatus.ACTIVE, NOW, None),
        (MediumStatus.SUSPENDED, NOW + A_DAY, ines.login),
    ]


async def test_of_two_desks_that_replace_one_card_at_once_one_does(desk: Desk) -> None:
    """Nobody pays twice for one lost card, and nobody leaves with two."""
    await desk.asks((LOSS, 500))
    await desk.stops(desk.card, BlockReason.LOST)
    both = await asyncio.gather(desk.replaces(desk.card), desk.replaces(desk.card), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["LifecycleConflict", "Replaced"]
    assert len(await desk.due()) == 1
    async with desk.database.look() as unit:
        media = await unit.passes.media(desk.who.pass_.id)
    assert sorted((one.kind, one.status) for one in media) == [
        (MediumKind.CARD, MediumStatus.ACTIVE),
        (MediumKind.CARD, MediumStatus.REPLACED),
        (MediumKind.PRINT, MediumStatus.ACTIVE),
    ]


async def test_a_reason_that_does_not_fit_leaves_the_card_as_it_was(desk: Desk) -> None:
    await desk.stops(desk.card, BlockReason.LOST)
    with pytest.raises(WrongReplacementReason):
        await desk.replaces(desk.card, ReplacementReason.DEFECT)
    async with desk.database.look() as unit:
        (found,) = [one for one in await unit.passes.media(desk.who.pass_.id) if one.id == desk.card.id]
    assert found.status is MediumStatus.LOST
    await desk.replaces(found)
    with pytest.raises(LifecycleConflict):
        await desk.replaces(found)


async def test_the_way_back_is_refused_while_a_fee_is_on_record(desk: Desk, database_url: str) -> None:
    await desk.stops(desk.card, BlockReason.LOST)
    free = await desk.replaces(desk.card)
    await desk.asks((LOSS, 500))
    await desk.stops(free.medium, BlockReason.LOST)
    await desk.replaces(free.medium)
    await desk.database.close()
    with pytest.raises(CommandError, match="1 fees of replaced media"):
        await asyncio.to_thread(migrate.downgrade, database_url, "0021")
    assert len(await desk.due()) == 1
    assert (await desk.due())[0][1].keep_until == KEEP
