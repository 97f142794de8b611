"""Queries on what agents were told of streams: open until it is over, kept afterwards."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import tour as t


class Open(Struct, frozen=True):
    """A trouble that is not over."""

    stream_id: UUID
    trouble: str
    since: datetime


async def open_troubles(connection: AsyncConnection, authority_id: UUID) -> list[Open]:
    """List what is wrong at an authority, the oldest first."""
    found = await connection.execute(
        select(t.stream_trouble.c.stream_id, t.stream_trouble.c.trouble, t.stream_trouble.c.since)
        .where(t.stream_trouble.c.authority_id == authority_id, t.stream_trouble.c.ended_at.is_(None))
        .order_by(t.stream_trouble.c.since, t.stream_trouble.c.stream_id)
    )
    return [Open(row.stream_id, row.trouble, row.since) for row in found]


async def add_troubles(connection: AsyncConnection, authority_id: UUID, new: Iterable[Open]) -> None:
    """Write what has begun."""
    rows = [{**_row(one), "authority_id": authority_id} for one in new]
    if rows:
        await connection.execute(insert(t.stream_trouble), rows)


async def end_troubles(connection: AsyncConnection, over: Iterable[Open], now: datetime) -> None:
    """Write that these are over, one by one: no list holds a city that speaks again."""
    rows = [{f"its_{name}": value for name, value in _row(one).items()} for one in over]
    if rows:
        key = [t.stream_trouble.c[name] == bindparam(f"its_{name}") for name in ("stream_id", "trouble", "since")]
        await connection.execute(update(t.stream_trouble).where(*key).values(ended_at=now), rows)


def _row(one: Open) -> dict[str, object]:
    return {"stream_id": one.stream_id, "trouble": one.trouble, "since": one.since}
