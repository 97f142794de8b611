"""Imports of old card files.

Revision: 0036, after 0035.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "card_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(28), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.CheckConstraint(
            "lines >= 0 AND done <= lines AND taken + refused = done", name=op.f("ck_card_import_counts")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_card_import_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_import")),
        sa.UniqueConstraint("authority_id", "code", name=op.f("uq_card_import_authority_id_code")),
    )
    op.create_table(
        "card_import_file",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["card_import.id"], name=op.f("fk_card_import_file_import_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_card_import_file_authority_id")),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_card_import_file")),
    )
    op.create_table(
        "card_import_flaw",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("field", sa.String(12)),
        sa.Column("other_line", sa.Integer()),
        sa.ForeignKeyConstraint(["import_id"], ["card_import.id"], name=op.f("fk_card_import_flaw_import_id")),
        sa.PrimaryKeyConstraint("import_id", "line", "place", name=op.f("pk_card_import_flaw")),
    )
    op.create_table(
        "card_import_mapping",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_card_import_mapping_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "name", name=op.f("pk_card_import_mapping")),
    )


def downgrade() -> None:
    """Take it back: who came in by an import stays, the imports are forgotten."""
    for name in ("card_import_mapping", "card_import_flaw", "card_import_file", "card_import"):
        op.drop_table(name)
