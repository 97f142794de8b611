"""Modifications of the catalogue, what each changes, and what products and sites said from when on."""

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Integer, String, Table, UniqueConstraint, Uuid

from store.tables.types import Instant, authority_column, id_column, metadata, partial_index

modification = Table(
    "modification",
    metadata,
    id_column(),
    authority_column(),
    Column("number", Integer, nullable=False),
    Column("reason", String(400), nullable=False),
    Column("author_id", Uuid, nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("state", String(10), nullable=False),
    Column("decided_by", Uuid),
    Column("decided_at", Instant),
    Column("takes_effect_at", Instant),
    Column("settled_by", Uuid),
    Column("settled_at", Instant),
    Column("undoes", Integer),
    UniqueConstraint("authority_id", "number"),
    CheckConstraint(
        "state NOT IN ('scheduled', 'in_force') OR (decided_by IS NOT NULL AND takes_effect_at IS NOT NULL)",
        name="decided",
    ),
    partial_index("ix_modification_scheduled", "takes_effect_at", where="state = 'scheduled'"),
)
"""One row for each, kept whatever became of it: who changed the catalogue, when and why."""

modification_change = Table(
    "modification_change",
    metadata,
    Column("modification_id", Uuid, ForeignKey("modification.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("code", String(60), primary_key=True),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON, nullable=False),
)

catalogue_version = Table(
    "catalogue_version",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("code", String(60), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("since", Instant),
    Column("modification_id", Uuid, ForeignKey("modification.id")),
    Column("content", JSON, nullable=False),
)
"""What a product or a site said: a row for each change, and one without `since` for what was before the first."""
