"""What a pass was, until when, and who changed it.

Revision: 0051, after 0050.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here. Passes that were suspended or ended before have no rows: nobody knows since when."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "pass_change",
        sa.Column("number", number, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("pass_id", sa.Uuid(), nullable=False),
        sa.Column("was", sa.String(10), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.Uuid()),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_pass_change_authority_id")),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_pass_change_pass_id")),
        sa.ForeignKeyConstraint(["changed_by"], ["agent.id"], name=op.f("fk_pass_change_changed_by")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_pass_change")),
    )
    op.create_index(op.f("ix_pass_change_pass_id"), "pass_change", ["pass_id"])


def downgrade() -> None:
    """Take it back: what each pass is stays, since when is forgotten."""
    op.drop_index(op.f("ix_pass_change_pass_id"), "pass_change")
    op.drop_table("pass_change")
