"""The catalogue of products, and the rights that subjects hold."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from store.tables.types import PERSONAL, Instant, YearDay, authority_column, id_column, keep_until_column, metadata

product = Table(
    "product",
    metadata,
    id_column(),
    authority_column(),
    Column("code", String(60), nullable=False),
    Column("service_code", String(40), nullable=False),
    Column("subject", String(12), nullable=False),
    Column("name", JSON, nullable=False),
    Column("warn_below", BigInteger, nullable=False),
    Column("terms", JSON, nullable=False),
    UniqueConstraint("authority_id", "code"),
    CheckConstraint("warn_below >= 0", name="warn_below"),
)

product_limit = Table(
    "product_limit",
    metadata,
    Column("product_id", Uuid, ForeignKey("product.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("unit", String(10), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("window", String(20), nullable=False),
    Column("starts", YearDay),
    Column("ends", YearDay),
    Column("days", Integer),
    Column("kind", String(20)),
    Column("free", BigInteger),
    Column("price_cents", Integer, nullable=False, server_default="0"),
    Column("settlement", String(10), nullable=False, server_default="billed"),
    Column("rates", JSON, nullable=False),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("free >= 0 AND free < amount", name="free"),
    CheckConstraint("price_cents >= 0", name="price"),
    CheckConstraint("days > 0", name="days"),
    CheckConstraint(
        "(starts IS NOT NULL) = (\"window\" IN ('shifted_year', 'season'))"
        " AND (ends IS NOT NULL) = (\"window\" = 'season')"
        " AND (days IS NOT NULL) = (\"window\" = 'rolling_days')",
        name="parameters",
    ),
)

product_price = Table(
    "product_price",
    metadata,
    Column("product_id", Uuid, ForeignKey("product.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("amount_cents", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("conditions", JSON, nullable=False),
    CheckConstraint("amount_cents >= 0", name="amount"),
    CheckConstraint("valid_from < valid_until", name="period"),
)

entitlement = Table(
    "entitlement",
    metadata,
    id_column(),
    authority_column(),
    Column("subject_id", Uuid, nullable=False),
    Column("product_id", Uuid, ForeignKey("product.id"), nullable=False),
    Column("service_code", String(40), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("granted_at", Instant, nullable=False),
    keep_until_column(),
    CheckConstraint("valid_from < valid_until", name="period"),
    info=PERSONAL,
)

Index("ix_entitlement_spend", entitlement.c.subject_id, entitlement.c.service_code, entitlement.c.valid_until)
Index(
    "ix_entitlement_product",
    *(entitlement.c.product_id, entitlement.c.subject_id, entitlement.c.valid_from, entitlement.c.valid_until),
)
"""Who has a right to a product, for a search that is narrowed by it (`store.search`)."""
