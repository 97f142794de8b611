"""Queries on how the jobs of the background last went."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.jobs import GONE_AFTER, Round
from store.rows import to_row, to_struct
from store.tables.jobs import job_round as t

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


async def note_rounds(connection: AsyncConnection, rounds: Iterable[Round], now: datetime) -> None:
    """Write how a worker's jobs last went, and forget workers that are gone."""
    write = _INSERT[connection.dialect.name](t)
    keys = {"job", "worker"}
    for one in rounds:
        values = to_row(replace(one, noted_at=now))
        changed = {name: write.excluded[name] for name in values if name not in keys}
        await connection.execute(write.values(values).on_conflict_do_update(index_elements=sorted(keys), set_=changed))
    await connection.execute(delete(t).where(t.c.noted_at < now - GONE_AFTER))


async def rounds_noted(connection: AsyncConnection) -> list[Round]:
    """List how each job last went in each worker."""
    found = await connection.execute(select(t).order_by(t.c.job, t.c.worker))
    return [to_struct(row, Round) for row in found]


async def forget_worker(connection: AsyncConnection, worker: str) -> None:
    """Forget a worker that has stopped."""
    await connection.execute(delete(t).where(t.c.worker == worker))
