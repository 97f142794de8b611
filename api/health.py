"""Is it alive, can it decide, do its jobs go."""

from datetime import datetime
from typing import Literal

from litestar import Response, Router, get
from litestar.di import NamedDependency
from msgspec import Struct
from sqlalchemy import select

from api.rules import Rule
from domain.jobs import Standing, standings
from domain.ports import Clock
from store.database import Database
from store.jobs import rounds_noted
from store.tables.ledger import ledger_head


class Alive(Struct, frozen=True):
    """The process answers."""

    status: Literal["ok"] = "ok"


@get("/live", opt={"rule": Rule.PUBLIC}, summary="Is the process alive?", tags=["Health"])
async def live() -> Alive:
    """Answer without asking anybody."""
    return Alive()


@get("/ready", opt={"rule": Rule.PUBLIC}, summary="Can it decide?", tags=["Health"])
async def ready(database: NamedDependency[Database]) -> Response[Alive]:
    """Answer once the database does; a load balancer asks this."""
    async with database.read() as connection:
        await connection.execute(select(ledger_head.c.number))
    return Response(Alive(), headers={"Cache-Control": "no-store"})


_OF_JOBS = (
    ("multipass_job_failures", "Rounds of a job that failed since one succeeded, the most of any worker."),
    ("multipass_job_age_seconds", "Seconds since a round of a job last succeeded in some worker; -1 where none has."),
)


@get(
    "/jobs",
    opt={"rule": Rule.PUBLIC},
    summary="How do the jobs of the background go?",
    tags=["Health"],
    media_type="text/plain; version=0.0.4",
)
async def jobs(database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Response[str]:
    """Tell it as Prometheus reads it: codes of jobs and numbers, nothing else."""
    async with database.read() as connection:
        found = standings(await rounds_noted(connection), clock())
    lines = []
    for place, (name, help_) in enumerate(_OF_JOBS):
        lines += [f"# HELP {name} {help_}", f"# TYPE {name} gauge"]
        lines += [f'{name}{{job="{one.job}"}} {_numbers(one, clock())[place]:g}' for one in found]
    return Response("\n".join(lines) + "\n", headers={"Cache-Control": "no-store"})


def _numbers(of: Standing, now: datetime) -> tuple[float, float]:
    succeeded = [one.succeeded_at for one in of.rounds if one.succeeded_at is not None]
    age = round((now - max(succeeded)).total_seconds(), 1) if succeeded else -1.0
    return float(max(one.failures for one in of.rounds)), age


ROUTER = Router(path="/health", route_handlers=[live, ready, jobs])
