"""The people who work for an authority."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import VARCHAR

from domain.agents import LONGEST_SOUGHT
from store.tables.types import PERSONAL, Instant, authority_column, id_column, keep_until_column, metadata

agent = Table(
    "agent",
    metadata,
    id_column(),
    authority_column(),
    Column("login", String(120), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    Column("last_login_at", Instant),
    Column(
        "sought",
        String(LONGEST_SOUGHT).with_variant(VARCHAR(LONGEST_SOUGHT, collation="C"), "postgresql"),
        nullable=False,
        server_default=text("''"),
    ),
    Index("ix_agent_authority_id_active_sought", "authority_id", "active", "sought", "id"),
    info=PERSONAL,
)
"""`sought` is what lists sort by and look in (`domain.agents.sought_of`)."""

agent_role = Table(
    "agent_role",
    metadata,
    Column("agent_id", Uuid, ForeignKey("agent.id"), primary_key=True),
    Column("role", String(20), primary_key=True),
    Column("service", String(40), primary_key=True, server_default=text("''")),
    Column("site", String(60), primary_key=True, server_default=text("''")),
    Column("until", Date, nullable=False, server_default=text("'9999-12-31'")),
)
"""Codes of a service and a site that the role is for; empty for any, as it was before roles had a place. `until` is the
first day on which it holds no more.
"""

saved_filter = Table(
    "saved_filter",
    metadata,
    Column("agent_id", Uuid, ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True),
    Column("page", String(60), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("query", String(600), nullable=False),
)
"""Pages with their filters that an agent looks at again and again. What may name somebody is not kept."""

agent_session = Table(
    "agent_session",
    metadata,
    id_column(),
    authority_column(),
    Column("agent_id", Uuid, ForeignKey("agent.id"), nullable=False),
    Column("secret_hash", LargeBinary(32), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("address", String(45), nullable=False),
    Column("browser", String(60), nullable=False),
    Column("proof", String(10), nullable=False, server_default="password"),
    Column("revoked_at", Instant),
    keep_until_column(),
    Index("ix_agent_session_agent_id", "agent_id"),
    Index("ix_agent_session_authority_id_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""Who has a session says when and from where somebody works: it is forgotten a month after its end."""

agent_second_factor = Table(
    "agent_second_factor",
    metadata,
    Column("agent_id", Uuid, ForeignKey("agent.id"), primary_key=True),
    Column("seed", LargeBinary(16), nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("confirmed_at", Instant),
)

agent_paper_code = Table(
    "agent_paper_code",
    metadata,
    Column("agent_id", Uuid, ForeignKey("agent.id"), primary_key=True),
    Column("code_hash", LargeBinary(32), primary_key=True),
)

agent_identity = Table(
    "agent_identity",
    metadata,
    id_column(),
    authority_column(),
    Column("agent_id", Uuid, ForeignKey("agent.id"), nullable=False),
    Column("siret", String(14), nullable=False),
    Column("uid", String(255), nullable=False),
    Column("attached_at", Instant, nullable=False),
    Column("attached_by", Uuid),
    keep_until_column(),
    UniqueConstraint("siret", "uid"),
    Index("ix_agent_identity_agent_id", "agent_id"),
    info=PERSONAL,
)

agent_passkey = Table(
    "agent_passkey",
    metadata,
    id_column(),
    authority_column(),
    Column("agent_id", Uuid, ForeignKey("agent.id"), nullable=False),
    Column("credential_id", LargeBinary(1023), nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(60), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("suspect_at", Instant),
    keep_until_column(),
    Index("ix_agent_passkey_agent_id", "agent_id"),
    info=PERSONAL,
)

agent_token = Table(
    "agent_token",
    metadata,
    id_column(),
    authority_column(),
    Column("agent_id", Uuid, ForeignKey("agent.id"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("permissions", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("until", Date, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    keep_until_column(),
    Index("ix_agent_token_agent_id", "agent_id"),
    Index("ix_agent_token_authority_id_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""Tokens that agents make for their programs: listed until a month after their end."""

spent_challenge = Table(
    "spent_challenge",
    metadata,
    Column("challenge_hash", LargeBinary(32), primary_key=True),
    Column("until", Instant, nullable=False),
)
"""Challenges that a passkey has answered, until they are over: none is answered twice."""

unsent_form = Table(
    "unsent_form",
    metadata,
    Column("ticket_hash", LargeBinary(32), primary_key=True),
    authority_column(),
    Column("agent_id", Uuid, ForeignKey("agent.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
    keep_until_column(),
    Index("ix_unsent_form_agent_id", "agent_id", "kept_at"),
    info=PERSONAL,
)
"""Forms that came when their session was over, encrypted for the browser that sent them. An hour, taken once."""
