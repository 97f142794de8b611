"""How far retention has come at each authority, and what it has erased."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, ForeignKeyConstraint, Integer, String, Table, Uuid

from store.tables.types import Instant, metadata

retention_walk = Table(
    "retention_walk",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("walked_on", Date),
    Column("number", BigInteger, nullable=False),
)
"""`walked_on` is the last local day whose walk came to its end. No event up to `number` says anything of anybody."""

purge = Table(
    "purge",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("job", String(30), primary_key=True),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("problem", String(80), nullable=False),
    sqlite_with_rowid=False,
)
"""One row for each job that erased something at an authority on a local day, or failed to. About nobody.

`problem` is a short code, empty once a later round went well; `failures` counts what failed that day.
"""

purge_rows = Table(
    "purge_rows",
    metadata,
    Column("authority_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("job", String(30), primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("rows", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["authority_id", "day", "job"], ["purge.authority_id", "purge.day", "purge.job"], ondelete="CASCADE"
    ),
    sqlite_with_rowid=False,
)
"""How many rows of which table it erased; of `validation`, how many lost their person and stay."""
