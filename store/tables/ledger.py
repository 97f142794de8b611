"""What the ledger writes: events, stored answers, counters, last states and counts.

Rows are written by `store.ledger` alone, in one transaction per batch; the cancellation of a sale moves the versions of
its counters (`store.sales`), so that a batch which has read them is read again. The cost of a passage does not grow
with the pass's history: the ledger reads counters and last states by key, never an old event. These tables name passes,
sites and zones without foreign keys: a key check would lock a reference row for every passage.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from store.tables.types import (
    BIG_KEY,
    PERSONAL,
    Instant,
    authority_copy,
    keep_until_column,
    metadata,
    partial_index,
    version_column,
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="single"),
)
"""One row: the number of the newest event. Its lock is held to the commit, so event numbers are commit-ordered."""

validation = Table(
    "validation",
    metadata,
    Column("number", BIG_KEY, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("recorded_at", Instant, nullable=False),
    Column("terminal_at", Instant),
    Column("terminal_id", Uuid, nullable=False),
    Column("gate_id", Uuid, nullable=False),
    Column("site_id", Uuid, nullable=False),
    Column("service_code", String(40), nullable=False),
    Column("direction", String(8), nullable=False),
    Column("medium_id", BigInteger),
    Column("pass_id", Uuid),
    Column("entitlement_id", Uuid),
    Column("outcome", String(24), nullable=False),
    Column("reason", String(24), nullable=False),
    Column("charges", Text, nullable=False),
    keep_until_column(),
    info=PERSONAL,
)
"""Every passage, granted or refused. `charges` is a JSON list of [position, starts_on, ends_before, amount]."""

Index("ix_validation_medium_id", validation.c.medium_id, validation.c.number)
"""Finds the passages of a pass, by its media: their eight bytes cost a passage half of what the pass's id would."""

passage_detail = Table(
    "passage_detail",
    metadata,
    Column("number", BIG_KEY, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("billed_cents", Integer, nullable=False),
    Column("paid_cents", Integer, nullable=False),
    Column("payment", String(64)),
    Column("agent_id", Uuid),
    Column("motive", String(40)),
    Column("cancels", BigInteger, unique=True),
    Column("deposits", Text),
    Column("persons", Integer, nullable=False, server_default="1"),
    Column("left_zone_id", Uuid),
    Column("left_since", Instant),
    keep_until_column(),
    partial_index("ix_passage_detail_billed", "authority_id", "number", where="billed_cents > 0"),
    info=PERSONAL,
)
"""What few passages have, beside their event: money, an agent's act, the passage they cancel, waste by kind, a group.

An event is cancelled once: `cancels` is unique, whoever is faster. `deposits` is JSON: kind to measure to thousandths.
Who goes on from one zone to another has left `left_zone_id`, where they were last seen at `left_since`.
"""

bill_settlement = Table(
    "bill_settlement",
    metadata,
    Column("number", BIG_KEY, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("settled_as", String(8), nullable=False),
    Column("reference", String(64)),
    Column("settled_at", Instant, nullable=False),
    Column("settled_by", Uuid),
    keep_until_column(),
    info=PERSONAL,
)
"""How the sum that a passage left to be paid later was settled, by the passage's number. The ledger does not write it.

`reference` is that of the till or the invoice, and goes with the passage's person; `settled_by` an agent, where it was.
"""

passage_fact = Table(
    "passage_fact",
    metadata,
    Column("number", BIG_KEY, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("terminal_id", Uuid, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("flags", String(120), nullable=False),
    Column("judged_outcome", String(24), nullable=False),
    Column("judged_reason", String(24), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("bundle", BigInteger),
    Column("drift_seconds", BigInteger, nullable=False),
    keep_until_column(),
    Index(None, "authority_id", "happened_at"),
    info=PERSONAL,
)
"""What passages have that a terminal settled alone, beside their event, which tells the terminal's own answer.

`happened_at` is the event's own time, by the server's clock; the terminal's stands in the event. `judged_*` is what the
server would have answered. `flags` are parted by spaces; `drift_seconds` is the server's time less the terminal's.
"""

quarantine = Table(
    "quarantine",
    metadata,
    Column("number", BIG_KEY, primary_key=True),
    authority_copy(),
    Column("terminal_id", Uuid, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("drift_seconds", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("line", LargeBinary, nullable=False),
    Column("code", String(40), nullable=False),
    Column("settled_at", Instant),
    Column("settled_as", String(12)),
    Column("settled_by", Uuid),
    keep_until_column(),
    UniqueConstraint("terminal_id", "digest"),
    info=PERSONAL,
)
"""Lines of uploads that could not be taken in, with their bytes, until somebody has looked at them.

The same line of the same terminal stands once, however often it is sent. `code` is that of a problem.
"""

scan_key = Table(
    "scan_key",
    metadata,
    Column("terminal_id", Uuid, primary_key=True),
    Column("key", String(64), primary_key=True),
    authority_copy(),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("number", BigInteger, nullable=False),
    keep_until_column(),
    info=PERSONAL,
)
"""One row for each key a terminal has used, kept as long as its event: the same key gets the same bytes."""

counter = Table(
    "counter",
    metadata,
    Column("entitlement_id", Uuid, primary_key=True),
    Column("ends_before", Date, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("starts_on", Date, nullable=False),
    authority_copy(),
    Column("used", BigInteger, nullable=False),
    version_column(),
    keep_until_column(),
    CheckConstraint("used >= 0", name="used"),
    info=PERSONAL,
)
"""What one limit of a right has counted in one window, from `starts_on` to the day before `ends_before`."""

presence = Table(
    "presence",
    metadata,
    Column("pass_id", Uuid, primary_key=True),
    Column("site_id", Uuid, primary_key=True),
    authority_copy(),
    Column("zone_id", Uuid),
    Column("since", Instant, nullable=False),
    Column("day", Date, nullable=False),
    version_column(),
    keep_until_column(),
    Column("gate_id", Uuid),
    Column("medium_id", BigInteger),
    Column("came_at", Instant),
    Column("entitlement_id", Uuid),
    Column("persons", Integer, nullable=False, server_default="1"),
    Column("attends", String(10), nullable=False, server_default="users"),
    Column("admissions", Text),
    info=PERSONAL,
)
"""Where a pass was last seen at a site: its last state, never its history. No zone: it has left.

`admissions` is JSON, `domain.access.admissions`: into which zones it was let that day, of those that count the day or
ask for a supplement.
"""

medium_use = Table(
    "medium_use",
    metadata,
    Column("medium_id", BIG_KEY, primary_key=True, autoincrement=False),
    authority_copy(),
    Column("mark", BigInteger, nullable=False),
    Column("spent", Boolean, nullable=False),
    version_column(),
    keep_until_column(),
    info=PERSONAL,
)
"""What only grows from one showing of a medium to the next, as last seen: a card's count, or the second of a phone's
code. `spent`: a gate has opened for it. Neither where nor when. Printed codes have none.
"""

occupancy = Table(
    "occupancy",
    metadata,
    Column("zone_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    authority_copy(),
    Column("inside", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("others", Integer, nullable=False, server_default="0"),
    Column("admitted", Integer, nullable=False, server_default="0"),
    Column("counted_at", Instant),
    CheckConstraint("inside >= 0", name="inside"),
    CheckConstraint("others >= 0", name="others"),
    CheckConstraint("admitted >= 0", name="admitted"),
    sqlite_with_rowid=False,
)
"""How many are in a zone, counted from zero each local day: `inside` its users, `others` those who accompany them.

`entries` are passages; `admitted` are persons, each once a day, in zones that have a maximum for the day. An agent has
counted heads at `counted_at`: what was before that instant and is told later moves nobody in or out.
"""

head_count = Table(
    "head_count",
    metadata,
    Column("number", BIG_KEY, primary_key=True),
    authority_copy(),
    Column("site_id", Uuid, nullable=False),
    Column("zone_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    Column("counted_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("agent_id", Uuid, nullable=False),
    Column("users_were", Integer, nullable=False),
    Column("others_were", Integer, nullable=False),
    Column("users", Integer, nullable=False),
    Column("others", Integer, nullable=False),
    Column("motive", String(40), nullable=False),
    Column("passage", BigInteger, nullable=False),
    keep_until_column(),
    Index(None, "site_id", "day"),
    info=PERSONAL,
)
"""What agents counted where the gates' count was wrong: no resident is in it, the agent is by their id.

`passage` is the number of the newest passage as it was written. `store.head_counts` writes it, with `occupancy`.
"""
