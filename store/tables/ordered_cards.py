"""Cards that residents order: where an authority lets them be fetched or sent, and who has ordered one."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Uuid

from store.tables.types import (
    PERSONAL,
    Instant,
    authority_column,
    id_column,
    keep_until_column,
    metadata,
    partial_index,
)

IS_OPEN = "ended_at IS NULL"

card_terms = Table(
    "card_terms",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("terms", JSON, nullable=False),
)
"""An authority without a row takes no orders."""

card_order = Table(
    "card_order",
    metadata,
    id_column(),
    authority_column(),
    Column("pass_id", Uuid, ForeignKey("pass.id"), nullable=False),
    Column("account_id", Uuid, ForeignKey("resident_account.id", ondelete="SET NULL")),
    Column("reason", String(8), nullable=False),
    Column("replaces", BigInteger, ForeignKey("medium.id")),
    Column("fee_cents", Integer, nullable=False),
    Column("way", String(4), nullable=False),
    Column("desk", String(40)),
    Column("address", String(200), nullable=False),
    Column("ordered_at", Instant, nullable=False),
    Column("moved_at", Instant),
    Column("ended_at", Instant),
    Column("ending", String(9)),
    Column("due_at", Instant),
    Column("attempts", Integer, nullable=False),
    keep_until_column(),
    CheckConstraint("fee_cents >= 0", name="fee"),
    CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended"),
    Index("ix_card_order_pass_id", "pass_id", "ordered_at"),
    partial_index("ix_card_order_open", "pass_id", where=IS_OPEN, unique=True),
    partial_index("ix_card_order_waiting", "authority_id", "ordered_at", where=IS_OPEN),
    partial_index("ix_card_order_due_at", "due_at", where="due_at IS NOT NULL"),
    Index("ix_card_order_account_id", "account_id"),
    info=PERSONAL,
)
"""What was ordered for a pass: one open order each. `due_at` is when its account is to be told, after so many attempts.

How far the card has come stands in `batch_card` alone.
"""
