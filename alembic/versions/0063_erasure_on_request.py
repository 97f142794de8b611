"""Erasure on request: places of status lists that outlive their media, and how billed sums were settled.

Revision: 0063, after 0062.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BILLED = sa.text("billed_cents > 0")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "retired_place",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("status_list", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_retired_place_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "status_list", "status_index", name=op.f("pk_retired_place")),
    )
    op.create_table(
        "bill_settlement",
        sa.Column("number", BIG_KEY, autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("settled_as", sa.String(8), nullable=False),
        sa.Column("reference", sa.String(64)),
        sa.Column("settled_at", INSTANT, nullable=False),
        sa.Column("settled_by", sa.Uuid()),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_bill_settlement")),
    )
    op.create_index(
        "ix_passage_detail_billed",
        "passage_detail",
        ["authority_id", "number"],
        sqlite_where=BILLED,
        postgresql_where=BILLED,
    )


def downgrade() -> None:
    """Take it back: a gate without network takes cards of people who were erased, and nobody knows what was paid."""
    op.drop_index("ix_passage_detail_billed", "passage_detail")
    op.drop_table("bill_settlement")
    op.drop_table("retired_place")
