"""Column types that read alike on SQLite and PostgreSQL, and the metadata that all tables share."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970 in UTC, as SQLite stores an instant."""
    return (instant - EPOCH) // MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The aware UTC instant for what SQLite stores."""
    return EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware instant: TIMESTAMPTZ on PostgreSQL, whole microseconds on SQLite. A naive value is an error."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the storage of this engine."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - two storages
        """Refuse naive instants, and write the engine's form."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "an instant needs its time zone"
            raise ValueError(msg)
        return value if dialect.name == "postgresql" else to_microseconds(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Read aware UTC instants: PostgreSQL's driver gives them, and is spared a call for each."""
        if dialect.name == "postgresql":
            return None
        return super().result_processor(dialect, coltype)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002 - SQLite's form
        """Read back what SQLite stores."""
        return None if value is None else from_microseconds(value)


class YearDay(TypeDecorator[tuple[int, int]]):
    """A month and a day of it, in any year, as `MM-DD`: it sorts, and people can read it in the table."""

    impl = String(5)
    cache_ok = True

    def process_bind_param(self, value: tuple[int, int] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write two digits each."""
        return None if value is None else f"{value[0]:02}-{value[1]:02}"

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[int, int] | None:  # noqa: ANN401, ARG002
        """Read back the pair."""
        return None if value is None else (int(value[:2]), int(value[3:]))


def id_column() -> Column[Any]:
    """Primary key: a time-ordered UUID made by the application."""
    return Column("id", Uuid, primary_key=True)


def authority_column() -> Column[Any]:
    """The tenant this row belongs to."""
    return Column("authority_id", Uuid, ForeignKey("authority.id"), nullable=False)


def authority_copy() -> Column[Any]:
    """The tenant this row belongs to, without a foreign key: for the ledger, which locks no reference row."""
    return Column("authority_id", Uuid, nullable=False)


def keep_until_column() -> Column[Any]:
    """First day on which this row may no longer say anything about a person."""
    return Column("keep_until", Date, nullable=False)


def version_column() -> Column[Any]:
    """Counts the writes of this row, so that a write can ask for the row it has read."""
    return Column("version", Integer, nullable=False)


def partial_index(name: str, *columns: str | Column[Any], where: str, unique: bool = False) -> Index:
    """An index that leaves other rows out. Queries that use it spell the same condition, without parameters.

    Behind a table, which it then joins, its columns are those of the table; within one they are named.
    """
    return Index(name, *columns, unique=unique, postgresql_where=text(where), sqlite_where=text(where))


BIG_KEY = BigInteger().with_variant(Integer, "sqlite")
"""A number of 64 bits as the only primary key. SQLite takes an INTEGER for the row's own number, and needs no index."""

PERSONAL = {"personal": True}
