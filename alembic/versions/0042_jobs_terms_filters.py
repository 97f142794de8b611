"""How jobs of the background last went, what was asked for with requests so far, filters that agents keep.

Revision: 0042, after 0041.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "job_round",
        sa.Column("job", sa.String(30), nullable=False),
        sa.Column("worker", sa.String(80), nullable=False),
        sa.Column("every_seconds", sa.Float(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("took_seconds", sa.Float(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(80), nullable=False),
        sa.Column("succeeded_at", INSTANT),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("job", "worker", name=op.f("pk_job_round")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "request_terms_version",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("by", sa.Uuid()),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_request_terms_version_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "number", name=op.f("pk_request_terms_version")),
    )
    op.create_table(
        "saved_filter",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.String(60), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(600), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_saved_filter_agent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("agent_id", "page", "name", name=op.f("pk_saved_filter")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("saved_filter")
    op.drop_table("request_terms_version")
    op.drop_table("job_round")
