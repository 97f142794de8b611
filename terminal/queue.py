"""The outbox: what was decided without the server, until the server has said of each that it has it.

A line is written once and sent as it is, however often: the same bytes under the same key. `sequence` counts this
terminal's lines without a gap, so that the server sees what never came.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from terminal.disk import Disk

MOST_LINES: Final = 500
MOST_BYTES: Final = 1 << 20
"""What the server takes in one upload."""


class Event(Struct, frozen=True, rename="camel", omit_defaults=True):
    """One line of an upload. `terminal_time` is by the own clock, `bundle` the sequence of what it was decided by.

    `decided_by` is who the terminal was then: paired anew since, it is another one for the server.
    """

    key: str
    gate: str
    credential: str
    direction: Direction
    terminal_time: datetime
    outcome: Outcome
    reason: Reason
    bundle: int | None
    decided_by: str
    sequence: int = 0


class Settled(StrEnum):
    """What the server says of a line. All of it is final: it has the bytes."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"


class Result(Struct, frozen=True, rename="camel"):
    """What became of one line, by its number from 1 and its key, None where the server could not even read that.

    A `status` that we do not know settles nothing.
    """

    line: int
    key: str | None
    status: str


class Line(Struct, frozen=True):
    """A line as it is sent, without the end of line."""

    sequence: int
    key: str
    body: bytes


def put(db: sqlite3.Connection, event: Event) -> None:
    """Write an event, together with what else the passage changes."""
    cursor = db.execute("INSERT INTO outbox (key, body) VALUES (?, x'')", (event.key,))
    line = msgspec.json.encode(msgspec.structs.replace(event, sequence=cursor.lastrowid))
    db.execute("UPDATE outbox SET body = ? WHERE sequence = ?", (line, cursor.lastrowid))


def waiting(disk: Disk) -> int:
    """Count the lines that the server has not settled."""
    with disk.read() as db:
        return int(db.execute("SELECT count(*) FROM outbox").fetchone()[0])


def newest(disk: Disk) -> int:
    """Return the sequence of the newest line that waits; 0 where none does."""
    with disk.read() as db:
        return int(db.execute("SELECT coalesce(max(sequence), 0) FROM outbox").fetchone()[0])


def batch(disk: Disk, *, after: int = 0, upto: int | None = None) -> list[Line]:
    """Return the oldest lines after a sequence, and up to another, that fit in one upload."""
    with disk.read() as db:
        rows = db.execute(
            "SELECT sequence, key, body FROM outbox WHERE sequence > ? AND sequence <= coalesce(?, sequence) "
            "ORDER BY sequence LIMIT ?",
            (after, upto, MOST_LINES),
        ).fetchall()
    lines: list[Line] = []
    size = 0
    for row in rows:
        line = Line(*row)
        size += len(line.body) + 1
        if size > MOST_BYTES and lines:
            break
        lines.append(line)
    return lines


def forget(disk: Disk, lines: list[Line], results: Iterable[Result]) -> int:
    """Forget the lines that were settled, each by an answer of its own; return how many."""
    final = set(Settled)
    settled = [
        line.sequence
        for result in results
        for line in lines[max(0, result.line - 1) : result.line]
        if result.status in final and result.key in {line.key, None}
    ]
    with disk.write() as db:
        db.executemany("DELETE FROM outbox WHERE sequence = ?", [(sequence,) for sequence in settled])
    return len(set(settled))
