"""Requests for passes: what a household asks for, its history, its documents; texts and terms of an authority.

Revision: 0033, after 0032.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
IS_OPEN = sa.text("status IN ('submitted', 'needs_more_info', 'under_review')")
HAS_FILE = sa.text("state <> 'forgotten'")
IS_QUARANTINED = sa.text("state = 'quarantined'")


def upgrade() -> None:
    """Bring the schema here."""
    _requests()
    _of_requests()
    _documents()
    _of_authorities()
    # Who of the register was born on a day: how somebody who asks is recognised.
    op.create_index("ix_holder_born_on", "holder", ["authority_id", "born_on"])


def _requests() -> None:
    op.create_table(
        "pass_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("application", sa.JSON(), nullable=False),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("received_on", sa.Date()),
        sa.Column("due_on", sa.Date()),
        sa.Column("asked_on", sa.Date()),
        sa.Column("assigned_to", sa.Uuid()),
        sa.Column("decided_at", INSTANT),
        sa.Column("household_id", sa.Uuid()),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_pass_request_authority_id")),
        sa.ForeignKeyConstraint(["assigned_to"], ["agent.id"], name=op.f("fk_pass_request_assigned_to")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_pass_request_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_request")),
        sa.UniqueConstraint("authority_id", "reference", name=op.f("uq_pass_request_authority_id_reference")),
    )
    op.create_index(
        "ix_pass_request_open",
        "pass_request",
        ["authority_id", "due_on", "id"],
        postgresql_where=IS_OPEN,
        sqlite_where=IS_OPEN,
    )
    op.create_index("ix_pass_request_decided", "pass_request", ["authority_id", "status", "decided_at", "id"])
    op.create_index("ix_pass_request_address_key", "pass_request", ["authority_id", "address_key"])
    op.create_index("ix_pass_request_keep_until", "pass_request", ["authority_id", "keep_until"])


def _of_requests() -> None:
    op.create_table(
        "request_person",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_request_person_authority_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["pass_request.id"], name=op.f("fk_request_person_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "place", name=op.f("pk_request_person")),
    )
    op.create_index("ix_request_person_born_on", "request_person", ["authority_id", "born_on", "name_key"])
    op.create_table(
        "request_entry",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(20), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Uuid()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_request_entry_authority_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["pass_request.id"], name=op.f("fk_request_entry_request_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by"], ["agent.id"], name=op.f("fk_request_entry_by")),
        sa.PrimaryKeyConstraint("request_id", "version", name=op.f("pk_request_entry")),
    )


def _documents() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("file_until", sa.Date(), nullable=False),
        sa.Column("checked_at", INSTANT),
        sa.Column("checked_by", sa.Uuid()),
        sa.Column("result", sa.String(16)),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_document_authority_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["pass_request.id"], name=op.f("fk_document_request_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["checked_by"], ["agent.id"], name=op.f("fk_document_checked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index("ix_document_request_id", "document", ["request_id"])
    for name, columns, where in (
        ("ix_document_quarantined", ["authority_id"], IS_QUARANTINED),
        ("ix_document_digest", ["authority_id", "digest"], HAS_FILE),
        ("ix_document_file_until", ["authority_id", "file_until"], HAS_FILE),
    ):
        op.create_index(name, "document", columns, postgresql_where=where, sqlite_where=where)


def _of_authorities() -> None:
    op.create_table(
        "standard_text",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_standard_text_authority_id")),
        sa.ForeignKeyConstraint(["changed_by"], ["agent.id"], name=op.f("fk_standard_text_changed_by")),
        sa.PrimaryKeyConstraint("authority_id", "code", "version", name=op.f("pk_standard_text")),
    )
    op.create_table(
        "request_terms",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_request_terms_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", name=op.f("pk_request_terms")),
    )


def downgrade() -> None:
    """Take it back: requests are lost, what they led to stays."""
    op.drop_index("ix_holder_born_on", "holder")
    for table in ("request_terms", "standard_text", "document", "request_entry", "request_person", "pass_request"):
        op.drop_table(table)
