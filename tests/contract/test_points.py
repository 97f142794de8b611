"""Points on both engines: what comes back, who sees what, and numbers of plates that are never given twice."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from adapters.keyring import KeyRing
from domain.devices import DeviceKind, register_device
from domain.errors import AlreadyExists, VersionChanged
from domain.errors.devices import HomeShown
from domain.errors.points import PointNotFound, SheetIncomplete
from domain.itineraries import Stop, Theme, Walk, write
from domain.languages import Words
from domain.points import Act, archive, change, create, publish, submit, suspend
from domain.sheets import StreamName
from store.database import Database
from store.points import behind_plate, public_itineraries, public_points
from store.tables import points as t
from tests.city import City, small_city
from tests.house_app import TestClock
from tests.point_sheets import READER, SHEET, WRITER, published, register_air
from tests.tour_streams import AIR, CO2, NOON
from tour.pages.walks import steps_of
from tour.showcase import Scene, Showcase


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, patience=30)
    yield opened
    await opened.close()


@pytest.fixture
async def city(database: Database, keyring: KeyRing) -> City:
    city = await small_city(database, keyring)
    await register_air(database, city)
    return city


async def seen(database: Database) -> Scene:
    """What anybody sees of the tour at noon."""
    return await Showcase(database, TestClock(NOON)).scene()


async def test_a_point_comes_back_as_it_was_with_its_journal(database: Database, city: City) -> None:
    point = await published(database, city)
    async with database.look() as unit:
        assert await unit.points.by_plate(city.authority.id, point.plate) == point
        assert await unit.points.find(city.authority.id, point.slug) == point
        assert await unit.points.find(city.neighbour.id, point.slug) is None
        assert [entry.act for entry in await unit.points.entries(point.id)] == [
            Act.CREATED,
            Act.SUBMITTED,
            Act.PUBLISHED,
        ]
        with pytest.raises(PointNotFound):
            await unit.points.by_plate(city.neighbour.id, point.plate)


async def test_residents_read_the_published_text_until_two_people_agree_on_another(
    database: Database, city: City
) -> None:
    point = await published(database, city)
    other = replace(SHEET, title=Words(fr="Autre titre"))
    async with database.begin() as unit:
        await create(unit, city.authority.id, "brouillon", SHEET, agent_id=WRITER, now=NOON)
        point = await change(unit, point, other, agent_id=READER, now=NOON)
        point = await submit(unit, point, agent_id=READER, now=NOON)
    async with database.read() as connection:
        (before,) = await public_points(connection, city.authority.id)
        assert before.public is not None
        assert before.public.title == SHEET.title
        assert await public_points(connection, city.neighbour.id) == []
    async with database.begin() as unit:
        await publish(unit, point, agent_id=WRITER, now=NOON)
    async with database.read() as connection:
        (after,) = await public_points(connection, city.authority.id)
        assert after.public is not None
        assert after.public.title.fr == "Autre titre"


async def test_a_point_shows_its_streams_and_none_while_its_device_is_away(database: Database, city: City) -> None:
    ours = city.authority.id
    hidden = replace(CO2, id=AIR.id, authority_id=ours, quantity="air_temperature", public=False)
    async with database.begin() as unit:
        await register_device(unit, replace(AIR, authority_id=ours), [hidden])
    point = await published(database, city, sheet=replace(SHEET, streams=()))
    stand = (await seen(database)).register.stands[point.slug]
    assert [(one.device.code, one.stream.quantity) for one in stand.streams] == [(AIR.code, "co2")]
    async with database.begin() as unit:
        await suspend(unit, point, "volé", agent_id=WRITER, now=NOON)
    stand = (await seen(database)).register.stands[point.slug]
    assert stand.point.away_since == NOON
    assert stand.streams == ()


async def test_an_archived_number_leads_on_and_is_never_drawn_again(database: Database, city: City) -> None:
    point = await published(database, city)
    async with database.begin() as unit:
        await archive(unit, point, "démonté", agent_id=WRITER, now=NOON)
        assert await unit.points.plate_taken(point.plate)
    async with database.read() as connection:
        assert (await behind_plate(connection, point.plate)).leads_to == f"/tour/points/{point.slug}"
        assert await public_points(connection) == []
        with pytest.raises(PointNotFound):
            await behind_plate(connection, "1234567")
    taken = replace(point, id=AIR.id, authority_id=city.neighbour.id, slug="encore")
    with pytest.raises(AlreadyExists):
        async with database.begin() as unit:
            await unit.points.add(taken)


async def test_the_second_of_two_changes_of_one_version_is_refused(database: Database, city: City) -> None:
    point = await published(database, city)
    async with database.begin() as unit:
        await change(unit, point, replace(SHEET, maker="A"), agent_id=WRITER, now=NOON)
    with pytest.raises(VersionChanged):
        async with database.begin() as unit:
            await change(unit, point, replace(SHEET, maker="B"), agent_id=READER, now=NOON)
    async with database.look() as unit:
        assert (await unit.points.by_plate(city.authority.id, point.plate)).sheet.maker == "A"


async def test_a_home_is_shown_to_a_kilometre_and_none_of_its_values(database: Database, city: City) -> None:
    ours = city.authority.id
    meter = replace(
        AIR, id=CO2.id, authority_id=ours, code="meter", source_key="m", kind=DeviceKind.HOME_METER, public=False
    )
    async with database.begin() as unit:
        await register_device(unit, meter, [replace(CO2, id=AIR.id, authority_id=ours, device_id=meter.id)])
    home = replace(SHEET, devices=("meter",), streams=(), address="")
    for telling in (replace(home, streams=(StreamName("meter", "co2"),)), replace(home, address="12 rue Gambetta")):
        with pytest.raises(HomeShown):
            await published(database, city, sheet=telling)
    point = await published(database, city, sheet=home)
    assert point.public is not None
    assert point.public.position == (43.61, 3.88)
    assert (await seen(database)).register.stands[point.slug].streams == ()


async def test_a_sheet_is_not_published_without_a_device_in_service_nor_after_its_end(
    database: Database, city: City
) -> None:
    async with database.begin() as unit:
        point = await create(unit, city.authority.id, "air", SHEET, agent_id=WRITER, now=NOON)
    with pytest.raises(SheetIncomplete, match="endsOn"):
        async with database.begin() as unit:
            await submit(unit, point, agent_id=WRITER, now=NOON + timedelta(days=5 * 365))
    async with database.begin() as unit:
        point = await submit(unit, point, agent_id=WRITER, now=NOON)
        retired = replace(AIR, authority_id=city.authority.id, retired_on=NOON.date())
        await register_device(unit, retired, [])
    with pytest.raises(SheetIncomplete, match=r"devices \(.*reporting period.*streams \(ecole-gambetta-12 co2\)"):
        async with database.begin() as unit:
            await publish(unit, point, agent_id=READER, now=NOON)


async def test_the_table_itself_refuses_a_sheet_that_its_author_published(database: Database, city: City) -> None:
    point = await published(database, city)
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(update(t.point).where(t.point.c.id == point.id).values(reviewer_id=WRITER))


async def test_an_itinerary_leads_over_what_is_public_in_its_order(database: Database, city: City) -> None:
    one, two = await published(database, city, "un"), await published(database, city, "deux")
    gone = await published(database, city, "parti")
    walk = Walk(
        title=Words(fr="Au fil de l’eau"),
        theme=Theme.WATER,
        stops=(Stop(two.plate), Stop(gone.plate), Stop(one.plate, Words(fr="Tournez à gauche."))),
        distance_m=1200,
        minutes=40,
        steepest_percent=4.5,
    )
    async with database.begin() as unit:
        hidden = await write(unit, city.authority.id, "eau", walk, public=False, now=NOON)
        await archive(unit, gone, "", agent_id=WRITER, now=NOON)
        assert await unit.points.itineraries(city.authority.id) == [hidden]
    async with database.read() as connection:
        assert await public_itineraries(connection) == []
    async with database.begin() as unit:
        shown = await write(unit, city.authority.id, "eau", walk, public=True, now=NOON + timedelta(days=1))
        assert shown.id == hidden.id
        with pytest.raises(PointNotFound):
            await write(unit, city.neighbour.id, "leur", walk, public=True, now=NOON)
    async with database.read() as connection:
        assert await public_itineraries(connection) == [shown]
    assert [step.slug for step in steps_of(shown, await seen(database))] == ["deux", "un"]
    taken = replace(shown, id=CO2.id)
    with pytest.raises(AlreadyExists):
        async with database.begin() as unit:
            await unit.points.save_itinerary(taken)
