"""The register of persons and households."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, String, Table, UniqueConstraint, Uuid

from store.tables.types import PERSONAL, Instant, authority_column, id_column, keep_until_column, metadata

holder = Table(
    "holder",
    metadata,
    id_column(),
    authority_column(),
    Column("reference", String(40), nullable=False),
    Column("first_name", String(80), nullable=False),
    Column("last_name", String(80), nullable=False),
    Column("born_on", Date, nullable=False),
    Column("commune_code", String(5), nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("authority_id", "reference"),
    info=PERSONAL,
)

household = Table(
    "household",
    metadata,
    id_column(),
    authority_column(),
    Column("reference", String(40), nullable=False),
    Column("commune_code", String(5), nullable=False),
    Column("created_at", Instant, nullable=False),
    keep_until_column(),
    UniqueConstraint("authority_id", "reference"),
    info=PERSONAL,
)

beneficiary = Table(
    "beneficiary",
    metadata,
    authority_column(),
    Column("holder_id", Uuid, ForeignKey("holder.id"), primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_until", Date, nullable=False),
    keep_until_column(),
    CheckConstraint("valid_from < valid_until", name="period"),
    info=PERSONAL,
)
"""Whose rights a holder may spend, and when. `subject_id` is a holder, a household, later an organisation."""

Index("ix_beneficiary_subject_id", beneficiary.c.subject_id)
