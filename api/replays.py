"""What an agent does with a line in quarantine: take it in after all, or drop it. One way for API and command line."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from api.bundle_ages import Ages
from api.credentials import Credentials
from api.past_states import as_they_were
from api.told_before import told_before
from api.upload_lines import Sender, scan_of
from api.uploads import Status, refusal_of, take_in
from domain.errors.passes import AlreadySettled
from store import quarantine
from store.database import Database
from store.ledger import Lane, Scan
from store.ledger.scan import Repeated
from store.quarantine import Held

DROPPED = "dropped"

_CREDENTIAL = re.compile(r'("credential"\s*:\s*"[^"]{0,8})[^"]*')


async def replay(
    database: Database,
    lane: Lane,
    credentials: Credentials,
    *,
    authority_id: UUID,
    number: int,
    by: UUID,
    now: datetime,
) -> Status:
    """Take a held line in, as it stands, on an agent's account: older than usual, from a terminal that is gone.

    Raises:
        LineNotFound: no line of this authority has this number.
        AlreadySettled: it was taken in or dropped before.
        KeyReused: another passage stands under its key. It can only be dropped.
        InvalidRequest, DuplicateField, BodyTooLarge, UnknownKind, GateNotFound: it cannot be taken in as it stands.
        LedgerUnavailable, Overloaded: not confirmed; try again.
    """
    async with database.read() as connection:
        held = await quarantine.by_number(connection, authority_id, number)
        session = await quarantine.sender_of(connection, held, now)
    if held.settled_at is not None:
        raise AlreadySettled("This line was settled before.")
    drift = timedelta(seconds=held.drift_seconds)
    sender = Sender(session, now, drift, await Ages(database).of(session), vouched=True)
    scan = await scan_of(held.line, sender, credentials)
    if await told_before(database, authority_id, [scan]) != [None]:
        status = Status.DUPLICATE
    else:
        status = await _take_in(database, lane, scan)
    async with database.write() as connection:
        await quarantine.settle(connection, authority_id, number, settled_as=status, by=by, now=now)
    return status


async def _take_in(database: Database, lane: Lane, scan: Scan) -> Status:
    (settled,) = await take_in(lane, await as_they_were(database, [scan]))
    if not isinstance(settled, bytes | Repeated):
        raise refusal_of(settled)("It cannot be taken in as it stands.")
    return Status.STORED if isinstance(settled, bytes) else Status.DUPLICATE


async def drop(database: Database, *, authority_id: UUID, number: int, by: UUID, now: datetime) -> None:
    """Settle a line without taking it in. Its bytes stay until they may no longer be kept.

    Raises:
        LineNotFound: no line of this authority has this number.
        AlreadySettled: it was taken in or dropped before.
    """
    async with database.write() as connection:
        await quarantine.by_number(connection, authority_id, number)
        await quarantine.settle(connection, authority_id, number, settled_as=DROPPED, by=by, now=now)


def shown(held: Held) -> str:
    """Return a line as people may see it: what opens a gate is left out, and so is what is no text."""
    text = held.line.decode("utf-8", errors="replace")
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in _CREDENTIAL.sub(r"\1…", text))
