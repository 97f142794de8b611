"""Imports of old files: what is to be made of each, its bytes while they are needed, and what was wrong."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from store.tables.types import PERSONAL, Instant, authority_column, id_column, keep_until_column, metadata

card_import = Table(
    "card_import",
    metadata,
    id_column(),
    authority_column(),
    Column("code", String(28), nullable=False),
    Column("kind", String(13), nullable=False, server_default="cards"),
    Column("file_name", String(120), nullable=False),
    Column("headings", JSON, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("plan", JSON, nullable=False),
    Column("state", String(10), nullable=False),
    Column("done", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("keep_until", Date, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    UniqueConstraint("authority_id", "code"),
    CheckConstraint("lines >= 0 AND done <= lines AND taken + refused = done", name="counts"),
)
"""`keep_until` is the first day without the file; what stays says of nobody anything."""

card_import_file = Table(
    "card_import_file",
    metadata,
    Column("import_id", Uuid, ForeignKey("card_import.id"), primary_key=True),
    authority_column(),
    Column("content", LargeBinary, nullable=False),
    keep_until_column(),
    info=PERSONAL,
)
"""The file as it came: deleted as soon as it is taken in or given up, and after thirty days at the latest."""

card_import_flaw = Table(
    "card_import_flaw",
    metadata,
    Column("import_id", Uuid, ForeignKey("card_import.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("reason", String(20), nullable=False),
    Column("field", String(12)),
    Column("other_line", Integer),
)

card_import_mapping = Table(
    "card_import_mapping",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("columns", JSON, nullable=False),
)
