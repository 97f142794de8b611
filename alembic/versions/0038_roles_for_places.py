"""Roles may be for one service or one site; a login may need a second factor, or come from a provider.

Revision: 0038, after 0032.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here: every role that somebody has is for everywhere, as it was."""
    with op.batch_alter_table("agent_role") as batch_op:
        batch_op.add_column(sa.Column("service", sa.String(40), nullable=False, server_default=sa.text("''"))
        batch_op.add_column(sa.Column("site", sa.String(60), nullable=False, server_default=sa.text("''"))
        batch_op.drop_constraint("pk_agent_role", type_="primary")
        batch_op.create_primary_key("pk_agent_role", ["agent_id", "role", "service", "site"])


def downgrade() -> None:
    """Take it back. A role for one place is gone: without its place, it would reach everywhere."""
    op.execute("DELETE FROM agent_role WHERE service <> '' OR site <> ''")
    op.execute("DELETE FROM agent_role WHERE role IN ('reviewer', 'key_holder', 'official')")
    with op.batch_alter_table("agent_role") as batch_op:
        batch_op.drop_constraint("pk_agent_role", type_="primary")
        batch_op.create_primary_key("pk_agent_role", ["agent_id", "role"])
        batch_op.drop_column("service")
        batch_op.drop_column("site")
