"""Flood levels with their journal, webhooks, and what people say at a point of the tour.

Revision: 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema here. No station has thresholds before two people have set them."""
    _thresholds()
    _levels()
    _webhooks()
    _expression()
    _tasks()


def _thresholds() -> None:
    op.create_table(
        "flood_thresholds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("level_1_m", sa.Float(), nullable=False),
        sa.Column("level_2_m", sa.Float(), nullable=False),
        sa.Column("level_3_m", sa.Float(), nullable=False),
        sa.Column("hysteresis_m", sa.Float(), nullable=False),
        sa.Column("witnesses", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "level_1_m < level_2_m AND level_2_m < level_3_m AND hysteresis_m > 0",
            name=op.f("ck_flood_thresholds_metres"),
        ),
        sa.CheckConstraint(
            "status <> 'confirmed' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name=op.f("ck_flood_thresholds_two"),
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_flood_thresholds_authority_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_flood_thresholds_stream_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flood_thresholds")),
    )
    op.create_index(
        "ix_flood_thresholds_in_force",
        "flood_thresholds",
        ["stream_id"],
        unique=True,
        postgresql_where=sa.text("status = 'confirmed'"),
        sqlite_where=sa.text("status = 'confirmed'"),
    )


def _levels() -> None:
    op.create_table(
        "flood_station",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("level_since", INSTANT, nullable=False),
        sa.Column("public_level", sa.SmallInteger(), nullable=False),
        sa.Column("public_since", INSTANT, nullable=False),
        sa.CheckConstraint(
            "level BETWEEN 0 AND 3 AND public_level BETWEEN 0 AND 3", name=op.f("ck_flood_station_levels")
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_flood_station_authority_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_flood_station_stream_id")),
        sa.PrimaryKeyConstraint("stream_id", name=op.f("pk_flood_station")),
    )
    op.create_table(
        "flood_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("thresholds_id", sa.Uuid(), nullable=True),
        sa.Column("noticed_at", INSTANT, nullable=False),
        sa.Column("before", sa.SmallInteger(), nullable=False),
        sa.Column("after", sa.SmallInteger(), nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("behind", sa.JSON(), nullable=False),
        sa.Column("agreements", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("words", sa.String(400), nullable=False),
        sa.CheckConstraint("status <> 'confirmed' OR decided_by IS NOT NULL", name=op.f("ck_flood_change_confirmed")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_flood_change_authority_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_flood_change_stream_id")),
        sa.ForeignKeyConstraint(["thresholds_id"], ["flood_thresholds.id"], name=op.f("fk_flood_change_thresholds_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flood_change")),
    )
    op.create_index("ix_flood_change_authority_id_noticed_at", "flood_change", ["authority_id", "noticed_at"])
    op.create_index("ix_flood_change_stream_id_noticed_at", "flood_change", ["stream_id", "noticed_at"])


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(400), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_webhook_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(60), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.Column("answer", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_webhook_delivery_authority_id")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index("ix_webhook_delivery_authority_id_created_at", "webhook_delivery", ["authority_id", "created_at"])
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["due_at"], postgresql_where=due, sqlite_where=due)
    op.create_index("ix_webhook_delivery_webhook_id_subject", "webhook_delivery", ["webhook_id", "subject"])


def _expression() -> None:
    op.create_table(
        "remark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("feeling", sa.String(10), nullable=True),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.CheckConstraint("(status = 'declined') = (text IS NULL)", name=op.f("ck_remark_erased")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_remark_authority_id")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_remark_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    op.create_index("ix_remark_authority_id_status_received_at", "remark", ["authority_id", "status", "received_at"])
    op.create_index("ix_remark_point_id_status", "remark", ["point_id", "status"])
    op.create_index("ix_remark_authority_id_keep_until", "remark", ["authority_id", "keep_until"])
    op.create_table(
        "reaction_count",
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("feeling", sa.String(10), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_reaction_count_authority_id")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_reaction_count_point_id")),
        sa.PrimaryKeyConstraint("point_id", "day", "feeling", name=op.f("pk_reaction_count")),
    )
    op.create_table(
        "expression_token",
        sa.Column("token", sa.LargeBinary(16), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_expression_token_authority_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_expression_token")),
    )
    op.create_index("ix_expression_token_authority_id_keep_until", "expression_token", ["authority_id", "keep_until"])
    op.create_table(
        "expression_salt",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_expression_salt_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", name=op.f("pk_expression_salt")),
    )


def _tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(400), nullable=False),
        sa.Column("why", sa.String(10), nullable=False),
        sa.Column("remark_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_task_authority_id")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_task_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_task_open", "task", ["authority_id", "opened_at"], postgresql_where=is_open, sqlite_where=is_open
    )
    op.create_index("ix_task_point_id_opened_at", "task", ["point_id", "opened_at"])
    worry = sa.text("why = 'worried' AND closed_at IS NULL")
    op.create_index("ix_task_one_worry", "task", ["point_id"], unique=True, postgresql_where=worry, sqlite_where=worry)


def downgrade() -> None:
    """Take it back, unless a flood was made public: its journal is not for the program to lose.

    Raises:
        CommandError: there are confirmed changes of flood levels. Nothing was changed.
    """
    found = op.get_bind().scalar(sa.text("SELECT count(*) FROM flood_change WHERE status = 'confirmed'"))
    if found:
        msg = f"{found} flood levels were made public; their journal has no place in the older schema"
        raise CommandError(msg)
    for table in (
        "task",
        "expression_salt",
        "expression_token",
        "reaction_count",
        "remark",
        "webhook_delivery",
        "webhook",
        "flood_change",
        "flood_station",
        "flood_thresholds",
    ):
        op.drop_table(table)
