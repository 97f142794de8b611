"""Requests for passes, what was done with each, the documents that prove them, and what an authority asks for."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from store.tables.types import (
    PERSONAL,
    Instant,
    authority_column,
    id_column,
    keep_until_column,
    metadata,
    partial_index,
    version_column,
)

IS_OPEN = "status IN ('submitted', 'needs_more_info', 'under_review')"
HAS_FILE = "state <> 'forgotten'"
IS_QUARANTINED = "state = 'quarantined'"

pass_request = Table(
    "pass_request",
    metadata,
    id_column(),
    authority_column(),
    Column("reference", String(12), nullable=False),
    Column("status", String(16), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("application", JSON, nullable=False),
    Column("services", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    version_column(),
    Column("created_at", Instant, nullable=False),
    Column("received_on", Date),
    Column("due_on", Date),
    Column("asked_on", Date),
    Column("assigned_to", Uuid, ForeignKey("agent.id")),
    Column("decided_at", Instant),
    Column("household_id", Uuid, ForeignKey("household.id")),
    keep_until_column(),
    UniqueConstraint("authority_id", "reference"),
    partial_index("ix_pass_request_open", "authority_id", "due_on", "id", where=IS_OPEN),
    Index("ix_pass_request_decided", "authority_id", "status", "decided_at", "id"),
    Index("ix_pass_request_address_key", "authority_id", "address_key"),
    Index("ix_pass_request_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""`services` and `address_key` repeat what `application` says, as it is searched: ` pool library `."""

request_person = Table(
    "request_person",
    metadata,
    authority_column(),
    Column("request_id", Uuid, ForeignKey("pass_request.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("name_key", Text, nullable=False),
    Column("born_on", Date, nullable=False),
    Column("holder_id", Uuid, ForeignKey("holder.id", ondelete="SET NULL")),
    keep_until_column(),
    partial_index("ix_request_person_holder_id", "holder_id", where="holder_id IS NOT NULL"),
    Index("ix_request_person_born_on", "authority_id", "born_on", "name_key"),
    info=PERSONAL,
)
"""By whom a request is found: names without their spelling, and the birthday; once it is approved, whose it is."""

request_contact = Table(
    "request_contact",
    metadata,
    authority_column(),
    Column("request_id", Uuid, ForeignKey("pass_request.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(5), primary_key=True),
    Column("key", String(254), primary_key=True),
    keep_until_column(),
    Index("ix_request_contact_key", "authority_id", "key"),
    info=PERSONAL,
)
"""How whoever asks is reached, in the form under which it is found (`domain.contacts`)."""

request_entry = Table(
    "request_entry",
    metadata,
    authority_column(),
    Column("request_id", Uuid, ForeignKey("pass_request.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("deed", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Uuid, ForeignKey("agent.id")),
    Column("words", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    keep_until_column(),
    info=PERSONAL,
)
"""What was done with a request, one line for each version."""

document = Table(
    "document",
    metadata,
    id_column(),
    authority_column(),
    Column("request_id", Uuid, ForeignKey("pass_request.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("file_until", Date, nullable=False),
    Column("checked_at", Instant),
    Column("checked_by", Uuid, ForeignKey("agent.id")),
    Column("result", String(16)),
    Column("removed_at", Instant),
    keep_until_column(),
    Index("ix_document_request_id", "request_id"),
    partial_index("ix_document_quarantined", "authority_id", where=IS_QUARANTINED),
    partial_index("ix_document_digest", "authority_id", "digest", where=HAS_FILE),
    partial_index("ix_document_file_until", "authority_id", "file_until", where=HAS_FILE),
    info=PERSONAL,
)
"""A document. Its file lies encrypted in the vault; without `wrapped_key` nobody reads it any more.

One that its household has taken back (`removed_at`) has no file, and counts nowhere.
"""

standard_text = Table(
    "standard_text",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("purpose", String(8), nullable=False),
    Column("title", JSON, nullable=False),
    Column("words", JSON, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Uuid, ForeignKey("agent.id")),
)

request_terms = Table(
    "request_terms",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("content", JSON, nullable=False),
)
"""What an authority asks for and promises."""

request_terms_version = Table(
    "request_terms_version",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", JSON, nullable=False),
    Column("by", Uuid),
    Column("at", Instant, nullable=False),
)
"""What it has asked for so far, each time with who wrote it: an agent by id, or nobody on the command line."""
