"""The place of a card whose person was erased: invalid until its signature ends, and nobody else's before."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from adapters.keyring import KeyRing
from domain import passes
from domain.agents import Role
from domain.erasure import erase
from domain.passes import Medium, MediumKind, MediumStatus
from domain.personalisation import order
from nfc.status_list import Status
from store import bundles, status_lists
from store.ids import RandomIds
from store.newcomers import NewcomersUnit
from store.retention import foresee, walk
from store.tables.passes import retired_place
from tests.city import NOW, TODAY, TestPass
from tests.contract.batch_world import BLANK, World, open_world
from tests.contract.ledger_lanes import Here

DAYS = timedelta(days=1)
ENDS = NOW + 1000 * DAYS
"""When the media of the small city end."""


class Drawn(RandomIds):
    """Draws these numbers first."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = list(numbers)

    def below(self, bound: int) -> int:
        return self._numbers.pop(0) if self._numbers else super().below(bound)


async def erased(here: Here | World, who: TestPass, *, now: datetime = NOW) -> None:
    async with here.database.begin() as unit:
        await erase(unit, who.holder, today=now.date(), now=now)


async def version(here: Here | World, number: int = 0) -> int:
    async with here.database.read() as connection:
        return (await status_lists.head(connection, "ville", number)).version


async def entries(here: Here | World, number: int = 0) -> dict[int, Status]:
    async with here.database.read() as connection:
        return await status_lists.entries(connection, here.city.authority.id, number)


async def changes(here: Here | World, since: int, number: int = 0) -> dict[int, Status]:
    until = await version(here, number)
    async with here.database.read() as connection:
        found = await status_lists.changes(connection, here.city.authority.id, number, since=since, until=until)
    assert found is not None
    return found


async def another(here: Here, who: TestPass, place: int) -> Medium:
    """Give somebody one more medium; this place is drawn first."""
    async with here.database.begin() as unit:
        unit.ids = Drawn([place])  # type: ignore[misc]
        return await passes.add_medium(unit, who.pass_, kind=MediumKind.PRINT, expires_at=ENDS, now=NOW)


async def test_lists_and_changes_tell_the_card_of_somebody_erased_as_invalid(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year")
    place, before = zoe.medium.status_index, await version(here)
    await erased(here, zoe)
    assert await version(here) == before + 1
    assert await entries(here) == {place: Status.INVALID}, "the only medium of its list is gone, and the list is not"
    assert await changes(here, before) == {place: Status.INVALID}
    async with here.database.read() as connection:
        assert await status_lists.size_of(connection, here.city.authority.id, 0) == 2**18
        sources = await bundles.sources(connection, here.city.authority.id)
    assert sources.lists[0] == before + 1, "bundles are made anew"


@pytest.mark.parametrize("status", [MediumStatus.ACTIVE, MediumStatus.SUSPENDED, MediumStatus.LOST])
async def test_whatever_became_of_it_before_it_stays_invalid(here: Here, status: MediumStatus) -> None:
    zoe = await here.resident("zoe")
    async with here.database.begin() as unit:
        await unit.passes.save_medium(replace(zoe.medium, status=status))
    await erased(here, zoe)
    assert await entries(here) == {zoe.medium.status_index: Status.INVALID}


async def test_nobody_is_given_the_place_at_a_desk_or_by_an_import(here: Here) -> None:
    zoe, other = await here.resident("zoe"), await here.resident("other")
    place = zoe.medium.status_index
    await erased(here, zoe)
    assert (await another(here, other, place)).status_index != place
    async with here.database.write() as connection:
        newcomers = NewcomersUnit(connection, RandomIds())
        await newcomers.load(here.city.authority.id)
        beside = replace(zoe.medium, status_index=place ^ 1)
        assert await newcomers.passes.placed_already([zoe.medium, beside]) == [zoe.medium]


async def test_after_its_signature_the_place_is_free_and_whoever_gets_it_is_valid(here: Here) -> None:
    zoe, other = await here.resident("zoe"), await here.resident("other")
    place = zoe.medium.status_index
    await erased(here, zoe)
    authority, before = here.city.authority.id, 0
    for now, left in ((ENDS - timedelta(seconds=1), {place: Status.INVALID}), (ENDS, {})):
        before = await version(here)
        foreseen = await foresee(here.database, authority, day=TODAY, now=now)
        walked = await walk(here.database, authority, day=TODAY, now=now)
        gone = {} if left else {"retired_place": 1}
        assert ({**foreseen.rows}, {**walked.rows}) == (gone, gone)
        assert await entries(here) == left
    assert await changes(here, before) == {place: Status.VALID}, "who follows changes forgets the one before"
    assert (await another(here, other, place)).status_index == place
    assert await entries(here) == {}


async def test_a_medium_that_ended_before_keeps_no_place(here: Here) -> None:
    zoe = await here.resident("zoe")
    await erased(here, zoe, now=ENDS)
    async with here.database.read() as connection:
        assert (await connection.execute(select(retired_place))).first() is None


async def test_every_change_on_its_version_is_the_list_whoever_is_erased_meanwhile(here: Here) -> None:
    """Desks stop, erase and give out, at random: base and changes together say what the whole list says."""
    chance = Random(67)
    living = [await here.resident(f"R{number}") for number in range(6)]
    gone: set[int] = set()
    snapshots = {await version(here): await entries(here)}
    for turn in range(16):
        who = chance.choice(living)
        match chance.randrange(3):
            case 0 if len(living) > 1:
                async with here.database.look() as unit:
                    gone |= {one.status_index for one in await unit.passes.media(who.pass_.id)}
                await erased(here, who)
                living.remove(who)
            case 1:
                async with here.database.begin() as unit:
                    status = chance.choice([MediumStatus.ACTIVE, MediumStatus.SUSPENDED, MediumStatus.LOST])
                    await unit.passes.save_medium(replace(who.medium, status=status))
            case _:
                wanted = chance.choice(sorted(gone)) if gone else turn
                assert (await another(here, who, wanted)).status_index not in gone
        snapshots[await version(here)] = await entries(here)
    last = snapshots[await version(here)]
    assert gone
    assert {place for place, status in last.items() if status is Status.INVALID} >= gone
    for since, base in snapshots.items():
        told = {**base, **await changes(here, since)}
        assert {place: status for place, status in told.items() if status is not Status.VALID} == last, since


async def test_a_card_of_a_batch_keeps_its_place_and_the_next_order_leaves_it(
    database_url: str, keyring: KeyRing
) -> None:
    async with open_world(database_url, keyring) as world:
        card, other = await world.at_desk()
        await world.bind(card.number, world.zoe)
        before = await version(world, 1)
        await erased(world, world.zoe)
        assert await entries(world, 1) == {card.status_index: Status.INVALID, other.status_index: Status.SUSPENDED}
        assert await changes(world, before, 1) == {card.status_index: Status.INVALID}
        assert [one.number for one in await world.cards()] == [other.number], "the chip is nobody's card"
        async with world.database.begin() as unit:
            # The numbers of the cards first, then their places.
            unit.ids = Drawn([1, card.status_index, 7])  # type: ignore[misc]
            await order(
                unit,
                world.city.authority.id,
                code="summer",
                wanted=[BLANK],
                key_version=1,
                agent_id=world.city.agents[Role.MANAGER].id,
                now=NOW,
            )
        (new,) = await world.cards("summer")
        assert (new.status_list, new.status_index) == (1, 7)
