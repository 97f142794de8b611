"""The journal of what agents do with personal data. Triggers refuse to change it (revision 0034)."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table, Uuid

from domain.journal import LONGEST_ID, LONGEST_REASON
from store.tables.types import PERSONAL, Instant, keep_until_column, metadata

journal_head = Table(
    "journal_head",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("purged_number", BigInteger, nullable=False),
    Column("purged_hash", LargeBinary(32), nullable=False),
)
"""The end of each chain, whose lock puts acts in a row; and its stump, the last line that retention has erased."""

journal_entry = Table(
    "journal_entry",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("agent_id", Uuid),
    Column("on_behalf_of", Uuid),
    Column("act", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("object_id", String(LONGEST_ID), nullable=False),
    Column("holder_id", Uuid),
    Column("why", String(LONGEST_REASON)),
    Column("door", String(10), nullable=False),
    Column("address", String(45)),
    Column("session_id", Uuid),
    Column("hash", LargeBinary(32), nullable=False),
    keep_until_column(),
    Index("ix_journal_entry_agent", "authority_id", "agent_id", "number"),
    Index("ix_journal_entry_holder", "authority_id", "holder_id", "number"),
    Index("ix_journal_entry_object", "authority_id", "kind", "object_id", "number"),
    Index("ix_journal_entry_act", "authority_id", "act", "number"),
    Index("ix_journal_entry_at", "authority_id", "at"),
    info=PERSONAL,
)
"""Ids without foreign keys: a line outlives the account and the file that it speaks of."""
