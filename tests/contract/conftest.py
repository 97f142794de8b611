"""A city with lanes on it, for the tests of the ledger that submit at once."""

from collections.abc import AsyncIterator

import pytest

from adapters.keyring import KeyRing
from store.database import Database
from store.ledger import lane_for
from tests.city import small_city
from tests.contract.ledger_lanes import Here


@pytest.fixture
async def here(database_url: str, keyring: KeyRing) -> AsyncIterator[Here]:
    """Four lanes, each with a connection of its own. On SQLite they queue for the write lock."""
    database = Database(database_url)
    city = await small_city(database, keyring)
    lanes = [lane_for(database) for _ in range(4)]
    for lane in lanes:
        await lane.open()
    yield Here(database, keyring, city, lanes)
    for lane in lanes:
        await lane.close()
    await database.close()
