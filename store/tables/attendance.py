"""What the gates counted, hour by hour: the past that the present is compared with."""

from sqlalchemy import CheckConstraint, Column, Date, Integer, Table, Uuid

from store.tables.types import authority_copy, metadata

attendance = Table(
    "attendance",
    metadata,
    Column("zone_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("entries", Integer, nullable=False),
    Column("most", Integer, nullable=False),
    CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
    CheckConstraint("entries >= 0 AND most >= 0", name="counts"),
    sqlite_with_rowid=False,
)
"""One row for each local hour of a zone in which somebody passed: who came in, and the most people inside at once.

The ledger writes it with `occupancy`, in the same transaction, and like that table it has no foreign keys.
"""
