"""Finding somebody, and their file: passes and media, household, rights, circumstances, who acts for whom."""

from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from adapters.cards import CardKeys
from adapters.document_vault import DocumentVault
from admin.files import read_file
from admin.filters import kept
from admin.finding import LONGEST, People, Readers, Seeker, behind, find, find_shown, services_seen
from admin.forms import Form, read
from admin.people_filters import ANY, Filters, choices, filters_in
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import read_words
from api.days import named
from api.journalled_objects import about_holder
from api.journalling import Note
from domain.access.rule_words import WORDS as STATES
from domain.acts import Act
from domain.agents import Permission
from domain.ports import Clock
from nfc.qr import CodeReader
from store.database import Database

WORDS = read_words("people")
PATH = "/console/people"


@get("/people", opt={"rule": Permission.PASS_READ, "journal": Act.PERSON_SEARCHED}, include_in_schema=False)
async def search(
    *,
    request: Asked,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    reader: NamedDependency[CodeReader],
    card_keys: NamedDependency[CardKeys],
    note: NamedDependency[Note],
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Page | Response[None]:
    """List whom somebody may mean; a number that names one person leads to their file, that of a request to it."""
    said, filters = named(q.strip())[:LONGEST], filters_in(request.query_params)
    among = await services_seen(database, request.user)
    seeker = Seeker(request.user, request.auth.authority, clock(), filters, among)
    async with database.read() as connection:
        people = await find(connection, seeker, said, readers=Readers(reader, card_keys), after=behind(after))
    if (path := _only(people, note)) is not None:
        return go(request, path)
    return await _page(request, database, Form(), said=said, people=people if said else None, filters=filters)


@post("/people", opt={"rule": Permission.PASS_READ, "journal": Act.PERSON_SEARCHED}, include_in_schema=False)
async def tap(
    *,
    request: Asked,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    reader: NamedDependency[CodeReader],
    card_keys: NamedDependency[CardKeys],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Find whose code or card was shown. It comes in a form, never in an address: proxies write addresses down."""
    form = await read(request)
    said = form.text("shown", longest=LONGEST)
    seeker = Seeker(request.user, request.auth.authority, clock())
    async with database.read() as connection:
        people = await find_shown(connection, seeker, said, readers=Readers(reader, card_keys))
    if not form.is_wrong and not people.found:
        form.refuse("shown", "nobody_shown")
    if form.is_wrong:
        form.typed.clear()
        return await _page(request, database, form, status_code=422)
    if (path := _only(people, note)) is not None:
        return go(request, path)
    return await _page(request, database, Form())


@get("/people/{holder:str}", opt={"rule": Permission.PASS_READ, "journal": Act.FILE_SHOWN}, include_in_schema=False)
async def show(
    request: Asked,
    holder: FromPath[str],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> Page:
    """Show somebody's file: of it what the agent's roles may see."""
    file = await read_file(database, vault, request.user, request.auth.authority, named(holder), now=clock())
    return draw(request, "people/file.html", words=WORDS, file=file, states=STATES, now=clock())


def file_path(reference: str) -> str:
    """Return where somebody's file is."""
    return f"{PATH}/{quote(reference, safe='')}"


def _only(people: People, note: Note) -> str | None:
    """Return the path of the file of whom alone may be meant, or of the request."""
    if people.request:
        return f"/console/requests/{people.request}"
    if not (people.sure and people.found):
        return None
    one = people.found[0].person
    note.about(about_holder(one.id))
    return file_path(one.reference)


async def _page(
    request: Asked,
    database: Database,
    form: Form,
    *,
    status_code: int = 200,
    said: str = "",
    people: People | None = None,
    filters: Filters = ANY,
) -> Page:
    offered = await choices(request, database)
    return draw(
        request,
        "people/search.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        q=said,
        people=people,
        filters=filters,
        choices=offered.of,
        saved=await kept(request, database, PATH),
    )
