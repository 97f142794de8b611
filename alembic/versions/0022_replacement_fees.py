"""What a medium costs that takes the place of another, and what was due.

Revision: 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here. No list is there yet, so replacing a medium goes on costing nothing."""
    op.create_table(
        "replacement_fee",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_replacement_fee_amount")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_replacement_fee_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "kind", "reason", name=op.f("pk_replacement_fee")),
    )
    op.create_table(
        "replacement",
        sa.Column("medium_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("replaced_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("fee_cents", sa.Integer(), nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.CheckConstraint("fee_cents >= 0", name=op.f("ck_replacement_fee")),
        sa.ForeignKeyConstraint(["medium_id"], ["medium.id"], name=op.f("fk_replacement_medium_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_replacement_authority_id")),
        sa.ForeignKeyConstraint(["replaced_id"], ["medium.id"], name=op.f("fk_replacement_replaced_id")),
        sa.PrimaryKeyConstraint("medium_id", name=op.f("pk_replacement")),
        sa.UniqueConstraint("replaced_id", name=op.f("uq_replacement_replaced_id")),
    )


def downgrade() -> None:
    """Take it back, unless something was due: that is not for the program to lose. The price list goes.

    Raises:
        CommandError: fees were due. Nothing was changed.
    """
    found = op.get_bind().scalar(sa.text("SELECT count(*) FROM replacement WHERE fee_cents > 0"))
    if found:
        msg = f"{found} fees of replaced media are on record, which the older schema cannot hold"
        raise CommandError(msg)
    op.drop_table("replacement")
    op.drop_table("replacement_fee")
