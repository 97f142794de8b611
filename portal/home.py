"""The first page: the passes of everybody for whom the account acts, together."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.days import today
from api.resident_passes import passes_for
from api.rules import Rule
from domain.errors import NotFound
from domain.ports import Clock
from portal.shell import Page, draw
from portal.visits import Asked
from portal.words import read_words
from store.database import Database

WORDS = read_words("home")


@get("/", opt={"rule": Rule.RESIDENT}, include_in_schema=False)
async def home(request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Page:
    """Show my passes and those of my family, or how to come by one."""
    mine, now = request.user.account, clock()
    async with database.look() as unit:
        day = await today(unit, mine.authority_id, now)
        persons = await unit.accounts.persons(mine.id, day)
        temporary = await unit.temporary_passes.running_of(mine.id, day)
    passes = await passes_for(database, mine, now)
    groups = [(person, [one for one in passes if one.person == person.reference]) for person in persons]
    return draw(request, "home.html", words=WORDS, groups=groups, temporary=temporary)


@get("/{rest:path}", opt={"rule": Rule.RESIDENT}, include_in_schema=False)
async def nowhere(rest: FromPath[str]) -> Page:
    """Say that there is no such page, to whoever is logged in; everybody else is asked to log in first."""
    raise NotFound(f"No page of the portal is called {rest}.")


ROUTES = (home, nowhere)
