"""What people say at points: words with their end, counts without anybody, and what keeps a device to once a day."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
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

remark = Table(
    "remark",
    metadata,
    id_column(),
    authority_column(),
    Column("point_id", Uuid, ForeignKey("point.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("feeling", String(10)),
    Column("language", String(5), nullable=False),
    Column("text", Text),
    Column("received_at", Instant, nullable=False),
    Column("status", String(10), nullable=False),
    keep_until_column(),
    Column("decided_by", Uuid),
    Column("decided_at", Instant),
    Column("reason", String(400), nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_by", Uuid),
    Column("answered_at", Instant),
    CheckConstraint("(status = 'declined') = (text IS NULL)", name="erased"),
    Index("ix_remark_authority_id_status_received_at", "authority_id", "status", "received_at"),
    Index("ix_remark_point_id_status", "point_id", "status"),
    Index("ix_remark_authority_id_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""Words may tell of a person. What is declined has none any more: the table itself sees to it."""

reaction_count = Table(
    "reaction_count",
    metadata,
    Column("point_id", Uuid, ForeignKey("point.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("feeling", String(10), primary_key=True),
    authority_column(),
    Column("count", Integer, nullable=False),
)

expression_token = Table(
    "expression_token",
    metadata,
    Column("token", LargeBinary(16), primary_key=True),
    authority_column(),
    keep_until_column(),
    Index("ix_expression_token_authority_id_keep_until", "authority_id", "keep_until"),
    info=PERSONAL,
)
"""Which devices have spoken today, under names that mean nothing tomorrow."""

expression_salt = Table(
    "expression_salt",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("day", Date, nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
)
"""One row for each authority: the salt of a new day is written over that of the day before."""

task = Table(
    "task",
    metadata,
    id_column(),
    authority_column(),
    Column("point_id", Uuid, ForeignKey("point.id"), nullable=False),
    Column("service", String(400), nullable=False),
    Column("why", String(10), nullable=False),
    Column("remark_id", Uuid),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Uuid),
    Column("note", String(400), nullable=False),
    partial_index("ix_task_open", "authority_id", "opened_at", where="closed_at IS NULL"),
    Index("ix_task_point_id_opened_at", "point_id", "opened_at"),
    partial_index("ix_task_one_worry", "point_id", where="why = 'worried' AND closed_at IS NULL", unique=True),
)
"""The remark behind a task may be gone before the task is: there is no foreign key."""
