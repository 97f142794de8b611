"""What a gate may do alone, and the bundles that it decides by.

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here. Sites say nothing of their own: what their service says holds."""
    op.create_table(
        "bundle",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("service_code", sa.String(40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_bundle_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "service_code", "sequence", name=op.f("pk_bundle")),
    )
    with op.batch_alter_table("site") as batch_op:
        batch_op.add_column(sa.Column("offline", sa.JSON()))


def downgrade() -> None:
    """Take it back, unless a site says what its gates do alone. Bundles are lost and made again: none is needed.

    Raises:
        CommandError: the older schema cannot hold what a site says. Nothing was changed.
    """
    newer = op.get_bind().scalar(sa.text("SELECT count(*) FROM site WHERE offline IS NOT NULL"))
    if newer:
        msg = f"{newer} sites say what their gates do without network (`offline`): take it off them first"
        raise CommandError(msg)
    with op.batch_alter_table("site") as batch_op:
        batch_op.drop_column("offline")
    op.drop_table("bundle")
