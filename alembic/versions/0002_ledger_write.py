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
    p_pass uuid[], p_site uuid[], p_authority uuid[], p_inside int[], p_since timestamptz[], p_day date[],
    p_version int[], p_keep date[],
    o_zone uuid[], o_day date[], o_authority uuid[], o_change int[], o_entries int[], o_ceiling int[], o_known bool[],
    e_authority uuid[], e_recorded timestamptz[], e_terminal_at timestamptz[], e_terminal uuid[], e_gate uuid[],
    e_site uuid[], e_service text[], e_direction text[], e_medium bigint[], e_pass uuid[], e_entitlement uuid[],
    e_outcome text[], e_reason text[], e_charges text[], e_keep date[],
    k_key text[], k_fingerprint bytea[], k_answer bytea[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    fresh int;
    touched int;
    last bigint;
BEGIN
    -- Counters: those that were read must still have the version that was read; the others must not exist yet.
    IF cardinality(c_entitlement) > 0 THEN
        UPDATE counter AS c SET used = n.used, version = n.version + 1
        FROM unnest(c_entitlement, c_ends, c_position, c_used, c_version)
            AS n (entitlement_id, ends_before, position, used, version)
        WHERE n.version > 0 AND c.entitlement_id = n.entitlement_id AND c.ends_before = n.ends_before
            AND c.position = n.position AND c.version = n.version;
        GET DIAGNOSTICS touched = ROW_COUNT;
        fresh := cardinality(c_entitlement) - touched;
        IF fresh > 0 THEN
            INSERT INTO counter (entitlement_id, ends_before, position, starts_on, authority_id, used, version, keep_until)
            SELECT n.entitlement_id, n.ends_before, n.position, n.starts_on, n.authority_id, n.used, 1, n.keep_until
            FROM unnest(c_entitlement, c_ends, c_position, c_starts, c_authority, c_used, c_version, c_keep)
                AS n (entitlement_id, ends_before, position, starts_on, authority_id, used, version, keep_until)
            WHERE n.version = 0;
            GET DIAGNOSTICS touched = ROW_COUNT;
            IF touched <> fresh THEN
                RAISE EXCEPTION 'a counter has moved' USING ERRCODE = 'MP001';
            END IF;
        END IF;
    END IF;

    -- Last states: the same comparison. This is what makes one of K simultaneous entries win.
    IF cardinality(p_pass) > 0 THEN
        UPDATE presence AS p SET inside = n.inside, since = n.since, day = n.day, version = n.version + 1,
            keep_until = n.keep_until
        FROM unnest(p_pass, p_site, p_inside, p_since, p_day, p_version, p_keep)
            AS n (pass_id, site_id, inside, since, day, version, keep_until)
        WHERE n.version > 0 AND p.pass_id = n.pass_id AND p.site_id = n.site_id AND p.version = n.version;
        GET DIAGNOSTICS touched = ROW_COUNT;
        fresh := cardinality(p_pass) - touched;
        IF fresh > 0 THEN
            INSERT INTO presence (pass_id, site_id, authority_id, inside, since, day, version, keep_until)
            SELECT n.pass_id, n.site_id, n.authority_id, n.inside, n.since, n.day, 1, n.keep_until
            FROM unnest(p_pass, p_site, p_authority, p_inside, p_since, p_day, p_version, p_keep)
                AS n (pass_id, site_id, authority_id, inside, since, day, version, keep_until)
            WHERE n.version = 0;
            GET DIAGNOSTICS touched = ROW_COUNT;
            IF touched <> fresh THEN
                RAISE EXCEPTION 'a last state has moved' USING ERRCODE = 'MP001';
            END IF;
        END IF;
    END IF;

    -- Counts of people: moved by what changes, and only as far as the ceiling allows at this very moment.
    IF cardinality(o_zone) > 0 THEN
        UPDATE occupancy AS o SET inside = o.inside + n.change, entries = o.entries + n.entries
        FROM unnest(o_zone, o_day, o_change, o_entries, o_ceiling, o_known)
            AS n (zone_id, day, change, entries, ceiling, known)
        WHERE n.known AND o.zone_id = n.zone_id AND o.day = n.day
            AND (n.change <= 0 OR n.ceiling IS NULL OR o.inside + n.change <= n.ceiling);
        GET DIAGNOSTICS touched = ROW_COUNT;
        fresh := cardinality(o_zone) - touched;
        IF fresh > 0 THEN
            INSERT INTO occupancy (zone_id, day, authority_id, inside, entries)
            SELECT n.zone_id, n.day, n.authority_id, n.change, n.entries
            FROM unnest(o_zone, o_day, o_authority, o_change, o_entries, o_known)
                AS n (zone_id, day, authority_id, change, entries, known)
            WHERE NOT n.known;
            GET DIAGNOSTICS touched = ROW_COUNT;
            IF touched <> fresh THEN
                RAISE EXCEPTION 'a count has moved' USING ERRCODE = 'MP001';
            END IF;
        END IF;
    END IF;

    -- Events last: the lock on the head is held to the commit, so numbers become visible in their order.
    UPDATE ledger_head SET number = number + cardinality(k_key) RETURNING number INTO last;

    WITH scan AS (
        SELECT last - cardinality(k_key) + n.place AS number, n.*
        FROM unnest(e_authority, e_recorded, e_terminal_at, e_terminal, e_gate, e_site, e_service, e_direction, e_medium,
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
