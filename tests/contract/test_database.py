"""Connections to PostgreSQL: none that the server has closed is handed out, and none is asked more than was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
from sqlalchemy import text

from api.sessions import soon
from domain.errors import LedgerUnavailable
from store.database import PATIENCE_SECONDS, TURNS, Database
from store.unit import SqlUnit

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)

_CLOSED = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_LEFT = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, patience=30)
    yield opened
    await opened.close()


async def cities(database: Database) -> list[str]:
    async with database.look() as unit:
        return [one.code for one in await unit.places.authorities()]


async def test_a_connection_that_the_server_has_closed_is_not_handed_out(database: Database) -> None:
    """R2: service returns with the database, without a hand."""
    await asyncio.gather(*(cities(database) for _ in range(4)))
    hand = await asyncpg.connect(database.dsn)
    try:
        await hand.execute(_CLOSED)
        async with asyncio.timeout(30):
            while await hand.fetchval(_LEFT):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.01)
    finally:
        await hand.close()
    await asyncio.sleep(0.1)  # the driver hears of it with its next turn
    for _ in range(4):
        assert await cities(database) == []


async def test_a_reading_asks_the_database_its_own_questions_alone(database: Database) -> None:
    asked: list[str] = []
    async with database.look() as unit:
        assert isinstance(unit, SqlUnit)
        raw = await unit.connection.get_raw_connection()
        assert raw.driver_connection is not None
        raw.driver_connection.add_query_logger(lambda record: asked.append(record.query))
        await unit.places.authorities()
    await asyncio.sleep(0)  # it is told with the next turn
    alone = list(asked)
    async with database.read() as connection:
        await connection.scalar(text("SELECT 1"))
    await asyncio.sleep(0)
    # Prepared statements are not told, only what stands around them.
    assert alone == []
    assert asked


async def test_whoever_is_no_gate_waits_for_a_turn_longer_than_a_gate_for_its_answer(database_url: str) -> None:
    """D1 is for gates: in a rush every connection is busy for seconds, and the database is there all the same."""
    opened = Database(database_url)
    assert opened.soon < PATIENCE_SECONDS < opened.line.seconds
    async with AsyncExitStack() as rush:
        for _ in range(TURNS):
            await rush.enter_async_context(opened.look())
        opened.line.most = 0
        with pytest.raises(LedgerUnavailable):
            await cities(opened)
        async with soon(opened) as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
    assert await cities(opened) == []
    await opened.close()
