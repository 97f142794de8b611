"""Messages that arrived, how devices last were, what happened to them; where a dead letter was sent to.

Revision: 0023, after 0022.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here. Readings that are there stay: their time and place know them."""
    op.create_table(
        "arrival",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("message_id", sa.LargeBinary(32), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("authority_id", "source", "message_id", name=op.f("pk_arrival")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_arrival_received_at"), "arrival", ["received_at"])
    _devices()
    op.create_table(
        "dropped_attribute",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("name", sa.String(140), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_dropped_attribute_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "source", "name", name=op.f("pk_dropped_attribute")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "source_poll",
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT),
        sa.Column("changed_at", INSTANT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(200), nullable=False),
        sa.Column("etag", sa.String(200), nullable=False),
        sa.Column("modified", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_source_poll_authority_id")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_poll")),
        sqlite_with_rowid=False,
    )
    op.add_column("dead_letter", sa.Column("address", sa.String(400), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_dead_letter_authority_id_source", "dead_letter", ["authority_id", "source"])


def _devices() -> None:
    op.create_table(
        "device_state",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("heard_at", INSTANT, nullable=False),
        sa.Column("battery_percent", sa.Float()),
        sa.Column("battery_at", INSTANT),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(80), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", INSTANT),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_state")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_device_state_authority_id", "device_state", ["authority_id"])
    op.create_table(
        "device_event",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("detail", sa.String(140), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "kind", "detail", name=op.f("pk_device_event")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_device_event_authority_id_last_at", "device_event", ["authority_id", "last_at"])


def downgrade() -> None:
    """Take it back: how devices were is lost, what they measured stays."""
    op.drop_index("ix_dead_letter_authority_id_source", "dead_letter")
    op.drop_column("dead_letter", "address")
    for table in ("source_poll", "dropped_attribute", "device_event", "device_state", "arrival"):
        op.drop_table(table)
