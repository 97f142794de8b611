"""What a medium costs that takes the place of another, and what was due for those that did."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, String, Table, Uuid

from store.tables.types import PERSONAL, Instant, authority_column, keep_until_column, metadata

replacement_fee = Table(
    "replacement_fee",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("reason", String(16), primary_key=True),
    Column("amount_cents", Integer, nullable=False),
    CheckConstraint("amount_cents >= 0", name="amount"),
)
"""The price list of today. What it does not name is free; what was due before stands in `replacement`."""

replacement = Table(
    "replacement",
    metadata,
    Column("medium_id", BigInteger, ForeignKey("medium.id"), primary_key=True, autoincrement=False),
    authority_column(),
    Column("replaced_id", BigInteger, ForeignKey("medium.id"), nullable=False, unique=True),
    Column("reason", String(16), nullable=False),
    Column("fee_cents", Integer, nullable=False),
    Column("replaced_at", Instant, nullable=False),
    keep_until_column(),
    CheckConstraint("fee_cents >= 0", name="fee"),
    info=PERSONAL,
)
"""`medium_id` took the place of `replaced_id`: of two desks that replace one medium at once, one fails."""
