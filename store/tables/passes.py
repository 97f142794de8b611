"""Passes and their media."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from store.tables.types import PERSONAL, Instant, authority_column, id_column, keep_until_column, metadata

pass_ = Table(
    "pass",
    metadata,
    id_column(),
    authority_column(),
    Column("holder_id", Uuid, ForeignKey("holder.id"), nullable=False, index=True),
    Column("number", String(10), nullable=False, unique=True),
    Column("status", String(10), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    CheckConstraint("valid_from < valid_until", name="period"),
    info=PERSONAL,
)

medium = Table(
    "medium",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    authority_column(),
    Column("pass_id", Uuid, ForeignKey("pass.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("status", String(16), nullable=False),
    Column("status_list", Integer, nullable=False),
    Column("status_index", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("authority_id", "status_list", "status_index"),
    info=PERSONAL,
)
