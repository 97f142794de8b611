"""A walk of retention: everything of an authority whose days are over, in an order that leaves nothing half."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.jobs import Job
from store import purges, sweeps
from store.database import Database
from store.passage_retention import events_over, sweeps_of_passages, take_people_out
from store.register_retention import (
    count_each,
    forget_each,
    kinds,
    sweep_of_card_orders,
    sweep_of_rights,
    sweeps_of_sales,
)
from store.retired_places import free_places, sweep_of_places
from store.tables.ledger import validation
from store.tables.passes import retired_place
from store.tables.retention import retention_walk

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class Walked(Struct, frozen=True):
    """What a walk came to: rows by table (of `validation`: that lost their person), and photos to be removed."""

    rows: dict[str, int]
    photos: tuple[UUID, ...] = ()


async def walked_on(database: Database, authority_id: UUID) -> date | None:
    """Return the last day whose walk came to its end."""
    return (await _stands(database, authority_id))[0]


async def walk(database: Database, authority_id: UUID, *, day: date, now: datetime) -> Walked:
    """Act on whatever is over on a local day. Cut off anywhere, the next walk does what is left.

    What it erases is written down step by step, and that it failed, if it does.
    """
    async with purges.told(database, authority_id, Job.RETENTION, day=day, now=now):
        return await _walk(database, authority_id, day=day, now=now)


async def _walk(database: Database, authority_id: UUID, *, day: date, now: datetime) -> Walked:
    async def note(gone: Mapping[str, int]) -> None:
        rows.update(gone)
        # One line of the day even where nothing was over: it says that somebody has looked.
        if not any(gone.values()) and validation.name not in gone:
            return
        async with database.write() as connection:
            await purges.note(connection, authority_id, Job.RETENTION, day=day, now=now, rows=gone)

    rows: Counter[str] = Counter()
    photos: list[UUID] = []
    _, before = await _stands(database, authority_id)
    untied, clear = await take_people_out(database, authority_id, day, after=before)
    await note({validation.name: untied})
    for sweep in _sweeps(authority_id, day, now):
        await note({sweep.table.name: await sweeps.delete_over(database, sweep)})
    await note({retired_place.name: await free_places(database, authority_id, now)})
    for kind in kinds(authority_id, day, now):
        gone, files = await forget_each(database, kind)
        await note(gone)
        photos += files
    await _note(database, authority_id, day, clear)
    return Walked(+rows, tuple(photos))


async def foresee(database: Database, authority_id: UUID, *, day: date, now: datetime) -> Walked:
    """Count what a walk would act on, and change nothing.

    A walk may reach a little more: what a row kept may be over once that row is gone.
    """
    rows: Counter[str] = Counter()
    async with database.read() as connection:
        named = select(func.count()).select_from(validation).where(events_over(authority_id, day))
        rows[validation.name] = int((await connection.execute(named)).scalar_one())
    for sweep in [*_sweeps(authority_id, day, now), sweep_of_places(authority_id, now)]:
        rows[sweep.table.name] += await sweeps.count(database, sweep)
    for kind in kinds(authority_id, day, now):
        for name, count in (await count_each(database, kind)).items():
            rows[name] = max(rows[name], count)
    return Walked(+rows)


def _sweeps(authority_id: UUID, day: date, now: datetime) -> list[sweeps.Sweep]:
    return [
        *sweeps_of_passages(authority_id, day, now),
        *sweeps_of_sales(authority_id, day),
        sweep_of_rights(authority_id, day),
        sweep_of_card_orders(authority_id, day),
    ]


async def _stands(database: Database, authority_id: UUID) -> tuple[date | None, int]:
    async with database.read() as connection:
        found = await connection.execute(select(retention_walk).where(retention_walk.c.authority_id == authority_id))
    row = found.one_or_none()
    return (row.walked_on, row.number) if row is not None else (None, 0)


async def _note(database: Database, authority_id: UUID, day: date, clear: int) -> None:
    async with database.write() as connection:
        await purges.forget_old(connection, authority_id, day)
        insert = _INSERT[connection.dialect.name](retention_walk)
        stands = {"walked_on": day, "number": clear}
        await connection.execute(
            insert.values(authority_id=authority_id, **stands).on_conflict_do_update(
                index_elements=["authority_id"], set_=stands
            )
        )
