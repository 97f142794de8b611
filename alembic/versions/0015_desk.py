"""Groups and changes of zone beside their passages; the passages of one medium found by an index.

Revision: 0015, after 0014. `ledger_write_3` stays: programs from before go on writing through it.
"""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""Microseconds on SQLite, TIMESTAMPTZ on PostgreSQL: what `store.tables.types.Instant` stores."""

FUNCTION = """
CREATE FUNCTION ledger_write_4(
    c_entitlement uuid[], c_ends date[], c_position int[], c_starts date[], c_authority uuid[], c_used bigint[],
    c_version int[], c_keep date[],
    p_pass uuid[], p_site uuid[], p_authority uuid[], p_zone uuid[], p_since timestamptz[], p_day date[],
    p_version int[], p_keep date[], p_gate uuid[], p_medium bigint[], p_came timestamptz[], p_entitlement uuid[],
    p_persons int[], p_attends text[], p_admissions text[],
    o_zone uuid[], o_day date[], o_authority uuid[], o_change int[], o_others int[], o_entries int[], o_ceiling int[],
    o_ceiling_others int[], o_known bool[], o_admitted int[], o_daily int[],
    h_zone uuid[], h_day date[], h_hour int[], h_authority uuid[], h_entries int[], h_most int[],
    u_medium bigint[], u_authority uuid[], u_mark bigint[], u_spent bool[], u_version int[], u_keep date[],
    e_authority uuid[], e_recorded timestamptz[], e_terminal_at timestamptz[], e_terminal uuid[], e_gate uuid[],
    e_site uuid[], e_service text[], e_direction text[], e_medium bigint[], e_pass uuid[], e_entitlement uuid[],
    e_outcome text[], e_reason text[], e_charges text[], e_keep date[],
    k_key text[], k_fingerprint bytea[], k_answer bytea[],
    d_place int[], d_billed int[], d_paid int[], d_payment text[], d_agent uuid[], d_motive text[], d_cancels bigint[],
    d_deposits text[], d_persons int[], d_left_zone uuid[], d_left_since timestamptz[]
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
        medium_id, came_at, entitlement_id, persons, attends, admissions)
    SELECT n.pass_id, n.site_id, n.authority_id, n.zone_id, n.since, n.day, n.version + 1, n.keep_until, n.gate_id,
        n.medium_id, n.came_at, n.entitlement_id, n.persons, n.attends, n.admissions
    FROM unnest(p_pass, p_site, p_authority, p_zone, p_since, p_day, p_version, p_keep, p_gate, p_medium, p_came,
            p_entitlement, p_persons, p_attends, p_admissions)
        AS n (pass_id, site_id, authority_id, zone_id, since, day, version, keep_until, gate_id, medium_id, came_at,
            entitlement_id, persons, attends, admissions)
    ON CONFLICT (pass_id, site_id) DO UPDATE SET zone_id = excluded.zone_id, since = excluded.since, day = excluded.day,
        version = excluded.version, keep_until = excluded.keep_until, gate_id = excluded.gate_id,
        medium_id = excluded.medium_id, came_at = excluded.came_at, entitlement_id = excluded.entitlement_id,
        persons = excluded.persons, attends = excluded.attends, admissions = excluded.admissions
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
                entries = entries + o_entries[n], admitted = admitted + o_admitted[n]
            WHERE zone_id = o_zone[n] AND day = o_day[n]
                AND (o_change[n] <= 0 OR o_ceiling[n] IS NULL OR inside + o_change[n] <= o_ceiling[n])
                AND (o_others[n] <= 0 OR o_ceiling_others[n] IS NULL OR others + o_others[n] <= o_ceiling_others[n])
                AND (o_admitted[n] <= 0 OR o_daily[n] IS NULL OR admitted + o_admitted[n] <= o_daily[n]);
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a count has moved' USING ERRCODE = 'MP001';
            END IF;
        ELSE
            INSERT INTO occupancy (zone_id, day, authority_id, inside, others, entries, admitted)
            VALUES (o_zone[n], o_day[n], o_authority[n], o_change[n], o_others[n], o_entries[n], o_admitted[n]);
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
            deposits, persons, left_zone_id, left_since, keep_until)
        SELECT last - cardinality(k_key) + n.place, e_authority[n.place], n.billed, n.paid, n.payment, n.agent,
            n.motive, n.cancels, n.deposits, n.persons, n.left_zone, n.left_since, e_keep[n.place]
        FROM unnest(d_place, d_billed, d_paid, d_payment, d_agent, d_motive, d_cancels, d_deposits, d_persons,
                d_left_zone, d_left_since)
            AS n (place, billed, paid, payment, agent, motive, cancels, deposits, persons, left_zone, left_since);
    END IF;

    RETURN last;
END
$$
"""

COLUMNS = ("persons", "left_zone_id", "left_since")


def upgrade() -> None:
    """Bring the schema here. Groups from before stay one in their passages: nobody has written how many they were."""
    op.add_column("passage_detail", sa.Column("persons", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("passage_detail", sa.Column("left_zone_id", sa.Uuid()))
    op.add_column("passage_detail", sa.Column("left_since", INSTANT))
    op.create_index(op.f("ix_validation_medium_id"), "validation", ["medium_id", "number"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)


def downgrade() -> None:
    """Take it back, unless that would change what a passage has said.

    Raises:
        CommandError: the older schema cannot hold what is there. Nothing was changed.
    """
    found = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM passage_detail WHERE persons <> 1 OR left_zone_id IS NOT NULL")
    )
    if found:
        msg = (
            f"{found} passages say how many a group was or where somebody came from, which the older schema cannot hold"
        )
        raise CommandError(msg)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_write_4")
    op.drop_index(op.f("ix_validation_medium_id"), table_name="validation")
    with op.batch_alter_table("passage_detail") as batch_op:
        for name in COLUMNS:
            batch_op.drop_column(name)
