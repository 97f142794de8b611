"""Roles may be for one service or one site; a login may need a second factor, or come from a provider.

Revision: 0038, after 0037.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here: every role that somebody has is for everywhere, as it was."""
    with op.batch_alter_table("agent_role") as batch_op:
        batch_op.add_column(sa.Column("service", sa.String(40), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("site", sa.String(60), nullable=False, server_default=sa.text("''")))
        batch_op.drop_constraint("pk_agent_role", type_="primary")
        batch_op.create_primary_key("pk_agent_role", ["agent_id", "role", "service", "site"])
    op.add_column("agent_session", sa.Column("proof", sa.String(10), nullable=False, server_default="password"))
    op.create_table(
        "agent_second_factor",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.LargeBinary(16), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_agent_second_factor_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agent_second_factor")),
    )
    op.create_table(
        "agent_paper_code",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_agent_paper_code_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", "code_hash", name=op.f("pk_agent_paper_code")),
    )
    op.create_table(
        "agent_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("siret", sa.String(14), nullable=False),
        sa.Column("uid", sa.String(255), nullable=False),
        sa.Column("attached_at", INSTANT, nullable=False),
        sa.Column("attached_by", sa.Uuid(), nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_agent_identity_authority_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_agent_identity_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_identity")),
        sa.UniqueConstraint("siret", "uid", name=op.f("uq_agent_identity_siret_uid")),
    )
    op.create_index("ix_agent_identity_agent_id", "agent_identity", ["agent_id"])


def downgrade() -> None:
    """Take it back. A role for one place is gone: without its place, it would reach everywhere."""
    op.drop_table("agent_identity")
    op.drop_table("agent_paper_code")
    op.drop_table("agent_second_factor")
    with op.batch_alter_table("agent_session") as batch_op:
        batch_op.drop_column("proof")
    op.execute("DELETE FROM agent_role WHERE service <> '' OR site <> ''")
    op.execute("DELETE FROM agent_role WHERE role IN ('reviewer', 'key_holder', 'official')")
    with op.batch_alter_table("agent_role") as batch_op:
        batch_op.drop_constraint("pk_agent_role", type_="primary")
        batch_op.create_primary_key("pk_agent_role", ["agent_id", "role"])
        batch_op.drop_column("service")
        batch_op.drop_column("site")
