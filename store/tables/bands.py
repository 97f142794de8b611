"""What authorities say of values otherwise than the program: editions of the bands of the tour."""

from sqlalchemy import JSON, CheckConstraint, Column, Integer, String, Table, UniqueConstraint, Uuid

from store.tables.types import Instant, authority_column, id_column, metadata, partial_index

band_edition = Table(
    "band_edition",
    metadata,
    id_column(),
    authority_column(),
    Column("scale", String(60), nullable=False),
    Column("number", Integer, nullable=False),
    Column("bands", JSON(none_as_null=True)),
    Column("reason", String(400), nullable=False),
    Column("state", String(10), nullable=False),
    Column("proposed_by", Uuid, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("decided_by", Uuid),
    Column("decided_at", Instant),
    UniqueConstraint("authority_id", "scale", "number"),
    CheckConstraint("state <> 'in-force' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)", name="two"),
    partial_index("ix_band_edition_in_force", "authority_id", "scale", where="state = 'in-force'", unique=True),
)
"""One row for each edition, kept whatever became of it: any of them can be proposed again."""
