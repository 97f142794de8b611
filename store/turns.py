"""Work that one process of an installation does at a time: the others wait for their turn."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Database

log = structlog.get_logger("turns")

LOOK_SECONDS = 2.0
"""How often who waits looks whether it is its turn, and who works whether it still is."""


async def in_turn(database: Database, key: int, work: Callable[[], Awaitable[None]]) -> NoReturn:
    """Do the work in whichever process holds the lock `key`, for as long as the task lives.

    The lock is that of a session of PostgreSQL: it ends with the process, however that ends. On SQLite there is one
    process. Work that ends is begun again.
    """
    if database.is_sqlite:
        while True:
            await work()
            await asyncio.sleep(LOOK_SECONDS)
    while True:
        try:
            async with database.engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                if await _mine(connection, key):
                    await _while_mine(connection, work)
        except (OSError, SQLAlchemyError) as away:
            log.warning("turn_lost", problem=type(away).__name__)
        await asyncio.sleep(LOOK_SECONDS)


async def _mine(connection: AsyncConnection, key: int) -> bool:
    found = await connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key})
    return bool(found.scalar_one())


async def _while_mine(connection: AsyncConnection, work: Callable[[], Awaitable[None]]) -> None:
    """Work until it is done, or the session that holds the lock is lost: then somebody else begins."""
    task = asyncio.ensure_future(work())
    try:
        while not task.done():
            await asyncio.wait([task], timeout=LOOK_SECONDS)
            await connection.execute(text("SELECT 1"))
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        # The pool keeps the session, and with it the lock.
        await connection.invalidate()
