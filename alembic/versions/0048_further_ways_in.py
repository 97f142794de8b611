"""Residents come in by passkeys and by an identity provider too.

Revision: 0048, after 0052.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0052"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def _table(name: str, *columns: sa.Column[object], unique: tuple[tuple[str, ...], ...]) -> None:
    """Make a table of what an account has: it goes with the account."""
    account = sa.ForeignKeyConstraint(
        ["account_id"], ["resident_account.id"], name=op.f(f"fk_{name}_account_id"), ondelete="CASCADE"
    )
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f(f"fk_{name}_authority_id")),
        account,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *(sa.UniqueConstraint(*one, name=op.f(f"uq_{name}_{'_'.join(one)}")) for one in unique),
    )


def upgrade() -> None:
    """Bring the schema here."""
    _table(
        "resident_passkey",
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.Column("suspect_at", INSTANT),
        unique=(("credential_id",),),
    )
    op.create_index("ix_resident_passkey_account_id", "resident_passkey", ["account_id"])
    _table(
        "resident_identity",
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("linked_at", INSTANT, nullable=False),
        unique=(("authority_id", "issuer", "subject"), ("account_id", "issuer")),
    )
    op.create_table(
        "resident_ticket",
        sa.Column("ticket_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("id_token", sa.Text(), nullable=False),
        sa.Column("challenge", sa.String(43), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_resident_ticket_authority_id")),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_resident_ticket")),
    )
    op.create_index("ix_resident_ticket_expires_at", "resident_ticket", ["authority_id", "expires_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_resident_ticket_expires_at", "resident_ticket")
    op.drop_table("resident_ticket")
    op.drop_table("resident_identity")
    op.drop_index("ix_resident_passkey_account_id", "resident_passkey")
    op.drop_table("resident_passkey")
