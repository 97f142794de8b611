"""What rules say by themselves, through both engines: a confirmed flood level, and the air of a place."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from adapters.keyring import KeyRing
from domain.devices import DeviceKind, register_device
from domain.flood_levels import declare
from domain.floods import Level
from domain.notices import Notice, NoticeTopic, send_due
from domain.readings import Quality
from domain.subscribers import Follow
from store.database import Database
from store.notices import river_places
from tests.city import small_city
from tests.contract.test_floods import LEVEL, LEZ, UPSTREAM, River
from tests.contract.test_notices import Desk, desk
from tests.tour_streams import AIR, CO2, NOON, reading
from tour.air_watch import watch_air

__all__ = ["desk"]

TEN = timedelta(minutes=10)
PLACE = replace(
    AIR, id=UUID(int=80), code="mairie", kind=DeviceKind.OUTDOOR_AIR, model="ngsi-air-quality-observed", source_key="m"
)
NO2 = replace(
    CO2, id=UUID(int=81), device_id=PLACE.id, quantity="no2", unit="ug/m3", period_seconds=600, low=0.0, high=4_000.0
)


@pytest.fixture
async def river(database_url: str, keyring: KeyRing) -> AsyncIterator[River]:
    database = Database(database_url, patience=30)
    made = River(database, await small_city(database, keyring, now=NOON - timedelta(days=2)))
    await made.set_up()
    await made.agreed()
    yield made
    await database.close()


async def said(database: Database, authority_id: UUID, now: datetime) -> list[Notice]:
    async with database.begin() as unit:
        await send_due(unit, authority_id, now)
        return await unit.notices.current(authority_id, now, most=9)


async def test_a_flood_is_said_when_somebody_has_confirmed_it_and_never_before(river: River) -> None:
    await river.says((NOON - 2 * TEN / 4, 2.5), (NOON, 2.6))
    now = NOON + TEN / 5
    [change] = await river.watch(now)
    assert await said(river.database, river.city.authority.id, now) == []
    await river.confirm(change, now)
    [told] = await said(river.database, river.city.authority.id, now)
    assert (told.topic, told.place, told.occasion) == (NoticeTopic.FLOODS, "lez", f"flood:{change.id}")
    assert told.title.fr == f"{LEZ.name.fr} : déplacez vos véhicules"
    async with river.database.begin() as unit:
        station = await unit.floods.hold(river.city.authority.id, LEVEL.id)
        assert station is not None
        await declare(unit, station, Level.QUAY, agent_id=river.first, words="vu", now=now + TEN)
    [higher] = await said(river.database, river.city.authority.id, now + TEN)
    assert "quai" in higher.title.fr


async def test_who_follows_one_station_is_told_of_that_station_alone(river: River) -> None:
    """A level is said to who follows the river or all rivers, at night too, and to nobody who follows another."""
    desk = Desk(river.database, river.city)
    here = await desk.follower(Follow(NoticeTopic.FLOODS, LEZ.code))
    everywhere = await desk.follower(Follow(NoticeTopic.FLOODS))
    await desk.follower(Follow(NoticeTopic.FLOODS, UPSTREAM.code))
    async with river.database.read() as connection:
        offered = await river_places(connection, river.city.authority.id)
    assert offered == [(LEZ.code, LEZ.name)], "one whose metres nobody has agreed on has no levels"
    await river.says((NOON - TEN / 2, 2.5), (NOON, 2.6))
    now = NOON + TEN / 5
    [change] = await river.watch(now)
    await river.confirm(change, now)
    await said(river.database, river.city.authority.id, now)
    assert sorted(await desk.claim(now)) == sorted([here.id, everywhere.id])


class Air:
    """A place whose air is followed from poor on."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.river = River(desk.database, desk.city)

    async def says(self, value: float, until: datetime, **more: object) -> None:
        owned = replace(NO2, authority_id=self.desk.authority_id)
        batch = [reading(value, until - TEN * ago, owned, **more) for ago in range(6)]
        async with self.desk.database.write() as connection:
            await self.river.writer.write(connection, batch, {owned.id: owned})

    async def watch(self, now: datetime) -> list[Notice]:
        async with self.desk.database.begin() as unit:
            return await watch_air(unit, self.desk.city.authority, now)


@pytest.fixture
async def air(desk: Desk) -> Air:
    mine = {"authority_id": desk.authority_id}
    async with desk.database.begin() as unit:
        await register_device(unit, replace(PLACE, **mine), [replace(NO2, **mine)])
    return Air(desk)


async def test_air_is_said_to_those_who_follow_the_place_and_said_again_when_it_is_better(air: Air) -> None:
    await air.says(200, NOON)
    assert await air.watch(NOON) == [], "nobody follows it"
    who = await air.desk.follower(Follow(NoticeTopic.AIR, "mairie", 3))
    [told] = await air.watch(NOON)
    assert (told.band, told.title.en) == (3, f"{PLACE.name.en}: poor air")
    assert await air.watch(NOON + timedelta(minutes=1)) == []
    assert [one.id for one in await said(air.desk.database, air.desk.authority_id, NOON)] == [told.id]
    assert await air.desk.claim(NOON) == [who.id]
    later = NOON + timedelta(hours=2)
    await air.says(20, later)
    [clear] = await air.watch(later)
    assert clear.band == 3
    assert [one.id for one in await said(air.desk.database, air.desk.authority_id, later)] == [clear.id]


async def test_doubtful_and_late_air_is_said_to_nobody(air: Air) -> None:
    await air.desk.follower(Follow(NoticeTopic.AIR, "mairie", 3))
    await air.says(200, NOON, quality=Quality.PROBABLY_BAD)
    assert await air.watch(NOON) == []
    later = NOON + timedelta(hours=3)
    await air.says(200, later, received_at=later + timedelta(hours=1))
    assert await air.watch(later) == []
