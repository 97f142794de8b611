"""Finding somebody, and their file: passes and media, household, rights, circumstances, who acts for whom."""

from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from adapters.cards import CardKeys
from admin.files import read_file
from admin.finding import LONGEST, People, Readers, behind, find
from admin.forms import Form, read
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
    """List whom somebody may mean; a number that names one person leads to their file."""
    said = named(q.strip())[:LONGEST]
    async with database.read() as connection:
        people = await find(
            connection,
            request.auth.authority,
            said,
            readers=Readers(reader, card_keys),
            now=clock(),
            after=behind(after),
        )
    return _answer(request, said, people, note)


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
    readers = Readers(reader, card_keys)
    async with database.read() as connection:
        people = await find(connection, request.auth.authority, said, readers=readers, now=clock())
    if not form.is_wrong and not people.found:
        form.refuse("shown", "nobody_shown")
    if form.is_wrong:
        form.typed.clear()
        return draw(request, "people/search.html", words=WORDS, status_code=422, form=form, q="", people=None)
    return _answer(request, "", people, note)


@get("/people/{holder:str}", opt={"rule": Permission.PASS_READ, "journal": Act.FILE_SHOWN}, include_in_schema=False)
async def show(
    request: Asked, holder: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Show somebody's file: of it what the agent's roles may see."""
    file = await read_file(database, request.user, request.auth.authority, named(holder), now=clock())
    return draw(request, "people/file.html", words=WORDS, file=file, states=STATES, now=clock())


def file_path(reference: str) -> str:
    """Return where somebody's file is."""
    return f"{PATH}/{quote(reference, safe='')}"


def _answer(request: Asked, said: str, people: People, note: Note) -> Page | Response[None]:
    if people.sure and people.found:
        one = people.found[0]
        note.about(about_holder(one.id))
        return go(request, file_path(one.reference))
    return draw(request, "people/search.html", words=WORDS, form=Form(), q=said, people=people if said else None)
