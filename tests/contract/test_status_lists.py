"""What a status list says of each medium, and when its version moves: the same on both engines."""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import event, select, update

from adapters.keyring import KeyRing
from domain import passes
from domain.errors.passes import StatusListNotFound
from domain.errors.places import AuthorityNotFound
from domain.passes import BlockReason, Medium, MediumKind, MediumStatus, PassStatus
from nfc.status_list import Status
from store import status_lists
from store.database import Database
from store.tables.passes import medium, status_change
from tests.city import NOW, City, TestPass, resident, small_city

USABLE = {MediumStatus.ACTIVE}
NOT_YET_OR_PAUSED = {
    MediumStatus.STOCK,
    MediumStatus.ORDERED,
    MediumStatus.IN_PRODUCTION,
    MediumStatus.PRODUCED,
    MediumStatus.SHIPPED,
    MediumStatus.READY_AT_DESK,
    MediumStatus.SUSPENDED,
}


class World(Struct, frozen=True):
    """The small city with two residents."""

    database: Database
    city: City
    zoe: TestPass
    max: TestPass

    async def entries(self, number: int = 0) -> dict[int, Status]:
        """What the list says, by place."""
        async with self.database.read() as connection:
            return await status_lists.entries(connection, self.city.authority.id, number)

    async def version(self, code: str = "ville", number: int = 0) -> int:
        """How often the list has changed."""
        async with self.database.read() as connection:
            return (await status_lists.head(connection, code, number)).version

    async def save(self, changed: Medium) -> None:
        """Write a medium's status, whatever led to it."""
        async with self.database.begin() as unit:
            await unit.passes.save_medium(changed)

    async def change_pass(self, owner: TestPass, status: PassStatus) -> None:
        """Write a pass's status."""
        async with self.database.begin() as unit:
            await unit.passes.save(replace(owner.pass_, status=status))


@pytest.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    residents = [await resident(database, keyring, city, reference) for reference in ("R1", "R2")]
    yield World(database, city, *residents)
    await database.close()


async def test_media_in_use_are_not_in_the_list(world: World) -> None:
    assert await world.entries() == {}
    assert await world.version() == 0


@pytest.mark.parametrize("status", MediumStatus)
async def test_every_state_of_a_medium_is_valid_or_paused_or_over(world: World, status: MediumStatus) -> None:
    await world.save(replace(world.zoe.medium, status=status))
    place = world.zoe.medium.status_index
    expected: dict[int, Status] = {}
    if status not in USABLE:
        expected[place] = Status.SUSPENDED if status in NOT_YET_OR_PAUSED else Status.INVALID
    assert await world.entries() == expected


@pytest.mark.parametrize(
    ("of_pass", "of_medium", "told"),
    [
        (PassStatus.SUSPENDED, MediumStatus.ACTIVE, Status.SUSPENDED),
        (PassStatus.SUSPENDED, MediumStatus.LOST, Status.INVALID),
        (PassStatus.ENDED, MediumStatus.ACTIVE, Status.INVALID),
        (PassStatus.ENDED, MediumStatus.SUSPENDED, Status.INVALID),
    ],
)
async def test_a_pass_that_is_stopped_takes_its_media_with_it(
    world: World, of_pass: PassStatus, of_medium: MediumStatus, told: Status
) -> None:
    await world.save(replace(world.zoe.medium, status=of_medium))
    await world.change_pass(world.zoe, of_pass)
    assert await world.entries() == {world.zoe.medium.status_index: told}


async def test_each_change_moves_the_version_and_an_issue_does_not(world: World) -> None:
    seen = [await world.version()]

    async def step(change: Any) -> int:  # noqa: ANN401 - whatever a desk does
        async with world.database.begin() as unit:
            await change(unit)
        seen.append(await world.version())
        return seen[-1] - seen[-2]

    zoe = world.zoe
    assert (
        await step(lambda unit: passes.block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.SUSPENDED, now=NOW))
        == 1
    )
    assert await step(lambda unit: unit.passes.save_medium(zoe.medium)) == 1, "in use again"
    assert await step(lambda unit: passes.change_status(unit, zoe.pass_, PassStatus.SUSPENDED, now=NOW)) == 1

    async def add(unit: Any) -> None:  # noqa: ANN401 - as step
        await passes.add_medium(unit, world.max.pass_, kind=MediumKind.CARD, expires_at=zoe.medium.expires_at, now=NOW)

    assert await step(add) == 0, "a place that becomes used still says valid"

    async def add_to_a_suspended_pass(unit: Any) -> None:  # noqa: ANN401 - as step
        await passes.add_medium(unit, zoe.pass_, kind=MediumKind.CARD, expires_at=zoe.medium.expires_at, now=NOW)

    assert await step(add_to_a_suspended_pass) == 1
    assert await world.version("voisine") == 0, "the neighbour's list is another"


async def test_a_change_that_is_rolled_back_moves_nothing(world: World) -> None:
    async def fail() -> None:
        async with world.database.begin() as unit:
            await passes.block(unit, world.zoe.pass_, world.zoe.medium.id, reason=BlockReason.LOST, now=NOW)
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        await fail()
    assert (await world.version(), await world.entries()) == (0, {})


async def test_changes_at_once_are_all_counted(world: World) -> None:
    """The first of them makes the row, so all of them race for it."""
    await asyncio.gather(*(world.save(person.medium) for person in (world.zoe, world.max) for _ in range(5)))
    assert await world.version() == 10


async def test_a_list_without_media_or_of_nobody_is_not_there(world: World) -> None:
    with pytest.raises(StatusListNotFound):
        await world.entries(1)
    with pytest.raises(AuthorityNotFound):
        await world.version("nowhere")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_what_is_stopped_is_found_without_looking_at_what_is_not(world: World) -> None:
    """With a million media it is the difference between 40 milliseconds and 20 seconds."""
    asked: list[tuple[str, Any]] = []
    engine = world.database.engine.sync_engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(*seen: Any) -> None:  # noqa: ANN401 - what SQLAlchemy passes
        asked.append((seen[2], seen[3]))

    await world.entries()
    event.remove(engine, "before_cursor_execute", note)
    ((statement, parameters),) = [(text, values) for text, values in asked if "UNION ALL" in text]
    async with world.database.read() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [row.detail for row in plan if row.detail.startswith(("SEARCH", "SCAN"))]
    assert [step.split(" (")[0] for step in steps] == [
        "SEARCH medium USING COVERING INDEX ix_medium_stopped",
        "SEARCH pass USING INDEX ix_pass_stopped",
        "SEARCH medium USING INDEX ix_medium_pass_id",
        "SEARCH batch_card USING COVERING INDEX ix_batch_card_stopped",
        "SEARCH retired_place USING COVERING INDEX sqlite_autoindex_retired_place_1",
    ]


# --- what has changed since a version ---------------------------------------------------------------


async def changes(world: World, since: int) -> dict[int, Status] | None:
    async with world.database.read() as connection:
        authority_id = world.city.authority.id
        until = (await status_lists.head(connection, "ville", 0)).version
        return await status_lists.changes(connection, authority_id, 0, since=since, until=until)


async def test_a_delta_tells_what_changed_since_a_version_and_nothing_before(world: World) -> None:
    zoe, other = world.zoe, world.max
    await world.save(replace(zoe.medium, status=MediumStatus.LOST))
    await world.change_pass(other, PassStatus.SUSPENDED)
    assert await changes(world, 0) == {
        zoe.medium.status_index: Status.INVALID,
        other.medium.status_index: Status.SUSPENDED,
    }
    assert await changes(world, 1) == {other.medium.status_index: Status.SUSPENDED}
    assert await changes(world, 2) == {}


async def test_a_delta_tells_of_a_medium_that_is_in_use_again(world: World) -> None:
    await world.save(replace(world.zoe.medium, status=MediumStatus.SUSPENDED))
    await world.save(world.zoe.medium)
    assert await changes(world, 1) == {world.zoe.medium.status_index: Status.VALID}


async def test_every_delta_on_its_version_is_the_list(world: World) -> None:
    """Whatever happens in whatever order: base and delta together say what the whole list says."""
    chance, snapshots = Random(11), [await world.entries()]
    for _ in range(25):
        owner = chance.choice((world.zoe, world.max))
        if chance.random() < 0.5:
            await world.save(replace(owner.medium, status=chance.choice(list(MediumStatus))))
        else:
            await world.change_pass(owner, chance.choice(list(PassStatus)))
        snapshots.append(await world.entries())
    for since, base in enumerate(snapshots):
        delta = await changes(world, since)
        assert delta is not None
        told = {place: status for place, status in {**base, **delta}.items() if status is not Status.VALID}
        assert told == snapshots[-1], since


async def test_versions_that_are_kept_no_longer_have_no_delta(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_lists, "KEPT_VERSIONS", 3)
    for status in (MediumStatus.SUSPENDED, MediumStatus.ACTIVE) * 3:
        await world.save(replace(world.zoe.medium, status=status))
    assert [await changes(world, since) is None for since in range(7)] == [True, True, True, False, False, False, False]
    async with world.database.read() as connection:
        assert len((await connection.execute(select(status_change))).all()) == 3, "what nobody may ask for is not kept"


async def test_too_many_changes_are_no_delta(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_lists, "MOST_CHANGES", 1)
    await world.save(replace(world.zoe.medium, status=MediumStatus.LOST))
    assert await changes(world, 0) is not None
    await world.save(replace(world.max.medium, status=MediumStatus.LOST))
    assert await changes(world, 0) is None


async def test_a_change_that_is_rolled_back_is_in_no_delta(world: World) -> None:
    async def fail() -> None:
        async with world.database.begin() as unit:
            await passes.block(unit, world.zoe.pass_, world.zoe.medium.id, reason=BlockReason.LOST, now=NOW)
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        await fail()
    assert await changes(world, 0) == {}


async def test_a_list_is_as_long_as_the_media_in_it_ask(world: World) -> None:
    """Lists that began before they had 2^18 places go on with the 2^20 that were promised."""

    async def size(number: int) -> int | None:
        async with world.database.read() as connection:
            return await status_lists.size_of(connection, world.city.authority.id, number)

    assert (await size(0), await size(1)) == (2**18, None)
    async with world.database.write() as connection:
        await connection.execute(update(medium).where(medium.c.id == world.zoe.medium.id).values(status_index=2**18))
    assert await size(0) == 2**20
