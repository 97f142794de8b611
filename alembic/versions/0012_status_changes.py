"""Which places of a status list each of its versions has touched.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here. Versions from before have no changes: who asks from one gets the whole list."""
    op.create_table(
        "status_change",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_status_change_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "number", "version", "place", name=op.f("pk_status_change")),
    )


def downgrade() -> None:
    """Take it back. Nothing is lost: lists are fetched whole."""
    op.drop_table("status_change")
