"""Archives of whole databases, out and in, and what stands in one."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, func, select

from store import migrate
from store.archive import package as of_package
from store.archive.inward import bring_in
from store.archive.outward import write_out
from store.archive.package import Package
from store.archive.tables import carried
from store.database import Database
from store.tables import metadata
from tests.archives import WRITTEN
from tests.city import NOW

LATER = NOW + timedelta(hours=1)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url, patience=30)
    try:
        yield database
    finally:
        await database.close()


async def rows(database: Database, *names: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of these tables, or of all that travel, in the order of their keys."""
    tables = [metadata.tables[name] for name in names] or carried()
    async with database.read() as connection:
        found = {
            table.name: [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables
        }
    return {name: content for name, content in found.items() if content}


async def carried_out(database: Database) -> bytes:
    file = io.BytesIO()
    await write_out(database, file, origin(), lambda *_: None)
    return file.getvalue()


async def carried_in(database: Database, data: bytes) -> None:
    with Package(io.BytesIO(data)) as package:
        await bring_in(database, package, lambda *_: None, now=LATER)


def origin() -> of_package.Origin:
    return of_package.Origin(migrate.newest(), "0.1.0", "either", WRITTEN)


async def count(database: Database, table: Table) -> int:
    async with database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
