"""Residents' accounts: how they log in, with what, and for whom each acts."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
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
)

IS_OWN = "kind = 'own'"

resident_account = Table(
    "resident_account",
    metadata,
    id_column(),
    authority_column(),
    Column("language", String(2), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("warned_at", Instant),
    keep_until_column(),
    Index("ix_resident_account_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""What hangs on an account goes with it."""

resident_contact = Table(
    "resident_contact",
    metadata,
    id_column(),
    authority_column(),
    Column("account_id", Uuid, ForeignKey("resident_account.id", ondelete="CASCADE"), nullable=False),
    Column("channel", String(5), nullable=False),
    Column("address", String(160), nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    Column("bounces", SmallInteger, nullable=False, server_default="0"),
    Column("bounced_at", Instant),
    Column("unreachable_at", Instant),
    keep_until_column(),
    UniqueConstraint("authority_id", "channel", "address"),
    Index("ix_resident_contact_account_id", "account_id"),
    info=PERSONAL,
)

resident_attempt = Table(
    "resident_attempt",
    metadata,
    id_column(),
    authority_column(),
    Column("account_id", Uuid, ForeignKey("resident_account.id", ondelete="CASCADE")),
    Column("channel", String(5), nullable=False),
    Column("address", String(160), nullable=False),
    Column("language", String(2), nullable=False),
    Column("seed", LargeBinary(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
    keep_until_column(),
    Index("ix_resident_attempt_expires_at", "authority_id", "expires_at"),
    info=PERSONAL,
)
"""Codes on their way. The code itself is nowhere."""

resident_link = Table(
    "resident_link",
    metadata,
    Column("account_id", Uuid, ForeignKey("resident_account.id", ondelete="CASCADE"), primary_key=True),
    Column("holder_id", Uuid, ForeignKey("holder.id", ondelete="CASCADE"), primary_key=True),
    authority_column(),
    Column("kind", String(8), nullable=False),
    Column("linked_at", Instant, nullable=False),
    Column("valid_until", Date, nullable=False),
    keep_until_column(),
    info=PERSONAL,
)
# One person, one account of their own, and the other way round: of two desks that write at once, one fails.
for _name, _column in (
    ("uq_resident_link_own_holder", resident_link.c.holder_id),
    ("uq_resident_link_own_account", resident_link.c.account_id),
):
    partial_index(_name, _column, where=IS_OWN, unique=True)

resident_link_code = Table(
    "resident_link_code",
    metadata,
    Column("code_hash", LargeBinary(32), primary_key=True),
    authority_column(),
    Column("holder_id", Uuid, ForeignKey("holder.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("made_by", Uuid, ForeignKey("agent.id")),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("holder_id", "kind"),
    info=PERSONAL,
)

resident_session = Table(
    "resident_session",
    metadata,
    id_column(),
    authority_column(),
    Column("account_id", Uuid, ForeignKey("resident_account.id", ondelete="CASCADE"), nullable=False),
    Column("client", String(8), nullable=False),
    Column("name", String(60), nullable=False),
    Column("way", String(8)),
    Column("seed", LargeBinary(16), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("renewed_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    keep_until_column(),
    Index("ix_resident_session_account_id", "account_id"),
    Index("ix_resident_session_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)

resident_passkey = Table(
    "resident_passkey",
    metadata,
    id_column(),
    authority_column(),
    Column("account_id", Uuid, ForeignKey("resident_account.id", ondelete="CASCADE"), nullable=False),
    Column("credential_id", LargeBinary(1023), nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(60), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("suspect_at", Instant),
    keep_until_column(),
    Index("ix_resident_passkey_account_id", "account_id"),
    info=PERSONAL,
)
"""As `agent_passkey`; the challenges that were answered lie with those of agents."""

resident_identity = Table(
    "resident_identity",
    metadata,
    id_column(),
    authority_column(),
    Column("account_id", Uuid, ForeignKey("resident_account.id", ondelete="CASCADE"), nullable=False),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("linked_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("authority_id", "issuer", "subject"),
    UniqueConstraint("account_id", "issuer"),
    info=PERSONAL,
)
"""`subject` is the number by which the provider knows somebody for us alone; it says nothing of them."""

resident_ticket = Table(
    "resident_ticket",
    metadata,
    Column("ticket_hash", LargeBinary(32), primary_key=True),
    authority_column(),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("id_token", Text, nullable=False),
    Column("challenge", String(43), nullable=False),
    Column("language", String(2), nullable=False),
    Column("expires_at", Instant, nullable=False),
    keep_until_column(),
    Index("ix_resident_ticket_expires_at", "authority_id", "expires_at"),
    info=PERSONAL,
)
"""Who has come back from the provider and has not yet shown the device that they began with: two minutes."""

resident_answer = Table(
    "resident_answer",
    metadata,
    Column("account_id", Uuid, ForeignKey("resident_account.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),
    authority_column(),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    keep_until_column(),
    Index("ix_resident_answer_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""What was answered to an act of a resident: under the same key the same answer, and nothing is done twice."""

resident_request = Table(
    "resident_request",
    metadata,
    Column("request_id", Uuid, ForeignKey("pass_request.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Uuid, ForeignKey("resident_account.id", ondelete="CASCADE"), nullable=False),
    authority_column(),
    Column("due_at", Instant),
    Column("attempts", Integer, nullable=False),
    keep_until_column(),
    Index("ix_resident_request_account_id", "account_id"),
    partial_index("ix_resident_request_due_at", "due_at", where="due_at IS NOT NULL"),
    info=PERSONAL,
)
"""Whose a request for a pass is. `due_at` is when its account is to be told of it, after so many attempts."""

portrait_word = Table(
    "portrait_word",
    metadata,
    Column("holder_id", Uuid, ForeignKey("portrait_offer.holder_id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Uuid, ForeignKey("resident_account.id", ondelete="CASCADE"), primary_key=True),
    authority_column(),
    Column("due_at", Instant),
    Column("attempts", Integer, nullable=False),
    keep_until_column(),
    Index("ix_portrait_word_account_id", "account_id"),
    partial_index("ix_portrait_word_due_at", "due_at", where="due_at IS NOT NULL"),
    info=PERSONAL,
)
"""Which accounts are told that a photo from home was refused: once each. Another offer, or none, takes the word back.

`due_at` is when, after so many attempts.
"""
