"""Cards that a maker produces: their batches, and each card until it is a medium.

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""Microseconds on SQLite, TIMESTAMPTZ on PostgreSQL: what `store.tables.types.Instant` stores."""

STOPPED = sa.text("status <> 'active'")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "card_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("file_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.CheckConstraint("size BETWEEN 1 AND 100000", name=op.f("ck_card_batch_size")),
        sa.CheckConstraint("key_version BETWEEN 1 AND 255", name=op.f("ck_card_batch_key_version")),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (file_digest IS NULL) AND (sent_at IS NULL) = (sent_by IS NULL)",
            name=op.f("ck_card_batch_sent"),
        ),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name=op.f("ck_card_batch_settled")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_card_batch_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_batch")),
        sa.UniqueConstraint("authority_id", "code", name=op.f("uq_card_batch_authority_id_code")),
    )
    op.create_table(
        "batch_card",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("medium_id", sa.BigInteger(), nullable=False),
        sa.Column("status_list", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("pass_id", sa.Uuid(), nullable=True),
        sa.Column("uid_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("desk", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["card_batch.id"], name=op.f("fk_batch_card_batch_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_batch_card_authority_id")),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_batch_card_pass_id")),
        sa.PrimaryKeyConstraint("batch_id", "sequence", name=op.f("pk_batch_card")),
        sa.UniqueConstraint("number", name=op.f("uq_batch_card_number")),
        sa.UniqueConstraint("medium_id", name=op.f("uq_batch_card_medium_id")),
        sa.UniqueConstraint(
            "authority_id",
            "status_list",
            "status_index",
            name=op.f("uq_batch_card_authority_id_status_list_status_index"),
        ),
        sa.UniqueConstraint("authority_id", "uid_digest", name=op.f("uq_batch_card_authority_id_uid_digest")),
    )
    op.create_index(op.f("ix_batch_card_pass_id"), "batch_card", ["pass_id"])
    op.create_index(
        "ix_batch_card_stopped",
        "batch_card",
        ["authority_id", "status_list", "status_index", "status"],
        postgresql_where=STOPPED,
        sqlite_where=STOPPED,
    )


def downgrade() -> None:
    """Take it back. Cards that are bound stay media; those in drawers and in the post opened nothing, and will not."""
    op.drop_index("ix_batch_card_stopped", table_name="batch_card")
    op.drop_index(op.f("ix_batch_card_pass_id"), table_name="batch_card")
    op.drop_table("batch_card")
    op.drop_table("card_batch")
