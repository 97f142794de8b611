"""What few batches ask PostgreSQL beside the one read: of passages that are cancelled, of heads that were counted."""

from uuid import UUID

import asyncpg

from domain.access.catalogue import Catalogue
from store.ledger.rows import Known, Working
from store.ledger.scan import Passed, Scan, wall_clock

# Read apart, and only where a batch holds cancellations: the counters of the very passage, and whether it is done.
_PASSED = """
SELECT c.entitlement_id, c.ends_before, c.position, c.used, c.version
FROM unnest($1::uuid[], $2::date[], $3::int[]) AS i (entitlement_id, ends_before, position)
JOIN counter AS c ON c.entitlement_id = i.entitlement_id AND c.ends_before = i.ends_before AND c.position = i.position
"""

_CROWDS = """
SELECT o.zone_id, o.day, o.inside, o.others, o.admitted, o.counted_at
FROM unnest($1::uuid[], $2::date[]) AS i (zone_id, day)
JOIN occupancy AS o ON o.zone_id = i.zone_id AND o.day = i.day
"""

_CANCELLED = "SELECT cancels FROM passage_detail WHERE cancels = ANY($1::bigint[])"


class HeadsCountedMeanwhile(Exception):
    """An agent has counted heads since the batch was read."""


async def read_passed(connection: "asyncpg.Connection[asyncpg.Record]", passed: list[Passed], known: Known) -> None:
    """Read what cancellations move: the very counters of each passage, and whether somebody was faster."""
    numbers = [one.number for one in passed]
    known.cancelled = {row[0] for row in await connection.fetch(_CANCELLED, numbers)}
    keys = [
        (one.entitlement_id, ends_before, position)
        for one in passed
        if one.entitlement_id is not None
        for position, _, ends_before, _ in one.charges
    ]
    for entitlement_id, ends_before, position, used, version in await connection.fetch(
        _PASSED, *(zip(*keys, strict=True) if keys else ((), (), ()))
    ):
        known.counters[entitlement_id.int, ends_before, position] = (used, version)


async def read_left(
    connection: "asyncpg.Connection[asyncpg.Record]", scans: list[Scan], catalogue: Catalogue, known: Known
) -> None:
    """Read who is in the zones that somebody is put back into, on the days of the passages that are cancelled."""
    left = {
        (scan.cancels.left_zone_id, wall_clock(scan.about, doorway.time_zone)[0])
        for scan in scans
        if scan.cancels is not None and scan.cancels.left_zone_id is not None
        if (doorway := catalogue.doorways.get(scan.gate_id)) is not None
    }
    for zone_id, day, *heads, counted_at in await connection.fetch(_CROWDS, *zip(*left, strict=True)) if left else ():
        known.keep_crowd((zone_id.int, day), (heads[0], heads[1], heads[2]), counted_at)


async def check_head_counts(connection: "asyncpg.Connection[asyncpg.Record]", working: Working) -> None:
    """Look again, with the counts that were written still locked, whether an agent has counted since they were read.

    Raises:
        HeadsCountedMeanwhile: somebody has.
    """
    keys = sorted(working.asked_counts)
    zones, days = [UUID(int=zone) for zone, _ in keys], [day for _, day in keys]
    for zone_id, day, *_, counted_at in await connection.fetch(_CROWDS, zones, days):
        if counted_at != working.known.counted_at.get((zone_id.int, day)):
            raise HeadsCountedMeanwhile
