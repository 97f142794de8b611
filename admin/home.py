"""The first page: what somebody may do here, by what they do for the authority."""

from litestar import get
from litestar.params import FromPath

from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import read_words
from api.rules import Rule
from domain.errors import NotFound

WORDS = read_words("home")


@get("/", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def home(request: Asked) -> Page:
    """Show the tasks of the roles that somebody has."""
    return draw(request, "home.html", words=WORDS, roles=request.user.roles)


@get("/alive", status_code=204, opt={"rule": Rule.AGENT}, include_in_schema=False)
async def alive() -> None:
    """Hear that somebody is typing: being asked keeps the session."""


@get("/{rest:path}", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def nowhere(rest: FromPath[str]) -> Page:
    """Answer an address under the console that leads nowhere."""
    raise NotFound(f"No page of the console is called {rest}.")
