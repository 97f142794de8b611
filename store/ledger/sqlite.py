"""The ledger on SQLite: one writer thread, one BEGIN IMMEDIATE per batch, synchronous FULL.

The write lock is held from the first read to the commit, so what was read still holds when it is written. Batches are
fed as one JSON text and read with a handful of statements, whatever their size: small calls would hand the
interpreter lock back and forth.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from domain.access.catalogue import Catalogue
from domain.access.facts import Facts, LastUse, MediumFacts, Presence, Standing
from domain.circumstances import CircumstanceKind
from domain.errors import Overloaded
from domain.passes import MediumStatus, PassStatus
from domain.products import Attendance
from store.ledger.judge import facts_of, judge
from store.ledger.rows import Detail, Known, RightRow, Told, Working
from store.ledger.scan import Passed, Scan, Settled, wall_clock
from store.tables.types import from_microseconds, to_microseconds

BUSY_SECONDS = 1.5
"""How long another program may hold the write lock."""

# A checkpoint runs inside the commit that crosses its limit, and every gate waits for it: 40 MB of log make it rare.
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-65536",
    "wal_autocheckpoint=10000",
)

LoadCatalogue = Callable[[], Catalogue]
Line = tuple[str | int | None, ...]
"""One scan as the read statements see it."""

_ANSWERS = """
SELECT k.terminal_id, k.key, k.fingerprint, k.answer
FROM json_each(?) AS j
CROSS JOIN scan_key AS k ON k.terminal_id = j.value ->> 0 AND k.key = j.value ->> 1
"""

_TERMINALS = """
SELECT id FROM terminal WHERE id IN (SELECT j.value FROM json_each(?) AS j) AND status = 'active'
"""

_MEDIA = """
SELECT m.id, m.status, p.id, p.status, p.valid_from, p.valid_until, m.authority_id, h.born_on,
       s.site_id, s.zone_id, s.since, s.day, s.version, s.gate_id, s.medium_id, s.came_at, s.entitlement_id, s.persons,
       s.attends
FROM json_each(?) AS j
CROSS JOIN medium AS m ON m.id = j.value ->> 2
CROSS JOIN pass AS p ON p.id = m.pass_id
CROSS JOIN holder AS h ON h.id = p.holder_id
LEFT JOIN presence AS s ON s.pass_id = p.id AND s.site_id = j.value ->> 4
"""

# Rights that ended up to ninety days ago are read too, so that the refusal can say so. Whoever left in a split shares
# the rights that were running that day, and no later one. LIMIT -1 has each line of the batch taken apart once, before
# the look-ups: they would do so again for each row that they meet.
_RIGHTS = """
SELECT m.id, e.service_code, i.day, e.id, e.product_id, e.valid_from, e.valid_until, e.subject_id,
       e.subject_id = b.holder_id OR b.former,
       EXISTS (SELECT 1 FROM circumstance AS s WHERE s.subject_id = e.subject_id AND s.kind = 'suspended'
               AND s.value = e.service_code AND s.valid_from <= i.day AND s.valid_until > i.day),
       c.position, c.ends_before, c.used, c.version
FROM (
    SELECT value ->> 2 AS medium_id, value ->> 3 AS service_code, value ->> 6 AS day,
           date(value ->> 6, '-90 days') AS lately
    FROM json_each(?) LIMIT -1 OFFSET 0
) AS i
CROSS JOIN medium AS m ON m.id = i.medium_id
CROSS JOIN pass AS p ON p.id = m.pass_id
CROSS JOIN beneficiary AS b ON b.holder_id = p.holder_id AND b.valid_from <= i.day AND b.valid_until > i.day
CROSS JOIN entitlement AS e ON e.subject_id = b.subject_id
    AND e.service_code = i.service_code AND e.valid_until > i.lately
    AND (NOT b.former OR e.valid_from <= b.valid_from)
LEFT JOIN counter AS c ON c.entitlement_id = e.id AND c.ends_before > i.day AND c.starts_on <= i.day
"""

# Read only where a product asks for them; those that ended up to ninety days ago too, for the grace of a tariff.
_STANDINGS = """
SELECT m.id, i.day, s.subject_id, s.kind, s.value, s.valid_until,
       b.subject_id = b.holder_id OR EXISTS (SELECT 1 FROM household WHERE id = b.subject_id)
FROM (
    SELECT value ->> 2 AS medium_id, value ->> 6 AS day, date(value ->> 6, '-90 days') AS lately
    FROM json_each(?) LIMIT -1 OFFSET 0
) AS i
CROSS JOIN medium AS m ON m.id = i.medium_id
CROSS JOIN pass AS p ON p.id = m.pass_id
CROSS JOIN beneficiary AS b ON b.holder_id = p.holder_id AND b.valid_from <= i.day AND b.valid_until > i.day
    AND NOT b.former
CROSS JOIN circumstance AS s ON s.subject_id = b.subject_id
    AND s.valid_from <= i.day AND s.valid_until > i.lately AND s.kind <> 'suspended'
"""

_CANCELLED = "SELECT cancels FROM passage_detail WHERE cancels IN (SELECT j.value FROM json_each(?) AS j)"

_COUNTERS = """
SELECT c.entitlement_id, c.ends_before, c.position, c.used, c.version
FROM json_each(?) AS j
CROSS JOIN counter AS c ON c.entitlement_id = j.value ->> 0 AND c.ends_before = j.value ->> 1
    AND c.position = j.value ->> 2
"""

_CROWDS = """
SELECT o.zone_id, o.day, o.inside, o.others
FROM json_each(?) AS j
CROSS JOIN occupancy AS o ON o.zone_id = j.value ->> 5 AND o.day = j.value ->> 6
"""

# Read only for media that bring a mark: a card's count, or the moment of a phone's code.
_USES = """
SELECT u.medium_id, u.mark, u.spent, u.version
FROM json_each(?) AS j
CROSS JOIN medium_use AS u ON u.medium_id = j.value
"""

_WRITE_COUNTER = """
INSERT INTO counter (entitlement_id, ends_before, position, starts_on, authority_id, used, version, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (entitlement_id, ends_before, position) DO UPDATE SET used = excluded.used, version = excluded.version
"""

_WRITE_PRESENCE = """
INSERT INTO presence (pass_id, site_id, authority_id, zone_id, since, day, version, keep_until, gate_id, medium_id,
    came_at, entitlement_id, persons, attends)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (pass_id, site_id) DO UPDATE SET zone_id = excluded.zone_id, since = excluded.since, day = excluded.day,
    version = excluded.version, keep_until = excluded.keep_until, gate_id = excluded.gate_id,
    medium_id = excluded.medium_id, came_at = excluded.came_at, entitlement_id = excluded.entitlement_id,
    persons = excluded.persons, attends = excluded.attends
"""

_WRITE_USE = """
INSERT INTO medium_use (medium_id, authority_id, mark, spent, version, keep_until) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (medium_id) DO UPDATE SET mark = excluded.mark, spent = excluded.spent, version = excluded.version,
    keep_until = excluded.keep_until
"""

_NEW_CROWD = "INSERT INTO occupancy (inside, others, entries, zone_id, day, authority_id) VALUES (?, ?, ?, ?, ?, ?)"

_MOVE_CROWD = """
UPDATE occupancy SET inside = inside + ?, others = others + ?, entries = entries + ? WHERE zone_id = ? AND day = ?
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
    deposits, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_uuid = lru_cache(maxsize=65_536)(UUID)
_hex = lru_cache(maxsize=65_536)("{:032x}".format)
"""The digits of an id's integer. `UUID.hex` makes them anew each time, and every scan needs fifteen."""

_medium_status = {status.value: status for status in MediumStatus}
_pass_status = {status.value: status for status in PassStatus}
_date = lru_cache(maxsize=16_384)(date.fromisoformat)


class SqliteEngine:
    """Settles batches on one file. `load_catalogue` reads the reference data anew when its version has moved."""

    at_once = 1
    """The file has one write lock, held from the first read to the commit."""

    def __init__(self, path: Path, load_catalogue: LoadCatalogue) -> None:
        self._path = path
        self._load_catalogue = load_catalogue
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._catalogue: Catalogue | None = None

    async def open(self) -> None:
        """Open the file in the writer thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open)

    def _open(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        self._connection = connection

    async def close(self) -> None:
        """Close the file and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        self._connection.close()

    async def settle(self, scans: list[Scan]) -> list[Settled]:
        """Settle a batch in the writer thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._settle, scans)

    def _settle(self, scans: list[Scan]) -> list[Settled]:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as busy:
            raise Overloaded("Another program holds the database.") from busy
        try:
            catalogue = self._current_catalogue()
            settled, working = judge(scans, _read(connection, scans, catalogue), catalogue)
            if working.events:
                self._write(working)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return settled

    def _current_catalogue(self) -> Catalogue:
        if self._catalogue is None or self._catalogue.version != _version(self._connection):
            self._catalogue = self._load_catalogue()
        return self._catalogue

    def _write(self, working: Working) -> None:
        connection = self._connection
        connection.executemany(
            _WRITE_COUNTER,
            [
                (
                    _hex(c.entitlement_id.int),
                    c.ends_before.isoformat(),
                    c.position,
                    c.starts_on.isoformat(),
                    _hex(c.authority_id.int),
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
                    _hex(p.pass_id.int),
                    _hex(p.site_id.int),
                    _hex(p.authority_id.int),
                    _hex(p.zone_id.int) if p.zone_id is not None else None,
                    to_microseconds(p.since),
                    p.day.isoformat(),
                    p.version + 1,
                    p.keep_until.isoformat(),
                    _hex(p.gate_id.int),
                    p.medium_id,
                    to_microseconds(p.came_at) if p.came_at is not None else None,
                    _hex(p.entitlement_id.int) if p.entitlement_id is not None else None,
                    p.persons,
                    p.attends,
                )
                for p in working.presences.values()
            ],
        )
        moved = [
            (
                c.change,
                c.change_others,
                c.entries,
                _hex(c.zone_id.int),
                c.day.isoformat(),
                _hex(c.authority_id.int),
                c.known,
            )
            for c in working.crowds.values()
        ]
        connection.executemany(_MOVE_CROWD, [row[:5] for row in moved if row[6]])
        connection.executemany(_NEW_CROWD, [row[:6] for row in moved if not row[6]])
        connection.executemany(
            _WRITE_HOUR,
            [
                (_hex(h.zone_id.int), h.day.isoformat(), h.hour, _hex(h.authority_id.int), h.entries, h.most)
                for h in working.hours.values()
            ],
        )
        if working.uses:
            connection.executemany(
                _WRITE_USE,
                [
                    (u.medium_id, _hex(u.authority_id.int), u.mark, u.spent, u.version + 1, u.keep_until.isoformat())
                    for u in working.uses.values()
                ],
            )
        self._write_events(working)

    def _write_events(self, working: Working) -> None:
        connection = self._connection
        (last,) = connection.execute(
            "UPDATE ledger_head SET number = number + ? RETURNING number", (len(working.events),)
        ).fetchone()
        first = last - len(working.events) + 1
        events = []
        keys = []
        details = []
        for number, event in enumerate(working.events, first):
            scan, doorway, keep_until = event.scan, event.doorway, event.keep_until.isoformat()
            authority, terminal = _hex(doorway.gate.authority_id.int), _hex(scan.terminal_id.int)
            events.append(
                (
                    number,
                    authority,
                    to_microseconds(scan.at),
                    to_microseconds(scan.terminal_at) if scan.terminal_at is not None else None,
                    terminal,
                    _hex(doorway.gate.id.int),
                    _hex(doorway.site.id.int),
                    doorway.site.service_code,
                    scan.direction,
                    scan.evidence.medium_id,
                    _hex(event.pass_id.int) if event.pass_id is not None else None,
                    _hex(event.entitlement_id.int) if event.entitlement_id is not None else None,
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


def _detail(detail: Detail) -> tuple[int | str | None, ...]:
    return (
        detail.billed_cents,
        detail.paid_cents,
        detail.payment,
        detail.agent_id.hex if detail.agent_id is not None else None,
        detail.motive,
        detail.cancels,
        detail.deposits,
    )


def consider(path: Path, scan: Scan, catalogue: Catalogue) -> Facts | None:
    """Read the facts of a scan that never happened, on a connection that cannot write and waits for no writer.

    None when the reference data is no longer that of `catalogue`.
    """
    with closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("BEGIN")
        if _version(connection) != catalogue.version:
            return None
        return facts_of(scan, _read(connection, [scan], catalogue), catalogue)


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("SELECT version FROM catalogue").fetchone()
    return int(version)


def _read(connection: sqlite3.Connection, scans: list[Scan], catalogue: Catalogue) -> Known:
    lines = [_line(scan, catalogue) for scan in scans]
    batch = msgspec.json.encode(lines).decode()
    rows = connection.execute
    known = Known()
    for terminal, key, fingerprint, answer in rows(_ANSWERS, (batch,)):
        known.answers[_uuid(terminal).int, key] = (fingerprint, answer)
    terminals = msgspec.json.encode(list({_hex(scan.terminal_id.int) for scan in scans})).decode()
    known.active_terminals = {_uuid(terminal).int for (terminal,) in rows(_TERMINALS, (terminals,))}
    for row in rows(_MEDIA, (batch,)):
        _keep_medium(known, row)
    for row in rows(_RIGHTS, (batch,)):
        _keep_right(known, row)
    for zone, day, inside, others in rows(_CROWDS, (batch,)):
        known.crowds[_uuid(zone).int, _date(day)] = (inside, others)
    asking = [line for line in lines if line[3] in catalogue.conditional]
    if asking:
        _read_standings(connection, asking, known)
    marked = [scan.evidence.medium_id for scan in scans if scan.evidence.mark is not None]
    if marked:
        for medium_id, mark, spent, version in rows(_USES, (msgspec.json.encode(marked).decode(),)):
            known.uses[medium_id] = LastUse(mark, bool(spent), version)
    passed = [scan.cancels for scan in scans if scan.cancels is not None]
    if passed:
        _read_passed(connection, passed, known)
    return known


def _read_standings(connection: sqlite3.Connection, lines: list[Line], known: Known) -> None:
    # Two scans of one pass in a batch bring their rows twice.
    found = set(connection.execute(_STANDINGS, (msgspec.json.encode(lines).decode(),)))
    for medium_id, day, subject, kind, value, ends, at_home in sorted(found):
        told = Told(_uuid(subject), bool(at_home), Standing(CircumstanceKind(kind), value, _date(ends)))
        known.standings.setdefault((medium_id, _date(day)), []).append(told)


def _read_passed(connection: sqlite3.Connection, passed: list[Passed], known: Known) -> None:
    """Read what cancellations move: the very counters of each passage, and whether somebody was faster."""
    numbers = msgspec.json.encode([one.number for one in passed]).decode()
    known.cancelled = {number for (number,) in connection.execute(_CANCELLED, (numbers,))}
    keys = [
        (one.entitlement_id.hex, ends_before.isoformat(), position)
        for one in passed
        if one.entitlement_id is not None
        for position, _, ends_before, _ in one.charges
    ]
    found = connection.execute(_COUNTERS, (msgspec.json.encode(keys).decode(),))
    for entitlement, ends_before, position, used, version in found:
        known.counters[_uuid(entitlement).int, _date(ends_before), position] = (used, version)


def _line(scan: Scan, catalogue: Catalogue) -> Line:
    """One scan as the read statements see it: terminal, key, medium, service, site, zone, local day."""
    doorway = catalogue.doorways.get(scan.gate_id)
    if doorway is None:
        return (_hex(scan.terminal_id.int), scan.key, None, None, None, None, None)
    return (
        _hex(scan.terminal_id.int),
        scan.key,
        scan.evidence.medium_id,
        doorway.site.service_code,
        _hex(doorway.site.id.int),
        _hex(doorway.zone.id.int),
        wall_clock(scan.about, doorway.time_zone)[0].isoformat(),
    )


def _keep_medium(known: Known, row: tuple[Any, ...]) -> None:
    (
        medium_id,
        medium_status,
        pass_id,
        pass_status,
        since,
        until,
        authority,
        born_on,
        site,
        zone,
        seen,
        day,
        version,
        *stay,
    ) = row
    pass_key = _uuid(pass_id)
    known.media[medium_id] = MediumFacts(
        medium_id,
        _medium_status[medium_status],
        pass_key,
        _pass_status[pass_status],
        _date(since),
        _date(until),
        _uuid(authority),
        _date(born_on),
    )
    if site is not None:
        inside = _uuid(zone) if zone is not None else None
        gate, shown, came_at, entitlement, persons, attends = stay
        here = Presence(
            inside,
            from_microseconds(seen),
            version,
            _uuid(gate) if gate is not None else None,
            shown,
            from_microseconds(came_at) if came_at is not None else None,
            _uuid(entitlement) if entitlement is not None else None,
            persons,
            Attendance(attends),
        )
        known.presences[pass_key.int, _uuid(site).int] = (here, _date(day))


def _keep_right(known: Known, row: tuple[Any, ...]) -> None:
    medium_id, service, day, entitlement, product, valid_from, valid_until, subject, own, suspended, *counted = row
    entitlement_id = _uuid(entitlement)
    rights = known.rights.setdefault((medium_id, service, _date(day)), [])
    if not any(right.entitlement_id == entitlement_id for right in rights):
        rights.append(
            RightRow(
                entitlement_id,
                _uuid(product),
                _date(valid_from),
                _date(valid_until),
                _uuid(subject),
                bool(own),
                bool(suspended),
            )
        )
    position, ends_before, used, version = counted
    if position is not None:
        known.counters[entitlement_id.int, _date(ends_before), position] = (used, version)
