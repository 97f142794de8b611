"""What each job of retention erased, day by day: how many rows of which kind, and how it ended.

Revision: 0073, after 0069.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
PURGE, ROWS = "purge", "purge_rows"


def upgrade() -> None:
    """Bring the schema here: what was erased before is not known."""
    op.create_table(
        PURGE,
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("job", sa.String(30), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f(f"fk_{PURGE}_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "day", "job", name=op.f(f"pk_{PURGE}")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        ROWS,
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("job", sa.String(30), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "day", "job"],
            [f"{PURGE}.authority_id", f"{PURGE}.day", f"{PURGE}.job"],
            name=op.f(f"fk_{ROWS}_authority_id_day_job"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("authority_id", "day", "job", "kind", name=op.f(f"pk_{ROWS}")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back: what was erased stays erased, and nobody can tell how much it was."""
    op.drop_table(ROWS)
    op.drop_table(PURGE)
