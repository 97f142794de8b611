"""Filters that agents keep under a name: a link on the page that they are of."""

from urllib.parse import parse_qsl

from litestar import Response, post
from litestar.di import NamedDependency

from admin.forms import read
from admin.shell import OWN, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import language_of
from api.rules import Rule
from domain.errors import Invalid
from domain.saved_filters import PAGES, SavedFilter, saved_filter
from store.database import Database
from store.saved_filters import drop_filter, filters_of_page, keep_filter

_HOME = "/console"


@post("/filters", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def keep(request: Asked, database: NamedDependency[Database]) -> Response[None]:
    """Keep what a page shows under a name, or forget one that was kept."""
    form, say = await read(request), OWN[language_of(request)]
    page, name = form.kept("page"), form.kept("name").strip()
    if page not in PAGES:
        return go(request, _HOME)
    if form.kept("deed") == "drop":
        async with database.write() as connection:
            known = await filters_of_page(connection, request.user.id, page)
            await drop_filter(connection, request.user.id, page, name)
        undo = next((_kept_again(one) for one in known if one.name == name), None)
        return go(request, page, said=say["filter_dropped"], undo=undo)
    try:
        new = saved_filter(request.user.id, page, name, form.typed)
    except Invalid:
        return go(request, page, said=say["filter_refused"])
    async with database.write() as connection:
        await keep_filter(connection, new)
    return go(request, f"{page}?{new.query}", said=say["filter_kept"])


def _kept_again(one: SavedFilter) -> Undo:
    return Undo("/console/filters", {"page": one.page, "name": one.name, "deed": "keep", **dict(parse_qsl(one.query))})


async def kept(request: Asked, database: Database, page: str) -> list[SavedFilter]:
    """List what the agent who asks has kept of a page."""
    async with database.read() as connection:
        return await filters_of_page(connection, request.user.id, page)


ROUTES = (keep,)
