"""By which way a subscriber is brought notices, and whose choices a device follows.

Revision: 0049, after 0048.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here: who had no address has followed in the app alone."""
    op.add_column("subscriber", sa.Column("channel", sa.String(10), nullable=False, server_default="email"))
    op.add_column("subscriber", sa.Column("choices_of", sa.LargeBinary()))
    op.execute("UPDATE subscriber SET channel = 'app' WHERE length(address) = 0")
    op.create_index("ix_subscriber_authority_id_choices_of", "subscriber", ["authority_id", "choices_of"])


def downgrade() -> None:
    """Take it back. The devices go: before this, nothing was brought to any."""
    for table in ("notice_delivery", "subscription"):
        op.execute(
            f"DELETE FROM {table} WHERE subscriber_id IN (SELECT id FROM subscriber WHERE channel = 'push')"  # noqa: S608 - two names of ours
        )
    op.execute("DELETE FROM subscriber WHERE channel = 'push'")
    op.drop_index("ix_subscriber_authority_id_choices_of", "subscriber")
    op.drop_column("subscriber", "choices_of")
    op.drop_column("subscriber", "channel")
