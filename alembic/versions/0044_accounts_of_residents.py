"""Residents have accounts: addresses that open them, devices that are logged in, persons for whom they act.

Revision: 0044, after 0043.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
IS_OWN = sa.text("kind = 'own'")

TABLES = ("answer", "session", "link_code", "link", "attempt", "contact", "account")


def _foreign(table: str, column: str, to: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _table(name: str, *columns: sa.Column[object], key: tuple[str, ...] = ("id",)) -> list[object]:
    """Return what every one of these tables has: whose it is, until when, and its key."""
    return [
        *columns,
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        _foreign(name, "authority_id", "authority"),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
    ]


def _of_account(name: str) -> sa.ForeignKeyConstraint:
    return _foreign(name, "account_id", "resident_account", ondelete="CASCADE")


def upgrade() -> None:
    """Bring the schema here."""
    name = "resident_account"
    op.create_table(
        name,
        *_table(
            name,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("language", sa.String(2), nullable=False),
            sa.Column("created_at", INSTANT, nullable=False),
            sa.Column("seen_at", INSTANT, nullable=False),
            sa.Column("warned_at", INSTANT, nullable=True),
        ),
    )
    op.create_index("ix_resident_account_keep_until", name, ["authority_id", "keep_until"])

    name = "resident_contact"
    op.create_table(
        name,
        *_table(
            name,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("account_id", sa.Uuid(), nullable=False),
            sa.Column("channel", sa.String(5), nullable=False),
            sa.Column("address", sa.String(160), nullable=False),
            sa.Column("confirmed_at", INSTANT, nullable=False),
        ),
        _of_account(name),
        sa.UniqueConstraint(
            "authority_id", "channel", "address", name=op.f("uq_resident_contact_authority_id_channel_address")
        ),
    )
    op.create_index("ix_resident_contact_account_id", name, ["account_id"])

    name = "resident_attempt"
    op.create_table(
        name,
        *_table(
            name,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("account_id", sa.Uuid(), nullable=True),
            sa.Column("channel", sa.String(5), nullable=False),
            sa.Column("address", sa.String(160), nullable=False),
            sa.Column("language", sa.String(2), nullable=False),
            sa.Column("seed", sa.LargeBinary(16), nullable=False),
            sa.Column("tries", sa.Integer(), nullable=False),
            sa.Column("expires_at", INSTANT, nullable=False),
        ),
        _of_account(name),
    )
    op.create_index("ix_resident_attempt_expires_at", name, ["authority_id", "expires_at"])
    _links()
    _sessions()


def downgrade() -> None:
    """Take it back: residents have no accounts."""
    for name in TABLES:
        op.drop_table(f"resident_{name}")


def _links() -> None:
    name = "resident_link"
    op.create_table(
        name,
        *_table(
            name,
            sa.Column("account_id", sa.Uuid(), nullable=False),
            sa.Column("holder_id", sa.Uuid(), nullable=False),
            sa.Column("kind", sa.String(8), nullable=False),
            sa.Column("linked_at", INSTANT, nullable=False),
            sa.Column("valid_until", sa.Date(), nullable=False),
            key=("account_id", "holder_id"),
        ),
        _of_account(name),
        _foreign(name, "holder_id", "holder", ondelete="CASCADE"),
    )
    for index, column in (("uq_resident_link_own_holder", "holder_id"), ("uq_resident_link_own_account", "account_id")):
        op.create_index(index, name, [column], unique=True, sqlite_where=IS_OWN, postgresql_where=IS_OWN)

    name = "resident_link_code"
    op.create_table(
        name,
        *_table(
            name,
            sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
            sa.Column("holder_id", sa.Uuid(), nullable=False),
            sa.Column("kind", sa.String(8), nullable=False),
            sa.Column("made_by", sa.Uuid(), nullable=True),
            sa.Column("made_at", INSTANT, nullable=False),
            sa.Column("expires_at", INSTANT, nullable=False),
            key=("code_hash",),
        ),
        _foreign(name, "holder_id", "holder", ondelete="CASCADE"),
        _foreign(name, "made_by", "agent"),
        sa.UniqueConstraint("holder_id", "kind", name=op.f("uq_resident_link_code_holder_id_kind")),
    )


def _sessions() -> None:
    name = "resident_session"
    op.create_table(
        name,
        *_table(
            name,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("account_id", sa.Uuid(), nullable=False),
            sa.Column("client", sa.String(8), nullable=False),
            sa.Column("name", sa.String(60), nullable=False),
            sa.Column("seed", sa.LargeBinary(16), nullable=False),
            sa.Column("generation", sa.Integer(), nullable=False),
            sa.Column("created_at", INSTANT, nullable=False),
            sa.Column("renewed_at", INSTANT, nullable=False),
            sa.Column("revoked_at", INSTANT, nullable=True),
        ),
        _of_account(name),
    )
    op.create_index("ix_resident_session_account_id", name, ["account_id"])
    op.create_index("ix_resident_session_keep_until", name, ["authority_id", "keep_until"])

    name = "resident_answer"
    op.create_table(
        name,
        *_table(
            name,
            sa.Column("account_id", sa.Uuid(), nullable=False),
            sa.Column("key", sa.String(64), nullable=False),
            sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
            sa.Column("body", sa.LargeBinary(), nullable=False),
            key=("account_id", "key"),
        ),
        _of_account(name),
    )
    op.create_index("ix_resident_answer_keep_until", name, ["authority_id", "keep_until"])
