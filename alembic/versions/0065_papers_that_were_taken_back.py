"""When a household took back a document that it had sent by mistake.

Revision: 0065, after 0064.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here: nothing was taken back."""
    op.add_column("document", sa.Column("removed_at", INSTANT))


def downgrade() -> None:
    """Take it back. What was taken back would count as sent again, so its row goes; the history says that it was."""
    op.execute("DELETE FROM document WHERE removed_at IS NOT NULL")
    op.drop_column("document", "removed_at")
