"""What jobs of retention erased: written in the transaction that erases, one line for each job and local day."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import DomainError, LedgerUnavailable
from domain.jobs import Job
from domain.purges import KEPT, Purge
from store.database import Database
from store.tables.retention import purge, purge_rows

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_P, _R = purge.c, purge_rows.c

LONGEST_PROBLEM: Final = 80


async def note(
    connection: AsyncConnection,
    authority_id: UUID,
    job: Job,
    *,
    day: date,
    now: datetime,
    rows: Mapping[str, int],
    problem: str = "",
) -> None:
    """Add what a job has erased on a local day to what it had before, or that it failed."""
    insert = _INSERT[connection.dialect.name]
    key = {"authority_id": authority_id, "day": day, "job": job.value}
    failed = int(bool(problem))
    stated = insert(purge).values(**key, first_at=now, last_at=now, failures=failed, problem=problem)
    again = {"last_at": now, "failures": _P.failures + failed, "problem": problem}
    await connection.execute(stated.on_conflict_do_update(index_elements=list(key), set_=again))
    # In one order, whichever of two workers comes first.
    for kind, count in sorted(rows.items()):
        if count:
            counted = insert(purge_rows).values(**key, kind=kind, rows=count)
            more = {"rows": _R.rows + counted.excluded.rows}
            await connection.execute(counted.on_conflict_do_update(index_elements=[*key, "kind"], set_=more))


@asynccontextmanager
async def told(database: Database, authority_id: UUID, job: Job, *, day: date, now: datetime) -> AsyncIterator[None]:
    """Tell how a round of a job ends at an authority: what fails is written, and what works again too."""
    try:
        yield
    except Exception as problem:
        code = problem.code if isinstance(problem, DomainError) else type(problem).__name__
        # Where the database is away nothing can be written; the job's own state says so.
        with suppress(LedgerUnavailable, DBAPIError):
            async with database.write() as connection:
                await note(connection, authority_id, job, day=day, now=now, rows={}, problem=code[:LONGEST_PROBLEM])
        raise
    this = and_(_P.authority_id == authority_id, _P.day == day, _P.job == job.value, _P.problem != "")
    async with database.read() as connection:
        failed = (await connection.execute(select(_P.day).where(this))).first() is not None
    if failed:
        async with database.write() as connection:
            await connection.execute(update(purge).where(this).values(problem="", last_at=now))


async def listed(
    connection: AsyncConnection, authority_id: UUID, *, limit: int, after: tuple[date, str] | None = None
) -> list[Purge]:
    """List what was erased, the newest day first and jobs by their code; with `after`, what follows that line."""
    wanted = select(purge).where(_P.authority_id == authority_id)
    if after is not None:
        day, job = after
        wanted = wanted.where(or_(_P.day < day, and_(_P.day == day, _P.job > job)))
    found = list(await connection.execute(wanted.order_by(_P.day.desc(), _P.job).limit(limit)))
    if not found:
        return []
    counted = await connection.execute(
        select(purge_rows).where(_R.authority_id == authority_id, _R.day.between(found[-1].day, found[0].day))
    )
    rows: dict[tuple[date, str], dict[str, int]] = {}
    for row in counted:
        rows.setdefault((row.day, row.job), {})[row.kind] = row.rows
    return [
        Purge(
            day=one.day,
            job=one.job,
            first_at=one.first_at,
            last_at=one.last_at,
            failures=one.failures,
            problem=one.problem,
            rows=rows.get((one.day, one.job), {}),
        )
        for one in found
    ]


async def forget_old(connection: AsyncConnection, authority_id: UUID, day: date) -> None:
    """Forget what was erased years ago."""
    old = and_(_P.authority_id == authority_id, _P.day < day - KEPT)
    keys = select(_P.day, _P.job).where(old)
    for one in list(await connection.execute(keys)):
        this = (_R.authority_id == authority_id, _R.day == one.day, _R.job == one.job)
        await connection.execute(delete(purge_rows).where(*this))
    await connection.execute(delete(purge).where(old))
