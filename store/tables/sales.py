"""What the tills sold: registered before it is paid, cancelled by its id, never rewritten."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from store.tables.types import PERSONAL, Instant, authority_column, id_column, keep_until_column, metadata

sale = Table(
    "sale",
    metadata,
    id_column(),
    authority_column(),
    Column("terminal_id", Uuid, nullable=False),
    Column("key", String(64), nullable=False),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("gate_id", Uuid, nullable=False),
    Column("pass_id", Uuid, nullable=False, index=True),
    Column("state", String(10), nullable=False),
    Column("total_cents", Integer, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("paid_at", Instant),
    Column("means", String(10)),
    Column("payment", String(64)),
    Column("cancelled_at", Instant),
    Column("cancelled_by", Uuid),
    keep_until_column(),
    UniqueConstraint("terminal_id", "key"),
    CheckConstraint("total_cents >= 0", name="total"),
    CheckConstraint("(paid_at IS NULL) = (means IS NULL) AND (paid_at IS NULL) = (payment IS NULL)", name="payment"),
    CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
    info=PERSONAL,
)
"""One row for each key that a till has sold under: the same key gets the same receipt, byte for byte.

`payment` is the till's own reference of a payment, never a card's number; `cancelled_by` an agent, where it was one.
"""

Index("ix_sale_of_terminal", sale.c.terminal_id, sale.c.state, sale.c.registered_at)

sale_item = Table(
    "sale_item",
    metadata,
    id_column(),
    Column("sale_id", Uuid, ForeignKey("sale.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    authority_column(),
    Column("product_id", Uuid, nullable=False),
    Column("product_code", String(60), nullable=False),
    Column("name", JSON, nullable=False),
    Column("price_cents", Integer, nullable=False),
    Column("subject", String(12), nullable=False),
    Column("subject_id", Uuid, nullable=False, index=True),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    keep_until_column(),
    CheckConstraint("price_cents >= 0", name="price"),
    CheckConstraint("valid_from < valid_until", name="period"),
    info=PERSONAL,
)
"""One row for each right that was sold, under the id of the right, which is gone once the sale is cancelled.

The product is named without a foreign key: its check would lock the product's row before the allowances of a year are
counted under that very lock, and two sales would wait for each other.
"""
