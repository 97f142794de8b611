"""Messages that could not be read: set aside for a week, for agents to look at and to send again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.devices import DeadLetterNotFound
from domain.readings import DEAD_LETTERS_KEPT, DeadLetter
from store.rows import only, to_row, to_struct
from store.tables.tour import dead_letter as t

LONGEST_PAYLOAD = 65_536
"""Bytes that are kept of one message: no device of a city needs more."""

LONGEST_DETAIL = 400

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


LONGEST_ADDRESS = 400

MOST_OF_A_SOURCE = 10_000
"""Messages of one source that are kept. What comes beyond is of the same sort: whoever mends one mends all."""


async def set_aside(connection: AsyncConnection, *letters: DeadLetter) -> int:
    """Keep messages for a week, and return how many are new. Of one that is too long the beginning is kept: it says
    what it was.

    The same letter set aside again is there already. A source that has filled its share loses what comes then.
    """
    new = 0
    by_source: dict[tuple[UUID, str], list[DeadLetter]] = {}
    for letter in letters:
        by_source.setdefault((letter.authority_id, letter.source), []).append(letter)
    for (authority_id, source), of_source in by_source.items():
        there = select(func.count()).where(t.c.authority_id == authority_id, t.c.source == source)
        room = MOST_OF_A_SOURCE - (await connection.execute(there)).scalar_one()
        if room > 0:
            write = _INSERT[connection.dialect.name](t).values([_row(one) for one in of_source[:room]])
            new += (await connection.execute(write.on_conflict_do_nothing(index_elements=[t.c.id]))).rowcount
    return new


def _row(letter: DeadLetter) -> dict[str, Any]:
    return to_row(letter) | {
        "detail": _printable(letter.detail)[:LONGEST_DETAIL],
        "payload": letter.payload[:LONGEST_PAYLOAD],
        "address": _printable(letter.address)[:LONGEST_ADDRESS],
        "keep_until": (letter.received_at + DEAD_LETTERS_KEPT + timedelta(days=1)).date(),
    }


def _printable(text: str) -> str:
    """What strangers wrote, as a database can hold it: PostgreSQL knows no NUL."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in text)


async def dead_letters(
    connection: AsyncConnection, authority_id: UUID, *, source: str | None = None, most: int = 100
) -> list[DeadLetter]:
    """List the messages of an authority that were set aside, the newest first."""
    wanted = select(t).where(t.c.authority_id == authority_id)
    if source is not None:
        wanted = wanted.where(t.c.source == source)
    found = await connection.execute(wanted.order_by(t.c.received_at.desc(), t.c.id.desc()).limit(most))
    return [to_struct(row, DeadLetter) for row in found]


async def dead_letters_waiting(
    connection: AsyncConnection, authority_id: UUID, source: str, *, after: datetime | None, most: int
) -> list[DeadLetter]:
    """List the messages of a source that were not sent again yet, the oldest first, from after a time of receipt."""
    wanted = select(t).where(t.c.authority_id == authority_id, t.c.source == source, t.c.replayed_at.is_(None))
    if after is not None:
        wanted = wanted.where(t.c.received_at > after)
    found = await connection.execute(wanted.order_by(t.c.received_at, t.c.id).limit(most))
    return [to_struct(row, DeadLetter) for row in found]


async def dead_letter(connection: AsyncConnection, authority_id: UUID, letter_id: UUID) -> DeadLetter:
    """Find one message that was set aside.

    Raises:
        DeadLetterNotFound: this authority has none of this id.
    """
    found = await connection.execute(select(t).where(t.c.authority_id == authority_id, t.c.id == letter_id))
    return only(found, DeadLetter, DeadLetterNotFound("No such message, or its seven days are over."))


class Sort(Struct, frozen=True):
    """Which messages somebody means: of a source, put aside for a reason; empty for any."""

    source: str = ""
    why: str = ""


class Heap(Struct, frozen=True):
    """How many messages of a sort there are, and how many of them were not sent again yet."""

    source: str
    why: str
    count: int
    waiting: int


Place = tuple[datetime, UUID]
"""Where a letter lies among those of its authority: when it came, and its id."""


async def heaps(connection: AsyncConnection, authority_id: UUID) -> list[Heap]:
    """Count the messages of an authority by source and reason."""
    waiting = func.count().filter(t.c.replayed_at.is_(None))
    found = await connection.execute(
        select(t.c.source, t.c.why, func.count().label("count"), waiting.label("waiting"))
        .where(t.c.authority_id == authority_id)
        .group_by(t.c.source, t.c.why)
        .order_by(t.c.source, t.c.why)
    )
    return [to_struct(row, Heap) for row in found]


async def page_of_letters(
    connection: AsyncConnection, authority_id: UUID, sort: Sort, *, before: Place | None, most: int
) -> list[DeadLetter]:
    """List messages of a sort, the newest first, from before a place."""
    wanted = select(t).where(t.c.authority_id == authority_id, *_of(sort))
    if before is not None:
        at, letter_id = before
        wanted = wanted.where(or_(t.c.received_at < at, and_(t.c.received_at == at, t.c.id < letter_id)))
    found = await connection.execute(wanted.order_by(t.c.received_at.desc(), t.c.id.desc()).limit(most))
    return [to_struct(row, DeadLetter) for row in found]


async def waiting_of_sort(
    connection: AsyncConnection, authority_id: UUID, sort: Sort, *, after: Place | None, most: int
) -> list[DeadLetter]:
    """List messages of a sort that were not sent again yet, the oldest first, from after a place."""
    wanted = select(t).where(t.c.authority_id == authority_id, t.c.replayed_at.is_(None), *_of(sort))
    if after is not None:
        at, letter_id = after
        wanted = wanted.where(or_(t.c.received_at > at, and_(t.c.received_at == at, t.c.id > letter_id)))
    found = await connection.execute(wanted.order_by(t.c.received_at, t.c.id).limit(most))
    return [to_struct(row, DeadLetter) for row in found]


async def discard_letters(
    connection: AsyncConnection, authority_id: UUID, sort: Sort, *, letter_id: UUID | None = None
) -> int:
    """Erase the messages of a sort, or one of them alone, and return how many that were."""
    gone = delete(t).where(t.c.authority_id == authority_id, *_of(sort))
    if letter_id is not None:
        gone = gone.where(t.c.id == letter_id)
    return (await connection.execute(gone)).rowcount


def _of(sort: Sort) -> list[ColumnElement[bool]]:
    return [t.c[name] == of for name, of in (("source", sort.source), ("why", sort.why)) if of]


async def letters_of_device(
    connection: AsyncConnection, authority_id: UUID, source: str, source_key: str, *, most: int = 20
) -> list[DeadLetter]:
    """List what a device said that nobody could use, the newest first: before it was in the register."""
    found = await connection.execute(
        select(t)
        .where(t.c.authority_id == authority_id, t.c.source == source, t.c.detail == source_key)
        .order_by(t.c.received_at.desc(), t.c.id.desc())
        .limit(most)
    )
    return [to_struct(row, DeadLetter) for row in found]


async def replayed(connection: AsyncConnection, letter_id: UUID, now: datetime) -> None:
    """Note that a message was sent through ingest again: it is stored once, however often it is sent."""
    await connection.execute(update(t).where(t.c.id == letter_id).values(replayed_at=now))
