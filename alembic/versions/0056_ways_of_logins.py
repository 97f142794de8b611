"""By what each login of a resident was proved, for the list that its owner reads.

Revision: 0056, after 0055.
"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here. Of logins from before nobody knows it."""
    op.add_column("resident_session", sa.Column("way", sa.String(8)))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("resident_session", "way")
