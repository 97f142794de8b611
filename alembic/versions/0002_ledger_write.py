"""The ledger's one write on PostgreSQL.

Takes a batch as arrays, each group sorted by its key, and applies all of it or, with SQLSTATE MP001, nothing. The name
carries a number: a later version stands beside it while old and new programs run together.

Revision: 0002, after 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION ledger_write_1(
    c_entitlement uuid[], c_ends date[], c_position int[], c_starts date[], c_authority uuid[], c_used bigint[],
    c_version int[], c_keep date[],
    p_pass uuid[], p_site uuid[], p_authority uuid[], p_zone uuid[], p_since timestamptz[], p_day date[],
    p_version int[], p_keep date[],
    o_zone uuid[], o_day date[], o_authority uuid[], o_change int[], o_entries int[], o_ceiling int[], o_known bool[],
    e_authority uuid[], e_recorded timestamptz[], e_terminal_at timestamptz[], e_terminal uuid[], e_gate uuid[],
    e_site uuid[], e_service text[], e_direction text[], e_medium bigint[], e_pass uuid[], e_entitlement uuid[],
    e_outcome text[], e_reason text[], e_charges text[], e_keep date[],
    k_key text[], k_fingerprint bytea[], k_answer bytea[]
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
    INSERT INTO presence AS p (pass_id, site_id, authority_id, zone_id, since, day, version, keep_until)
    SELECT n.pass_id, n.site_id, n.authority_id, n.zone_id, n.since, n.day, n.version + 1, n.keep_until
    FROM unnest(p_pass, p_site, p_authority, p_zone, p_since, p_day, p_version, p_keep)
        AS n (pass_id, site_id, authority_id, zone_id, since, day, version, keep_until)
    ON CONFLICT (pass_id, site_id) DO UPDATE SET zone_id = excluded.zone_id, since = excluded.since, day = excluded.day,
        version = excluded.version, keep_until = excluded.keep_until
        WHERE p.version = excluded.version - 1;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched <> cardinality(p_pass) THEN
        RAISE EXCEPTION 'a last state has moved' USING ERRCODE = 'MP001';
    END IF;

    -- Counts of people: moved by what changes, and only as far as the ceiling allows at this very moment.
    FOR n IN 1 .. cardinality(o_zone) LOOP
        IF o_known[n] THEN
            UPDATE occupancy SET inside = inside + o_change[n], entries = entries + o_entries[n]
            WHERE zone_id = o_zone[n] AND day = o_day[n]
                AND (o_change[n] <= 0 OR o_ceiling[n] IS NULL OR inside + o_change[n] <= o_ceiling[n]);
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a count has moved' USING ERRCODE = 'MP001';
            END IF;
        ELSE
            INSERT INTO occupancy (zone_id, day, authority_id, inside, entries)
            VALUES (o_zone[n], o_day[n], o_authority[n], o_change[n], o_entries[n]);
        END IF;
    END LOOP;

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

    RETURN last;
END
$$
"""


def upgrade() -> None:
    """Create the function where it is needed."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)


def downgrade() -> None:
    """Take it back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_write_1")
