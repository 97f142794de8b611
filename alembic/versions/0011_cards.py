"""The register of cards, and their proofs on the way to a gate.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""Microseconds on SQLite, TIMESTAMPTZ on PostgreSQL: what `store.tables.types.Instant` stores."""


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "card",
        sa.Column("medium_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("uid_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("technology", sa.String(length=16), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.CheckConstraint("key_version BETWEEN 1 AND 255", name=op.f("ck_card_key_version")),
        sa.ForeignKeyConstraint(["medium_id"], ["medium.id"], name=op.f("fk_card_medium_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_card_authority_id")),
        sa.PrimaryKeyConstraint("medium_id", name=op.f("pk_card")),
        sa.UniqueConstraint("authority_id", "uid_digest", name=op.f("uq_card_authority_id_uid_digest")),
    )
    op.create_table(
        "card_proof",
        sa.Column("handle_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("terminal_id", sa.Uuid(), nullable=False),
        sa.Column("uid_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("medium_id", sa.BigInteger(), nullable=True),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("protocol", sa.String(length=4), nullable=False),
        sa.Column("pending", sa.LargeBinary(length=64), nullable=True),
        sa.Column("flaw", sa.String(length=24), nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_card_proof_authority_id")),
        sa.ForeignKeyConstraint(["medium_id"], ["medium.id"], name=op.f("fk_card_proof_medium_id")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_card_proof_terminal_id")),
        sa.PrimaryKeyConstraint("handle_hash", name=op.f("pk_card_proof")),
    )
    op.create_index(op.f("ix_card_proof_expires_at"), "card_proof", ["expires_at"])


def downgrade() -> None:
    """Take it back. What chips stand for is lost with it: each card is bound anew."""
    op.drop_index(op.f("ix_card_proof_expires_at"), table_name="card_proof")
    op.drop_table("card_proof")
    op.drop_table("card")
