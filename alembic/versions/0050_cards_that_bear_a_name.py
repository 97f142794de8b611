"""Which cards of a batch bear a name: a blank one that was bound by mistake is blank again.

Revision: 0050, after 0045.

Of cards that were bound before, nobody knows: they count as named, so that none goes to somebody else.
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    op.add_column("batch_card", sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE batch_card SET named = (pass_id IS NOT NULL)")


def downgrade() -> None:
    """Take it back."""
    op.drop_column("batch_card", "named")
