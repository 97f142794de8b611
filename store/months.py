"""The months of `reading` on PostgreSQL: one partition each, of UTC, made when needed and dropped whole.

A month is attached, never created in place: that would lock all readings against everybody for the moment.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

_LOCK = 0x7265_6164
"""Held to the end of the transaction by whoever makes a month."""


def month_of(at: datetime) -> date:
    """The first day of the month, in UTC, in which an instant lies."""
    return at.astimezone(UTC).date().replace(day=1)


def after(month: date) -> date:
    """The month after this one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def name_of(month: date) -> str:
    """The table of a month."""
    return f"reading_{month:%Y_%m}"


async def there(connection: AsyncConnection) -> set[date]:
    """Read which months have a table."""
    found = await connection.exec_driver_sql(
        "SELECT right(c.relname, 7) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'reading'::regclass"
    )
    return {datetime.strptime(name, "%Y_%m").replace(tzinfo=UTC).date() for (name,) in found}


async def make(connection: AsyncConnection, months: Iterable[date]) -> None:
    """Make the tables of these months, those that somebody else has just made excepted."""
    await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    for month in sorted(set(months) - await there(connection)):
        table = name_of(month)
        await connection.exec_driver_sql(
            f"CREATE TABLE {table} (LIKE reading INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)"
        )
        bounds = f"FROM ('{month} 00:00+00') TO ('{after(month)} 00:00+00')"
        await connection.exec_driver_sql(f"ALTER TABLE reading ATTACH PARTITION {table} FOR VALUES {bounds}")


async def drop(connection: AsyncConnection, *, before: date) -> list[date]:
    """Drop the months that end by the first day of the month `before`, and say which they were."""
    gone = sorted(month for month in await there(connection) if month < before)
    for month in gone:
        await connection.exec_driver_sql(f"DROP TABLE {name_of(month)}")
    return gone
