"""What the media of passages that are over were at the time: read before the ledger merges them."""

from msgspec.structs import replace

from api.sessions import soon
from domain.passes import MediumChange, status_at
from store import media
from store.database import Database
from store.ledger import Scan


async def as_they_were(database: Database, scans: list[Scan]) -> list[Scan]:
    """Give each fact what its medium was when it was shown, where that has changed since.

    Raises:
        LedgerUnavailable: the database is away.
    """
    shown = {scan.evidence.medium_id for scan in scans if scan.evidence.medium_id is not None}
    if not shown:
        return scans
    async with soon(database) as connection:
        changes = await media.changes_of(connection, shown)
    return [_as_it_was(scan, changes) for scan in scans]


def _as_it_was(scan: Scan, changes: list[MediumChange]) -> Scan:
    fact, medium_id = scan.fact, scan.evidence.medium_id
    if fact is None or medium_id is None:
        return scan
    return replace(scan, fact=replace(fact, medium_status=status_at(changes, medium_id, fact.happened_at)))
