"""Organisations, guardians, and what holds of a subject for a time: residence moves there.

Revision: 0005, after 0004.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
"""Microseconds on SQLite, TIMESTAMPTZ on PostgreSQL: what `store.tables.types.Instant` stores."""

_FOREVER = date(9999, 12, 31)
_ONE_A_DAY = sa.text("kind <> 'status'")

_CIRCUMSTANCE = sa.table(
    "circumstance",
    *(sa.column(name, sa.Uuid) for name in ("authority_id", "subject_id")),
    *(sa.column(name, sa.String) for name in ("kind", "value")),
    *(sa.column(name, sa.Date) for name in ("valid_from", "valid_until", "keep_until")),
)


def upgrade() -> None:
    """Bring the schema here: everybody has lived where they live since birth, or since their household's file."""
    _organisations()
    _guardianships()
    _circumstances()
    for name in ("holder", "household"):
        _residence_out_of(name)
        with op.batch_alter_table(name) as batch_op:
            batch_op.drop_column("commune_code")
    with op.batch_alter_table("beneficiary") as batch_op:
        batch_op.add_column(sa.Column("former", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("beneficiary") as batch_op:
        batch_op.alter_column("former", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)


def downgrade() -> None:
    """Take it back, with the commune of today; not while products of organisations are offered.

    Raises:
        CommandError: the older program would stumble over such a product at every gate. Nothing was changed.
    """
    offered = op.get_bind().scalar(sa.text("SELECT count(*) FROM product WHERE subject = 'organisation'"))
    if offered:
        msg = f"{offered} products are for organisations, which the older program does not know: delete them first"
        raise CommandError(msg)
    op.execute("DELETE FROM beneficiary WHERE subject_id IN (SELECT id FROM organisation)")
    with op.batch_alter_table("beneficiary") as batch_op:
        batch_op.drop_column("former")
    for name in ("holder", "household"):
        with op.batch_alter_table(name) as batch_op:
            batch_op.add_column(sa.Column("commune_code", sa.String(5)))
        _residence_into(name)
        with op.batch_alter_table(name) as batch_op:
            batch_op.alter_column("commune_code", existing_type=sa.String(5), nullable=False)
    for name in ("circumstance", "guardianship", "organisation"):
        op.drop_table(name)


def _organisations() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("registration", sa.String(length=14)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.CheckConstraint("registration IS NOT NULL OR kind = 'municipal'", name=op.f("ck_organisation_registration")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_organisation_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("authority_id", "reference", name=op.f("uq_organisation_authority_id_reference")),
        sa.UniqueConstraint("authority_id", "registration", name=op.f("uq_organisation_authority_id_registration")),
    )


def _guardianships() -> None:
    op.create_table(
        "guardianship",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("guardian_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_guardianship_period")),
        sa.CheckConstraint("ward_id <> guardian_id", name=op.f("ck_guardianship_another")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_guardianship_authority_id")),
        sa.ForeignKeyConstraint(["guardian_id"], ["holder.id"], name=op.f("fk_guardianship_guardian_id")),
        sa.ForeignKeyConstraint(["ward_id"], ["holder.id"], name=op.f("fk_guardianship_ward_id")),
        sa.PrimaryKeyConstraint("ward_id", "guardian_id", "valid_from", name=op.f("pk_guardianship")),
    )
    op.create_index("ix_guardianship_guardian_id", "guardianship", ["guardian_id"])


def _circumstances() -> None:
    op.create_table(
        "circumstance",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_circumstance_period")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_circumstance_authority_id")),
        sa.PrimaryKeyConstraint("subject_id", "kind", "valid_from", "value", name=op.f("pk_circumstance")),
    )
    for name in ("valid_from", "valid_until"):
        op.create_index(
            f"uq_circumstance_{name}",
            "circumstance",
            ["subject_id", "kind", name],
            unique=True,
            sqlite_where=_ONE_A_DAY,
            postgresql_where=_ONE_A_DAY,
        )


def _residence_out_of(name: str) -> None:
    """Turn the column into a circumstance: of a person from birth, of a household from the day of its file."""
    subject = sa.table(
        name,
        *(sa.column(column, sa.Uuid) for column in ("authority_id", "id")),
        sa.column("commune_code", sa.String),
        *(sa.column(column, sa.Date) for column in ("born_on", "keep_until")),
        sa.column("created_at", INSTANT),
    )
    op.execute(
        _CIRCUMSTANCE.insert().from_select(
            ["authority_id", "subject_id", "kind", "value", "valid_from", "valid_until", "keep_until"],
            sa.select(
                subject.c.authority_id,
                subject.c.id,
                sa.literal("commune"),
                subject.c.commune_code,
                subject.c.born_on if name == "holder" else _day_of(subject.c.created_at),
                sa.literal(_FOREVER, sa.Date),
                subject.c.keep_until,
            ),
        )
    )


def _day_of(instant: sa.ColumnElement[object]) -> sa.ColumnElement[date]:
    """The day of an instant in UTC, in SQL: microseconds since 1970 on SQLite."""
    if op.get_bind().dialect.name == "postgresql":
        return sa.cast(sa.func.timezone("UTC", instant), sa.Date)
    return sa.func.date(instant // 1_000_000, "unixepoch", type_=sa.Date)


def _residence_into(name: str) -> None:
    """Put back what holds today; where nothing does, what held or will hold last."""
    op.execute(
        f"""
        UPDATE {name} SET commune_code = (
            SELECT c.value FROM circumstance AS c
            WHERE c.subject_id = {name}.id AND c.kind = 'commune'
            ORDER BY CASE WHEN c.valid_from <= CURRENT_DATE AND c.valid_until > CURRENT_DATE THEN 0 ELSE 1 END,
                c.valid_from DESC
            LIMIT 1
        )
        """  # noqa: S608 - two names of tables, written above
    )
