"""Devices of the connected city, their streams, readings and roll-ups, and messages that could not be read.

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""Microseconds on SQLite, TIMESTAMPTZ on PostgreSQL: what `store.tables.types.Instant` stores."""


def upgrade() -> None:
    """Bring the schema here. The months of `reading` are made when their first reading comes."""
    _register()
    _readings()
    _rollups()
    op.create_table(
        "stream_trouble",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("trouble", sa.String(20), nullable=False),
        sa.Column("since", INSTANT, autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_stream_trouble_stream_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_stream_trouble_authority_id")),
        sa.PrimaryKeyConstraint("stream_id", "trouble", "since", name=op.f("pk_stream_trouble")),
    )
    still = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_stream_trouble_open", "stream_trouble", ["authority_id"], postgresql_where=still, sqlite_where=still
    )
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("why", sa.String(60), nullable=False),
        sa.Column("detail", sa.String(400), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("replayed_at", INSTANT),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_dead_letter_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter")),
    )
    op.create_index(op.f("ix_dead_letter_received_at"), "dead_letter", ["received_at"])


def _register() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("model", sa.String(60), nullable=False),
        sa.Column("sight", sa.String(10), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("commune_code", sa.String(5), nullable=False),
        sa.Column("installed_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("source_key", sa.String(200), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("retired_on", sa.Date()),
        sa.CheckConstraint("sight IN ('none', 'counts', 'images')", name=op.f("ck_device_sight")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_device_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("authority_id", "code", name=op.f("uq_device_authority_id_code")),
        sa.UniqueConstraint("authority_id", "source", "source_key", name="uq_device_source"),
    )
    op.create_table(
        "stream",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.String(60), nullable=False),
        sa.Column("channel", sa.String(60), nullable=False),
        sa.Column("unit", sa.String(30), nullable=False),
        sa.Column("summary", sa.String(10), nullable=False),
        sa.Column("period_seconds", sa.Integer(), nullable=False),
        sa.Column("delay_seconds", sa.Integer(), nullable=False),
        sa.Column("low", sa.Float()),
        sa.Column("high", sa.Float()),
        sa.Column("max_step_per_minute", sa.Float()),
        sa.Column("may_stand_still", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("calibrated_on", sa.Date()),
        sa.Column("time_zone", sa.String(40), nullable=False),
        sa.CheckConstraint("period_seconds > 0 AND delay_seconds >= 0", name=op.f("ck_stream_times")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_stream_authority_id")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_stream_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream")),
        sa.UniqueConstraint("device_id", "quantity", "channel", name=op.f("uq_stream_device_id_quantity_channel")),
    )


def _readings() -> None:
    op.create_table(
        "reading",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("observed_at", INSTANT, autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("until", INSTANT),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("source_id", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "observed_at", name=op.f("pk_reading")),
        postgresql_partition_by="RANGE (observed_at)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reading_latest",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("observed_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("same_since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "shown", name=op.f("pk_reading_latest")),
        sqlite_with_rowid=False,
    )


def _rollups() -> None:
    op.create_table(
        "rollup",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("starts_at", INSTANT, autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("low", "high", "total", "cross", "first", "last")),
        sa.CheckConstraint("step IN (15, 60, 1440)", name=op.f("ck_rollup_step")),
        sa.PrimaryKeyConstraint("stream_id", "step", "starts_at", name=op.f("pk_rollup")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_rollup_step_starts_at", "rollup", ["step", "starts_at"])
    op.create_table(
        "rollup_due",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", INSTANT, autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "starts_at", name=op.f("pk_rollup_due")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back: the register and every reading are lost."""
    for table in (
        "dead_letter",
        "stream_trouble",
        "rollup_due",
        "rollup",
        "reading_latest",
        "reading",
        "stream",
        "device",
    ):
        op.drop_table(table)
