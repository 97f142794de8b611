"""The connected city: its devices and streams, what they measured, and what became of it. No person is in it."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from store.tables.types import (
    BIG_KEY,
    PERSONAL,
    Instant,
    authority_column,
    authority_copy,
    id_column,
    keep_until_column,
    metadata,
    partial_index,
)

device = Table(
    "device",
    metadata,
    id_column(),
    authority_column(),
    Column("code", String(60), nullable=False),
    Column("name", JSON, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("model", String(60), nullable=False),
    Column("sight", String(10), nullable=False),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
    Column("commune_code", String(5), nullable=False),
    Column("installed_on", Date, nullable=False),
    Column("source", String(60), nullable=False),
    Column("source_key", String(200), nullable=False),
    Column("public", Boolean, nullable=False),
    Column("retired_on", Date),
    UniqueConstraint("authority_id", "code"),
    UniqueConstraint("authority_id", "source", "source_key", name="uq_device_source"),
    CheckConstraint("sight IN ('none', 'counts', 'images')", name="sight"),
)
"""What recognises faces has no place even here: the last lock is the table's own."""

stream = Table(
    "stream",
    metadata,
    id_column(),
    authority_column(),
    Column("device_id", Uuid, ForeignKey("device.id"), nullable=False),
    Column("quantity", String(60), nullable=False),
    Column("channel", String(60), nullable=False),
    Column("unit", String(30), nullable=False),
    Column("summary", String(10), nullable=False),
    Column("period_seconds", Integer, nullable=False),
    Column("delay_seconds", Integer, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("max_step_per_minute", Float),
    Column("may_stand_still", Boolean, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("calibrated_on", Date),
    Column("time_zone", String(40), nullable=False),
    UniqueConstraint("device_id", "quantity", "channel"),
    CheckConstraint("period_seconds > 0 AND delay_seconds >= 0", name="times"),
)

device_change = Table(
    "device_change",
    metadata,
    Column("number", BIG_KEY, primary_key=True),
    authority_column(),
    Column("device_id", Uuid, ForeignKey("device.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", Uuid, ForeignKey("agent.id")),
    Column("differences", JSON, nullable=False),
    Column("why", String(120), nullable=False),
)
"""What was changed of a device, by an agent's id; none where a command did. Kept as long as the device."""

reading = Table(
    "reading",
    metadata,
    Column("stream_id", Uuid, primary_key=True),
    Column("observed_at", Instant, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("until", Instant),
    Column("received_at", Instant, nullable=False),
    Column("value", Float, nullable=False),
    Column("quality", SmallInteger, nullable=False),
    Column("source_id", LargeBinary(32), nullable=False),
    postgresql_partition_by="RANGE (observed_at)",
    sqlite_with_rowid=False,
)
"""One row for each value. On PostgreSQL a month of UTC is a partition, made when its first reading comes
(`store.months`); none is here. As in the ledger, no foreign keys: a check would lock the stream for each reading.
"""

reading_latest = Table(
    "reading_latest",
    metadata,
    Column("stream_id", Uuid, primary_key=True),
    Column("shown", Boolean, primary_key=True),
    authority_copy(),
    Column("observed_at", Instant, nullable=False),
    Column("until", Instant),
    Column("received_at", Instant, nullable=False),
    Column("value", Float, nullable=False),
    Column("quality", SmallInteger, nullable=False),
    Column("same_since", Instant, nullable=False),
    sqlite_with_rowid=False,
)
"""The newest value of a stream that may be shown, and the newest that may not. It only moves forward."""

rollup = Table(
    "rollup",
    metadata,
    Column("stream_id", Uuid, primary_key=True),
    Column("step", SmallInteger, primary_key=True, autoincrement=False),
    Column("starts_at", Instant, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("count", Integer, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("total", Float, nullable=False),
    Column("cross", Float, nullable=False),
    Column("first", Float, nullable=False),
    Column("last", Float, nullable=False),
    CheckConstraint("step IN (15, 60, 1440)", name="step"),
    # For forgetting: each minute asks whether anything is old enough.
    Index("ix_rollup_step_starts_at", "step", "starts_at"),
    sqlite_with_rowid=False,
)
"""What the shown readings were over a quarter of an hour, an hour and a local day."""

rollup_due = Table(
    "rollup_due",
    metadata,
    Column("stream_id", Uuid, primary_key=True),
    Column("starts_at", Instant, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("touched", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Quarters in which something has come since they were rolled up. Writing on a row that is there already holds it, so
that nobody rolls the quarter up before what came can be seen.
"""

stream_trouble = Table(
    "stream_trouble",
    metadata,
    Column("stream_id", Uuid, ForeignKey("stream.id"), primary_key=True),
    Column("trouble", String(20), primary_key=True),
    Column("since", Instant, primary_key=True, autoincrement=False),
    authority_column(),
    Column("ended_at", Instant),
    partial_index("ix_stream_trouble_open", "authority_id", where="ended_at IS NULL"),
)
"""What agents were told of a stream that is silent or stuck, from when until when."""

dead_letter = Table(
    "dead_letter",
    metadata,
    id_column(),
    authority_column(),
    Column("source", String(60), nullable=False),
    Column("received_at", Instant, nullable=False, index=True),
    Column("why", String(60), nullable=False),
    Column("detail", String(400), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("address", String(400), nullable=False, server_default=text("''")),
    Column("replayed_at", Instant),
    keep_until_column(),
    Index("ix_dead_letter_authority_id_source", "authority_id", "source"),
    info=PERSONAL,
)
"""Messages that could not be read, as they came, for a week: before anybody has taken out what is personal in them. Of
devices that nobody knows only what their source may bring is here.
"""
