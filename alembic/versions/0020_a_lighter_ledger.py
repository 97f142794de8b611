"""A lighter ledger: on SQLite, rows that grow lie in the order in which they came, and their keys in narrow indexes.

Revision: 0020, after 0012. `scan_key` was a tree of whole rows, seven to a page, in the order of terminals and keys:
nearly every passage split a page of it, and half of what a commit wrote was that.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    _rebuild_keys(with_rowid=True)


def downgrade() -> None:
    """Take it back."""
    _rebuild_keys(with_rowid=False)


def _rebuild_keys(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.rename_table("scan_key", "old_scan_key")
    op.create_table(
        "scan_key",
        sa.Column("terminal_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("terminal_id", "key", name=op.f("pk_scan_key")),
        sqlite_with_rowid=with_rowid,
    )
    op.execute(
        "INSERT INTO scan_key (terminal_id, key, authority_id, fingerprint, answer, number, keep_until)"
        " SELECT terminal_id, key, authority_id, fingerprint, answer, number, keep_until FROM old_scan_key"
        " ORDER BY number"
    )
    op.drop_table("old_scan_key")
