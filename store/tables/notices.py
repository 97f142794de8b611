"""Notices, who follows them, what is to be delivered; and where the air of places stands."""

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from store.tables.types import (
    PERSONAL,
    Instant,
    authority_column,
    id_column,
    keep_until_column,
    metadata,
    partial_index,
    version_column,
)

IS_DUE = "due_at IS NOT NULL"
IS_SCHEDULED = "status = 'scheduled'"

notice = Table(
    "notice",
    metadata,
    id_column(),
    authority_column(),
    Column("topic", String(20), nullable=False),
    Column("place", String(80), nullable=False),
    Column("band", SmallInteger, nullable=False),
    Column("title", JSON, nullable=False),
    Column("body", JSON, nullable=False),
    Column("status", String(12), nullable=False),
    Column("send_at", Instant),
    Column("sent_at", Instant),
    Column("expires_at", Instant, nullable=False),
    Column("corrects", Uuid, ForeignKey("notice.id")),
    Column("occasion", String(80)),
    Column("written_by", Uuid),
    Column("changed_at", Instant, nullable=False),
    version_column(),
    Column("left_count", Integer, nullable=False, server_default="0"),
    UniqueConstraint("authority_id", "occasion"),
    Index("ix_notice_authority_id_status_expires_at", "authority_id", "status", "expires_at"),
    Index("ix_notice_authority_id_changed_at", "authority_id", "changed_at", "id"),
    partial_index("ix_notice_scheduled", "authority_id", "send_at", where=IS_SCHEDULED),
)
"""`left_count`: how many have left by a letter of it."""

subscriber = Table(
    "subscriber",
    metadata,
    id_column(),
    authority_column(),
    Column("whose", LargeBinary, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("language", String(2), nullable=False),
    Column("quiet_begins", SmallInteger),
    Column("quiet_ends", SmallInteger),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("bounces", SmallInteger, nullable=False),
    Column("bounced_at", Instant),
    Column("paused_at", Instant),
    Column("channel", String(10), nullable=False, server_default="email"),
    Column("choices_of", LargeBinary),
    keep_until_column(),
    UniqueConstraint("authority_id", "whose"),
    Index("ix_subscriber_authority_id_choices_of", "authority_id", "choices_of"),
    Index("ix_subscriber_authority_id_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""An address that only the keyring's holder can read, and nothing else about anybody."""

subscription = Table(
    "subscription",
    metadata,
    Column("subscriber_id", Uuid, ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    authority_column(),
    Column("topic", String(20), nullable=False),
    Column("place", String(80), nullable=False),
    Column("band", SmallInteger, nullable=False),
    keep_until_column(),
    PrimaryKeyConstraint("subscriber_id", "topic", "place"),
    Index("ix_subscription_authority_id_topic_place", "authority_id", "topic", "place"),
    info=PERSONAL,
)

notice_delivery = Table(
    "notice_delivery",
    metadata,
    Column("notice_id", Uuid, ForeignKey("notice.id"), nullable=False),
    Column("subscriber_id", Uuid, nullable=False),
    Column("channel", String(10), nullable=False),
    authority_column(),
    Column("attempts", SmallInteger, nullable=False),
    Column("due_at", Instant),
    Column("outcome", String(12), nullable=False),
    Column("ended_at", Instant),
    keep_until_column(),
    PrimaryKeyConstraint("notice_id", "subscriber_id", "channel"),
    partial_index("ix_notice_delivery_due", "due_at", where=IS_DUE),
    Index("ix_notice_delivery_authority_id_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""Its key is the promise: one notice, one subscriber, one channel, one row. Who is gone leaves a number."""

air_alert = Table(
    "air_alert",
    metadata,
    Column("device_id", Uuid, ForeignKey("device.id"), primary_key=True),
    authority_column(),
    Column("band", SmallInteger, nullable=False),
    Column("since", Instant, nullable=False),
    Column("told_on", Date),
    Column("told_times", SmallInteger, nullable=False),
    Column("told_band", SmallInteger, nullable=False),
)
"""How bad the air of a place has been for as long as its scale asks, and how often people were told of it today."""
