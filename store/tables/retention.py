"""How far retention has come at each authority."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Table, Uuid

from store.tables.types import metadata

retention_walk = Table(
    "retention_walk",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("walked_on", Date),
    Column("number", BigInteger, nullable=False),
)
"""`walked_on` is the last local day whose walk came to its end. No event up to `number` says anything of anybody."""
