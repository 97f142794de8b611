"""The keys by which desks find holders by their name.

Revision: 0039, after 0038.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# The very function by which new holders are written: keys that were made otherwise would not be found.
from domain.names import name_keys

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

KEY = sa.String(200).with_variant(postgresql.VARCHAR(200, collation="C"), "postgresql")
AT_ONCE = 5_000


def upgrade() -> None:
    """Bring the schema here, with the keys of everybody who is there."""
    op.create_table(
        "holder_name",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_holder_name_authority_id")),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["holder.id"], name=op.f("fk_holder_name_holder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "holder_id", name=op.f("pk_holder_name")),
    )
    _write_keys()
    op.create_index("ix_holder_name_key", "holder_name", ["authority_id", "key", "holder_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("holder_name")


def _write_keys() -> None:
    columns = [sa.column("id", sa.Uuid()), sa.column("authority_id", sa.Uuid()), sa.column("keep_until", sa.Date())]
    holder = sa.table("holder", *columns, sa.column("first_name", sa.String()), sa.column("last_name", sa.String()))
    names = sa.table(
        "holder_name",
        sa.column("authority_id", sa.Uuid()),
        sa.column("key", sa.String()),
        sa.column("holder_id", sa.Uuid()),
        sa.column("keep_until", sa.Date()),
    )
    connection = op.get_bind()
    everybody = sa.select(holder).order_by(holder.c.id).limit(AT_ONCE)
    page = connection.execute(everybody).all()
    while page:
        rows = [
            {"authority_id": one.authority_id, "key": key, "holder_id": one.id, "keep_until": one.keep_until}
            for one in page
            for key in name_keys(one.first_name, one.last_name)
        ]
        if rows:
            connection.execute(names.insert(), rows)
        page = connection.execute(everybody.where(holder.c.id > page[-1].id)).all()
