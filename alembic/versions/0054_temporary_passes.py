"""Passes that hold until a request is decided.

Revision: 0054, after 0052.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0054"
down_revision = "0052"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
NAME = "temporary_pass"


def _foreign(column: str, to: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{NAME}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        NAME,
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("pass_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=False),
        _foreign("request_id", "pass_request", ondelete="CASCADE"),
        _foreign("authority_id", "authority"),
        _foreign("holder_id", "holder"),
        _foreign("pass_id", "pass"),
        sa.PrimaryKeyConstraint("request_id", "place", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("pass_id", name=op.f(f"uq_{NAME}_pass_id")),
    )


def downgrade() -> None:
    """Take it back: what was given stays a pass like any other, to its own last day."""
    op.drop_table(NAME)
