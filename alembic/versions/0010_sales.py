"""What the tills sold.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _instant() -> sa.types.TypeEngine[object]:
    return sa.TIMESTAMP(timezone=True) if op.get_bind().dialect.name == "postgresql" else sa.BigInteger()


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "sale",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("terminal_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("gate_id", sa.Uuid(), nullable=False),
        sa.Column("pass_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("registered_at", _instant(), nullable=False),
        sa.Column("paid_at", _instant()),
        sa.Column("means", sa.String(10)),
        sa.Column("payment", sa.String(64)),
        sa.Column("cancelled_at", _instant()),
        sa.Column("cancelled_by", sa.Uuid()),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.CheckConstraint("total_cents >= 0", name=op.f("ck_sale_total")),
        sa.CheckConstraint(
            "(paid_at IS NULL) = (means IS NULL) AND (paid_at IS NULL) = (payment IS NULL)",
            name=op.f("ck_sale_payment"),
        ),
        sa.CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_sale_cancelled")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_sale_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale")),
        sa.UniqueConstraint("terminal_id", "key", name=op.f("uq_sale_terminal_id_key")),
    )
    op.create_index("ix_sale_of_terminal", "sale", ["terminal_id", "state", "registered_at"])
    op.create_table(
        "sale_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("product_code", sa.String(60), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(12), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_sale_item_price")),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_sale_item_period")),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_sale_item_sale_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_sale_item_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_item")),
    )
    op.create_index(op.f("ix_sale_item_sale_id"), "sale_item", ["sale_id"])


def downgrade() -> None:
    """Take it back, unless somebody has paid: a receipt is not for the program to lose.

    Raises:
        CommandError: there are sales. Nothing was changed.
    """
    found = op.get_bind().scalar(sa.text("SELECT count(*) FROM sale"))
    if found:
        msg = f"{found} sales are on record, which the older schema cannot hold"
        raise CommandError(msg)
    op.drop_table("sale_item")
    op.drop_table("sale")
