"""Taking people out of passages whose identified days are over, and forgetting what the ledger kept beside them.

The passage itself stays, about nobody: followers of the export meet every number, and counts can be made again. All
of it goes page by page, in small transactions that may end anywhere: what is done is done, and what is not is
found again.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from domain.access.merge import OLDEST
from domain.services import SERVICES
from store.database import Database
from store.leaving import untie
from store.sweeps import Sweep, short_write
from store.tables.ledger import (
    counter,
    head_count,
    medium_use,
    presence,
    quarantine,
    scan_key,
    validation,
)
from store.tables.passes import medium
from store.tables.products import entitlement

EVENTS_AT_ONCE = 200
"""Events of one transaction: on SQLite a gate waits for no more of them than that."""

LATE = OLDEST + timedelta(days=1)
"""How long after a passage a terminal may still tell it: until then its key is known, and its counter is there."""

_V = validation.c
NAMES_SOMEBODY = or_(_V.medium_id.is_not(None), _V.pass_id.is_not(None), _V.entitlement_id.is_not(None))


def events_over(authority_id: UUID, day: date) -> ColumnElement[bool]:
    """The passages that name somebody and may no longer."""
    return and_(_V.authority_id == authority_id, _V.keep_until <= day, NAMES_SOMEBODY)


async def take_people_out(database: Database, authority_id: UUID, day: date, *, after: int) -> tuple[int, int]:
    """Take people out of the events after a number.

    Return how many events that were, and up to which number no event names anybody any more.
    """
    done, clear, all_clear = 0, after, True
    while True:
        # Most pages have nothing to change: they are only read.
        page = select(_V.number, _V.keep_until, NAMES_SOMEBODY.label("named")).where(
            _V.authority_id == authority_id, _V.number > after
        )
        async with database.read() as connection:
            rows = list(await connection.execute(page.order_by(_V.number).limit(EVENTS_AT_ONCE)))
        if not rows:
            return done, clear
        first, after = rows[0].number, rows[-1].number
        if any(row.named and row.keep_until <= day for row in rows):
            done += await _untie(database, authority_id, day, first, after)
        all_clear = all_clear and not any(row.named and row.keep_until > day for row in rows)
        clear = after if all_clear else clear


async def _untie(database: Database, authority_id: UUID, day: date, first: int, last: int) -> int:
    over = and_(events_over(authority_id, day), _V.number.between(first, last))
    async with short_write(database) as connection:
        return await untie(connection, over)


def sweeps_of_passages(authority_id: UUID, day: date, now: datetime) -> list[Sweep]:
    """Say which rows beside the passages are over, table by table."""
    late = day - LATE
    runs = select(entitlement.c.id).where(
        entitlement.c.id == counter.c.entitlement_id, entitlement.c.valid_until > late
    )
    usable = select(medium.c.id).where(medium.c.id == medium_use.c.medium_id, medium.c.expires_at > now)
    over = {
        scan_key: _keys_over(day),
        presence: presence.c.keep_until <= day,
        counter: and_(counter.c.keep_until <= late, counter.c.ends_before <= late, ~runs.exists()),
        # A card's count is what tells a copy from the card: it stays as long as the card could be shown.
        medium_use: and_(medium_use.c.keep_until <= day, ~usable.exists()),
        quarantine: quarantine.c.keep_until <= day,
        head_count: head_count.c.keep_until <= day,
    }
    return [Sweep(table, and_(table.c.authority_id == authority_id, which)) for table, which in over.items()]


def _keys_over(day: date) -> ColumnElement[bool]:
    """A key says that its passage is told already, so it stays while a terminal may tell it again.

    Its `keep_until` is the passage's: where a service forgets people sooner than terminals forget passages, the key,
    which names nobody, stays for the difference.
    """
    by_service = [
        and_(
            _V.service_code == service.code,
            scan_key.c.keep_until <= day - max(timedelta(0), LATE - timedelta(days=service.identified_days)),
        )
        for service in SERVICES
    ]
    return select(_V.number).where(_V.number == scan_key.c.number, or_(*by_service)).exists()
