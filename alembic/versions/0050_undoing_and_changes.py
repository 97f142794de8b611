"""Which cards of a batch bear a name, and what agents have changed of devices.

Revision: 0050, after 0045.

A blank card that was bound by mistake is blank again. Of cards that were bound before, nobody knows:
they count as named, so that none goes to somebody else.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0045"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema here."""
    op.add_column("batch_card", sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE batch_card SET named = (pass_id IS NOT NULL)")
    op.create_table(
        "device_change",
        sa.Column("number", KEY, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Uuid()),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_device_change_authority_id")),
        sa.ForeignKeyConstraint(["by"], ["agent.id"], name=op.f("fk_device_change_by")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_change_device_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_device_change")),
    )
    op.create_index("ix_device_change_device_id", "device_change", ["device_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_device_change_device_id", "device_change")
    op.drop_table("device_change")
    op.drop_column("batch_card", "named")
