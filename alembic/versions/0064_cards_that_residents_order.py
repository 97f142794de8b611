"""Residents order cards for their passes, where their authority says so.

Revision: 0064, after 0063.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
NAME = "card_order"
OPEN = sa.text("ended_at IS NULL")
DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "card_terms",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_card_terms_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", name=op.f("pk_card_terms")),
    )
    op.create_table(
        NAME,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("pass_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("reason", sa.String(8), nullable=False),
        sa.Column("replaces", sa.BigInteger()),
        sa.Column("fee_cents", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(4), nullable=False),
        sa.Column("desk", sa.String(40)),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("moved_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("ending", sa.String(9)),
        sa.Column("due_at", INSTANT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.CheckConstraint("fee_cents >= 0", name=op.f(f"ck_{NAME}_fee")),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name=op.f(f"ck_{NAME}_ended")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f(f"fk_{NAME}_authority_id")),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f(f"fk_{NAME}_pass_id")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["resident_account.id"], name=op.f(f"fk_{NAME}_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["replaces"], ["medium.id"], name=op.f(f"fk_{NAME}_replaces")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index("ix_card_order_pass_id", NAME, ["pass_id", "ordered_at"])
    op.create_index("ix_card_order_open", NAME, ["pass_id"], unique=True, postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_index(
        "ix_card_order_waiting", NAME, ["authority_id", "ordered_at"], postgresql_where=OPEN, sqlite_where=OPEN
    )
    op.create_index("ix_card_order_due_at", NAME, ["due_at"], postgresql_where=DUE, sqlite_where=DUE)
    op.create_index("ix_card_order_account_id", NAME, ["account_id"])


def downgrade() -> None:
    """Take it back: what residents have ordered is forgotten; cards that are being made go on."""
    op.drop_table(NAME)
    op.drop_table("card_terms")
