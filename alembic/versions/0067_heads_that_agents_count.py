"""Agents count heads where the gates' count is wrong.

Revision: 0069, after 0066.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = "head_count"


def upgrade() -> None:
    """Bring the schema here: nobody has counted yet."""
    op.add_column("occupancy", sa.Column("counted_at", INSTANT))
    op.create_table(
        NAME,
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("users_were", sa.Integer(), nullable=False),
        sa.Column("others_were", sa.Integer(), nullable=False),
        sa.Column("users", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("motive", sa.String(40), nullable=False),
        sa.Column("passage", sa.BigInteger(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f(f"pk_{NAME}")),
    )
    op.create_index(op.f(f"ix_{NAME}_site_id_day"), NAME, ["site_id", "day"])


def downgrade() -> None:
    """Take it back: counts stay as agents put them, and who did so is forgotten."""
    op.drop_table(NAME)
    op.drop_column("occupancy", "counted_at")
