"""Flood levels: thresholds that two people set, where each station stands, and the journal of every change."""

from sqlalchemy import JSON, CheckConstraint, Column, Float, ForeignKey, Index, SmallInteger, String, Table, Uuid

from store.tables.types import Instant, authority_column, id_column, metadata, partial_index

flood_thresholds = Table(
    "flood_thresholds",
    metadata,
    id_column(),
    authority_column(),
    Column("stream_id", Uuid, ForeignKey("stream.id"), nullable=False),
    Column("level_1_m", Float, nullable=False),
    Column("level_2_m", Float, nullable=False),
    Column("level_3_m", Float, nullable=False),
    Column("hysteresis_m", Float, nullable=False),
    Column("witnesses", JSON, nullable=False),
    Column("status", String(10), nullable=False),
    Column("proposed_by", Uuid, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("decided_by", Uuid),
    Column("decided_at", Instant),
    CheckConstraint("level_1_m < level_2_m AND level_2_m < level_3_m AND hysteresis_m > 0", name="metres"),
    CheckConstraint("status <> 'confirmed' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)", name="two"),
    partial_index("ix_flood_thresholds_in_force", "stream_id", where="status = 'confirmed'", unique=True),
)
"""One row for each proposal, kept whatever became of it: the journal names the metres of its day."""

flood_station = Table(
    "flood_station",
    metadata,
    Column("stream_id", Uuid, ForeignKey("stream.id"), primary_key=True),
    authority_column(),
    Column("level", SmallInteger, nullable=False),
    Column("level_since", Instant, nullable=False),
    Column("public_level", SmallInteger, nullable=False),
    Column("public_since", Instant, nullable=False),
    CheckConstraint("level BETWEEN 0 AND 3 AND public_level BETWEEN 0 AND 3", name="levels"),
)
"""Two levels: the one of the readings, and the one that people have confirmed."""

flood_change = Table(
    "flood_change",
    metadata,
    id_column(),
    authority_column(),
    Column("stream_id", Uuid, ForeignKey("stream.id"), nullable=False),
    Column("thresholds_id", Uuid, ForeignKey("flood_thresholds.id")),
    Column("noticed_at", Instant, nullable=False),
    Column("before", SmallInteger, nullable=False),
    Column("after", SmallInteger, nullable=False),
    Column("cause", String(20), nullable=False),
    Column("behind", JSON, nullable=False),
    Column("agreements", JSON, nullable=False),
    Column("status", String(20), nullable=False),
    Column("decided_by", Uuid),
    Column("decided_at", Instant),
    Column("words", String(400), nullable=False),
    CheckConstraint("status <> 'confirmed' OR decided_by IS NOT NULL", name="confirmed"),
    Index("ix_flood_change_authority_id_noticed_at", "authority_id", "noticed_at"),
    Index("ix_flood_change_stream_id_noticed_at", "stream_id", "noticed_at"),
)
"""Readings are forgotten after ninety days; those behind a change stay here, in its row."""
