"""Authorities, territory, doors and devices. Nothing here speaks of a resident."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from store.tables.types import Instant, authority_column, id_column, metadata

authority = Table(
    "authority",
    metadata,
    id_column(),
    Column("code", String(40), nullable=False, unique=True),
    Column("name", JSON, nullable=False),
    Column("zone", String(40), nullable=False),
    Column("colour", String(20), nullable=False),
    Column("created_at", Instant, nullable=False),
)

commune = Table(
    "commune",
    metadata,
    id_column(),
    authority_column(),
    Column("code", String(5), nullable=False),
    Column("name", String(80), nullable=False),
    Column("population", Integer, nullable=False),
    UniqueConstraint("authority_id", "code"),
)

site = Table(
    "site",
    metadata,
    id_column(),
    authority_column(),
    Column("code", String(60), nullable=False),
    Column("service_code", String(40), nullable=False),
    Column("name", JSON, nullable=False),
    Column("commune_code", String(5), nullable=False),
    Column("bank_holidays", String(10), nullable=False),
    Column("last_entry_minutes", Integer, nullable=False),
    Column("holiday_region", String(3)),
    Column("white_until", Date),
    Column("vehicles", JSON(none_as_null=True)),
    Column("accepts", JSON, nullable=False),
    Column("offline", JSON(none_as_null=True)),
    UniqueConstraint("authority_id", "code"),
    CheckConstraint("last_entry_minutes >= 0", name="last_entry"),
)

opening = Table(
    "opening",
    metadata,
    Column("site_id", Uuid, ForeignKey("site.id"), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_until", Date, nullable=False),
    Column("weekday", Integer, primary_key=True),
    Column("opens", Integer, primary_key=True),
    Column("closes", Integer, nullable=False),
    CheckConstraint("opens >= 0 AND opens < closes AND closes <= 1440", name="minutes"),
    CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
)

closure = Table(
    "closure",
    metadata,
    Column("site_id", Uuid, ForeignKey("site.id"), primary_key=True),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date, nullable=False),
    Column("why", JSON, nullable=False),
)

site_session = Table(
    "site_session",
    metadata,
    Column("site_id", Uuid, ForeignKey("site.id"), primary_key=True),
    Column("code", String(60), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_until", Date, nullable=False),
    Column("weekday", Integer, primary_key=True),
    Column("opens", Integer, primary_key=True),
    Column("closes", Integer, nullable=False),
    Column("name", JSON, nullable=False),
    Column("reserved", Boolean, nullable=False),
    CheckConstraint("opens >= 0 AND opens < closes AND closes <= 1440", name="minutes"),
    CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
)
"""What takes place within the hours of a site: school classes, clubs, lessons. No word of who takes part."""

zone = Table(
    "zone",
    metadata,
    id_column(),
    authority_column(),
    Column("site_id", Uuid, ForeignKey("site.id"), nullable=False),
    Column("code", String(60), nullable=False),
    Column("capacity", Integer),
    Column("passback", String(10), nullable=False),
    Column("passback_minutes", Integer, nullable=False),
    Column("capacity_others", Integer),
    Column("supplement_cents", Integer, nullable=False),
    Column("daily_capacity", Integer),
    Column("name", JSON(none_as_null=True)),
    UniqueConstraint("authority_id", "code"),
    CheckConstraint("capacity_others > 0", name="capacity_others"),
    CheckConstraint("supplement_cents >= 0", name="supplement"),
    CheckConstraint("daily_capacity > 0", name="daily_capacity"),
)

gate = Table(
    "gate",
    metadata,
    id_column(),
    authority_column(),
    Column("zone_id", Uuid, ForeignKey("zone.id"), nullable=False),
    Column("code", String(60), nullable=False),
    Column("name", JSON, nullable=False),
    UniqueConstraint("authority_id", "code"),
)

catalogue = Table(
    "catalogue",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    CheckConstraint("id = 1", name="single"),
)
"""One row. Its version moves with every change of what decisions take for granted; each batch compares it."""

terminal = Table(
    "terminal",
    metadata,
    id_column(),
    authority_column(),
    Column("name", String(80), nullable=False),
    Column("public_key", LargeBinary(64), nullable=False),
    Column("status", String(10), nullable=False),
    Column("paired_at", Instant, nullable=False),
    Column("profile", String(10), nullable=False, server_default="handheld"),
)

terminal_gate = Table(
    "terminal_gate",
    metadata,
    Column("terminal_id", Uuid, ForeignKey("terminal.id"), primary_key=True),
    Column("gate_id", Uuid, ForeignKey("gate.id"), primary_key=True),
)

terminal_heartbeat = Table(
    "terminal_heartbeat",
    metadata,
    Column("terminal_id", Uuid, ForeignKey("terminal.id"), primary_key=True),
    Column("seen_at", Instant, nullable=False),
    Column("version", String(40), nullable=False),
    Column("drift_seconds", Float, nullable=False),
    Column("backlog", Integer, nullable=False),
    Column("bundle", BigInteger),
    Column("bundle_age_seconds", Integer),
    Column("gate_id", Uuid, ForeignKey("gate.id")),
)
"""How each terminal last said it was: one row, written over."""

terminal_token = Table(
    "terminal_token",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("terminal_id", Uuid, ForeignKey("terminal.id"), nullable=False, index=True),
    Column("expires_at", Instant, nullable=False, index=True),
)

spent_assertion = Table(
    "spent_assertion",
    metadata,
    Column("terminal_id", Uuid, ForeignKey("terminal.id"), primary_key=True),
    Column("nonce", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False, index=True),
)
"""Proofs of key already used once: a proof that somebody overheard is worth nothing."""

pairing = Table(
    "pairing",
    metadata,
    id_column(),
    authority_column(),
    Column("code_hash", LargeBinary(32), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("gate_ids", JSON, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("profile", String(10), nullable=False, server_default="handheld"),
)
