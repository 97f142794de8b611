"""What the dashboards show: counts by day, hour and month, about nobody; and what the manager enters beside them.

Rows of passages are written by `store.figures.counting` alone. Like those of the ledger they have no foreign keys.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)

from store.tables.types import Instant, authority_column, authority_copy, id_column, metadata

figure_head = Table(
    "figure_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="single"),
)
"""One row: the last event that was counted. It moves with the counts, in one transaction: each event counts once."""

passage_day = Table(
    "passage_day",
    metadata,
    Column("site_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("direction", String(8), primary_key=True),
    Column("outcome", String(24), primary_key=True),
    Column("reason", String(24), primary_key=True),
    Column("motive", String(40), primary_key=True),
    Column("offline", Boolean, primary_key=True),
    authority_copy(),
    Column("passages", Integer, nullable=False),
    Index("ix_passage_day_authority_id_day", "authority_id", "day"),
    CheckConstraint("passages > 0", name="passages"),
    sqlite_with_rowid=False,
)
"""Answers of a site's gates on one local day, of one kind. `motive` is empty where no agent gave one.

`offline`: the terminal decided alone; the day is that of the passage, however late it was told.
"""

passage_hour = Table(
    "passage_hour",
    metadata,
    Column("site_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("admitted", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Index("ix_passage_hour_authority_id_day", "authority_id", "day"),
    CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
    sqlite_with_rowid=False,
)
"""Whom the gates of a site let in and whom not, in one hour of a local day."""

adoption_month = Table(
    "adoption_month",
    metadata,
    Column("authority_id", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("commune_code", String(5), primary_key=True),
    Column("band", String(6), primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("passes", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many passes run at the end of a month, or today in the month that runs, by their holders' commune and age."""

quota_month = Table(
    "quota_month",
    metadata,
    Column("product_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("month", Date, primary_key=True),
    Column("tenth", Integer, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("as_of", Date, nullable=False),
    Column("rights", Integer, nullable=False),
    Index("ix_quota_month_authority_id_month", "authority_id", "month"),
    CheckConstraint("tenth BETWEEN 0 AND 10", name="tenth"),
    sqlite_with_rowid=False,
)
"""How many rights have used how many tenths of a limit: 0 is nothing, 10 is all of it."""

request_month = Table(
    "request_month",
    metadata,
    Column("authority_id", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("fate", String(16), primary_key=True),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("as_of", Date, nullable=False),
    Column("requests", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many requests came in a month (`fate` is `received`), or became something in it after so many days."""

terminal_day = Table(
    "terminal_day",
    metadata,
    Column("terminal_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    authority_copy(),
    Column("looks", Integer, nullable=False),
    Column("silent", Integer, nullable=False),
    Index("ix_terminal_day_authority_id_day", "authority_id", "day"),
    sqlite_with_rowid=False,
)
"""How often somebody looked whether a terminal speaks, and how often it did not."""

visit_day = Table(
    "visit_day",
    metadata,
    Column("point_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    authority_copy(),
    Column("visits", Integer, nullable=False),
    Index("ix_visit_day_authority_id_day", "authority_id", "day"),
    sqlite_with_rowid=False,
)
"""How often the page of a point of the tour was shown on a day. Nothing of who looked."""

population = Table(
    "population",
    metadata,
    Column("authority_id", Uuid, ForeignKey("authority.id"), primary_key=True),
    Column("commune_code", String(5), primary_key=True),
    Column("band", String(6), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("persons", Integer, nullable=False),
    CheckConstraint("persons >= 0", name="persons"),
)
"""How many live in a commune from a day on, of one age band or, where `band` is `all`, in all."""

cost = Table(
    "cost",
    metadata,
    id_column(),
    authority_column(),
    Column("heading", String(20), nullable=False),
    Column("spent_on", Date, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("entered_by", Uuid, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Index("ix_cost_authority_id_spent_on", "authority_id", "spent_on"),
)
"""What the pass costs the authority: amounts by heading. A negative amount is money that came back."""
