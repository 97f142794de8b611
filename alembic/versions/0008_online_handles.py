"""Phones and their keys, online handles, versions of status lists.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""Microseconds on SQLite, TIMESTAMPTZ on PostgreSQL: what `store.tables.types.Instant` stores."""


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "device_key",
        sa.Column("medium_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=64), nullable=False),
        sa.Column("key_security", sa.String(length=16), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["medium_id"], ["medium.id"], name=op.f("fk_device_key_medium_id")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_device_key_authority_id")),
        sa.PrimaryKeyConstraint("medium_id", name=op.f("pk_device_key")),
        sa.UniqueConstraint("authority_id", "public_key", name=op.f("uq_device_key_authority_id_public_key")),
    )
    op.create_table(
        "online_handle",
        sa.Column("handle_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("medium_id", sa.BigInteger(), nullable=False),
        sa.Column("service_code", sa.String(length=40), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_online_handle_authority_id")),
        sa.ForeignKeyConstraint(["medium_id"], ["medium.id"], name=op.f("fk_online_handle_medium_id")),
        sa.PrimaryKeyConstraint("handle_hash", name=op.f("pk_online_handle")),
    )
    op.create_index(op.f("ix_online_handle_expires_at"), "online_handle", ["expires_at"])
    op.create_table(
        "status_list",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_status_list_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "number", name=op.f("pk_status_list")),
    )
    # What is stopped is found without looking at what is not: lists are built while people wait.
    stopped = {"postgresql_where": sa.text("status <> 'active'"), "sqlite_where": sa.text("status <> 'active'")}
    places = ["authority_id", "status_list", "status_index", "status"]
    op.create_index(op.f("ix_medium_stopped"), "medium", places, **stopped)
    op.create_index(op.f("ix_pass_stopped"), "pass", ["authority_id"], **stopped)


def downgrade() -> None:
    """Take it back. Keys of phones are lost with it: each phone is bound anew."""
    op.drop_index(op.f("ix_pass_stopped"), table_name="pass")
    op.drop_index(op.f("ix_medium_stopped"), table_name="medium")
    op.drop_table("status_list")
    op.drop_index(op.f("ix_online_handle_expires_at"), table_name="online_handle")
    op.drop_table("online_handle")
    op.drop_table("device_key")
