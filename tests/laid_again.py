"""What verbs have written into an empty database, as rows to be laid down again in the next one, and keys as files.

To build a city by the domain's verbs takes some three hundred statements. Each process does it, and from then on puts
the same rows into the tables: those of the driver itself, so that nothing is read as something else.
"""

import io
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Database
from store.tables import metadata

Content = bytes | list[tuple[Any, ...]]
"""A table: PostgreSQL's binary copy, or SQLite's rows."""


class Laid(Struct, frozen=True):
    """The tables that were written, parents before children; those among them that migrations fill; a keyring."""

    tables: dict[str, Content]
    filled: tuple[str, ...]
    keys: dict[str, bytes]


async def contents(database: Database) -> dict[str, Content]:
    """Read every table that has rows."""
    async with database.read() as connection:
        driver = await _driver(connection)
        read = _rows if database.is_sqlite else _copied
        found = {table.name: await read(driver, table) for table in metadata.sorted_tables}
    return {name: content for name, content in found.items() if content not in ([], _NOTHING)}


async def take(database: Database, folder: Path, before: dict[str, Content]) -> Laid:
    """Return what was written, where a database had these contents before and a keyring none."""
    written = {name: now for name, now in (await contents(database)).items() if now != before.get(name)}
    filled = tuple(name for name in written if name in before)
    return Laid(written, filled, _files(folder))


async def lay_again(database: Database, folder: Path, laid: Laid) -> None:
    """Write it into another migrated, empty database and another empty keyring."""
    async with database.write() as connection:
        driver = await _driver(connection)
        for name in laid.filled:
            await connection.exec_driver_sql(f'DELETE FROM "{name}"')  # noqa: S608 - names of ours
        for name, content in laid.tables.items():
            await _write(driver, metadata.tables[name], content)
    _lay_files(folder, laid.keys)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _lay_files(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)


# PostgreSQL's "Binary Format" of COPY: a signature, flags, an extension; a field count of -1 ends it.
_NOTHING = b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff"


async def _rows(driver: Any, table: Table) -> Content:  # noqa: ANN401 - aiosqlite's connection
    found = await driver.execute_fetchall(f'SELECT {_columns(table)} FROM "{table.name}"')  # noqa: S608 - names of ours
    return [tuple(row) for row in found]


async def _copied(driver: Any, table: Table) -> Content:  # noqa: ANN401 - asyncpg's connection
    into = io.BytesIO()
    # As a query: a partitioned table cannot be copied by its name.
    await driver.copy_from_query(f'SELECT {_columns(table)} FROM "{table.name}"', output=into, format="binary")  # noqa: S608 - as above
    return into.getvalue()


async def _write(driver: Any, table: Table, content: Content) -> None:  # noqa: ANN401 - as above
    if isinstance(content, bytes):
        await driver.copy_to_table(table.name, columns=_names(table), source=io.BytesIO(content), format="binary")
        return
    marks = ", ".join("?" * len(table.c))
    await driver.executemany(f'INSERT INTO "{table.name}" ({_columns(table)}) VALUES ({marks})', content)  # noqa: S608 - as above


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _columns(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in _names(table))


async def _driver(connection: AsyncConnection) -> Any:  # noqa: ANN401 - the driver's own connection
    return (await connection.get_raw_connection()).driver_connection
