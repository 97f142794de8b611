"""What kind of device a terminal is, and how it last was.

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""Microseconds on SQLite, TIMESTAMPTZ on PostgreSQL: what `store.tables.types.Instant` stores."""


def upgrade() -> None:
    """Bring the schema here. Terminals from before may call what they could: they are taken for handhelds."""
    for table in ("terminal", "pairing"):
        op.add_column(table, sa.Column("profile", sa.String(10), server_default="handheld", nullable=False))
    op.create_table(
        "terminal_heartbeat",
        sa.Column("terminal_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("drift_seconds", sa.Float(), nullable=False),
        sa.Column("backlog", sa.Integer(), nullable=False),
        sa.Column("bundle", sa.BigInteger()),
        sa.Column("bundle_age_seconds", sa.Integer()),
        sa.Column("gate_id", sa.Uuid()),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_terminal_heartbeat_terminal_id")),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_terminal_heartbeat_gate_id")),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_terminal_heartbeat")),
    )


def downgrade() -> None:
    """Take it back: every terminal may call everything again."""
    op.drop_table("terminal_heartbeat")
    for table in ("pairing", "terminal"):
        op.drop_column(table, "profile")
