"""Cards that others issued: who reads them for us, and how each sector knows their holders."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from store.tables.types import PERSONAL, Instant, authority_column, id_column, keep_until_column, metadata

gateway = Table(
    "gateway",
    metadata,
    id_column(),
    authority_column(),
    Column("name", String(80), nullable=False),
    Column("kid", LargeBinary(4), nullable=False),
    Column("public_key", LargeBinary(64), nullable=False),
    Column("status", String(10), nullable=False),
    Column("registered_at", Instant, nullable=False),
    UniqueConstraint("authority_id", "public_key"),
)

sector_identifier = Table(
    "sector_identifier",
    metadata,
    authority_column(),
    Column("sector", String(40), nullable=False),
    Column("holder_id", Uuid, ForeignKey("holder.id"), nullable=False),
    Column("medium_id", BigInteger, ForeignKey("medium.id"), nullable=False, index=True),
    Column("technology", String(10), nullable=False),
    Column("identifier", LargeBinary(32), nullable=False),
    Column("serial_hash", LargeBinary(32), nullable=False),
    Column("read_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    PrimaryKeyConstraint("authority_id", "sector", "holder_id"),
    UniqueConstraint("authority_id", "sector", "identifier"),
    # One name of a card, one sector: a gateway that used one name in two would let them be joined.
    UniqueConstraint("authority_id", "serial_hash"),
    info=PERSONAL,
)
"""One identifier per sector and holder. Two sectors meet here, by the holder, and nowhere else."""
