"""What comes in from the devices of the connected city, beside what they measured. No person is in it."""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Uuid

from store.tables.types import Instant, authority_column, authority_copy, metadata

arrival = Table(
    "arrival",
    metadata,
    Column("authority_id", Uuid, primary_key=True),
    Column("source", String(60), primary_key=True),
    Column("message_id", LargeBinary(32), primary_key=True),
    Column("received_at", Instant, nullable=False, index=True),
    sqlite_with_rowid=False,
)
"""Messages of the last day by their ids: what comes twice counts once. No foreign keys, as for readings."""

device_state = Table(
    "device_state",
    metadata,
    Column("device_id", Uuid, primary_key=True),
    authority_copy(),
    Column("heard_at", Instant, nullable=False),
    Column("battery_percent", Float),
    Column("battery_at", Instant),
    Column("epoch", Integer, nullable=False),
    Column("session", String(80), nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("counted_at", Instant),
    Index("ix_device_state_authority_id", "authority_id"),
    sqlite_with_rowid=False,
)
"""How a device last was, and how far it has counted its radio frames. Held while a message of it is stored."""

device_event = Table(
    "device_event",
    metadata,
    Column("device_id", Uuid, primary_key=True),
    Column("kind", String(30), primary_key=True),
    Column("detail", String(140), primary_key=True),
    authority_copy(),
    Column("since", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    Index("ix_device_event_authority_id_last_at", "authority_id", "last_at"),
    sqlite_with_rowid=False,
)
"""What happened to a device: told once for each kind and detail, with how often."""

dropped_attribute = Table(
    "dropped_attribute",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("source", String(60), primary_key=True),
    Column("name", String(140), primary_key=True),
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
)
"""Names of attributes that a source sends and nobody allowed. Their values are nowhere."""

source_poll = Table(
    "source_poll",
    metadata,
    Column("source", String(60), primary_key=True),
    authority_column(),
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("changed_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("problem", String(200), nullable=False),
    Column("etag", String(200), nullable=False),
    Column("modified", String(60), nullable=False),
    sqlite_with_rowid=False,
)
"""How a source that is asked last answered, and what to send so that it answers only what is new."""
