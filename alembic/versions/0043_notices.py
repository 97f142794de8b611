"""Notices, who follows them, what is to be delivered; and where the air of places stands.

Revision: 0043, after 0042.
"""

import sqlalchemy as sa
from alembic import op

from store.tables.types import Instant

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    _notices()
    _subscribers()
    op.create_table(
        "air_alert",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.SmallInteger(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("told_on", sa.Date()),
        sa.Column("told_times", sa.SmallInteger(), nullable=False),
        sa.Column("told_band", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_air_alert_device_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_air_alert_authority_id")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_air_alert")),
    )


def downgrade() -> None:
    """Take it back."""
    for table in ("air_alert", "notice_delivery", "subscription", "subscriber", "notice"):
        op.drop_table(table)


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(20), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("band", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("send_at", Instant()),
        sa.Column("sent_at", Instant()),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("corrects", sa.Uuid()),
        sa.Column("occasion", sa.String(80)),
        sa.Column("written_by", sa.Uuid()),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("left_count", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_notice_authority_id")),
        sa.ForeignKeyConstraint(["corrects"], ["notice.id"], name=op.f("fk_notice_corrects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("authority_id", "occasion", name=op.f("uq_notice_authority_id_occasion")),
    )
    op.create_index("ix_notice_authority_id_status_expires_at", "notice", ["authority_id", "status", "expires_at"])
    op.create_index("ix_notice_authority_id_changed_at", "notice", ["authority_id", "changed_at", "id"])
    scheduled = sa.text("status = 'scheduled'")
    op.create_index(
        "ix_notice_scheduled",
        "notice",
        ["authority_id", "send_at"],
        postgresql_where=scheduled,
        sqlite_where=scheduled,
    )


def _subscribers() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("whose", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("quiet_begins", sa.SmallInteger()),
        sa.Column("quiet_ends", sa.SmallInteger()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant()),
        sa.Column("bounces", sa.SmallInteger(), nullable=False),
        sa.Column("paused_at", Instant()),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_subscriber_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("authority_id", "whose", name=op.f("uq_subscriber_authority_id_whose")),
    )
    op.create_index("ix_subscriber_authority_id_keep_until", "subscriber", ["authority_id", "keep_until"])
    op.create_table(
        "subscription",
        sa.Column("subscriber_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(20), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("band", sa.SmallInteger(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_subscription_subscriber_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_subscription_authority_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "topic", "place", name=op.f("pk_subscription")),
    )
    op.create_index("ix_subscription_authority_id_topic_place", "subscription", ["authority_id", "topic", "place"])
    op.create_table(
        "notice_delivery",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("subscriber_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", Instant()),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_delivery_notice_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_notice_delivery_authority_id")),
        sa.PrimaryKeyConstraint("notice_id", "subscriber_id", "channel", name=op.f("pk_notice_delivery")),
    )
    is_due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_notice_delivery_due", "notice_delivery", ["due_at"], postgresql_where=is_due, sqlite_where=is_due
    )
    op.create_index("ix_notice_delivery_authority_id_keep_until", "notice_delivery", ["authority_id", "keep_until"])
