"""What a device had told before it was paired anew: it stands under the terminal that it was then (reliability O1).

A device that is paired again is another terminal, and does not know which of its lines had arrived: the answer may have
been lost with its old id, or with the one before. A line that says who decided it is the same line under whichever of
these ids it comes, and no other device writes it.
"""

from uuid import UUID

from api.sessions import soon
from store import offline_facts
from store.database import Database
from store.ledger import Scan
from store.ledger.scan import Fact
from store.offline_facts import Told


async def told_before(database: Database, authority_id: UUID, scans: list[Scan]) -> list[bytes | None]:
    """Return for each fact the answer that stands under another id of its terminal; None where there is none.

    Raises:
        LedgerUnavailable: the database is away.
    """
    keys = {scan.key for scan in scans if _may_have_been_told(scan)}
    if not keys:
        return [None] * len(scans)
    async with soon(database) as connection:
        found = await offline_facts.told_under(connection, authority_id, keys)
    return [_answer(scan, found) for scan in scans]


def _may_have_been_told(scan: Scan) -> bool:
    """Tell whether a fact may stand under another id: that of an earlier pairing, or a later one if an agent asks."""
    fact = scan.fact
    return fact is not None and fact.decided_by is not None and (fact.vouched or fact.decided_by != scan.terminal_id)


def _answer(scan: Scan, found: list[Told]) -> bytes | None:
    fact = scan.fact
    if fact is None or not _may_have_been_told(scan):
        return None
    return next((one.answer for one in found if _is_this(scan, fact, one)), None)


def _is_this(scan: Scan, fact: Fact, told: Told) -> bool:
    # Asked online, and decided alone before the answer came: under the id that it had at the gate.
    asked = told.terminal_id == fact.decided_by and told.fingerprint in fact.asked_as
    return told.key == scan.key and (told.fingerprint == scan.fingerprint or asked)
