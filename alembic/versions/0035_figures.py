"""What the dashboards show: counts by day, hour and month, populations and costs.

Revision: 0035, after 0034.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""Microseconds on SQLite, TIMESTAMPTZ on PostgreSQL: what `store.tables.types.Instant` stores."""


def upgrade() -> None:
    """Bring the schema here. Nothing is counted yet: the first round begins with the oldest event."""
    op.create_table(
        "figure_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_figure_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_head")),
    )
    op.create_table(
        "passage_day",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("motive", sa.String(40), nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.CheckConstraint("passages > 0", name=op.f("ck_passage_day_passages")),
        sa.PrimaryKeyConstraint(
            "site_id", "day", "direction", "outcome", "reason", "motive", "offline", name=op.f("pk_passage_day")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_passage_day_authority_id_day", "passage_day", ["authority_id", "day"])
    op.create_table(
        "passage_hour",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("admitted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_passage_hour_hour")),
        sa.PrimaryKeyConstraint("site_id", "day", "hour", name=op.f("pk_passage_hour")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_passage_hour_authority_id_day", "passage_hour", ["authority_id", "day"])
    op.create_table(
        "adoption_month",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("commune_code", sa.String(5), nullable=False),
        sa.Column("band", sa.String(6), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("authority_id", "month", "commune_code", "band", name=op.f("pk_adoption_month")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quota_month",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("tenth", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("rights", sa.Integer(), nullable=False),
        sa.CheckConstraint("tenth BETWEEN 0 AND 10", name=op.f("ck_quota_month_tenth")),
        sa.PrimaryKeyConstraint("product_id", "position", "month", "tenth", name=op.f("pk_quota_month")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_quota_month_authority_id_month", "quota_month", ["authority_id", "month"])
    op.create_table(
        "request_month",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("fate", sa.String(16), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("authority_id", "month", "channel", "fate", "days", name=op.f("pk_request_month")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "terminal_day",
        sa.Column("terminal_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("terminal_id", "day", name=op.f("pk_terminal_day")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_terminal_day_authority_id_day", "terminal_day", ["authority_id", "day"])
    op.create_table(
        "visit_day",
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("point_id", "day", name=op.f("pk_visit_day")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_visit_day_authority_id_day", "visit_day", ["authority_id", "day"])
    op.create_table(
        "population",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("commune_code", sa.String(5), nullable=False),
        sa.Column("band", sa.String(6), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.CheckConstraint("persons >= 0", name=op.f("ck_population_persons")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_population_authority_id")),
        sa.PrimaryKeyConstraint("authority_id", "commune_code", "band", "valid_from", name=op.f("pk_population")),
    )
    op.create_table(
        "cost",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("heading", sa.String(20), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_cost_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost")),
    )
    op.create_index("ix_cost_authority_id_spent_on", "cost", ["authority_id", "spent_on"])
    op.execute("INSERT INTO figure_head (id, number) VALUES (1, 0)")


def downgrade() -> None:
    """Take it back: counts of days whose passages are gone, populations and costs are lost."""
    for table in (
        "cost",
        "population",
        "visit_day",
        "terminal_day",
        "request_month",
        "quota_month",
        "adoption_month",
        "passage_hour",
        "passage_day",
        "figure_head",
    ):
        op.drop_table(table)
