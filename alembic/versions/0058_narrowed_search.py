"""Indexes by which a search for somebody is narrowed without reading their rows.

Revision: 0058, after 0057.
"""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

COMMUNES = sa.text("kind = 'commune'")
STOPPED = sa.text("status <> 'active'")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_index(
        "ix_circumstance_commune",
        "circumstance",
        ["authority_id", "value", "subject_id", "valid_from", "valid_until"],
        postgresql_where=COMMUNES,
        sqlite_where=COMMUNES,
    )
    op.create_index("ix_entitlement_product", "entitlement", ["product_id", "subject_id", "valid_from", "valid_until"])
    op.create_index("ix_holder_name_holder_id", "holder_name", ["holder_id", "key"])
    op.drop_index("ix_holder_born_on", "holder")
    op.create_index("ix_holder_born_on", "holder", ["authority_id", "born_on", "id"])
    op.drop_index("ix_pass_stopped", "pass")
    op.create_index(
        "ix_pass_stopped",
        "pass",
        ["authority_id", "status", "holder_id"],
        postgresql_where=STOPPED,
        sqlite_where=STOPPED,
    )
    _know_keys("1000")


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_pass_stopped", "pass")
    op.create_index("ix_pass_stopped", "pass", ["authority_id"], postgresql_where=STOPPED, sqlite_where=STOPPED)
    op.drop_index("ix_holder_born_on", "holder")
    op.create_index("ix_holder_born_on", "holder", ["authority_id", "born_on"])
    op.drop_index("ix_holder_name_holder_id", "holder_name")
    op.drop_index("ix_entitlement_product", "entitlement")
    op.drop_index("ix_circumstance_commune", "circumstance")
    _know_keys("-1")


def _know_keys(bounds: str) -> None:
    """Have PostgreSQL know how many bear a name: between a hundred bounds, it takes a common name for a rare one."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE holder_name ALTER COLUMN key SET STATISTICS {bounds}")
        op.execute("ANALYZE holder_name")
