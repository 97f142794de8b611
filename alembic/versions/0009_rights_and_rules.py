"""Everything the access engine has learnt: terms and prices of products, stays, acts of agents, cancellations,
and the last use of cards and phones.

Revision: 0009, after 0008.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION ledger_write_2(
    c_entitlement uuid[], c_ends date[], c_position int[], c_starts date[], c_authority uuid[], c_used bigint[],
    c_version int[], c_keep date[],
    p_pass uuid[], p_site uuid[], p_authority uuid[], p_zone uuid[], p_since timestamptz[], p_day date[],
    p_version int[], p_keep date[], p_gate uuid[], p_medium bigint[], p_came timestamptz[], p_entitlement uuid[],
    p_persons int[], p_attends text[],
    o_zone uuid[], o_day date[], o_authority uuid[], o_change int[], o_others int[], o_entries int[], o_ceiling int[],
    o_ceiling_others int[], o_known bool[],
    h_zone uuid[], h_day date[], h_hour int[], h_authority uuid[], h_entries int[], h_most int[],
    u_medium bigint[], u_authority uuid[], u_mark bigint[], u_spent bool[], u_version int[], u_keep date[],
    e_authority uuid[], e_recorded timestamptz[], e_terminal_at timestamptz[], e_terminal uuid[], e_gate uuid[],
    e_site uuid[], e_service text[], e_direction text[], e_medium bigint[], e_pass uuid[], e_entitlement uuid[],
    e_outcome text[], e_reason text[], e_charges text[], e_keep date[],
    k_key text[], k_fingerprint bytea[], k_answer bytea[],
    d_place int[], d_billed int[], d_paid int[], d_payment text[], d_agent uuid[], d_motive text[], d_cancels bigint[],
    d_deposits text[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    touched int;
    last bigint;
BEGIN
    -- Counters: a row that was read must still have the version that was read, one that was not must not exist yet.
    -- The upsert probes the key of one array element after another: no plan can turn it into a scan of the table, and
    -- rows are locked in the order of the arrays.
    INSERT INTO counter AS c (entitlement_id, ends_before, position, starts_on, authority_id, used, version, keep_until)
    SELECT n.entitlement_id, n.ends_before, n.position, n.starts_on, n.authority_id, n.used, n.version + 1, n.keep_until
    FROM unnest(c_entitlement, c_ends, c_position, c_starts, c_authority, c_used, c_version, c_keep)
        AS n (entitlement_id, ends_before, position, starts_on, authority_id, used, version, keep_until)
    ON CONFLICT (entitlement_id, ends_before, position) DO UPDATE SET used = excluded.used, version = excluded.version
        WHERE c.version = excluded.version - 1;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched <> cardinality(c_entitlement) THEN
        RAISE EXCEPTION 'a counter has moved' USING ERRCODE = 'MP001';
    END IF;

    -- Last states: the same comparison. This is what makes one of K simultaneous entries win.
    INSERT INTO presence AS p (pass_id, site_id, authority_id, zone_id, since, day, version, keep_until, gate_id,
        medium_id, came_at, entitlement_id, persons, attends)
    SELECT n.pass_id, n.site_id, n.authority_id, n.zone_id, n.since, n.day, n.version + 1, n.keep_until, n.gate_id,
        n.medium_id, n.came_at, n.entitlement_id, n.persons, n.attends
    FROM unnest(p_pass, p_site, p_authority, p_zone, p_since, p_day, p_version, p_keep, p_gate, p_medium, p_came,
            p_entitlement, p_persons, p_attends)
        AS n (pass_id, site_id, authority_id, zone_id, since, day, version, keep_until, gate_id, medium_id, came_at,
            entitlement_id, persons, attends)
    ON CONFLICT (pass_id, site_id) DO UPDATE SET zone_id = excluded.zone_id, since = excluded.since, day = excluded.day,
        version = excluded.version, keep_until = excluded.keep_until, gate_id = excluded.gate_id,
        medium_id = excluded.medium_id, came_at = excluded.came_at, entitlement_id = excluded.entitlement_id,
        persons = excluded.persons, attends = excluded.attends
        WHERE p.version = excluded.version - 1;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched <> cardinality(p_pass) THEN
        RAISE EXCEPTION 'a last state has moved' USING ERRCODE = 'MP001';
    END IF;

    -- Last uses of media: the same comparison. One message of a card opens one gate, whatever number of them read it.
    INSERT INTO medium_use AS u (medium_id, authority_id, mark, spent, version, keep_until)
    SELECT n.medium_id, n.authority_id, n.mark, n.spent, n.version + 1, n.keep_until
    FROM unnest(u_medium, u_authority, u_mark, u_spent, u_version, u_keep)
        AS n (medium_id, authority_id, mark, spent, version, keep_until)
    ON CONFLICT (medium_id) DO UPDATE SET mark = excluded.mark, spent = excluded.spent, version = excluded.version,
        keep_until = excluded.keep_until
        WHERE u.version = excluded.version - 1;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched <> cardinality(u_medium) THEN
        RAISE EXCEPTION 'a last use has moved' USING ERRCODE = 'MP001';
    END IF;

    -- Counts of people: moved by what changes, and only as far as the ceilings allow at this very moment.
    FOR n IN 1 .. cardinality(o_zone) LOOP
        IF o_known[n] THEN
            UPDATE occupancy SET inside = inside + o_change[n], others = others + o_others[n],
                entries = entries + o_entries[n]
            WHERE zone_id = o_zone[n] AND day = o_day[n]
                AND (o_change[n] <= 0 OR o_ceiling[n] IS NULL OR inside + o_change[n] <= o_ceiling[n])
                AND (o_others[n] <= 0 OR o_ceiling_others[n] IS NULL OR others + o_others[n] <= o_ceiling_others[n]);
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a count has moved' USING ERRCODE = 'MP001';
            END IF;
        ELSE
            INSERT INTO occupancy (zone_id, day, authority_id, inside, others, entries)
            VALUES (o_zone[n], o_day[n], o_authority[n], o_change[n], o_others[n], o_entries[n]);
        END IF;
    END LOOP;

    -- Attendance by the hour: only ever added to, so nothing is compared.
    INSERT INTO attendance AS a (zone_id, day, hour, authority_id, entries, most)
    SELECT * FROM unnest(h_zone, h_day, h_hour, h_authority, h_entries, h_most)
    ON CONFLICT (zone_id, day, hour) DO UPDATE SET entries = a.entries + excluded.entries,
        most = greatest(a.most, excluded.most);

    -- Events last: the lock on the head is held to the commit, so numbers become visible in their order.
    UPDATE ledger_head SET number = number + cardinality(k_key) RETURNING number INTO last;

    WITH scan AS (
        SELECT last - cardinality(k_key) + n.place AS number, n.*
        FROM unnest(e_authority, e_recorded, e_terminal_at, e_terminal, e_gate, e_site, e_service, e_direction,
                e_medium,
                e_pass, e_entitlement, e_outcome, e_reason, e_charges, e_keep, k_key, k_fingerprint, k_answer)
            WITH ORDINALITY AS n (authority_id, recorded_at, terminal_at, terminal_id, gate_id, site_id, service_code,
                direction, medium_id, pass_id, entitlement_id, outcome, reason, charges, keep_until, key, fingerprint,
                answer, place)
    ), event AS (
        INSERT INTO validation (number, authority_id, recorded_at, terminal_at, terminal_id, gate_id, site_id,
            service_code, direction, medium_id, pass_id, entitlement_id, outcome, reason, charges, keep_until)
        SELECT number, authority_id, recorded_at, terminal_at, terminal_id, gate_id, site_id, service_code, direction,
            medium_id, pass_id, entitlement_id, outcome, reason, charges, keep_until FROM scan
    )
    INSERT INTO scan_key (terminal_id, key, authority_id, fingerprint, answer, number, keep_until)
    SELECT terminal_id, key, authority_id, fingerprint, answer, number, keep_until FROM scan;

    IF cardinality(d_place) > 0 THEN
        INSERT INTO passage_detail (number, authority_id, billed_cents, paid_cents, payment, agent_id, motive, cancels,
            deposits, keep_until)
        SELECT last - cardinality(k_key) + n.place, e_authority[n.place], n.billed, n.paid, n.payment, n.agent,
            n.motive, n.cancels, n.deposits, e_keep[n.place]
        FROM unnest(d_place, d_billed, d_paid, d_payment, d_agent, d_motive, d_cancels, d_deposits)
            AS n (place, billed, paid, payment, agent, motive, cancels, deposits);
    END IF;

    RETURN last;
END
$$
"""

ADDED = {
    "presence": ("gate_id", "medium_id", "came_at", "entitlement_id", "persons", "attends"),
    "occupancy": ("others",),
    "product": ("terms",),
    "product_limit": ("kind", "free", "price_cents", "settlement"),
}
CHECKS = {
    "occupancy": (("others", "others >= 0"),),
    "product_limit": (("free", "free >= 0 AND free < amount"), ("price", "price_cents >= 0")),
}


def _column(name: str) -> sa.Column[Any]:
    """Make one of the added columns: a column belongs to one table, once."""
    on_postgres = op.get_bind().dialect.name == "postgresql"
    types: dict[str, tuple[sa.types.TypeEngine[Any], str | None]] = {
        "gate_id": (sa.Uuid(), None),
        "medium_id": (sa.BigInteger(), None),
        "came_at": (sa.TIMESTAMP(timezone=True) if on_postgres else sa.BigInteger(), None),
        "entitlement_id": (sa.Uuid(), None),
        "persons": (sa.Integer(), "1"),
        "attends": (sa.String(10), "users"),
        "others": (sa.Integer(), "0"),
        "terms": (sa.JSON(), "{}"),
        "kind": (sa.String(20), None),
        "free": (sa.BigInteger(), None),
        "price_cents": (sa.Integer(), "0"),
        "settlement": (sa.String(10), "billed"),
    }
    kind, default = types[name]
    return sa.Column(name, kind, nullable=default is None, server_default=default)


def upgrade() -> None:
    """Bring the schema here."""
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch_op:
            for name in columns:
                batch_op.add_column(_column(name))
            for name, condition in CHECKS.get(table, ()):
                batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), condition)
    # Products that are there have no terms; those to come say so themselves.
    with op.batch_alter_table("product") as batch_op:
        batch_op.alter_column("terms", existing_type=sa.JSON(), existing_nullable=False, server_default=None)
    with op.batch_alter_table("validation") as batch_op:
        batch_op.alter_column("direction", existing_type=sa.String(5), type_=sa.String(8), existing_nullable=False)
    _circumstances_at_once("kind NOT IN ('status', 'suspended')")
    op.create_table(
        "passage_detail",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("billed_cents", sa.Integer(), nullable=False),
        sa.Column("paid_cents", sa.Integer(), nullable=False),
        sa.Column("payment", sa.String(64)),
        sa.Column("agent_id", sa.Uuid()),
        sa.Column("motive", sa.String(40)),
        sa.Column("cancels", sa.BigInteger()),
        sa.Column("deposits", sa.Text()),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_passage_detail")),
        sa.UniqueConstraint("cancels", name=op.f("uq_passage_detail_cancels")),
    )
    op.create_table(
        "medium_use",
        sa.Column(
            "medium_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("medium_id", name=op.f("pk_medium_use")),
    )
    op.create_table(
        "product_price",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_product_price_amount")),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_product_price_period")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_price_product_id")),
        sa.PrimaryKeyConstraint("product_id", "position", name=op.f("pk_product_price")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)


def downgrade() -> None:
    """Take it back, unless that would change what a right allows or what a passage has counted.

    Raises:
        CommandError: the older schema cannot hold what is there. Nothing was changed.
    """
    _refuse_to_forget()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_write_2")
    op.drop_table("product_price")
    op.drop_table("medium_use")
    op.drop_table("passage_detail")
    _circumstances_at_once("kind <> 'status'")
    with op.batch_alter_table("validation") as batch_op:
        batch_op.alter_column("direction", existing_type=sa.String(8), type_=sa.String(5), existing_nullable=False)
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch_op:
            for name, _ in CHECKS.get(table, ()):
                batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
            for name in columns:
                batch_op.drop_column(name)


def _circumstances_at_once(one_a_day: str) -> None:
    """Say of which circumstances only one holds on a day."""
    for name in ("valid_from", "valid_until"):
        op.drop_index(f"uq_circumstance_{name}", "circumstance")
        op.create_index(
            f"uq_circumstance_{name}",
            "circumstance",
            ["subject_id", "kind", name],
            unique=True,
            sqlite_where=sa.text(one_a_day),
            postgresql_where=sa.text(one_a_day),
        )


def _refuse_to_forget() -> None:
    for what, count in (
        ("passages have a price, an agent's act or a cancellation", "SELECT count(*) FROM passage_detail"),
        ("deposits were counted", "SELECT count(*) FROM validation WHERE direction = 'deposit'"),
        ("services are suspended", "SELECT count(*) FROM circumstance WHERE kind = 'suspended'"),
        ("products have prices", "SELECT count(*) FROM product_price"),
        ("products have terms", "SELECT count(*) FROM product WHERE CAST(terms AS VARCHAR(20)) <> '{}'"),
        ("limits have a kind or a free part", "SELECT count(*) FROM product_limit WHERE kind IS NOT NULL OR free >= 0"),
    ):
        found = op.get_bind().scalar(sa.text(count))
        if found:
            msg = f"{found} {what}, which the older schema cannot hold"
            raise CommandError(msg)
