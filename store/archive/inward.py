"""In: an archive becomes the content of an empty database, whole or not at all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.acts import Act
from domain.errors.archives import ArchiveNotTaken, ArchiveOfAnotherSchema, InstallationNotEmpty
from domain.journal import Door, Entry, Object, Origin
from domain.journal import Kind as ObjectKind
from store import months
from store.archive.outward import LONGEST_SECONDS, Heard
from store.archive.package import Manifest, Package
from store.archive.tables import FILLED_BY_MIGRATIONS, carried
from store.archive.values import Kind, kind_of
from store.database import Database
from store.journal import SqlJournal
from store.tables.places import authority
from store.tables.tour import reading

PAGE: Final = 2_000
"""Rows that are written at a time."""

Row = tuple[Any, ...]


def require_revision(manifest: Manifest, revision: str) -> None:
    """See that an archive has the schema of this program.

    Raises:
        ArchiveOfAnotherSchema: it has not; says which program reads it.
    """
    said = manifest.origin
    if said.revision == revision:
        return
    older = said.revision < revision  # revisions are numbered
    raise ArchiveOfAnotherSchema(
        f"The archive has the schema {said.revision}, this program {revision}. "
        + (
            f"MultiPass {said.program} reads it: carry it in with that version, then bring the database here by "
            "multipass migrate."
            if older
            else f"MultiPass {said.program} or a later version reads it."
        )
    )


async def bring_in(database: Database, package: Package, heard: Heard, *, now: datetime) -> None:
    """Write an archive into an empty database, and into each authority's journal that it was brought in.

    One transaction: where a line is damaged, or anything else comes between, nothing was written.

    Raises:
        ArchiveDamaged: the archive is not as it was written.
        ArchiveNotTaken: the database refuses a row.
        InstallationNotEmpty: there is something in the database.
        LedgerUnavailable: the database is away.
    """
    package.check_tables()
    done, total = 0, package.manifest.rows
    async with database.write() as connection:
        await _require_empty(connection)
        for name in FILLED_BY_MIGRATIONS:
            await connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608 - names of ours
        for table in carried():
            writing = _Writing(connection, table)
            for rows in package.rows(table, page=PAGE):
                with _refusals(table, is_sqlite=database.is_sqlite):
                    await writing.add(rows)
                done += len(rows)
                heard(table.name, done, total)
            with _refusals(table, is_sqlite=database.is_sqlite):
                await writing.finish()
        for authority_id in (await connection.execute(select(authority.c.id))).scalars():
            await SqlJournal(connection).add(_entry(authority_id, now))


def look_through(package: Package, heard: Heard) -> None:
    """Read every line of an archive, and write nothing anywhere.

    Raises:
        ArchiveDamaged: it is not as it was written.
    """
    package.check_tables()
    done, total = 0, package.manifest.rows
    for table in carried():
        for rows in package.rows(table, page=PAGE):
            done += len(rows)
            heard(table.name, done, total)


async def _require_empty(connection: AsyncConnection) -> None:
    """See that nobody has begun to live here, and keep others from beginning until the transaction is over."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql("LOCK TABLE authority IN SHARE ROW EXCLUSIVE MODE")
        await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    for table in carried():
        if table.name in FILLED_BY_MIGRATIONS:
            continue
        first = select(*table.primary_key.columns).limit(1)
        if (await connection.execute(first)).first() is not None:
            raise InstallationNotEmpty(
                f"There is something in the database already (in {table.name}). An archive is carried into an empty "
                "one: make a new database, then multipass migrate."
            )


class _Writing:
    """The rows of one table on their way into it."""

    def __init__(self, connection: AsyncConnection, table: Table) -> None:
        self._connection = connection
        self._table = table
        self._names = [column.name for column in table.columns]
        dialect = connection.dialect
        processors = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]
        self._processors: list[tuple[int, Callable[[Any], Any]]] = [
            (place, one) for place, one in enumerate(processors) if one is not None
        ]
        self._own = _place_of_own(table)
        self._later: list[tuple[Any, Any]] = []

    async def add(self, rows: list[Row]) -> None:
        """Write some rows. What refers to another row of the same table is said once all of them are there."""
        if self._own is not None:
            rows = [self._without_reference(row, self._own) for row in rows]
        stored = [self._stored(row) for row in rows]
        if self._connection.dialect.name == "postgresql":
            await self._make_room(rows)
            driver = await self._driver()
            await driver.copy_records_to_table(self._table.name, records=stored, columns=self._names)
            return
        names, marks = ", ".join(f'"{name}"' for name in self._names), ", ".join("?" * len(self._names))
        insert = f'INSERT INTO "{self._table.name}" ({names}) VALUES ({marks})'  # noqa: S608 - names of ours
        await self._connection.exec_driver_sql(insert, stored)

    async def finish(self) -> None:
        """Say which row refers to which; let PostgreSQL count on from the greatest number and look at its new rows."""
        name, key = self._table.name, next(iter(self._table.primary_key.columns))
        if self._own is not None:
            reference = list(self._table.columns)[self._own]
            for row, other in self._later:
                said = update(self._table).where(key == row).values({reference: other})
                await self._connection.execute(said)
        if self._connection.dialect.name != "postgresql":
            return
        greatest = f'SELECT max("{key.name}") FROM "{name}"'  # noqa: S608 - names of ours
        if len(self._table.primary_key.columns) == 1 and kind_of(key) in {Kind.INTEGER, Kind.BIG_INTEGER}:
            # Nothing happens where the column counts nothing, or the table is empty.
            following = f"pg_get_serial_sequence('{name}', '{key.name}')"
            await self._connection.exec_driver_sql(f"SELECT setval({following}, ({greatest}))")
        # Without its statistics PostgreSQL would read a whole table to find one row.
        await (await self._driver()).execute(f'ANALYZE "{name}"', timeout=LONGEST_SECONDS)

    async def _driver(self) -> Any:  # noqa: ANN401 - asyncpg has no types
        return (await self._connection.get_raw_connection()).driver_connection

    async def _make_room(self, rows: list[Row]) -> None:
        if self._table is reading:
            at = self._names.index("observed_at")
            await months.make(self._connection, {months.month_of(row[at]) for row in rows})

    def _stored(self, row: Row) -> Row:
        """The values as the driver wants them."""
        values = list(row)
        for place, process in self._processors:
            values[place] = process(values[place])
        return tuple(values)

    def _without_reference(self, row: Row, place: int) -> Row:
        if row[place] is None:
            return row
        self._later.append((row[0], row[place]))
        return (*row[:place], None, *row[place + 1 :])


def _place_of_own(table: Table) -> int | None:
    """Say which column of a table refers to the table itself, by its place. Such a table's key is its first column."""
    own = (
        place
        for place, column in enumerate(table.columns)
        if any(key.column.table is table for key in column.foreign_keys)
    )
    return next(own, None)


@contextmanager
def _refusals(table: Table, *, is_sqlite: bool) -> Iterator[None]:
    """Tell which table the database refuses. Its own message may quote a row, and rows are people."""
    refusals: tuple[type[Exception], ...] = (IntegrityError, DataError)
    if not is_sqlite:
        from asyncpg import InterfaceError, PostgresError  # noqa: PLC0415 - an extra: see `store.turns`

        refusals = (*refusals, InterfaceError, PostgresError)
    try:
        yield
    except refusals as problem:
        why = type(getattr(problem, "orig", None) or problem).__name__
        raise ArchiveNotTaken(f"The database refuses rows of {table.name} ({why}). Nothing was written.") from None


def _entry(authority_id: UUID, now: datetime) -> Entry:
    origin = Origin(Door.COMMAND)
    return Entry(authority_id, None, Act.INSTALLATION_CARRIED_IN, Object(ObjectKind.REGISTER), origin, now)
