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
from domain.access.facts import Facts, MediumFacts, Presence
from domain.errors import Overloaded
from domain.passes import MediumStatus, PassStatus
from store.ledger.judge import Known, RightRow, Working, facts_of, judge, wall_clock
from store.ledger.scan import Scan, Settled
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
       s.site_id, s.zone_id, s.since, s.day, s.version
FROM json_each(?) AS j
CROSS JOIN medium AS m ON m.id = j.value ->> 2
CROSS JOIN pass AS p ON p.id = m.pass_id
CROSS JOIN holder AS h ON h.id = p.holder_id
LEFT JOIN presence AS s ON s.pass_id = p.id AND s.site_id = j.value ->> 4
"""

# Rights that ended up to ninety days ago are read too, so that the refusal can say so.
_RIGHTS = """
SELECT m.id, e.service_code, j.value ->> 6, e.id, e.product_id, e.valid_from, e.valid_until,
       c.position, c.ends_before, c.used, c.version
FROM json_each(?) AS j
CROSS JOIN medium AS m ON m.id = j.value ->> 2
CROSS JOIN pass AS p ON p.id = m.pass_id
CROSS JOIN beneficiary AS b ON b.holder_id = p.holder_id
    AND b.valid_from <= j.value ->> 6 AND b.valid_until > j.value ->> 6
CROSS JOIN entitlement AS e ON e.subject_id = b.subject_id
    AND e.service_code = j.value ->> 3 AND e.valid_until > date(j.value ->> 6, '-90 days')
LEFT JOIN counter AS c ON c.entitlement_id = e.id AND c.ends_before > j.value ->> 6 AND c.starts_on <= j.value ->> 6
"""

_CROWDS = """
SELECT o.zone_id, o.day, o.inside
FROM json_each(?) AS j
CROSS JOIN occupancy AS o ON o.zone_id = j.value ->> 5 AND o.day = j.value ->> 6
"""

_WRITE_COUNTER = """
INSERT INTO counter (entitlement_id, ends_before, position, starts_on, authority_id, used, version, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (entitlement_id, ends_before, position) DO UPDATE SET used = excluded.used, version = excluded.version
"""

_WRITE_PRESENCE = """
INSERT INTO presence (pass_id, site_id, authority_id, zone_id, since, day, version, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (pass_id, site_id) DO UPDATE SET zone_id = excluded.zone_id, since = excluded.since, day = excluded.day,
    version = excluded.version, keep_until = excluded.keep_until
"""

_NEW_CROWD = "INSERT INTO occupancy (inside, entries, zone_id, day, authority_id) VALUES (?, ?, ?, ?, ?)"

_MOVE_CROWD = "UPDATE occupancy SET inside = inside + ?, entries = entries + ? WHERE zone_id = ? AND day = ?"

_WRITE_EVENT = """
INSERT INTO validation (number, authority_id, recorded_at, terminal_at, terminal_id, gate_id, site_id, service_code,
    direction, medium_id, pass_id, entitlement_id, outcome, reason, charges, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_WRITE_KEY = """
INSERT INTO scan_key (terminal_id, key, authority_id, fingerprint, answer, number, keep_until)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_uuid = lru_cache(maxsize=65_536)(UUID)
_date = lru_cache(maxsize=16_384)(date.fromisoformat)


class SqliteEngine:
    """Settles batches on one file. `load_catalogue` reads the reference data anew when its version has moved."""

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
                    c.entitlement_id.hex,
                    c.ends_before.isoformat(),
                    c.position,
                    c.starts_on.isoformat(),
                    c.authority_id.hex,
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
                    p.pass_id.hex,
                    p.site_id.hex,
                    p.authority_id.hex,
                    p.zone_id.hex if p.zone_id is not None else None,
                    to_microseconds(p.since),
                    p.day.isoformat(),
                    p.version + 1,
                    p.keep_until.isoformat(),
                )
                for p in working.presences.values()
            ],
        )
        moved = [
            (c.change, c.entries, c.zone_id.hex, c.day.isoformat(), c.authority_id.hex, c.known)
            for c in working.crowds.values()
        ]
        connection.executemany(_MOVE_CROWD, [row[:4] for row in moved if row[5]])
        connection.executemany(_NEW_CROWD, [row[:5] for row in moved if not row[5]])
        self._write_events(working)

    def _write_events(self, working: Working) -> None:
        connection = self._connection
        (last,) = connection.execute(
            "UPDATE ledger_head SET number = number + ? RETURNING number", (len(working.events),)
        ).fetchone()
        first = last - len(working.events) + 1
        events = []
        keys = []
        for number, event in enumerate(working.events, first):
            scan, doorway, keep_until = event.scan, event.doorway, event.keep_until.isoformat()
            authority, terminal = doorway.gate.authority_id.hex, scan.terminal_id.hex
            events.append(
                (
                    number,
                    authority,
                    to_microseconds(scan.at),
                    to_microseconds(scan.terminal_at) if scan.terminal_at is not None else None,
                    terminal,
                    doorway.gate.id.hex,
                    doorway.site.id.hex,
                    doorway.site.service_code,
                    scan.direction,
                    scan.evidence.medium_id,
                    event.pass_id.hex if event.pass_id is not None else None,
                    event.entitlement_id.hex if event.entitlement_id is not None else None,
                    event.verdict.outcome,
                    event.verdict.reason,
                    event.charges,
                    keep_until,
                )
            )
            keys.append((terminal, scan.key, authority, scan.fingerprint, event.answer, number, keep_until))
        connection.executemany(_WRITE_EVENT, events)
        connection.executemany(_WRITE_KEY, keys)


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
    batch = msgspec.json.encode([_line(scan, catalogue) for scan in scans]).decode()
    rows = connection.execute
    known = Known()
    for terminal, key, fingerprint, answer in rows(_ANSWERS, (batch,)):
        known.answers[_uuid(terminal).int, key] = (fingerprint, answer)
    terminals = msgspec.json.encode(list({scan.terminal_id.hex for scan in scans})).decode()
    known.active_terminals = {_uuid(terminal).int for (terminal,) in rows(_TERMINALS, (terminals,))}
    for row in rows(_MEDIA, (batch,)):
        _keep_medium(known, row)
    for row in rows(_RIGHTS, (batch,)):
        _keep_right(known, row)
    for zone, day, inside in rows(_CROWDS, (batch,)):
        known.crowds[_uuid(zone).int, _date(day)] = inside
    return known


def _line(scan: Scan, catalogue: Catalogue) -> tuple[str | int | None, ...]:
    """One scan as the read statements see it: terminal, key, medium, service, site, zone, local day."""
    doorway = catalogue.doorways.get(scan.gate_id)
    if doorway is None:
        return (scan.terminal_id.hex, scan.key, None, None, None, None, None)
    return (
        scan.terminal_id.hex,
        scan.key,
        scan.evidence.medium_id,
        doorway.site.service_code,
        doorway.site.id.hex,
        doorway.zone.id.hex,
        wall_clock(scan.at, doorway.time_zone)[0].isoformat(),
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
    ) = row
    pass_key = _uuid(pass_id)
    known.media[medium_id] = MediumFacts(
        medium_id,
        MediumStatus(medium_status),
        pass_key,
        PassStatus(pass_status),
        _date(since),
        _date(until),
        _uuid(authority),
        _date(born_on),
    )
    if site is not None:
        inside = _uuid(zone) if zone is not None else None
        here = Presence(inside, from_microseconds(seen), version)
        known.presences[pass_key.int, _uuid(site).int] = (here, _date(day))


def _keep_right(known: Known, row: tuple[Any, ...]) -> None:
    medium_id, service, day, entitlement, product, valid_from, valid_until, position, ends_before, used, version = row
    entitlement_id = _uuid(entitlement)
    rights = known.rights.setdefault((medium_id, service, _date(day)), [])
    if not any(right.entitlement_id == entitlement_id for right in rights):
        rights.append(RightRow(entitlement_id, _uuid(product), _date(valid_from), _date(valid_until)))
    if position is not None:
        known.counters[entitlement_id.int, _date(ends_before), position] = (used, version)
