"""What the gates counted, hour by hour.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "attendance",
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_attendance_hour")),
        sa.CheckConstraint("entries >= 0 AND most >= 0", name=op.f("ck_attendance_counts")),
        sa.PrimaryKeyConstraint("zone_id", "day", "hour", name=op.f("pk_attendance")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back. The past is lost: levels are not known again for three weeks."""
    op.drop_table("attendance")
