"""What terminals that decided alone tell afterwards, and what of it could not be taken in.

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""Microseconds on SQLite, TIMESTAMPTZ on PostgreSQL: what `store.tables.types.Instant` stores."""


def upgrade() -> None:
    """Bring the schema here."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "passage_fact",
        sa.Column("number", number, autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("terminal_id", sa.Uuid(), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("flags", sa.String(120), nullable=False),
        sa.Column("judged_outcome", sa.String(24), nullable=False),
        sa.Column("judged_reason", sa.String(24), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("bundle", sa.BigInteger()),
        sa.Column("drift_seconds", sa.BigInteger(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_passage_fact")),
    )
    op.create_index(op.f("ix_passage_fact_authority_id_happened_at"), "passage_fact", ["authority_id", "happened_at"])
    op.create_table(
        "quarantine",
        sa.Column("number", number, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("terminal_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("drift_seconds", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.Column("settled_as", sa.String(12)),
        sa.Column("settled_by", sa.Uuid()),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("terminal_id", "digest", name=op.f("uq_quarantine_terminal_id_digest")),
    )


def downgrade() -> None:
    """Take it back, unless passages or lines would be forgotten.

    Raises:
        CommandError: the older schema cannot hold what is there. Nothing was changed.
    """
    for table, words in (("passage_fact", "passages were decided offline"), ("quarantine", "lines are in quarantine")):
        found = op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - two names of ours
        if found:
            msg = f"{found} {words}, which the older schema cannot hold"
            raise CommandError(msg)
    op.drop_table("quarantine")
    op.drop_index(op.f("ix_passage_fact_authority_id_happened_at"), "passage_fact")
    op.drop_table("passage_fact")
