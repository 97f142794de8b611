"""On SQLite, the numbers of events and media are the row numbers themselves: one look-up and one insert less a passage.

Revision: 0004, after 0003. A BIGINT key has an index of its own there; an INTEGER key is the table. PostgreSQL keeps
its BIGINT.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEYS = (("medium", "id"), ("validation", "number"))


def upgrade() -> None:
    """Bring the schema here."""
    _rebuild(sa.BigInteger(), sa.Integer())


def downgrade() -> None:
    """Take it back."""
    _rebuild(sa.Integer(), sa.BigInteger())


def _rebuild(old: sa.types.TypeEngine[int], new: sa.types.TypeEngine[int]) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, key in _KEYS:
        with op.batch_alter_table(table, recreate="always") as batch_op:
            batch_op.alter_column(key, existing_type=old, type_=new, existing_nullable=False, autoincrement=False)
