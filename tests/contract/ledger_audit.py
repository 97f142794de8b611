"""The auditor: reads what the ledger wrote and checks that its books close, whoever wrote them and however often.

Events are replayed in the order of their numbers: what was counted and billed (`ledger_audit_counts`), who is where
and how many are inside (`ledger_audit_places`) must follow from them alone. Every check names the promise it keeps:
F1 events have no gap, E1 to E3 every key has one event with one answer, Q1 nothing is overspent, Q2 counters are what
events say, A1 nobody who is inside is welcomed again.
"""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, select

from store.database import Database
from store.tables.ledger import ledger_head, scan_key
from tests.contract.ledger_audit_counts import check_counts
from tests.contract.ledger_audit_places import check_places
from tests.contract.ledger_books import Books, Party, ScanKey, read_events

_HEAD = select(ledger_head.c.number)
_KEYS = select(scan_key)


async def audit(
    database: Database, *, one_writer: bool = False, parties: Mapping[ScanKey, Party] | None = None
) -> Books:
    """Audit a database that nobody is writing."""
    async with database.read() as connection:
        return await connection.run_sync(audit_now, one_writer=one_writer, parties=parties)


def audit_now(connection: Connection, *, one_writer: bool, parties: Mapping[ScanKey, Party] | None = None) -> Books:
    """Audit over an open connection.

    `one_writer`: batches did not overlap, so that even between two scans of one batch no zone may be over its ceiling.
    `parties` tells who came with a tap, where it was not one user alone.
    """
    books = Books(events=read_events(connection), parties=dict(parties or {}))
    _numbers_have_no_gap(connection, books)
    _one_key_per_event(connection, books)
    check_counts(connection, books)
    check_places(connection, books, one_writer=one_writer)
    return books


def _numbers_have_no_gap(connection: Connection, books: Books) -> None:
    head = connection.execute(_HEAD).scalar_one()
    assert [row.number for row in books.events] == list(range(1, head + 1)), "F1: event numbers have a gap"


def _one_key_per_event(connection: Connection, books: Books) -> None:
    keys = list(connection.execute(_KEYS))
    assert sorted(row.number for row in keys) == [row.number for row in books.events], "E1, E3: keys and events differ"
    for row in keys:
        event = books.event(row.number)
        said = msgspec.json.decode(row.answer)
        written = (event.terminal_id, event.outcome, event.reason, event.direction)
        assert written == (row.terminal_id, said["outcome"], said["reason"], said["direction"]), (
            "E2: the stored answer and its event disagree"
        )
        key = (row.terminal_id, row.key)
        books.answers[key], books.numbers[key], books.keys[row.number] = row.answer, row.number, key
