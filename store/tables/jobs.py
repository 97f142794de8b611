"""How the jobs of the background last went. No person is in it."""

from sqlalchemy import Column, Float, Integer, String, Table

from store.tables.types import Instant, metadata

job_round = Table(
    "job_round",
    metadata,
    Column("job", String(30), primary_key=True),
    Column("worker", String(80), primary_key=True),
    Column("every_seconds", Float, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("took_seconds", Float, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("problem", String(80), nullable=False),
    Column("succeeded_at", Instant),
    Column("noted_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
"""One row for each job of each worker, over what it was. Of the whole installation: jobs see to every authority."""
