"""What sites and zones say beside their hours: bank holidays, last entry, sessions, vehicles, waste, supplements.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = {
    "site": {"bank_holidays": "as_usual", "last_entry_minutes": "0", "accepts": "[]"},
    "zone": {"supplement_cents": "0"},
}
"""What the places that are there already say of it."""


def upgrade() -> None:
    """Bring the schema here. Places go on as they were: bank holidays as usual, entry until the doors close."""
    op.create_table(
        "site_session",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("reserved", sa.Boolean(), nullable=False),
        sa.CheckConstraint("opens >= 0 AND opens < closes AND closes <= 1440", name=op.f("ck_site_session_minutes")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_site_session_weekday")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_session_site_id")),
        sa.PrimaryKeyConstraint("site_id", "code", "valid_from", "weekday", "opens", name=op.f("pk_site_session")),
    )
    with op.batch_alter_table("site") as batch_op:
        batch_op.add_column(_filled("site", "bank_holidays", sa.String(10)))
        batch_op.add_column(_filled("site", "last_entry_minutes", sa.Integer()))
        batch_op.add_column(sa.Column("holiday_region", sa.String(3)))
        batch_op.add_column(sa.Column("white_until", sa.Date()))
        batch_op.add_column(sa.Column("vehicles", sa.JSON()))
        batch_op.add_column(_filled("site", "accepts", sa.JSON()))
        batch_op.create_check_constraint(op.f("ck_site_last_entry"), "last_entry_minutes >= 0")
    with op.batch_alter_table("zone") as batch_op:
        batch_op.add_column(sa.Column("capacity_others", sa.Integer()))
        batch_op.add_column(_filled("zone", "supplement_cents", sa.Integer()))
        batch_op.create_check_constraint(op.f("ck_zone_capacity_others"), "capacity_others > 0")
        batch_op.create_check_constraint(op.f("ck_zone_supplement"), "supplement_cents >= 0")
    for table, columns in BEFORE.items():
        with op.batch_alter_table(table) as batch_op:
            for name in columns:
                batch_op.alter_column(name, server_default=None)


def _filled(table: str, name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    """A column that the rows which are there get a value in; the default goes once they have it."""
    return sa.Column(name, kind, nullable=False, server_default=BEFORE[table][name])


SAYS_MORE = """
SELECT (SELECT count(*) FROM site WHERE bank_holidays <> 'as_usual' OR last_entry_minutes > 0
        OR white_until IS NOT NULL OR vehicles IS NOT NULL OR CAST(accepts AS TEXT) <> '[]'
        OR id IN (SELECT site_id FROM site_session))
     + (SELECT count(*) FROM zone WHERE capacity_others IS NOT NULL OR supplement_cents > 0)
"""


def downgrade() -> None:
    """Take it back, unless that would lose what a place means: a site would open on Christmas Day, a spa cost nothing.

    Raises:
        CommandError: the older schema cannot hold what a site or a zone says. Nothing was changed.
    """
    newer = op.get_bind().scalar(sa.text(SAYS_MORE))
    if newer:
        msg = (
            f"{newer} sites and zones say what the older schema does not know (bank holidays, last entry, sessions,"
            " white period, vehicles, waste, others, supplements): take it off them first"
        )
        raise CommandError(msg)
    with op.batch_alter_table("zone") as batch_op:
        for name in ("supplement", "capacity_others"):
            batch_op.drop_constraint(op.f(f"ck_zone_{name}"), type_="check")
        for name in ("supplement_cents", "capacity_others"):
            batch_op.drop_column(name)
    with op.batch_alter_table("site") as batch_op:
        batch_op.drop_constraint(op.f("ck_site_last_entry"), type_="check")
        for name in ("accepts", "vehicles", "white_until", "holiday_region", "last_entry_minutes", "bank_holidays"):
            batch_op.drop_column(name)
    op.drop_table("site_session")
