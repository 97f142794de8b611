"""A batch of passages arrives in PostgreSQL as rows, no longer as columns.

Revision: 0031, after 0026. `ledger_write_5` is `ledger_write_4` with one array of rows in the place of every array of
each of their columns, and takes the facts of terminals too. `ledger_write_4` stays: programs from before go on writing
through it. Types are never changed in place, as functions are not: connections that are open keep to what they know.
"""

from alembic import op

revision = "0031"
down_revision = "0026"
branch_labels = None
depends_on = None

TYPES = {
    "ledger_5_line": """
        place int, terminal_id uuid, key text, medium_id bigint, service_code text, site_id uuid, zone_id uuid,
        day date, asks bool, marked bigint""",
    "ledger_5_counter": """
        entitlement_id uuid, ends_before date, position int, starts_on date, authority_id uuid, used bigint,
        version int, keep_until date""",
    "ledger_5_presence": """
        pass_id uuid, site_id uuid, authority_id uuid, zone_id uuid, since timestamptz, day date, version int,
        keep_until date, gate_id uuid, medium_id bigint, came_at timestamptz, entitlement_id uuid, persons int,
        attends text, admissions text""",
    "ledger_5_use": """
        medium_id bigint, authority_id uuid, mark bigint, spent bool, version int, keep_until date""",
    "ledger_5_crowd": """
        zone_id uuid, day date, authority_id uuid, change int, others int, entries int, ceiling int,
        ceiling_others int, known bool, admitted int, daily int""",
    "ledger_5_hour": """
        zone_id uuid, day date, hour int, authority_id uuid, entries int, most int""",
    "ledger_5_event": """
        authority_id uuid, recorded_at timestamptz, terminal_at timestamptz, terminal_id uuid, gate_id uuid,
        site_id uuid, service_code text, direction text, medium_id bigint, pass_id uuid, entitlement_id uuid,
        outcome text, reason text, charges text, keep_until date, key text, fingerprint bytea, answer bytea""",
    "ledger_5_detail": """
        place int, authority_id uuid, billed_cents int, paid_cents int, payment text, agent_id uuid, motive text,
        cancels bigint, deposits text, persons int, left_zone_id uuid, left_since timestamptz, keep_until date""",
    "ledger_5_fact": """
        place int, authority_id uuid, terminal_id uuid, happened_at timestamptz, flags text, judged_outcome text,
        judged_reason text, sequence bigint, bundle bigint, drift_seconds bigint, keep_until date""",
}
"""What a row of a batch holds: lines to read facts for, then what is written."""

FUNCTION = """
CREATE FUNCTION ledger_write_5(
    counters ledger_5_counter[], presences ledger_5_presence[], uses ledger_5_use[], crowds ledger_5_crowd[],
    hours ledger_5_hour[], events ledger_5_event[], details ledger_5_detail[], facts ledger_5_fact[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    touched int;
    before bigint;
    moved ledger_5_crowd;
BEGIN
    -- Counters: a row that was read must still have the version that was read, one that was not must not exist yet.
    -- The upsert probes the key of one element after another: no plan can turn it into a scan of the table, and
    -- rows are locked in the order of the arrays.
    IF cardinality(counters) > 0 THEN
        INSERT INTO counter AS c (entitlement_id, ends_before, position, starts_on, authority_id, used, version,
            keep_until)
        SELECT n.entitlement_id, n.ends_before, n.position, n.starts_on, n.authority_id, n.used, n.version + 1,
            n.keep_until
        FROM unnest(counters) AS n
        ON CONFLICT (entitlement_id, ends_before, position) DO UPDATE SET used = excluded.used,
            version = excluded.version
            WHERE c.version = excluded.version - 1;
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched <> cardinality(counters) THEN
            RAISE EXCEPTION 'a counter has moved' USING ERRCODE = 'MP001';
        END IF;
    END IF;

    -- Last states: the same comparison. This is what makes one of K simultaneous entries win.
    IF cardinality(presences) > 0 THEN
        INSERT INTO presence AS p (pass_id, site_id, authority_id, zone_id, since, day, version, keep_until, gate_id,
            medium_id, came_at, entitlement_id, persons, attends, admissions)
        SELECT n.pass_id, n.site_id, n.authority_id, n.zone_id, n.since, n.day, n.version + 1, n.keep_until, n.gate_id,
            n.medium_id, n.came_at, n.entitlement_id, n.persons, n.attends, n.admissions
        FROM unnest(presences) AS n
        ON CONFLICT (pass_id, site_id) DO UPDATE SET zone_id = excluded.zone_id, since = excluded.since,
            day = excluded.day, version = excluded.version, keep_until = excluded.keep_until,
            gate_id = excluded.gate_id, medium_id = excluded.medium_id, came_at = excluded.came_at,
            entitlement_id = excluded.entitlement_id, persons = excluded.persons, attends = excluded.attends,
            admissions = excluded.admissions
            WHERE p.version = excluded.version - 1;
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched <> cardinality(presences) THEN
            RAISE EXCEPTION 'a last state has moved' USING ERRCODE = 'MP001';
        END IF;
    END IF;

    -- Last uses of media: the same comparison. One message of a card opens one gate, whatever number of them read it.
    IF cardinality(uses) > 0 THEN
        INSERT INTO medium_use AS u (medium_id, authority_id, mark, spent, version, keep_until)
        SELECT n.medium_id, n.authority_id, n.mark, n.spent, n.version + 1, n.keep_until
        FROM unnest(uses) AS n
        ON CONFLICT (medium_id) DO UPDATE SET mark = excluded.mark, spent = excluded.spent, version = excluded.version,
            keep_until = excluded.keep_until
            WHERE u.version = excluded.version - 1;
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched <> cardinality(uses) THEN
            RAISE EXCEPTION 'a last use has moved' USING ERRCODE = 'MP001';
        END IF;
    END IF;

    -- Counts of people: moved by what changes, and only as far as the ceilings allow at this very moment.
    FOREACH moved IN ARRAY crowds LOOP
        IF moved.known THEN
            UPDATE occupancy SET inside = inside + moved.change, others = occupancy.others + moved.others,
                entries = occupancy.entries + moved.entries, admitted = occupancy.admitted + moved.admitted
            WHERE zone_id = moved.zone_id AND day = moved.day
                AND (moved.change <= 0 OR moved.ceiling IS NULL OR inside + moved.change <= moved.ceiling)
                AND (moved.others <= 0 OR moved.ceiling_others IS NULL
                    OR occupancy.others + moved.others <= moved.ceiling_others)
                AND (moved.admitted <= 0 OR moved.daily IS NULL
                    OR occupancy.admitted + moved.admitted <= moved.daily);
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a count has moved' USING ERRCODE = 'MP001';
            END IF;
        ELSE
            INSERT INTO occupancy (zone_id, day, authority_id, inside, others, entries, admitted)
            VALUES (moved.zone_id, moved.day, moved.authority_id, moved.change, moved.others, moved.entries,
                moved.admitted);
        END IF;
    END LOOP;

    -- Attendance by the hour: only ever added to, so nothing is compared.
    IF cardinality(hours) > 0 THEN
        INSERT INTO attendance AS a (zone_id, day, hour, authority_id, entries, most)
        SELECT n.zone_id, n.day, n.hour, n.authority_id, n.entries, n.most FROM unnest(hours) AS n
        ON CONFLICT (zone_id, day, hour) DO UPDATE SET entries = a.entries + excluded.entries,
            most = greatest(a.most, excluded.most);
    END IF;

    -- Events last: the lock on the head is held to the commit, so numbers become visible in their order.
    UPDATE ledger_head SET number = number + cardinality(events) RETURNING number - cardinality(events) INTO before;

    WITH scan AS (
        SELECT before + n.place AS number, n.*
        FROM unnest(events) WITH ORDINALITY AS n (authority_id, recorded_at, terminal_at, terminal_id, gate_id,
            site_id, service_code, direction, medium_id, pass_id, entitlement_id, outcome, reason, charges, keep_until,
            key, fingerprint, answer, place)
    ), event AS (
        INSERT INTO validation (number, authority_id, recorded_at, terminal_at, terminal_id, gate_id, site_id,
            service_code, direction, medium_id, pass_id, entitlement_id, outcome, reason, charges, keep_until)
        SELECT number, authority_id, recorded_at, terminal_at, terminal_id, gate_id, site_id, service_code, direction,
            medium_id, pass_id, entitlement_id, outcome, reason, charges, keep_until FROM scan
    )
    INSERT INTO scan_key (terminal_id, key, authority_id, fingerprint, answer, number, keep_until)
    SELECT terminal_id, key, authority_id, fingerprint, answer, number, keep_until FROM scan;

    IF cardinality(details) > 0 THEN
        INSERT INTO passage_detail (number, authority_id, billed_cents, paid_cents, payment, agent_id, motive, cancels,
            deposits, persons, left_zone_id, left_since, keep_until)
        SELECT before + n.place, n.authority_id, n.billed_cents, n.paid_cents, n.payment, n.agent_id, n.motive,
            n.cancels, n.deposits, n.persons, n.left_zone_id, n.left_since, n.keep_until
        FROM unnest(details) AS n;
    END IF;

    -- What terminals decided alone, told afterwards.
    IF cardinality(facts) > 0 THEN
        INSERT INTO passage_fact (number, authority_id, terminal_id, happened_at, flags, judged_outcome, judged_reason,
            sequence, bundle, drift_seconds, keep_until)
        SELECT before + n.place, n.authority_id, n.terminal_id, n.happened_at, n.flags, n.judged_outcome,
            n.judged_reason, n.sequence, n.bundle, n.drift_seconds, n.keep_until
        FROM unnest(facts) AS n;
    END IF;

    RETURN before;
END
$$
"""


def upgrade() -> None:
    """Bring the schema here."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, attributes in TYPES.items():
        op.execute(f"CREATE TYPE {name} AS ({attributes})")
    op.execute(FUNCTION)


def downgrade() -> None:
    """Take it back."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP FUNCTION ledger_write_5")
    for name in TYPES:
        op.execute(f"DROP TYPE {name}")
