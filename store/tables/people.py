"""The register of persons, households and organisations, and what holds of them when."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from domain.names import LONGEST_KEY
from store.tables.types import (
    PERSONAL,
    Instant,
    authority_column,
    id_column,
    keep_until_column,
    metadata,
    partial_index,
)

holder = Table(
    "holder",
    metadata,
    id_column(),
    authority_column(),
    Column("reference", String(40), nullable=False),
    Column("first_name", String(80), nullable=False),
    Column("last_name", String(80), nullable=False),
    Column("born_on", Date, nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("authority_id", "reference"),
    info=PERSONAL,
)

holder_name = Table(
    "holder_name",
    metadata,
    authority_column(),
    Column("key", String(LONGEST_KEY).with_variant(String(LONGEST_KEY, collation="C"), "postgresql"), primary_key=True),
    Column("holder_id", Uuid, ForeignKey("holder.id", ondelete="CASCADE"), primary_key=True),
    keep_until_column(),
    info=PERSONAL,
)
"""By which keys holders are found (`domain.names`): a stretch of an index, in the order in which they are shown."""

Index("ix_holder_name_key", holder_name.c.authority_id, holder_name.c.key, holder_name.c.holder_id)
Index("ix_holder_name_holder_id", holder_name.c.holder_id, holder_name.c.key)

household = Table(
    "household",
    metadata,
    id_column(),
    authority_column(),
    Column("reference", String(40), nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("authority_id", "reference"),
    info=PERSONAL,
)

organisation = Table(
    "organisation",
    metadata,
    id_column(),
    authority_column(),
    Column("reference", String(40), nullable=False),
    Column("name", String(120), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("registration", String(14)),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("authority_id", "reference"),
    UniqueConstraint("authority_id", "registration"),
    CheckConstraint("registration IS NOT NULL OR kind = 'municipal'", name="registration"),
    info=PERSONAL,
)
"""Personal, because a firm may bear the name of the only person in it."""

beneficiary = Table(
    "beneficiary",
    metadata,
    authority_column(),
    Column("holder_id", Uuid, ForeignKey("holder.id"), primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_until", Date, nullable=False),
    Column("former", Boolean, nullable=False),
    keep_until_column(),
    CheckConstraint("valid_from < valid_until", name="period"),
    info=PERSONAL,
)
"""Whose rights a holder may spend, and when. `subject_id` is a holder, a household or an organisation."""

Index("ix_beneficiary_subject_id", beneficiary.c.subject_id)

circumstance = Table(
    "circumstance",
    metadata,
    authority_column(),
    Column("subject_id", Uuid, primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("value", String(40), primary_key=True),
    Column("valid_until", Date, nullable=False),
    keep_until_column(),
    CheckConstraint("valid_from < valid_until", name="period"),
    info=PERSONAL,
)
"""What holds of a holder, a household or an organisation between two days."""

_ONE_A_DAY = "kind NOT IN ('status', 'suspended')"

# Periods that do not overlap share neither their first day nor their end: of two desks that write at once, one fails.
partial_index(
    "uq_circumstance_valid_from",
    *(circumstance.c.subject_id, circumstance.c.kind, circumstance.c.valid_from),
    where=_ONE_A_DAY,
    unique=True,
)
partial_index(
    "uq_circumstance_valid_until",
    *(circumstance.c.subject_id, circumstance.c.kind, circumstance.c.valid_until),
    where=_ONE_A_DAY,
    unique=True,
)

partial_index(
    "ix_circumstance_commune",
    *(circumstance.c.authority_id, circumstance.c.value, circumstance.c.subject_id),
    *(circumstance.c.valid_from, circumstance.c.valid_until),
    where="kind = 'commune'",
)
"""Who lives in a commune, for a search that is narrowed by it (`store.search`)."""

guardianship = Table(
    "guardianship",
    metadata,
    authority_column(),
    Column("ward_id", Uuid, ForeignKey("holder.id"), primary_key=True),
    Column("guardian_id", Uuid, ForeignKey("holder.id"), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_until", Date, nullable=False),
    Column("kind", String(12), nullable=False),
    keep_until_column(),
    CheckConstraint("valid_from < valid_until", name="period"),
    CheckConstraint("ward_id <> guardian_id", name="another"),
    info=PERSONAL,
)
"""Who acts for whom, and when."""

portrait = Table(
    "portrait",
    metadata,
    Column("holder_id", Uuid, ForeignKey("holder.id", ondelete="CASCADE"), primary_key=True),
    authority_column(),
    Column("file_id", Uuid, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("taken_by", Uuid, ForeignKey("agent.id"), nullable=False),
    Column("agreed_by", Uuid, nullable=False),
    keep_until_column(),
    Index("ix_portrait_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""The photo of somebody. Its file lies encrypted in the vault; without `wrapped_key` nobody reads it any more."""

portrait_offer = Table(
    "portrait_offer",
    metadata,
    Column("holder_id", Uuid, ForeignKey("holder.id", ondelete="CASCADE"), primary_key=True),
    authority_column(),
    Column("file_id", Uuid, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("offered_at", Instant, nullable=False),
    Column("agreed_by", Uuid, nullable=False),
    Column("state", String(8), nullable=False),
    Column("flaw", String(20)),
    keep_until_column(),
    Index("ix_portrait_offer_waiting", "authority_id", "state", "offered_at"),
    Index("ix_portrait_offer_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""A photo from home that an agent has not looked at yet, or why it was refused; its file is gone then."""

Index("ix_holder_born_on", holder.c.authority_id, holder.c.born_on, holder.c.id)
Index("ix_guardianship_guardian_id", guardianship.c.guardian_id)
