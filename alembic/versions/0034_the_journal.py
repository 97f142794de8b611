"""The journal of what agents do with personal data: one chain for each authority, to which is only ever added.

Revision: 0034, after 0033.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")

INDEXES = {
    "agent": ("agent_id", "number"),
    "holder": ("holder_id", "number"),
    "object": ("kind", "object_id", "number"),
    "act": ("act", "number"),
    "at": ("at",),
}

POSTGRESQL = (
    """
    CREATE FUNCTION journal_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- Retention writes its stump first, and erases nothing after it.
        IF TG_OP = 'DELETE' THEN
            IF OLD.number <= (SELECT purged_number FROM journal_head WHERE authority_id = OLD.authority_id) THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'restrict_violation';
    END
    $$
    """,
    """
    CREATE TRIGGER journal_entry_stays BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION journal_refuses()
    """,
    """
    CREATE TRIGGER journal_entry_stays_whole BEFORE TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuses()
    """,
)
SQLITE = (
    """
    CREATE TRIGGER journal_entry_is_not_changed BEFORE UPDATE ON journal_entry
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER journal_entry_stays BEFORE DELETE ON journal_entry
    WHEN NOT EXISTS (
        SELECT 1 FROM journal_head WHERE authority_id = OLD.authority_id AND purged_number >= OLD.number
    )
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
)


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "journal_head",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("purged_number", sa.BigInteger(), nullable=False),
        sa.Column("purged_hash", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_journal_head_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", name=op.f("pk_journal_head")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("agent_id", sa.Uuid()),
        sa.Column("on_behalf_of", sa.Uuid()),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("object_id", sa.String(60), nullable=False),
        sa.Column("holder_id", sa.Uuid()),
        sa.Column("why", sa.String(200)),
        sa.Column("door", sa.String(10), nullable=False),
        sa.Column("address", sa.String(45)),
        sa.Column("session_id", sa.Uuid()),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_journal_entry_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "number", name=op.f("pk_journal_entry")),
    )
    for name, columns in INDEXES.items():
        op.create_index(op.f(f"ix_journal_entry_{name}"), "journal_entry", ["authority_id", *columns])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Take it back: the journal goes, by intent."""
    op.drop_table("journal_entry")
    op.drop_table("journal_head")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION journal_refuses")
