"""Modifications of the catalogue, and what it said before them.

Revision: 0045, after 0044.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "modification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", INSTANT),
        sa.Column("takes_effect_at", INSTANT),
        sa.Column("settled_by", sa.Uuid()),
        sa.Column("settled_at", INSTANT),
        sa.Column("undoes", sa.Integer()),
        sa.CheckConstraint(
            "state NOT IN ('scheduled', 'in_force') OR (decided_by IS NOT NULL AND takes_effect_at IS NOT NULL)",
            name=op.f("ck_modification_decided"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_modification_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modification")),
        sa.UniqueConstraint("authority_id", "number", name=op.f("uq_modification_authority_id_number")),
    )
    scheduled = sa.text("state = 'scheduled'")
    op.create_index(
        "ix_modification_scheduled",
        "modification",
        ["takes_effect_at"],
        postgresql_where=scheduled,
        sqlite_where=scheduled,
    )
    op.create_table(
        "modification_change",
        sa.Column("modification_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["modification_id"], ["modification.id"], name=op.f("fk_modification_change_modification_id")
        ),
        sa.PrimaryKeyConstraint("modification_id", "kind", "code", name=op.f("pk_modification_change")),
    )
    op.create_table(
        "catalogue_version",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT),
        sa.Column("modification_id", sa.Uuid()),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_catalogue_version_authority_id")),
        sa.ForeignKeyConstraint(
            ["modification_id"], ["modification.id"], name=op.f("fk_catalogue_version_modification_id")
        ),
        sa.PrimaryKeyConstraint("authority_id", "kind", "code", "number", name=op.f("pk_catalogue_version")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("catalogue_version")
    op.drop_table("modification_change")
    op.drop_index("ix_modification_scheduled", "modification")
    op.drop_table("modification")
