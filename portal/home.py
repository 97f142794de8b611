"""The first page: the passes of everybody for whom the account acts, together."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.days import today
from api.resident_passes import passes_for
from api.rules import Rule
from domain.accounts import shown
from domain.errors import NotFound
from domain.ports import Clock
from portal.requests import lines_of
from portal.shell import Page, draw
from portal.visits import Asked
from portal.words import read_words
from store.database import Database

WORDS = read_words("home")


@get("/", opt={"rule": Rule.RESIDENT}, include_in_schema=False)
async def home(request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Page:
    """Show my passes and those of my family, what I have begun to ask for, or how to come by a pass."""
    mine, now = request.user.account, clock()
    async with database.look() as unit:
        day = await today(unit, mine.authority_id, now)
        persons = await unit.accounts.persons(mine.id, day)
        contacts = await unit.accounts.contacts(mine.id)
        temporary = await unit.temporary_passes.running_of(mine.id, day)
    passes = await passes_for(database, mine, now)
    asked = [one for one in (await lines_of(database, mine))[0] if one.is_open]
    groups = [(person, [one for one in passes if one.person == person.reference]) for person in persons]
    unreachable = [shown(one) for one in contacts if one.unreachable_at is not None]
    return draw(
        request,
        "home.html",
        words=WORDS,
        groups=groups,
        asked=asked,
        unreachable=unreachable,
        temporary=temporary,
    )


@get("/{rest:path}", opt={"rule": Rule.RESIDENT}, include_in_schema=False)
async def nowhere(rest: FromPath[str]) -> Page:
    """Say that there is no such page, to whoever is logged in; everybody else is asked to log in first."""
    raise NotFound(f"No page of the portal is called {rest}.")


ROUTES = (home, nowhere)
