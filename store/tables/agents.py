"""The people who work for an authority."""

from sqlalchemy import Boolean, Column, ForeignKey, String, Table, Uuid

from store.tables.types import PERSONAL, Instant, authority_column, id_column, keep_until_column, metadata

agent = Table(
    "agent",
    metadata,
    id_column(),
    authority_column(),
    Column("login", String(120), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    info=PERSONAL,
)

agent_role = Table(
    "agent_role",
    metadata,
    Column("agent_id", Uuid, ForeignKey("agent.id"), primary_key=True),
    Column("role", String(20), primary_key=True),
)
