"""Passkeys of agents; roles that end by themselves; when somebody last logged in; forms that wait over a redirect.

Revision: 0040, after 0039.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# The very function by which new agents are written: keys that were made otherwise would not be found.
from domain.agents import sought_of

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
SOUGHT = sa.String(400).with_variant(postgresql.VARCHAR(400, collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema here: no role ends, and the last login is the last session that is still remembered."""
    op.add_column("agent_role", sa.Column("until", sa.Date(), nullable=False, server_default=sa.text("'9999-12-31'")))
    op.add_column("agent", sa.Column("last_login_at", INSTANT, nullable=True))
    op.add_column("agent", sa.Column("sought", SOUGHT, nullable=False, server_default=sa.text("''")))
    op.execute(
        "UPDATE agent SET last_login_at = "
        "(SELECT max(created_at) FROM agent_session WHERE agent_session.agent_id = agent.id AND proof <> 'half')"
    )
    _write_sought()
    op.create_index("ix_agent_authority_id_active_sought", "agent", ["authority_id", "active", "sought", "id"])
    op.create_table(
        "agent_passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("suspect_at", INSTANT, nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_agent_passkey_authority_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_agent_passkey_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_agent_passkey_credential_id")),
    )
    op.create_index("ix_agent_passkey_agent_id", "agent_passkey", ["agent_id"])
    op.create_table(
        "spent_challenge",
        sa.Column("challenge_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_spent_challenge")),
    )
    op.create_table(
        "unsent_form",
        sa.Column("ticket_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_unsent_form_authority_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_unsent_form_agent_id")),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_unsent_form")),
    )
    op.create_index("ix_unsent_form_agent_id", "unsent_form", ["agent_id", "kept_at"])


def downgrade() -> None:
    """Take it back. A role that ends is gone: without its end, it would never do so."""
    op.drop_table("unsent_form")
    op.drop_table("spent_challenge")
    op.drop_table("agent_passkey")
    op.drop_index("ix_agent_authority_id_active_sought", "agent")
    op.drop_column("agent", "sought")
    op.drop_column("agent", "last_login_at")
    op.execute("DELETE FROM agent_role WHERE until <> '9999-12-31'")
    op.drop_column("agent_role", "until")
    op.execute("UPDATE agent_session SET proof = 'code' WHERE proof = 'passkey'")


def _write_sought() -> None:
    agent = sa.table(
        "agent",
        sa.column("id", sa.Uuid()),
        sa.column("name", sa.String()),
        sa.column("login", sa.String()),
        sa.column("sought", sa.String()),
    )
    connection = op.get_bind()
    for one in connection.execute(sa.select(agent.c.id, agent.c.name, agent.c.login)).all():
        written = agent.update().where(agent.c.id == one.id).values(sought=sought_of(one.name, one.login))
        connection.execute(written)
