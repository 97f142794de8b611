"""Work that one process of an installation does at a time: the others wait for their turn."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import structlog

from store.database import Database

log = structlog.get_logger("turns")

LOOK_SECONDS = 2.0
"""How often who waits looks whether it is its turn, and who works whether it still is."""


async def in_turn(database: Database, key: int, work: Callable[[], Awaitable[None]]) -> NoReturn:
    """Do the work in whichever process holds the lock `key`, for as long as the task lives.

    The lock is that of a session of PostgreSQL: it ends with the process, however that ends. On SQLite there is one
    process. Work that ends is begun again.
    """
    while True:
        if database.is_sqlite:
            await work()
        else:
            await _on_postgres(database.dsn, key, work)
        await asyncio.sleep(LOOK_SECONDS)


async def _on_postgres(dsn: str, key: int, work: Callable[[], Awaitable[None]]) -> None:
    """Wait for the lock, then work until the work is done or the session that holds the lock is lost."""
    # An extra: embedded installations do without.
    from asyncpg import InterfaceError, PostgresError  # noqa: PLC0415

    try:
        async with _session(dsn) as session:
            while not await session.fetchval("SELECT pg_try_advisory_lock($1)", key):  # noqa: ASYNC110 - another process
                await asyncio.sleep(LOOK_SECONDS)
            await _while_mine(session, work)
    except (OSError, TimeoutError, PostgresError, InterfaceError) as away:
        log.warning("turn_lost", problem=type(away).__name__)


async def _while_mine(session: Any, work: Callable[[], Awaitable[None]]) -> None:  # noqa: ANN401 - asyncpg has no types
    task = asyncio.ensure_future(work())
    try:
        while not task.done():
            await asyncio.wait([task], timeout=LOOK_SECONDS)
            await session.execute("SELECT 1")
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _session(dsn: str) -> AsyncIterator[Any]:
    """A connection of its own: no pool may keep it, and with it the lock."""
    import asyncpg  # noqa: PLC0415 - as above

    session = await asyncpg.connect(dsn, timeout=5, command_timeout=10)
    try:
        yield session
    finally:
        try:
            await session.close(timeout=1)
        except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresError):
            session.terminate()
