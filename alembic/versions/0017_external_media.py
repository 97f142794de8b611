"""Gateways that read cards of others, and how each sector knows their holders.

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""Microseconds on SQLite, TIMESTAMPTZ on PostgreSQL: what `store.tables.types.Instant` stores."""


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "gateway",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kid", sa.LargeBinary(length=4), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_gateway_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway")),
        sa.UniqueConstraint("authority_id", "public_key", name=op.f("uq_gateway_authority_id_public_key")),
    )
    op.create_table(
        "sector_identifier",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("sector", sa.String(length=40), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("medium_id", sa.BigInteger(), nullable=False),
        sa.Column("technology", sa.String(length=10), nullable=False),
        sa.Column("identifier", sa.LargeBinary(length=32), nullable=False),
        sa.Column("serial_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_sector_identifier_authority_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_sector_identifier_holder_id")),
        sa.ForeignKeyConstraint(["medium_id"], ["medium.id"], name=op.f("fk_sector_identifier_medium_id")),
        sa.PrimaryKeyConstraint("authority_id", "sector", "holder_id", name=op.f("pk_sector_identifier")),
        sa.UniqueConstraint(
            "authority_id", "sector", "identifier", name=op.f("uq_sector_identifier_authority_id_sector_identifier")
        ),
        sa.UniqueConstraint("authority_id", "serial_hash", name=op.f("uq_sector_identifier_authority_id_serial_hash")),
    )
    op.create_index(op.f("ix_sector_identifier_medium_id"), "sector_identifier", ["medium_id"])


def downgrade() -> None:
    """Take it back. Cards of others are enrolled anew, and their sectors' exports go back to our own pseudonyms."""
    op.drop_index(op.f("ix_sector_identifier_medium_id"), table_name="sector_identifier")
    op.drop_table("sector_identifier")
    op.drop_table("gateway")
