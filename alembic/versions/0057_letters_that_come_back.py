"""Which addresses letters come back from: how many, the last one, and since when nothing more is sent there.

Revision: 0057, after 0056.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here."""
    op.add_column("resident_contact", sa.Column("bounces", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("resident_contact", sa.Column("bounced_at", INSTANT))
    op.add_column("resident_contact", sa.Column("unreachable_at", INSTANT))
    op.add_column("subscriber", sa.Column("bounced_at", INSTANT))


def downgrade() -> None:
    """Take it back: every address is written to again."""
    op.drop_column("subscriber", "bounced_at")
    for column in ("unreachable_at", "bounced_at", "bounces"):
        op.drop_column("resident_contact", column)
