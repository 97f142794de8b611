"""A lighter ledger: on SQLite, rows that grow lie in the order in which they came, and their keys in narrow indexes.

Revision: 0020, after 0019. `scan_key`, `presence` and `counter` were trees of whole rows in the order of their keys,
seven to twenty to a page: nearly every passage split a page of answers, and half of what a commit wrote was that. The
small tables stay as they are.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_GROWING = ("scan_key", "presence", "counter")


def upgrade() -> None:
    """Bring the schema here."""
    _rebuild(with_rowid=True)


def downgrade() -> None:
    """Take it back."""
    _rebuild(with_rowid=False)


def _rebuild(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in _GROWING:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_with_rowid": with_rowid}):
            pass
