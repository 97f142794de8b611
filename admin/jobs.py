"""What the program does by itself: which jobs run, when each ran last, how it went, and when it comes again."""

from litestar import get
from litestar.di import NamedDependency

from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import read_words
from domain.agents import Permission
from domain.jobs import JOBS, Condition, standings
from domain.ports import Clock
from store.database import Database
from store.jobs import rounds_noted

WORDS = read_words("jobs")


@get("/jobs", opt={"rule": Permission.AGENT_MANAGE}, include_in_schema=False)
async def listed(request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Page:
    """List the jobs, those that fail first, with how they go in each worker."""
    async with database.read() as connection:
        found = standings(await rounds_noted(connection), clock())
    return draw(
        request,
        "jobs/index.html",
        words=WORDS,
        standings=found,
        names={job.value: name for job, name in JOBS.items()},
        to_look_at=sum(one.condition is not Condition.WELL for one in found),
    )


ROUTES = (listed,)
