"""What the passes and media of passages that are over were at the time: read before the ledger merges them."""

from msgspec.structs import replace

from api.sessions import soon
from domain.passes import MediumChange, PassChange, pass_status_at, status_at
from store import media
from store.database import Database
from store.ledger import Scan


async def as_they_were(database: Database, scans: list[Scan]) -> list[Scan]:
    """Give each fact what its medium and its pass were when it was shown, where that has changed since.

    Raises:
        LedgerUnavailable: the database is away.
    """
    shown = {scan.evidence.medium_id for scan in scans if scan.evidence.medium_id is not None}
    if not shown:
        return scans
    async with soon(database) as connection:
        of_media = await media.changes_of(connection, shown)
        of_passes = await media.changes_of_passes(connection, shown)
    return [_as_it_was(scan, of_media, of_passes) for scan in scans]


def _as_it_was(scan: Scan, of_media: list[MediumChange], of_passes: dict[int, list[PassChange]]) -> Scan:
    fact, medium_id = scan.fact, scan.evidence.medium_id
    if fact is None or medium_id is None:
        return scan
    was = status_at(of_media, medium_id, fact.happened_at)
    pass_was = pass_status_at(of_passes.get(medium_id, ()), fact.happened_at)
    return replace(scan, fact=replace(fact, medium_status=was, pass_status=pass_was))
