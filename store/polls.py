"""How the sources that are asked last answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from store.rows import to_row, to_struct
from store.tables.arrivals import source_poll as t

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class Polled(Struct, frozen=True):
    """How a source was when it was last asked.

    `answered_at` is when it last answered as it should, `changed_at` when its answer last held a reading that was new.
    `failures` counts those since, `problem` says what the last one was. `etag` and `modified` make it answer only what
    is new.
    """

    asked_at: datetime
    answered_at: datetime | None = None
    changed_at: datetime | None = None
    failures: int = 0
    problem: str = ""
    etag: str = ""
    modified: str = ""


async def polled(connection: AsyncConnection, source: str) -> Polled | None:
    """Read how a source last answered; None where it was never asked."""
    row = (await connection.execute(select(t).where(t.c.source == source))).one_or_none()
    return to_struct(row, Polled) if row is not None else None


async def polled_of(connection: AsyncConnection, authority_id: UUID) -> dict[str, Polled]:
    """Read how the sources of an authority last answered, by their codes."""
    found = await connection.execute(select(t).where(t.c.authority_id == authority_id))
    return {row.source: to_struct(row, Polled) for row in found}


async def save_polled(connection: AsyncConnection, authority_id: UUID, source: str, state: Polled) -> None:
    """Write how a source answered."""
    values = to_row(state)
    write = _INSERT[connection.dialect.name](t).values(source=source, authority_id=authority_id, **values)
    changed = {name: write.excluded[name] for name in values}
    await connection.execute(write.on_conflict_do_update(index_elements=[t.c.source], set_=changed))
