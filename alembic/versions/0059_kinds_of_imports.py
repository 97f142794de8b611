"""Imports say what their lines are about: cards, households or organisations.

Revision: 0059, after 0058.
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here: what was brought in before were cards, and so is what an older program still adds."""
    op.add_column("card_import", sa.Column("kind", sa.String(13), nullable=False, server_default="cards"))


def downgrade() -> None:
    """Take it back: imports of households and organisations go with their reports; who came in by them stays."""
    others = "SELECT id FROM card_import WHERE kind <> 'cards'"
    for table in ("card_import_flaw", "card_import_file"):
        op.execute(f"DELETE FROM {table} WHERE import_id IN ({others})")  # noqa: S608 - our own names
    op.execute("DELETE FROM card_import WHERE kind <> 'cards'")
    op.drop_column("card_import", "kind")
