"""Writing many rows with one statement: arrays on PostgreSQL, one row after the other on SQLite.

Rows go in the order of their keys, so that two workers never wait for each other in a circle.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, Column, ColumnElement, any_, literal
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables.types import to_microseconds

Row = tuple[Any, ...]

INSTANT = "timestamptz"


class Write(Struct, frozen=True):
    """One insert of many rows: columns with their types on PostgreSQL, and what happens where a row is there."""

    table: str
    columns: dict[str, str]
    on_conflict: str

    def postgresql(self) -> str:
        """Write it with an array for each column."""
        arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(self.columns.values(), 1))
        return (
            f"INSERT INTO {self.table} ({', '.join(self.columns)}) "  # noqa: S608 - our own names
            f"SELECT * FROM unnest({arrays}) ON CONFLICT {self.on_conflict}"
        )

    def sqlite(self) -> str:
        """Write it with a mark for each column."""
        marks = ", ".join("?" * len(self.columns))
        return (
            f"INSERT INTO {self.table} ({', '.join(self.columns)}) "  # noqa: S608 - our own names
            f"VALUES ({marks}) ON CONFLICT {self.on_conflict}"
        )


async def put(connection: AsyncConnection, statement: Write, rows: list[Row]) -> int:
    """Write rows and return how many were written or changed."""
    if not rows:
        return 0
    if connection.dialect.name == "postgresql":
        done = await connection.exec_driver_sql(statement.postgresql(), columns_of(rows))
    else:
        kinds = statement.columns.values()
        stored = [_for_sqlite(kind, column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)]
        done = await connection.exec_driver_sql(statement.sqlite(), list(zip(*stored, strict=True)))
    return int(done.rowcount)


def one_of(connection: AsyncConnection, column: Column[Any], names: Collection[UUID | str]) -> ColumnElement[bool]:
    """Ask for rows of these names: by one array on PostgreSQL, where marks would be written and planned each time."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(list(names), ARRAY(column.type, dimensions=1)))
    return column.in_(list(names))


def columns_of(rows: list[Row]) -> tuple[list[Any], ...]:
    """Turn rows into the arrays of their columns."""
    return tuple(list(column) for column in zip(*rows, strict=True))


def _for_sqlite(kind: str, column: Sequence[Any]) -> Sequence[Any]:
    """The form in which SQLite stores the values of a column."""
    if kind == "uuid":
        return [value.hex for value in column]
    if kind == "date":
        return [value.isoformat() for value in column]
    if kind == INSTANT:
        return [None if value is None else to_microseconds(value) for value in column]
    return column
