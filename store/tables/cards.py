"""Cards that a maker produces, until each is a medium."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    false,
)

from store.tables.types import (
    PERSONAL,
    Instant,
    authority_column,
    id_column,
    keep_until_column,
    metadata,
    partial_index,
)

card_batch = Table(
    "card_batch",
    metadata,
    id_column(),
    authority_column(),
    Column("code", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("ordered_by", Uuid, nullable=False),
    Column("ordered_at", Instant, nullable=False),
    Column("file_digest", LargeBinary(32)),
    Column("sent_by", Uuid),
    Column("sent_at", Instant),
    Column("settled_by", Uuid),
    Column("settled_at", Instant),
    UniqueConstraint("authority_id", "code"),
    CheckConstraint("size BETWEEN 1 AND 100000", name="size"),
    CheckConstraint("key_version BETWEEN 1 AND 255", name="key_version"),
    CheckConstraint("(sent_at IS NULL) = (file_digest IS NULL) AND (sent_at IS NULL) = (sent_by IS NULL)", name="sent"),
    CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled"),
)
"""The journal of a batch is its row: which agent ordered, sent and settled it, when, and the SHA-256 of the order."""

batch_card = Table(
    "batch_card",
    metadata,
    Column("batch_id", Uuid, ForeignKey("card_batch.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    authority_column(),
    Column("number", String(12), nullable=False, unique=True),
    Column("medium_id", BigInteger, nullable=False, unique=True),
    Column("status_list", Integer, nullable=False),
    Column("status_index", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("expires_at", Instant, nullable=False),
    keep_until_column(),
    Column("pass_id", Uuid, ForeignKey("pass.id"), index=True),
    Column("uid_digest", LargeBinary(32)),
    Column("desk", String(40)),
    Column("named", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("authority_id", "status_list", "status_index"),
    UniqueConstraint("authority_id", "uid_digest"),
    partial_index(
        "ix_batch_card_stopped", "authority_id", "status_list", "status_index", "status", where="status <> 'active'"
    ),
    info=PERSONAL,
)
"""A card from its order until it is bound: `medium_id` names no row of `medium` before that (ADR 0022).

Blank cards name nobody; those for a pass do, so the whole table is personal. No key is here, nor a UID.
"""
