"""Passes and their media."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from store.tables.types import (
    BIG_KEY,
    PERSONAL,
    Instant,
    authority_column,
    id_column,
    keep_until_column,
    metadata,
    partial_index,
)

pass_ = Table(
    "pass",
    metadata,
    id_column(),
    authority_column(),
    Column("holder_id", Uuid, ForeignKey("holder.id"), nullable=False, index=True),
    Column("number", String(10), nullable=False, unique=True),
    Column("status", String(10), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    CheckConstraint("valid_from < valid_until", name="period"),
    partial_index("ix_pass_stopped", "authority_id", "status", "holder_id", where="status <> 'active'"),
    info=PERSONAL,
)

medium = Table(
    "medium",
    metadata,
    Column("id", BIG_KEY, primary_key=True, autoincrement=False),
    authority_column(),
    Column("pass_id", Uuid, ForeignKey("pass.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("status", String(16), nullable=False),
    Column("status_list", Integer, nullable=False),
    Column("status_index", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("authority_id", "status_list", "status_index"),
    partial_index(
        "ix_medium_stopped", "authority_id", "status_list", "status_index", "status", where="status <> 'active'"
    ),
    info=PERSONAL,
)

medium_change = Table(
    "medium_change",
    metadata,
    Column("number", BIG_KEY, primary_key=True),
    authority_column(),
    Column("medium_id", BigInteger, ForeignKey("medium.id"), nullable=False, index=True),
    Column("was", String(16), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Uuid, ForeignKey("agent.id")),
    keep_until_column(),
    info=PERSONAL,
)
"""What a medium was until which instant, and which agent changed it: none where a command or its holder did.

What it is now stands in `medium` alone. Media that changed before this table was there have no rows.
"""

pass_change = Table(
    "pass_change",
    metadata,
    Column("number", BIG_KEY, primary_key=True),
    authority_column(),
    Column("pass_id", Uuid, ForeignKey("pass.id"), nullable=False, index=True),
    Column("was", String(10), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Uuid, ForeignKey("agent.id")),
    keep_until_column(),
    info=PERSONAL,
)
"""What a pass was until which instant, and which agent changed it: none where a command did.

What it is now stands in `pass` alone. Passes that changed before this table was there have no rows.
"""

device_key = Table(
    "device_key",
    metadata,
    Column("medium_id", BigInteger, ForeignKey("medium.id"), primary_key=True, autoincrement=False),
    authority_column(),
    Column("public_key", LargeBinary(64), nullable=False),
    Column("key_security", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("authority_id", "public_key"),
    info=PERSONAL,
)

card = Table(
    "card",
    metadata,
    Column("medium_id", BigInteger, ForeignKey("medium.id"), primary_key=True, autoincrement=False),
    authority_column(),
    Column("uid_digest", LargeBinary(32), nullable=False),
    Column("technology", String(16), nullable=False),
    Column("key_version", Integer),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("authority_id", "uid_digest"),
    CheckConstraint("key_version BETWEEN 1 AND 255", name="key_version"),
    info=PERSONAL,
)
"""The chips of media, by an HMAC of their UID. No key is here, and none can be made of what is."""

card_proof = Table(
    "card_proof",
    metadata,
    Column("handle_hash", LargeBinary(32), primary_key=True),
    authority_column(),
    Column("terminal_id", Uuid, ForeignKey("terminal.id"), nullable=False),
    Column("uid_digest", LargeBinary(32), nullable=False),
    Column("medium_id", BigInteger, ForeignKey("medium.id")),
    Column("key_version", Integer, nullable=False),
    Column("protocol", String(4), nullable=False),
    Column("pending", LargeBinary(64)),
    Column("flaw", String(24)),
    Column("started_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    keep_until_column(),
    info=PERSONAL,
)
"""A mutual authentication between its legs (`pending`) or done, for seconds: deleted as it is taken."""

online_handle = Table(
    "online_handle",
    metadata,
    Column("handle_hash", LargeBinary(32), primary_key=True),
    authority_column(),
    Column("medium_id", BigInteger, ForeignKey("medium.id"), nullable=False),
    Column("service_code", String(40)),
    Column("expires_at", Instant, nullable=False, index=True),
    keep_until_column(),
    info=PERSONAL,
)
"""A minute each, and deleted as it is taken."""

status_list = Table(
    "status_list",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)
"""Moves with every change of a status in the list. A list without a row has never changed: version 0."""

bundle = Table(
    "bundle",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("service_code", String(40), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("issued_at", Instant, nullable=False),
    Column("checked_at", Instant, nullable=False),
    Column("basis", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""The newest offline bundles of each service, as they were signed: every worker hands out the same bytes.

`checked_at`: when it was last found to be true still; `basis`: what it was made from. It names nobody.
"""

status_change = Table(
    "status_change",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
)
"""Which places a version has touched: what they say now stands in `medium`. The newest versions alone are kept."""

retired_place = Table(
    "retired_place",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("status_list", Integer, primary_key=True, autoincrement=False),
    Column("status_index", Integer, primary_key=True, autoincrement=False),
    Column("expires_at", Instant, nullable=False),
)
"""Places whose medium was erased while its signature runs: told as invalid until it ends, and nobody else's before.

It says of nobody that they were there: a place, and a day.
"""
