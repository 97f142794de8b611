"""Photos that people take at home wait for somebody to look at them.

Revision: 0055, after 0054.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
NAME = "portrait_offer"


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        NAME,
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("flaw", sa.String(20), nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f(f"fk_{NAME}_holder_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f(f"fk_{NAME}_authority_id")),
        sa.PrimaryKeyConstraint("holder_id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index("ix_portrait_offer_waiting", NAME, ["authority_id", "state", "offered_at"])
    op.create_index("ix_portrait_offer_keep_until", NAME, ["authority_id", "keep_until"])


def downgrade() -> None:
    """Take it back: photos that wait are lost, and their files are noise."""
    op.drop_table(NAME)
