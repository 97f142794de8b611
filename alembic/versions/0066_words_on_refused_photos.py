"""Whoever sent a photo from home is told when it is refused.

Revision: 0066, after 0065.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
NAME = "portrait_word"
DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    """Bring the schema here: of what was refused before, people are told by the page alone."""
    op.create_table(
        NAME,
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["portrait_offer.holder_id"], name=op.f(f"fk_{NAME}_holder_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["resident_account.id"], name=op.f(f"fk_{NAME}_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f(f"fk_{NAME}_authority_id")),
        sa.PrimaryKeyConstraint("holder_id", "account_id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index("ix_portrait_word_account_id", NAME, ["account_id"])
    op.create_index("ix_portrait_word_due_at", NAME, ["due_at"], postgresql_where=DUE, sqlite_where=DUE)


def downgrade() -> None:
    """Take it back: words that have not left never will."""
    op.drop_table(NAME)
