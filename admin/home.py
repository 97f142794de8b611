"""The first page: what somebody may do here, by what they do for the authority."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import read_words
from api.rules import Rule
from domain.agents import Permission
from domain.errors import NotFound
from domain.jobs import JOBS, Condition, Standing, standings
from domain.ports import Clock
from store.database import Database
from store.jobs import rounds_noted

WORDS = read_words("home")


@get("/", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def home(request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Page:
    """Show the tasks of the roles that somebody has; to administrators, jobs of the background that do not go."""
    ailing: list[Standing] = []
    if request.user.may(Permission.AGENT_MANAGE):
        async with database.read() as connection:
            found = standings(await rounds_noted(connection), clock())
        ailing = [one for one in found if one.condition is not Condition.WELL]
    names = {job.value: name for job, name in JOBS.items()}
    return draw(request, "home.html", words=WORDS, roles=request.user.roles, ailing=ailing, job_names=names)


@get("/alive", status_code=204, opt={"rule": Rule.AGENT}, include_in_schema=False)
async def alive() -> None:
    """Hear that somebody is typing: being asked keeps the session."""


@get("/{rest:path}", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def nowhere(rest: FromPath[str]) -> Page:
    """Answer an address under the console that leads nowhere."""
    raise NotFound(f"No page of the console is called {rest}.")
