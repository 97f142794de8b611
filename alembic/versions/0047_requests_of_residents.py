"""Requests for passes may belong to a resident's account, which is told how they stand.

Revision: 0047, after 0045.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0045"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
NAME = "resident_request"
IS_DUE = sa.text("due_at IS NOT NULL")


def _foreign(column: str, to: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{NAME}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        NAME,
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        _foreign("request_id", "pass_request", ondelete="CASCADE"),
        _foreign("account_id", "resident_account", ondelete="CASCADE"),
        _foreign("authority_id", "authority"),
        sa.PrimaryKeyConstraint("request_id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index("ix_resident_request_account_id", NAME, ["account_id"])
    op.create_index("ix_resident_request_due_at", NAME, ["due_at"], sqlite_where=IS_DUE, postgresql_where=IS_DUE)


def downgrade() -> None:
    """Take it back: requests stay, and belong to nobody."""
    op.drop_table(NAME)
