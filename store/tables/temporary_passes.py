"""Passes that hold until a request is decided."""

from sqlalchemy import Column, Date, ForeignKey, Integer, Table, Uuid

from store.tables.types import PERSONAL, Instant, authority_column, keep_until_column, metadata

temporary_pass = Table(
    "temporary_pass",
    metadata,
    Column("request_id", Uuid, ForeignKey("pass_request.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    authority_column(),
    Column("holder_id", Uuid, ForeignKey("holder.id"), nullable=False),
    Column("pass_id", Uuid, ForeignKey("pass.id"), nullable=False, unique=True),
    Column("given_at", Instant, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("ended_at", Instant),
    keep_until_column(),
    info=PERSONAL,
)
"""For which person of a request, by their place in it. Kept as long as the request: nobody has two within a year."""
