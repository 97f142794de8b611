"""Editions of the bands of the tour, that two people put over those of the program.

Revision: 0052, after 0051.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "band_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("scale", sa.String(60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bands", sa.JSON()),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", INSTANT),
        sa.CheckConstraint(
            "state <> 'in-force' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name=op.f("ck_band_edition_two"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_band_edition_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_band_edition")),
        sa.UniqueConstraint("authority_id", "scale", "number", name=op.f("uq_band_edition_authority_id_scale_number")),
    )
    in_force = sa.text("state = 'in-force'")
    op.create_index(
        "ix_band_edition_in_force",
        "band_edition",
        ["authority_id", "scale"],
        unique=True,
        postgresql_where=in_force,
        sqlite_where=in_force,
    )


def downgrade() -> None:
    """Take it back: what people have written is lost, and the program's own bands hold again."""
    op.drop_index("ix_band_edition_in_force", "band_edition")
    op.drop_table("band_edition")
