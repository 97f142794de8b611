"""What a medium was, until when, and who changed it.

Revision: 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here. Of media that were stopped before, nobody knows since when: they have no rows."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "medium_change",
        sa.Column("number", number, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("medium_id", sa.BigInteger(), nullable=False),
        sa.Column("was", sa.String(16), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.Uuid()),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_medium_change_authority_id")),
        sa.ForeignKeyConstraint(["medium_id"], ["medium.id"], name=op.f("fk_medium_change_medium_id")),
        sa.ForeignKeyConstraint(["changed_by"], ["agent.id"], name=op.f("fk_medium_change_changed_by")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_medium_change")),
    )
    op.create_index(op.f("ix_medium_change_medium_id"), "medium_change", ["medium_id"])


def downgrade() -> None:
    """Take it back: what each medium is stays, since when is forgotten."""
    op.drop_index(op.f("ix_medium_change_medium_id"), "medium_change")
    op.drop_table("medium_change")
