"""What a batch asks of SQLite: a handful of statements, fed with the batch as one JSON text, whatever its size."""

import sqlite3
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from domain.access.catalogue import Catalogue
from domain.access.facts import LastUse, MediumFacts, Presence, Standing
from domain.circumstances import CircumstanceKind
from domain.passes import MediumStatus, PassStatus
from domain.products import Attendance
from store.ledger.rows import Known, RightRow, Told, admissions_of
from store.ledger.scan import Passed, Scan, wall_clock
from store.ledger.sqlite_write import digits
from store.tables.types import from_microseconds

Line = tuple[str | int | None, ...]
"""One scan as the statements see it."""

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
       s.attends, s.admissions
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
SELECT o.zone_id, o.day, o.inside, o.others, o.admitted
FROM json_each(?) AS j
CROSS JOIN occupancy AS o ON o.zone_id = j.value ->> 5 AND o.day = j.value ->> 6
"""

# Read only for media that bring a mark: a card's count, or the moment of a phone's code.
_USES = """
SELECT u.medium_id, u.mark, u.spent, u.version
FROM json_each(?) AS j
CROSS JOIN medium_use AS u ON u.medium_id = j.value
"""

_uuid = lru_cache(maxsize=65_536)(UUID)

_medium_status = {status.value: status for status in MediumStatus}
_pass_status = {status.value: status for status in PassStatus}
_date = lru_cache(maxsize=16_384)(date.fromisoformat)


def read(connection: sqlite3.Connection, scans: list[Scan], catalogue: Catalogue) -> Known:
    lines = [_line(scan, catalogue) for scan in scans]
    batch = msgspec.json.encode(lines).decode()
    rows = connection.execute
    known = Known()
    for terminal, key, fingerprint, answer in rows(_ANSWERS, (batch,)):
        known.answers[_uuid(terminal).int, key] = (fingerprint, answer)
    terminals = msgspec.json.encode(list({digits(scan.terminal_id.int) for scan in scans})).decode()
    known.active_terminals = {_uuid(terminal).int for (terminal,) in rows(_TERMINALS, (terminals,))}
    for row in rows(_MEDIA, (batch,)):
        _keep_medium(known, row)
    for row in rows(_RIGHTS, (batch,)):
        _keep_right(known, row)
    for zone, day, *heads in rows(_CROWDS, (batch,)):
        known.crowds[_uuid(zone).int, _date(day)] = tuple(heads)
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
        return (digits(scan.terminal_id.int), scan.key, None, None, None, None, None)
    return (
        digits(scan.terminal_id.int),
        scan.key,
        scan.evidence.medium_id,
        doorway.site.service_code,
        digits(doorway.site.id.int),
        digits(doorway.zone.id.int),
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
