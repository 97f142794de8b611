"""Out: every table as of one moment, while gates go on."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import IO, Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.archives import ArchiveOfAnotherSchema
from store.archive.package import FORMAT, VERSION, Manifest, Origin, Writer
from store.archive.tables import LEFT_BEHIND, carried
from store.archive.values import FORMS
from store.database import Database

ABOUT = (
    "Everything that one installation of MultiPass had in its database at one moment, but for the tables that were "
    "left behind. The member of each table holds one row a line, each a JSON object in UTF-8 (JSON Lines); a table "
    "stands after those that it refers to. It names people: keep it as you would keep the database. Files of requests, "
    "photos, media of the tour and keys are not in it. What each table and each kind of value is stands below, and in "
    "docs/reversibility.md of the program."
)

PAGE = 1_000
"""Rows that are read at a time."""

LONGEST_SECONDS = 3_600
"""How long PostgreSQL may count one table, or look at it."""

_HEAVY = {"bundle", "card_import_file", "dead_letter"}
"""Tables whose rows may have megabytes each."""

Heard = Callable[[str, int, int], None]
"""Is told a table's name, how many of all rows are done, and how many there are."""


async def write_out(database: Database, file: IO[bytes], origin: Origin, heard: Heard) -> Manifest:
    """Write the installation into a file, and say what is in it.

    Raises:
        ArchiveOfAnotherSchema: the database was migrated since this program began.
        LedgerUnavailable: the database is away.
    """
    with Writer(file) as writer:
        async with _moment(database) as connection:
            if await connection.run_sync(_revision) != origin.revision:
                raise ArchiveOfAnotherSchema("The database has another schema than this program: multipass migrate.")
            await _write_tables(connection, writer, heard)
        manifest = Manifest(
            format=FORMAT,
            version=VERSION,
            about=ABOUT,
            origin=origin,
            forms={str(kind): form for kind, form in FORMS.items()},
            tables=tuple(writer.entries),
            left_behind=LEFT_BEHIND,
        )
        writer.finish(manifest)
    return manifest


async def _write_tables(connection: AsyncConnection, writer: Writer, heard: Heard) -> None:
    tables = carried()
    total, done = sum([await _count(connection, table) for table in tables]), 0
    for table in tables:
        with writer.table(table) as member:
            async for rows in _pages(connection, table):
                member.add(rows)
                heard(table.name, done + member.rows, total)
            done += member.rows


@asynccontextmanager
async def _moment(database: Database) -> AsyncIterator[AsyncConnection]:
    """A transaction that reads one moment and holds no writer up."""
    async with database.read() as connection:
        if database.is_sqlite:  # whose transactions read one moment anyway
            yield connection
            return
        level = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        at_one = await connection.execution_options(**level)
        # Thirty seconds are for questions at a desk, here and at the driver: millions are counted for longer.
        await at_one.exec_driver_sql("SET LOCAL statement_timeout = 0")
        yield at_one


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def _count(connection: AsyncConnection, table: Table) -> int:
    if connection.dialect.name == "postgresql":
        driver: Any = (await connection.get_raw_connection()).driver_connection
        counted = f'SELECT count(*) FROM "{table.name}"'  # noqa: S608 - names of ours
        return int(await driver.fetchval(counted, timeout=LONGEST_SECONDS))
    return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def _pages(connection: AsyncConnection, table: Table) -> AsyncIterator[list[tuple[object, ...]]]:
    page = 1 if table.name in _HEAVY else PAGE
    async with connection.stream(select(table), execution_options={"yield_per": page}) as found:
        async for rows in found.partitions():
            yield [tuple(row) for row in rows]
