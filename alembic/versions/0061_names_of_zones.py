"""What agents call a zone, where its code does not do.

Revision: 0061, after 0060.
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here: no zone has a name, and each goes by its code as before."""
    op.add_column("zone", sa.Column("name", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take it back: zones go by their codes again."""
    op.drop_column("zone", "name")
