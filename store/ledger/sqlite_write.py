"""What a batch writes to SQLite: counters, last states, counts, then events under the next numbers."""

import sqlite3
from functools import lru_cache

from store.ledger.rows import Detail, Working, admissions_text
from store.tables.types import to_microseconds

_WRITE_COUNTER = """
INSERT INTO counter (entitlement_id, ends_before, position, starts_on, authority_id, used, version, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (entitlement_id, ends_before, position) DO UPDATE SET used = excluded.used, version = excluded.version
"""

_WRITE_PRESENCE = """
INSERT INTO presence (pass_id, site_id, authority_id, zone_id, since, day, version, keep_until, gate_id, medium_id,
    came_at, entitlement_id, persons, attends, admissions)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (pass_id, site_id) DO UPDATE SET zone_id = excluded.zone_id, since = excluded.since, day = excluded.day,
    version = excluded.version, keep_until = excluded.keep_until, gate_id = excluded.gate_id,
    medium_id = excluded.medium_id, came_at = excluded.came_at, entitlement_id = excluded.entitlement_id,
    persons = excluded.persons, attends = excluded.attends, admissions = excluded.admissions
"""

_WRITE_USE = """
INSERT INTO medium_use (medium_id, authority_id, mark, spent, version, keep_until) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (medium_id) DO UPDATE SET mark = excluded.mark, spent = excluded.spent, version = excluded.version,
    keep_until = excluded.keep_until
"""

_NEW_CROWD = """
INSERT INTO occupancy (inside, others, entries, admitted, zone_id, day, authority_id) VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_MOVE_CROWD = """
UPDATE occupancy SET inside = inside + ?, others = others + ?, entries = entries + ?, admitted = admitted + ?
WHERE zone_id = ? AND day = ?
"""

_WRITE_HOUR = """
INSERT INTO attendance (zone_id, day, hour, authority_id, entries, most) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (zone_id, day, hour) DO UPDATE SET entries = entries + excluded.entries, most = max(most, excluded.most)
"""

_WRITE_EVENT = """
INSERT INTO validation (number, authority_id, recorded_at, terminal_at, terminal_id, gate_id, site_id, service_code,
    direction, medium_id, pass_id, entitlement_id, outcome, reason, charges, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_WRITE_KEY = """
INSERT INTO scan_key (terminal_id, key, authority_id, fingerprint, answer, number, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_WRITE_DETAIL = """
INSERT INTO passage_detail (number, authority_id, billed_cents, paid_cents, payment, agent_id, motive, cancels,
    deposits, persons, left_zone_id, left_since, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_WRITE_FACT = """
INSERT INTO passage_fact (number, authority_id, terminal_id, happened_at, flags, judged_outcome, judged_reason,
    sequence, bundle, drift_seconds, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

digits = lru_cache(maxsize=65_536)("{:032x}".format)
"""The digits of an id's integer. `UUID.hex` makes them anew each time, and every scan needs fifteen."""


def write(connection: sqlite3.Connection, working: Working) -> None:
    """Write everything that a batch has moved, inside the transaction that has read it."""
    connection.executemany(
        _WRITE_COUNTER,
        [
            (
                digits(c.entitlement_id.int),
                c.ends_before.isoformat(),
                c.position,
                c.starts_on.isoformat(),
                digits(c.authority_id.int),
                c.used,
                c.version + 1,
                c.keep_until.isoformat(),
            )
            for c in working.counters.values()
        ],
    )
    connection.executemany(
        _WRITE_PRESENCE,
        [
            (
                digits(p.pass_id.int),
                digits(p.site_id.int),
                digits(p.authority_id.int),
                digits(p.zone_id.int) if p.zone_id is not None else None,
                to_microseconds(p.since),
                p.day.isoformat(),
                p.version + 1,
                p.keep_until.isoformat(),
                digits(p.gate_id.int),
                p.medium_id,
                to_microseconds(p.came_at) if p.came_at is not None else None,
                digits(p.entitlement_id.int) if p.entitlement_id is not None else None,
                p.persons,
                p.attends,
                admissions_text(p.admissions),
            )
            for p in working.presences.values()
        ],
    )
    moved = [
        (
            c.change,
            c.change_others,
            c.entries,
            c.admitted,
            digits(c.zone_id.int),
            c.day.isoformat(),
            digits(c.authority_id.int),
            c.known,
        )
        for c in working.crowds.values()
    ]
    connection.executemany(_MOVE_CROWD, [row[:6] for row in moved if row[7]])
    connection.executemany(_NEW_CROWD, [row[:7] for row in moved if not row[7]])
    connection.executemany(
        _WRITE_HOUR,
        [
            (digits(h.zone_id.int), h.day.isoformat(), h.hour, digits(h.authority_id.int), h.entries, h.most)
            for h in working.hours.values()
        ],
    )
    if working.uses:
        connection.executemany(
            _WRITE_USE,
            [
                (u.medium_id, digits(u.authority_id.int), u.mark, u.spent, u.version + 1, u.keep_until.isoformat())
                for u in working.uses.values()
            ],
        )
    _write_events(connection, working)


def _write_events(connection: sqlite3.Connection, working: Working) -> None:
    (last,) = connection.execute(
        "UPDATE ledger_head SET number = number + ? RETURNING number", (len(working.events),)
    ).fetchone()
    first = last - len(working.events) + 1
    events = []
    keys = []
    details = []
    for number, event in enumerate(working.events, first):
        scan, doorway, keep_until = event.scan, event.doorway, event.keep_until.isoformat()
        authority, terminal = digits(doorway.gate.authority_id.int), digits(scan.terminal_id.int)
        events.append(
            (
                number,
                authority,
                to_microseconds(scan.at),
                to_microseconds(scan.terminal_at) if scan.terminal_at is not None else None,
                terminal,
                digits(doorway.gate.id.int),
                digits(doorway.site.id.int),
                doorway.site.service_code,
                scan.direction,
                scan.evidence.medium_id,
                digits(event.pass_id.int) if event.pass_id is not None else None,
                digits(event.entitlement_id.int) if event.entitlement_id is not None else None,
                event.outcome,
                event.reason,
                event.charges,
                keep_until,
            )
        )
        keys.append((terminal, scan.key, authority, scan.fingerprint, event.answer, number, keep_until))
        if event.detail is not None:
            details.append((number, authority, *_detail(event.detail), keep_until))
    connection.executemany(_WRITE_EVENT, events)
    connection.executemany(_WRITE_KEY, keys)
    if details:
        connection.executemany(_WRITE_DETAIL, details)
    if working.has_facts:
        connection.executemany(_WRITE_FACT, _facts(working, first))


def _facts(working: Working, first: int) -> list[tuple[int | str | None, ...]]:
    return [
        (
            number,
            digits(event.doorway.gate.authority_id.int),
            digits(event.scan.terminal_id.int),
            to_microseconds(fact.happened_at),
            fact.flags,
            fact.judged_outcome,
            fact.judged_reason,
            fact.sequence,
            fact.bundle,
            fact.drift_seconds,
            event.keep_until.isoformat(),
        )
        for number, event in enumerate(working.events, first)
        for fact in (event.fact,)
        if fact is not None
    ]


def _detail(detail: Detail) -> tuple[int | str | None, ...]:
    return (
        detail.billed_cents,
        detail.paid_cents,
        detail.payment,
        detail.agent_id.hex if detail.agent_id is not None else None,
        detail.motive,
        detail.cancels,
        detail.deposits,
        detail.persons,
        detail.left_zone_id.hex if detail.left_zone_id is not None else None,
        to_microseconds(detail.left_since) if detail.left_since is not None else None,
    )
