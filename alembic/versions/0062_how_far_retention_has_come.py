"""How far retention has come at each authority; and whose sales there are, found by an index.

Revision: 0062, after 0061.
"""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


INDEXES = (("sale", "pass_id"), ("sale_item", "subject_id"))
"""Retention asks of each person that is over whether a sale holds them."""


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "retention_walk",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("walked_on", sa.Date()),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_retention_walk_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", name=op.f("pk_retention_walk")),
    )
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    """Take it back: the next walk begins with the first event."""
    for table, column in INDEXES:
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    op.drop_table("retention_walk")
