"""Photos of people, who a request was for, and how whoever asks is reached.

Revision: 0041, after 0040.
"""

import msgspec
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.applications import Application

# The very functions by which new requests are written: keys that were made otherwise would not be found.
from domain.contacts import contact_keys

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
IS_KNOWN = sa.text("holder_id IS NOT NULL")
AT_ONCE = 1_000


def upgrade() -> None:
    """Bring the schema here, with who is known of the requests that are there."""
    op.create_table(
        "portrait",
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name=op.f("fk_portrait_holder_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_portrait_authority_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["agent.id"], name=op.f("fk_portrait_taken_by")),
        sa.PrimaryKeyConstraint("holder_id", name=op.f("pk_portrait")),
    )
    op.create_index("ix_portrait_keep_until", "portrait", ["authority_id", "keep_until"])
    op.create_table(
        "request_contact",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("key", sa.String(254), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_request_contact_authority_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["pass_request.id"], name=op.f("fk_request_contact_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "kind", "key", name=op.f("pk_request_contact")),
    )
    op.create_index("ix_request_contact_key", "request_contact", ["authority_id", "key"])
    with op.batch_alter_table("request_person") as batch:
        batch.add_column(sa.Column("holder_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_request_person_holder_id"), "holder", ["holder_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index(
        "ix_request_person_holder_id",
        "request_person",
        ["holder_id"],
        postgresql_where=IS_KNOWN,
        sqlite_where=IS_KNOWN,
    )
    _write_what_is_known()


def downgrade() -> None:
    """Take it back. Files of photos stay in the vault as noise: their keys are gone."""
    op.drop_index("ix_request_person_holder_id", "request_person")
    with op.batch_alter_table("request_person") as batch:
        batch.drop_constraint(op.f("fk_request_person_holder_id"), type_="foreignkey")
        batch.drop_column("holder_id")
    op.drop_table("request_contact")
    op.drop_table("portrait")


def _write_what_is_known() -> None:
    request = sa.table(
        "pass_request",
        sa.column("id", sa.Uuid()),
        sa.column("authority_id", sa.Uuid()),
        sa.column("application", sa.JSON()),
        sa.column("keep_until", sa.Date()),
    )
    person = sa.table(
        "request_person", sa.column("request_id", sa.Uuid()), sa.column("place"), sa.column("holder_id", sa.Uuid())
    )
    holder = sa.table("holder", sa.column("id", sa.Uuid()))
    contact = sa.table(
        "request_contact",
        sa.column("authority_id", sa.Uuid()),
        sa.column("request_id", sa.Uuid()),
        sa.column("kind"),
        sa.column("key"),
        sa.column("keep_until", sa.Date()),
    )
    connection = op.get_bind()
    every = sa.select(request).order_by(request.c.id).limit(AT_ONCE)
    page = connection.execute(every).all()
    while page:
        for row in page:
            said = msgspec.convert(row.application, Application)
            for place, one in enumerate(said.persons):
                if one.holder_id is not None:
                    of_register = sa.select(holder.c.id).where(holder.c.id == one.holder_id).scalar_subquery()
                    connection.execute(
                        sa.update(person)
                        .where(person.c.request_id == row.id, person.c.place == place)
                        .values(holder_id=of_register)
                    )
            keys = contact_keys(said.asker.phone, said.asker.email)
            if keys:
                whose = {"authority_id": row.authority_id, "request_id": row.id, "keep_until": row.keep_until}
                connection.execute(contact.insert(), [{"kind": kind.value, "key": key, **whose} for kind, key in keys])
        page = connection.execute(every.where(request.c.id > page[-1].id)).all()
