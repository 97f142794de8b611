"""Points of the tour: sheets, what was done with them, itineraries. Agents stand in it by their ids alone."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)

from store.tables.types import Instant, authority_column, id_column, metadata, version_column

point = Table(
    "point",
    metadata,
    id_column(),
    authority_column(),
    Column("plate", String(7), nullable=False, unique=True),
    Column("slug", String(80), nullable=False, unique=True),
    Column("state", String(10), nullable=False),
    Column("sheet", JSON, nullable=False),
    Column("shown", JSON(none_as_null=True)),
    Column("target", String(200), nullable=False),
    Column("author_id", Uuid, nullable=False),
    Column("reviewer_id", Uuid),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("published_at", Instant),
    Column("away_since", Instant),
    version_column(),
    CheckConstraint("reviewer_id IS NULL OR state <> 'published' OR reviewer_id <> author_id", name="two_people"),
    Index("ix_point_authority_id_state", "authority_id", "state"),
)
"""`sheet` is the text being written, `shown` the one that residents read. No row is ever deleted: a number on a plate
is taken for ever, for every authority of the installation, since its address names none.
"""

point_entry = Table(
    "point_entry",
    metadata,
    id_column(),
    authority_column(),
    Column("point_id", Uuid, ForeignKey("point.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("agent_id", Uuid, nullable=False),
    Column("act", String(12), nullable=False),
    Column("note", String(400), nullable=False),
    Column("version", Integer, nullable=False),
)
"""Who did what with a point, and when."""

itinerary = Table(
    "itinerary",
    metadata,
    id_column(),
    authority_column(),
    Column("slug", String(80), nullable=False, unique=True),
    Column("walk", JSON, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
