"""A city with lanes on it, one that sells, one whose register is open: for the tests of both engines."""

from collections.abc import AsyncIterator

import pytest

from adapters.keyring import KeyRing
from store.database import Database
from store.ledger import lane_for
from tests.city import small_city
from tests.contract.ledger_lanes import Here
from tests.contract.register import Register
from tests.contract.sales_world import World
from tests.tariffs import sell_things


@pytest.fixture
async def here(database_url: str, keyring: KeyRing) -> AsyncIterator[Here]:
    """Four lanes, each with a connection of its own. On SQLite they queue for the write lock."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    lanes = [lane_for(database) for _ in range(4)]
    for lane in lanes:
        await lane.open()
    yield Here(database, keyring, city, lanes)
    for lane in lanes:
        await lane.close()
    await database.close()


@pytest.fixture
async def register(database_url: str, keyring: KeyRing) -> AsyncIterator[Register]:
    """A unit of work on the register of the small city."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        yield Register(unit, city)
    await database.close()


@pytest.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    """A city that sells things, with its ledger open."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    await sell_things(database, city)
    lane = lane_for(database)
    await lane.open()
    yield World(database, keyring, city, lane)
    await lane.close()
    await database.close()
