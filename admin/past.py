"""Where somebody was let in or refused: the newest in their file, all that is kept on a page of its own."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import read_words
from api.days import named
from domain.access.catalogue import Catalogue
from domain.access.reasons import REASONS
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.people import Holder
from domain.text import Text
from store import passages, person_files
from store.database import Database
from store.passages import Recent

WORDS = read_words("people")
LINES = 50


class PastPassage(Struct, frozen=True):
    """A passage: at which place, and what the gate said."""

    place: Text
    words: Text
    passage: Recent


async def newest(
    connection: AsyncConnection,
    agent: Agent,
    catalogue: Catalogue,
    holder: Holder,
    *,
    limit: int,
    before: int | None = None,
) -> tuple[list[PastPassage], int | None]:
    """List somebody's passages, the newest first, and where the list goes on; None at its end.

    Whose role is for some sites sees what happened there.
    """
    found = await passages.recent_of_holder(
        connection,
        holder.authority_id,
        holder.id,
        limit=limit + 1,
        before=before,
        at=await passages.sites_of(connection, agent, Permission.VALIDATION_CANCEL),
    )
    names = {
        doorway.site.code: doorway.site.name
        for doorway in catalogue.doorways.values()
        if doorway.site.authority_id == holder.authority_id
    }
    page = [
        PastPassage(names.get(one.site, Text(one.site, one.site)), REASONS[one.reason].short, one)
        for one in found[:limit]
    ]
    return page, int(page[-1].passage.passage) if len(found) > limit else None


@get(
    "/people/{holder:str}/passages",
    opt={"rule": Permission.VALIDATION_CANCEL, "journal": Act.PASSAGES_LISTED, "placed": True},
    include_in_schema=False,
)
async def show(
    request: Asked, holder: FromPath[str], database: NamedDependency[Database], before: FromQuery[str] = ""
) -> Page:
    """List the passages of all somebody's passes, as far back as they are kept."""
    catalogue = await database.catalogue()
    async with database.read() as connection:
        whose = await person_files.holder(connection, request.user.authority_id, named(holder))
        listed, older = await newest(connection, request.user, catalogue, whose, limit=LINES, before=_cursor(before))
    return draw(request, "people/passages.html", words=WORDS, of=whose, passages=listed, older=older)


def _cursor(said: str) -> int | None:
    """Read where a list goes on; what is no cursor begins it anew."""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 18 else None
