"""Other software that wants to be told, and what it is to be told."""

from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary, SmallInteger, String, Table, Uuid

from store.tables.types import Instant, authority_column, id_column, metadata, partial_index

webhook = Table(
    "webhook",
    metadata,
    id_column(),
    authority_column(),
    Column("url", String(400), nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
"""No secret is here: that of the signatures is derived from the authority's master in the keyring."""

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    id_column(),
    authority_column(),
    Column("webhook_id", Uuid, ForeignKey("webhook.id"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(60), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("due_at", Instant),
    Column("delivered_at", Instant),
    Column("answer", String(60), nullable=False),
    partial_index("ix_webhook_delivery_due", "due_at", where="due_at IS NOT NULL"),
    Index("ix_webhook_delivery_authority_id_created_at", "authority_id", "created_at"),
    Index("ix_webhook_delivery_webhook_id_subject", "webhook_id", "subject"),
)
"""Written with what it tells of, in one transaction. Forgotten after thirty days."""
