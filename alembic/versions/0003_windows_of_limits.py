"""Windows that are not the calendar's: what they need to know beside their name.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    with op.batch_alter_table("product_limit") as batch_op:
        batch_op.alter_column("window", existing_type=sa.String(10), type_=sa.String(20), existing_nullable=False)
        batch_op.add_column(sa.Column("starts", sa.String(5)))
        batch_op.add_column(sa.Column("ends", sa.String(5)))
        batch_op.add_column(sa.Column("days", sa.Integer()))
        batch_op.create_check_constraint(op.f("ck_product_limit_days"), "days > 0")
        batch_op.create_check_constraint(
            op.f("ck_product_limit_parameters"),
            "(starts IS NOT NULL) = (\"window\" IN ('shifted_year', 'season'))"
            " AND (ends IS NOT NULL) = (\"window\" = 'season')"
            " AND (days IS NOT NULL) = (\"window\" = 'rolling_days')",
        )


def downgrade() -> None:
    """Take it back, unless that would lose what a limit means: without its limit, a right would be free.

    Raises:
        CommandError: the older schema cannot hold a limit that is there. Nothing was changed.
    """
    newer = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM product_limit WHERE \"window\" NOT IN ('day', 'week', 'month', 'year', 'whole')")
    )
    if newer:
        msg = f"{newer} limits count in windows that the older schema does not know: delete them first"
        raise CommandError(msg)
    with op.batch_alter_table("product_limit") as batch_op:
        for name in ("days", "parameters"):
            batch_op.drop_constraint(op.f(f"ck_product_limit_{name}"), type_="check")
        for name in ("days", "ends", "starts"):
            batch_op.drop_column(name)
        batch_op.alter_column("window", existing_type=sa.String(20), type_=sa.String(10), existing_nullable=False)
