"""Deleting the rows of a table that are over, a page at a time in the order of its key."""

from asyncio import get_running_loop, sleep
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Table, delete, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Database

ROWS_AT_ONCE = 500
"""Rows of a page that is looked at."""

DELETED_AT_ONCE = 100
"""Rows of one transaction: a gate that waits for the writer waits for no more than these."""

PAUSES = 4
"""How many times as long as it wrote a walk pauses then: whoever waits to write finds the database free."""


class Sweep(Struct, frozen=True):
    """Which rows of a table are over."""

    table: Table
    over: ColumnElement[bool]


async def count(database: Database, sweep: Sweep) -> int:
    """Count what a sweep would delete."""
    async with database.read() as connection:
        found = await connection.execute(select(func.count()).select_from(sweep.table).where(sweep.over))
    return int(found.scalar_one())


async def delete_over(database: Database, sweep: Sweep) -> int:
    """Delete the rows that are over, and return how many those were.

    A row that is no longer over as its turn comes is left alone.
    """
    key = list(sweep.table.primary_key)
    page = select(*key, sweep.over.label("is_over")).order_by(*key).limit(ROWS_AT_ONCE)
    after: tuple[Any, ...] | None = None
    deleted = 0
    while True:
        further = page if after is None else page.where(tuple_(*key) > tuple_(*_literals(key, after)))
        async with database.read() as connection:
            rows = list(await connection.execute(further))
        if not rows:
            return deleted
        after = tuple(rows[-1])[:-1]
        over = [row for row in rows if row.is_over]
        for start in range(0, len(over), DELETED_AT_ONCE):
            keys = [tuple(row)[:-1] for row in over[start : start + DELETED_AT_ONCE]]
            async with short_write(database) as connection:
                found = await connection.execute(delete(sweep.table).where(sweep.over, tuple_(*key).in_(keys)))
                deleted += found.rowcount


@asynccontextmanager
async def short_write(database: Database) -> AsyncIterator[AsyncConnection]:
    """Open a transaction, and pause once it is over."""
    began = get_running_loop().time()
    async with database.write() as connection:
        yield connection
    await sleep(PAUSES * (get_running_loop().time() - began))


def _literals(key: list[Any], values: tuple[Any, ...]) -> list[Any]:
    return [literal(value, one.type) for one, value in zip(key, values, strict=True)]
