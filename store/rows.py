"""Rows to Structs and back, without a mapping layer."""

import asyncio
from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Label, Result, Row, RowMapping, Table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import DomainError

S = TypeVar("S", bound=msgspec.Struct)

_BETWEEN = 100


def to_struct(row: Row[Any] | RowMapping, kind: type[S], **more: object) -> S:
    """Make a frozen Struct of a row; `more` brings what other tables hold."""
    mapping = row if isinstance(row, RowMapping) else row._mapping  # noqa: SLF001 - SQLAlchemy's documented name
    return msgspec.convert(
        {**{str(name): value for name, value in mapping.items()}, **more}, kind, builtin_types=(bytes,), strict=False
    )


async def to_structs(rows: Iterable[Row[Any]], kind: type[S]) -> list[S]:
    """Make Structs of many rows, letting others run between one hundred and the next."""
    made: list[S] = []
    for row in rows:
        made.append(to_struct(row, kind))
        if len(made) % _BETWEEN == 0:
            await asyncio.sleep(0)
    return made


def beside(*tables: Table) -> list[Label[Any]]:
    """Name the columns of several tables in one question, so that `part` tells them apart: they share names."""
    return [table.c[name].label(label) for table in tables for name, label in _labels(table)]


def part(row: Row[Any], table: Table, kind: type[S], **more: object) -> S:
    """Make a frozen Struct of what a row that was asked for with `beside` holds of one table, as `to_struct`."""
    mapping = row._mapping  # noqa: SLF001 - SQLAlchemy's documented name
    values = {name: mapping[label] for name, label in _labels(table)}
    return msgspec.convert(values | more, kind, builtin_types=(bytes,), strict=False)


@cache
def _labels(table: Table) -> list[tuple[str, str]]:
    return [(str(column.name), f"{table.name}__{column.name}") for column in table.c]


def only(found: Result[Any], kind: type[S], missing: DomainError) -> S:
    """Make a Struct of the one row that was found, or raise what its absence means."""
    row = found.one_or_none()
    if row is None:
        raise missing
    return to_struct(row, kind)


def to_row(struct: msgspec.Struct, *, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """Make column values of a Struct: nested texts become JSON, enumerations their value."""
    values = {name: getattr(struct, name) for name in struct.__struct_fields__ if name not in leave_out}
    return {
        name: msgspec.to_builtins(value) if isinstance(value, (msgspec.Struct, tuple)) else value
        for name, value in values.items()
    }


async def insert(
    connection: AsyncConnection, table: Table, struct: msgspec.Struct, *, leave_out: tuple[str, ...] = ()
) -> None:
    """Insert one Struct as one row."""
    # Values beside the statement, not in it: it is put together and compiled once for every row.
    await connection.execute(table.insert(), to_row(struct, leave_out=leave_out))


def is_taken(problem: IntegrityError) -> bool:
    """Tell whether a row of this key is there already, from every other mistake that a database refuses."""
    return getattr(problem.orig, "sqlstate", None) == "23505" or "UNIQUE constraint failed" in str(problem.orig)
