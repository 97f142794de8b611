"""What a batch asks of SQLite: a handful of statements, each over all lines of the batch at once."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, repeat
from typing import Any
from uuid import UUID

import msgspec

from domain.access.catalogue import Catalogue
from domain.access.facts import NOWHERE, LastUse, MediumFacts, Presence, Standing
from domain.circumstances import CircumstanceKind
from domain.passes import MediumStatus, PassStatus
from domain.places import Doorway
from domain.products import Attendance
from store.ledger.rows import Known, RightRow, Told, admissions_of
from store.ledger.scan import Passed, Scan, wall_clock
from store.ledger.sqlite_write import digits
from store.tables.types import from_microseconds

Line = tuple[str | int | None, ...]
"""What a statement looks up, a value for each of its columns."""

Tap = tuple[Scan, Doorway]

_ANSWERS = """
WITH i (terminal_id, key) AS (VALUES {lines})
SELECT k.terminal_id, k.key, k.fingerprint, k.answer
FROM i
CROSS JOIN scan_key AS k ON k.terminal_id = i.terminal_id AND k.key = i.key
"""

_TERMINALS = """
WITH i (id) AS (VALUES {lines})
SELECT t.id FROM i CROSS JOIN terminal AS t ON t.id = i.id WHERE t.status = 'active'
"""

_MEDIA = """
WITH i (medium_id, site_id) AS (VALUES {lines})
SELECT p.holder_id, m.id, m.status, p.id, p.status, p.valid_from, p.valid_until, m.authority_id, h.born_on,
       s.site_id, s.zone_id, s.since, s.day, s.version, s.gate_id, s.medium_id, s.came_at, s.entitlement_id, s.persons,
       s.attends, s.admissions
FROM i
CROSS JOIN medium AS m ON m.id = i.medium_id
CROSS JOIN pass AS p ON p.id = m.pass_id
CROSS JOIN holder AS h ON h.id = p.holder_id
LEFT JOIN presence AS s ON s.pass_id = p.id AND s.site_id = i.site_id
"""

# Rights that ended up to ninety days ago are read too, so that the refusal can say so. Whoever left in a split shares
# the rights that were running that day, and no later one.
_RIGHTS = """
WITH i (medium_id, holder_id, service_code, day, lately) AS (VALUES {lines})
SELECT i.medium_id, e.service_code, i.day, e.id, e.product_id, e.valid_from, e.valid_until, e.subject_id,
       e.subject_id = b.holder_id OR b.former,
       EXISTS (SELECT 1 FROM circumstance AS s WHERE s.subject_id = e.subject_id AND s.kind = 'suspended'
               AND s.value = e.service_code AND s.valid_from <= i.day AND s.valid_until > i.day),
       c.position, c.ends_before, c.used, c.version
FROM i
CROSS JOIN beneficiary AS b ON b.holder_id = i.holder_id AND b.valid_from <= i.day AND b.valid_until > i.day
CROSS JOIN entitlement AS e ON e.subject_id = b.subject_id
    AND e.service_code = i.service_code AND e.valid_until > i.lately
    AND (NOT b.former OR e.valid_from <= b.valid_from)
LEFT JOIN counter AS c ON c.entitlement_id = e.id AND c.ends_before > i.day AND c.starts_on <= i.day
"""

# Read only where a product asks for them; those that ended up to ninety days ago too, for the grace of a tariff.
_STANDINGS = """
WITH i (medium_id, holder_id, service_code, day, lately) AS (VALUES {lines})
SELECT i.medium_id, i.day, s.subject_id, s.kind, s.value, s.valid_until,
       b.subject_id = b.holder_id OR EXISTS (SELECT 1 FROM household WHERE id = b.subject_id)
FROM i
CROSS JOIN beneficiary AS b ON b.holder_id = i.holder_id AND b.valid_from <= i.day AND b.valid_until > i.day
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
WITH i (zone_id, day) AS (VALUES {lines})
SELECT o.zone_id, o.day, o.inside, o.others, o.admitted, o.counted_at
FROM i
CROSS JOIN occupancy AS o ON o.zone_id = i.zone_id AND o.day = i.day
"""

# Read only for media that bring a mark: a card's count, or the moment of a phone's code.
_USES = """
WITH i (medium_id) AS (VALUES {lines})
SELECT u.medium_id, u.mark, u.spent, u.version
FROM i
CROSS JOIN medium_use AS u ON u.medium_id = i.medium_id
"""

LATELY = timedelta(days=90)

_uuid = lru_cache(maxsize=65_536)(UUID)

_medium_status = {status.value: status for status in MediumStatus}
_pass_status = {status.value: status for status in PassStatus}
_date = lru_cache(maxsize=16_384)(date.fromisoformat)


@lru_cache(maxsize=256)
def over_lines(statement: str, lines: int, width: int) -> str:
    """Return the text of a statement over so many lines of so many values, all of them parameters."""
    line = f"({', '.join('?' * width)})"
    return statement.format(lines=", ".join([line] * lines))


def _look_up(connection: sqlite3.Connection, statement: str, lines: Collection[Line]) -> Iterable[Any]:
    """Run a statement over lines, if there are any. Empty ones fill them up to a power of two: few texts to prepare."""
    if not lines:
        return ()
    width = len(next(iter(lines)))
    count = 1 << (len(lines) - 1).bit_length()
    empty = repeat(None, width * (count - len(lines)))
    return connection.execute(over_lines(statement, count, width), (*chain.from_iterable(lines), *empty))


def read(connection: sqlite3.Connection, scans: list[Scan], catalogue: Catalogue) -> Known:
    """Read all that a batch needs to be judged."""
    known = Known()
    keys = [(digits(scan.terminal_id.int), scan.key) for scan in scans]
    for terminal, key, fingerprint, answer in _look_up(connection, _ANSWERS, keys):
        known.answers[_uuid(terminal).int, key] = (fingerprint, answer)
    terminals = {key[:1] for key in keys}
    known.active_terminals = {_uuid(terminal).int for (terminal,) in _look_up(connection, _TERMINALS, terminals)}
    taps = [(scan, doorway) for scan in scans if (doorway := catalogue.doorways.get(scan.gate_id)) is not None]
    _read_people(connection, taps, known, catalogue)
    zones = {
        (digits(zone_id.int), _days(scan, doorway)[0])
        for scan, doorway in taps
        for zone_id in _zones(scan, doorway, known)
    }
    for zone, day, inside, others, admitted, counted_at in _look_up(connection, _CROWDS, zones):
        counted = from_microseconds(counted_at) if counted_at is not None else None
        known.keep_crowd((_uuid(zone).int, _date(day)), (inside, others, admitted), counted)
    marked = {(scan.evidence.medium_id,) for scan in scans if scan.evidence.mark is not None}
    for medium_id, mark, spent, version in _look_up(connection, _USES, marked):
        known.uses[medium_id] = LastUse(mark, bool(spent), version)
    passed = [scan.cancels for scan in scans if scan.cancels is not None]
    if passed:
        _read_passed(connection, passed, known)
    return known


def _read_people(connection: sqlite3.Connection, taps: list[Tap], known: Known, catalogue: Catalogue) -> None:
    """Read the media that are shown with where they were last seen; then their holders' rights and circumstances."""
    shown = {(scan.evidence.medium_id, digits(doorway.site.id.int)) for scan, doorway in taps}
    holders = {}
    for holder, *row in _look_up(connection, _MEDIA, shown):
        holders[row[0]] = holder
        _keep_medium(known, row)
    lines = {
        (medium_id, holders[medium_id], doorway.site.service_code, *_days(scan, doorway))
        for scan, doorway in taps
        if (medium_id := scan.evidence.medium_id) in holders
    }
    for row in _look_up(connection, _RIGHTS, lines):
        _keep_right(known, row)
    # A medium that is shown twice in a batch, for two services, brings its rows twice.
    told = set(_look_up(connection, _STANDINGS, [line for line in lines if line[2] in catalogue.conditional]))
    for medium_id, day, subject, kind, value, ends, at_home in sorted(told):
        standing = Told(_uuid(subject), bool(at_home), Standing(CircumstanceKind(kind), value, _date(ends)))
        known.standings.setdefault((medium_id, _date(day)), []).append(standing)


def _zones(scan: Scan, doorway: Doorway, known: Known) -> Iterator[UUID]:
    """The zones whose counts a tap may move: the gate's, the one where the pass was last seen, the one it came from."""
    yield doorway.zone.id
    medium = known.media.get(scan.evidence.medium_id) if scan.evidence.medium_id is not None else None
    if medium is not None:
        seen, _ = known.presences.get((medium.pass_id.int, doorway.site.id.int), (NOWHERE, None))
        if seen.zone_id is not None:
            yield seen.zone_id
    if scan.cancels is not None and scan.cancels.left_zone_id is not None:
        yield scan.cancels.left_zone_id


def _days(scan: Scan, doorway: Doorway) -> tuple[str, str]:
    """Return the local day of a tap, and the first day of what is told of the past."""
    return _texts(wall_clock(scan.about, doorway.time_zone)[0])


@lru_cache(maxsize=1_024)
def _texts(day: date) -> tuple[str, str]:
    return day.isoformat(), (day - LATELY).isoformat()


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


def _keep_medium(known: Known, row: Sequence[Any]) -> None:
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
        gate, shown, came_at, entitlement, persons, attends, admissions = stay
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
            admissions_of(admissions),
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
