"""Values of columns as an archive writes them, and back: one line of JSON for each row, in the same words for both
engines.
"""

import functools
import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
)

from store.tables.types import Instant, YearDay


class Kind(StrEnum):
    """What a column holds, as the manifest names it."""

    UUID = "uuid"
    INSTANT = "instant"
    DATE = "date"
    YEAR_DAY = "year-day"
    BYTES = "bytes"
    BOOLEAN = "boolean"
    BIG_INTEGER = "big-integer"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    JSON = "json"


FORMS: Final[dict[Kind, str]] = {
    Kind.UUID: "text, as in RFC 9562: 01932f5e-7a10-7cc2-9d5e-0c5f2b1d4e6a",
    Kind.INSTANT: "text, as in RFC 3339, in UTC, with microseconds unless there are none: 2026-11-18T13:05:00.000001Z",
    Kind.DATE: "text: 2026-11-18",
    Kind.YEAR_DAY: "text, a month and a day of any year: 09-01",
    Kind.BYTES: "text, Base64 with padding (RFC 4648, section 4)",
    Kind.BOOLEAN: "true or false",
    Kind.BIG_INTEGER: "text, a decimal of 64 bits with its sign, because many programs round such numbers in JSON",
    Kind.INTEGER: "a number without a fraction",
    Kind.NUMBER: 'a number of 64 bits (IEEE 754), or "NaN", "Infinity", "-Infinity"',
    Kind.TEXT: "text",
    Kind.JSON: "any value, as it stands in the column",
}
"""How each kind is written. What is not known is null, whatever the kind."""

_KINDS: Final[tuple[tuple[type[Any], Kind], ...]] = (
    # The narrow before the wide: SQLAlchemy's big integer is an integer too.
    (Instant, Kind.INSTANT),
    (YearDay, Kind.YEAR_DAY),
    (Uuid, Kind.UUID),
    (JSON, Kind.JSON),
    (LargeBinary, Kind.BYTES),
    (Boolean, Kind.BOOLEAN),
    (Date, Kind.DATE),
    (BigInteger, Kind.BIG_INTEGER),
    (Integer, Kind.INTEGER),
    (Float, Kind.NUMBER),
    (String, Kind.TEXT),
)

_LARGEST: Final = 2**63 - 1

_READ_AS: Final[dict[Kind, Any]] = {
    Kind.UUID: UUID,
    Kind.INSTANT: Annotated[datetime, Meta(tz=True)],
    Kind.DATE: date,
    Kind.YEAR_DAY: Annotated[str, Meta(pattern=r"^[0-9]{2}-[0-9]{2}\Z")],
    Kind.BYTES: bytes,
    Kind.BOOLEAN: bool,
    Kind.BIG_INTEGER: Annotated[str, Meta(pattern=r"^(0|-?[1-9][0-9]{0,18})\Z")],
    Kind.INTEGER: Annotated[int, Meta(ge=-_LARGEST - 1, le=_LARGEST)],
    Kind.NUMBER: float | Literal["NaN", "Infinity", "-Infinity"],
    Kind.TEXT: str,
    Kind.JSON: Any,
}

Convert = Callable[[Any], Any]


def kind_of(column: Column[Any]) -> Kind:
    """Say what a column holds.

    Raises:
        TypeError: nobody has said how an archive writes this type.
    """
    for of, kind in _KINDS:
        if isinstance(column.type, of):
            return kind
    raise TypeError(f"no archive knows how to write {column}: {column.type!r}")


@functools.cache
def lines_of(table: Table) -> "Lines":
    """Return the lines of a table: what reads them is made once."""
    return Lines(table)


class Lines:
    """The lines of one table."""

    def __init__(self, table: Table) -> None:
        columns = list(table.columns)
        self._names = tuple(str(column.name) for column in columns)
        kinds = [kind_of(column) for column in columns]
        self._to_line = [(place, _WRITE[kind]) for place, kind in enumerate(kinds) if kind in _WRITE]
        self._to_value = [(place, _READ[kind]) for place, kind in enumerate(kinds) if kind in _READ]
        self._encoder = msgspec.json.Encoder()
        fields = [
            (name, _READ_AS[kind] | None if column.nullable else _READ_AS[kind])
            for name, column, kind in zip(self._names, columns, kinds, strict=True)
        ]
        self._line = msgspec.defstruct("Line", fields, forbid_unknown_fields=True)
        self._decoder = msgspec.json.Decoder(self._line)
        self._holds_json = Kind.JSON in kinds

    def write(self, row: Sequence[Any]) -> bytes:
        """Write a row, without the end of its line. Values stand in the order of the table's columns."""
        values = list(row)
        for place, convert in self._to_line:
            if values[place] is not None:
                values[place] = convert(values[place])
        return self._encoder.encode(dict(zip(self._names, values, strict=True)))

    def read(self, line: bytes) -> tuple[Any, ...]:
        """Read a row back.

        Raises:
            ValueError: it is none of this table.
        """
        try:
            values = list(msgspec.structs.astuple(self._parsed(line)))
            for place, convert in self._to_value:
                if values[place] is not None:
                    values[place] = convert(values[place])
        except (ValueError, msgspec.DecodeError, RecursionError) as problem:
            raise ValueError("no row of this table") from problem
        return tuple(values)

    def _parsed(self, line: bytes) -> msgspec.Struct:
        if not self._holds_json:
            return self._decoder.decode(line)
        # As `_json` has written it.
        return msgspec.convert(json.loads(line.decode(), parse_constant=_no_constant), self._line)


def _instant(value: datetime) -> datetime:
    # The end of all time has lost its zone on the way: PostgreSQL's driver reads "infinity" so.
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _year_day(value: tuple[int, int]) -> str:
    return f"{value[0]:02}-{value[1]:02}"


def _pair(value: str) -> tuple[int, int]:
    return int(value[:2]), int(value[3:])


def _big(value: str) -> int:
    number = int(value)
    if not -_LARGEST - 1 <= number <= _LARGEST:
        raise ValueError("a number of more than 64 bits")
    return number


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _json(value: object) -> msgspec.Raw:
    # By the standard library, which writes the columns of SQLite and PostgreSQL too: numbers of any size, and lone
    # halves of surrogate pairs, come through as they stand there.
    return msgspec.Raw(json.dumps(value, separators=(",", ":"), allow_nan=False).encode())


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_WRITE: Final[dict[Kind, Convert]] = {
    Kind.INSTANT: _instant,
    Kind.YEAR_DAY: _year_day,
    Kind.BIG_INTEGER: str,
    Kind.NUMBER: _number,
    Kind.JSON: _json,
}
_READ: Final[dict[Kind, Convert]] = {
    Kind.YEAR_DAY: _pair,
    Kind.BIG_INTEGER: _big,
    Kind.NUMBER: float,
}
