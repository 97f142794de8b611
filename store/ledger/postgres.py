"""The ledger on PostgreSQL: read, decide, compare and write. Two round trips a batch, no lock while Python thinks.

Two batches are under way at a time, each on a connection of its own, and meet in the database as two workers do.

One prepared read gathers the facts of the whole batch. One function call writes where the versions that were read
still stand; if a single row has moved meanwhile, the call raises, nothing of the batch applies, and the batch is read
and judged again. Correct at READ COMMITTED with any number of workers: the comparison protects every verdict, and
rows are always taken in one order.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog
from msgspec import Struct

from domain.access.catalogue import Catalogue
from domain.access.facts import LastUse, MediumFacts, Presence, Standing
from domain.circumstances import CircumstanceKind
from domain.errors import LedgerUnavailable, Overloaded
from domain.passes import MediumStatus, PassStatus
from domain.products import Attendance
from store.ledger.judge import judge
from store.ledger.postgres_passed import HeadsCountedMeanwhile, check_head_counts, read_left, read_passed
from store.ledger.postgres_write import rows
from store.ledger.rows import Known, RightRow, RightsKey, Told, Working, admissions_of
from store.ledger.scan import Scan, Settled, wall_clock

log = structlog.get_logger("ledger")

LoadCatalogue = Callable[[], Awaitable[Catalogue]]

TRIES = 12
"""How often a batch is judged anew when others keep moving its rows."""

STALE = "MP001"

_STALE_STATES = (STALE, "23505", "40P01", "40001")
"""Moved row, row inserted by another worker, deadlock, serialisation: nothing was written, judge again."""

# The lane knows its statements better than statistics do: joins run as written, from the arrays to one index look-up
# after another, so that a plan made for small tables still fits large ones.
_SETTINGS = {
    "application_name": "multipass-ledger",
    "synchronous_commit": "on",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "join_collapse_limit": "1",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "enable_material": "off",
    "enable_memoize": "off",
    "statement_timeout": "5000",
    "idle_in_transaction_session_timeout": "5000",
}

_BELOW_NOBODY = "23514"
"""A check that a count is of nobody at least."""


# Rights that ended up to ninety days ago are read too, so that the refusal can say so. Whoever left in a split shares
# the rights that were running that day, and no later one. Each OFFSET 0 keeps a look-up a subquery of its own, that can
# only be run by its whole key: flattened into the join, one whose table was empty when it was analysed may be walked
# from end to end for every scan.
_READ = """
SELECT i.place, v.version, t.status = 'active', k.fingerprint, k.answer,
       m.id, m.status, m.authority_id, p.id, p.status, p.valid_from, p.valid_until, h.born_on,
       s.zone_id, s.since, s.day, s.version, s.gate_id, s.medium_id, s.came_at, s.entitlement_id, s.persons, s.attends,
       o.inside, o.others, g.told,
       r.entitlement_id, r.product_id, r.valid_from, r.valid_until, r.subject_id, r.own, r.suspended,
       r.position, r.ends_before, r.used, r.version,
       u.mark, u.spent, u.version, s.admissions, o.admitted, o.counted_at,
       l.inside, l.others, l.admitted, l.counted_at
FROM unnest($1::ledger_5_line[]) AS i
CROSS JOIN catalogue AS v
LEFT JOIN terminal AS t ON t.id = i.terminal_id
LEFT JOIN scan_key AS k ON k.terminal_id = i.terminal_id AND k.key = i.key
LEFT JOIN medium AS m ON m.id = i.medium_id
LEFT JOIN pass AS p ON p.id = m.pass_id
LEFT JOIN holder AS h ON h.id = p.holder_id
LEFT JOIN LATERAL (
    SELECT * FROM presence WHERE pass_id = p.id AND site_id = i.site_id OFFSET 0
) AS s ON true
LEFT JOIN LATERAL (
    SELECT * FROM medium_use WHERE medium_id = i.marked OFFSET 0
) AS u ON true
LEFT JOIN occupancy AS o ON o.zone_id = i.zone_id AND o.day = i.day
LEFT JOIN occupancy AS l ON l.zone_id = s.zone_id AND l.day = i.day AND s.zone_id <> i.zone_id
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(s.subject_id, s.kind, s.value, least(s.valid_until, '9999-12-31'),
               b.subject_id = b.holder_id OR EXISTS (SELECT 1 FROM household WHERE id = b.subject_id)))::text AS told
    FROM beneficiary AS b
    CROSS JOIN LATERAL (
        SELECT * FROM circumstance WHERE subject_id = b.subject_id AND kind <> 'suspended'
            AND valid_from <= i.day AND valid_until > i.day - 90 OFFSET 0
    ) AS s
    WHERE i.asks AND b.holder_id = p.holder_id AND NOT b.former AND b.valid_from <= i.day AND b.valid_until > i.day
    OFFSET 0
) AS g ON true
LEFT JOIN LATERAL (
    SELECT e.id AS entitlement_id, e.product_id, e.valid_from, e.valid_until, b.subject_id,
           b.subject_id = b.holder_id OR b.former AS own,
           EXISTS (SELECT 1 FROM circumstance WHERE subject_id = b.subject_id AND kind = 'suspended'
                   AND value = i.service_code AND valid_from <= i.day AND valid_until > i.day) AS suspended,
           c.position, c.ends_before, c.used, c.version
    FROM beneficiary AS b
    CROSS JOIN LATERAL (
        SELECT id, product_id, valid_from, valid_until FROM entitlement
        WHERE subject_id = b.subject_id AND service_code = i.service_code AND valid_until > i.day - 90
            AND (NOT b.former OR valid_from <= b.valid_from) OFFSET 0
    ) AS e
    LEFT JOIN LATERAL (
        SELECT position, ends_before, used, version FROM counter
        WHERE entitlement_id = e.id AND ends_before > i.day AND starts_on <= i.day OFFSET 0
    ) AS c ON true
    WHERE b.holder_id = p.holder_id AND b.valid_from <= i.day AND b.valid_until > i.day
    OFFSET 0
) AS r ON true
"""

_told = msgspec.json.Decoder(list[tuple[UUID, CircumstanceKind, str, date, bool]])

_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)

_WRITE = f"SELECT ledger_write_5({', '.join(f'${n}' for n in range(1, 9))})"


class _Session(Struct):
    """A connection with its statements, prepared."""

    connection: Any
    read: Any
    write: Any


class PostgresEngine:
    """Settles batches over connections of its own. `load_catalogue` reads the reference data anew.

    A database that has not answered within `seconds` is treated as lost; the same key tells later what became of it.
    """

    at_once = 2
    """While one batch waits for the database, Python prepares the other."""

    def __init__(self, dsn: str, load_catalogue: LoadCatalogue, *, seconds: float) -> None:
        self._dsn = dsn
        self._seconds = seconds
        self._load_catalogue = load_catalogue
        self._catalogue: Catalogue | None = None
        self._idle: list[_Session] = []

    async def open(self) -> None:
        """Connect, and refuse a server that may lose what it has committed."""
        self._idle = [await self._connect() for _ in range(self.at_once)]

    async def close(self) -> None:
        """Let go of the connections."""
        for session in self._idle:
            # One that does not say goodbye in time is gone all the same.
            with suppress(*_AWAY):
                await session.connection.close(timeout=2)

    async def settle(self, scans: list[Scan]) -> list[Settled]:
        """Settle a batch.

        Raises:
            LedgerUnavailable: the database is away or did not answer; what was sent may or may not be written, and
                the same key will tell.
            Overloaded: other workers moved the same rows too often; nothing was written.
        """
        session: _Session | None = None
        try:
            async with asyncio.timeout(self._seconds):
                session = await self._session()
                settled = await self._settle(session, scans)
        except _AWAY as away:
            if session is not None:
                session.connection.terminate()
                log.warning("database_lost")
            raise LedgerUnavailable("The database did not confirm the passage.") from away
        finally:
            if session is not None and not session.connection.is_closed():
                self._idle.append(session)
        return settled

    async def _session(self) -> _Session:
        while self._idle:
            session = self._idle.pop()
            if not session.connection.is_closed():
                return session
        return await self._connect()

    async def _settle(self, session: _Session, scans: list[Scan]) -> list[Settled]:
        for _ in range(TRIES):
            catalogue = self._catalogue or await self._load_catalogue()
            known, version = await _read(session.read, scans, catalogue)
            passed = [scan.cancels for scan in scans if scan.cancels is not None]
            if passed:
                await read_passed(session.connection, passed, known)
                await read_left(session.connection, scans, catalogue, known)
            if version != catalogue.version:
                self._catalogue = await self._load_catalogue()
                continue
            self._catalogue = catalogue
            settled, working = judge(scans, known, catalogue)
            if not working.events or await _written(session, working):
                return settled
        raise Overloaded("Other workers keep moving the same rows.")

    async def _connect(self) -> _Session:
        connection = await asyncpg.connect(self._dsn, timeout=5, server_settings=_SETTINGS)
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            value = await connection.fetchval("SELECT current_setting($1)", setting)
            if value == "off":
                await connection.close()
                msg = f"PostgreSQL runs with {setting}=off: it may lose passages that it has confirmed"
                raise RuntimeError(msg)
        read, write = [await connection.prepare(one) for one in (_READ, _WRITE)]
        # A statement that is prepared and not run keeps its transaction open, and locks with it: this one ends it.
        await connection.execute("SELECT 1")
        return _Session(connection, read, write)


async def _written(session: _Session, working: Working) -> bool:
    """Write a batch; False if a row has moved since it was read, in which case nothing was written."""
    try:
        if not working.asked_counts:
            await session.write.fetchval(*rows(working))
            return True
        async with session.connection.transaction():
            await session.write.fetchval(*rows(working))
            await check_head_counts(session.connection, working)
    except HeadsCountedMeanwhile:
        return False
    except asyncpg.PostgresError as problem:
        # An agent has counted fewer heads meanwhile than those that would leave.
        fewer_inside = problem.sqlstate == _BELOW_NOBODY and getattr(problem, "table_name", "") == "occupancy"
        if problem.sqlstate in _STALE_STATES or fewer_inside:
            return False
        raise
    return True


async def look(dsn: str, scans: list[Scan], catalogue: Catalogue, *, seconds: float) -> Known | None:
    """Read what a batch of scans that never happen would be judged by, on a connection that waits for no writer.

    None when the reference data is no longer that of `catalogue`.

    Raises:
        LedgerUnavailable: the database is away.
    """
    settings = {**_SETTINGS, "application_name": "multipass-what-if", "default_transaction_read_only": "on"}
    try:
        async with asyncio.timeout(seconds):
            connection = await asyncpg.connect(dsn, server_settings=settings)
            try:
                known, version = await _read(await connection.prepare(_READ), scans, catalogue)
            finally:
                await connection.close(timeout=2)
    except _AWAY as away:
        raise LedgerUnavailable("The database does not answer.") from away
    return known if version == catalogue.version else None


async def _read(statement: Any, scans: list[Scan], catalogue: Catalogue) -> tuple[Known, int]:  # noqa: ANN401 - prepared
    found = await statement.fetch(list(_lines(scans, catalogue)))
    known = Known()
    for row in found:
        _keep(known, scans[row[0]], row, catalogue)
    return known, found[0][1]


def _lines(scans: list[Scan], catalogue: Catalogue) -> Any:  # noqa: ANN401 - tuples of ten parameters
    for place, scan in enumerate(scans):
        doorway = catalogue.doorways.get(scan.gate_id)
        if doorway is None:
            yield place, scan.terminal_id, scan.key, None, None, None, None, None, False, None
        else:
            day, _ = wall_clock(scan.about, doorway.time_zone)
            medium_id, site = scan.evidence.medium_id, doorway.site
            marked = medium_id if scan.evidence.mark is not None else None
            service, asks = site.service_code, site.service_code in catalogue.conditional
            yield place, scan.terminal_id, scan.key, medium_id, service, site.id, doorway.zone.id, day, asks, marked


def _keep(known: Known, scan: Scan, row: Any, catalogue: Catalogue) -> None:  # noqa: ANN401 - a record of _READ
    """Take one row of the read apart; a scan has one row for each counter of each right."""
    if row[2]:
        known.active_terminals.add(scan.terminal_id.int)
    if row[3] is not None:
        known.answers[scan.terminal_id.int, scan.key] = (row[3], row[4])
    doorway = catalogue.doorways.get(scan.gate_id)
    if doorway is None:
        return
    day, _ = wall_clock(scan.about, doorway.time_zone)
    if row[23] is not None:
        known.keep_crowd((doorway.zone.id.int, day), (row[23], row[24], row[41]), row[42])
    if row[43] is not None:
        known.keep_crowd((row[13].int, day), (row[43], row[44], row[45]), row[46])
    medium_id = row[5]
    if medium_id is None or row[12] is None:
        return
    if medium_id not in known.media:
        known.media[medium_id] = MediumFacts(
            medium_id, MediumStatus(row[6]), row[8], PassStatus(row[9]), row[10], row[11], row[7], row[12]
        )
    _keep_last(known, doorway.site.id, row)
    if row[25] is not None and (medium_id, day) not in known.standings:
        known.standings[medium_id, day] = [
            Told(subject, at_home, Standing(kind, value, ends))
            for subject, kind, value, ends, at_home in _told.decode(row[25])
        ]
    if row[26] is not None:
        _keep_right(known, (medium_id, doorway.site.service_code, day), row)


def _keep_last(known: Known, site_id: UUID, row: Any) -> None:  # noqa: ANN401 - a record of _READ
    """Take where the pass was last seen, and what its medium has last shown."""
    if row[16] is not None:
        stay = (row[17], row[18], row[19], row[20], row[21], Attendance(row[22]), admissions_of(row[40]))
        here = Presence(row[13], row[14], row[16], *stay)
        known.presences[row[8].int, site_id.int] = (here, row[15])
    if row[37] is not None:
        known.uses[row[5]] = LastUse(row[37], row[38], row[39])


def _keep_right(known: Known, key: RightsKey, row: Any) -> None:  # noqa: ANN401 - a record of _READ
    entitlement_id = row[26]
    rights = known.rights.setdefault(key, [])
    if not any(right.entitlement_id == entitlement_id for right in rights):
        rights.append(RightRow(entitlement_id, row[27], row[28], row[29], row[30], row[31], row[32]))
    if row[33] is not None:
        known.counters[entitlement_id.int, row[34], row[33]] = (row[35], row[36])
