"""What the gates counted, read back: these zones, this day and the days it is compared with, and nothing else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from adapters.keyring import KeyRing
from domain.attendance import Count
from store.attendance import catalogue_version, commune_names, crowd
from store.catalogue import has_changed
from store.database import Database
from store.tables.attendance import attendance
from store.tables.ledger import occupancy
from tests.city import TODAY, City, small_city


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, patience=30)
    yield opened
    await opened.close()


@pytest.fixture
async def city(database: Database, keyring: KeyRing) -> City:
    return await small_city(database, keyring)


async def test_it_reads_the_day_and_its_weekday_of_eight_weeks(database: Database, city: City) -> None:
    pool, bus = city.zones["pool"], city.zones["bus"]
    async with database.write() as connection:
        for zone in (pool, bus):
            for days in range(71):
                await connection.execute(
                    insert(attendance).values(
                        zone_id=zone.id,
                        day=TODAY - timedelta(days=days),
                        hour=days % 24,
                        authority_id=zone.authority_id,
                        entries=days,
                        most=days + 1,
                    )
                )
            for days, inside in ((0, 7), (1, 70)):
                await connection.execute(
                    insert(occupancy).values(
                        zone_id=zone.id,
                        day=TODAY - timedelta(days=days),
                        authority_id=zone.authority_id,
                        inside=inside,
                        entries=90,
                    )
                )

    async with database.read() as connection:
        found = await crowd(connection, {pool.id}, TODAY)

    assert found.inside == {pool.id: 7}
    assert found.counts == {
        pool.id: {
            (TODAY - timedelta(weeks=weeks), 7 * weeks % 24): Count(entries=7 * weeks, most=7 * weeks + 1)
            for weeks in range(9)
        }
    }


async def test_zones_that_nobody_passed_are_silent(database: Database, city: City) -> None:
    async with database.read() as connection:
        found = await crowd(connection, [zone.id for zone in city.zones.values()], TODAY)
    assert (found.inside, dict(found.counts)) == ({}, {})


@pytest.mark.parametrize("wrong", [{"hour": 24}, {"hour": -1}, {"entries": -1}, {"most": -1}])
async def test_an_impossible_hour_is_not_written(database: Database, wrong: dict[str, int]) -> None:
    row = {"zone_id": UUID(int=1), "day": TODAY, "hour": 9, "authority_id": UUID(int=2), "entries": 1, "most": 1}
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(insert(attendance).values({**row, **wrong}))


async def test_the_version_of_the_reference_data_moves_with_it(database: Database, city: City) -> None:
    async with database.write() as connection:
        before = await catalogue_version(connection)
        await has_changed(connection)
        assert await catalogue_version(connection) == before + 1
    async with database.read() as connection:
        assert await commune_names(connection, city.authority.id) == {}
