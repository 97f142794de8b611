"""My requests: a new one begun, those that I have sent, where each stands, its papers, and one taken back."""

import secrets
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from adapters.document_vault import DocumentVault
from api.bodies import Key
from api.days import named
from api.request_documents import inert, letter_of, printed, receipt_of
from api.resident_answers import once
from api.resident_requests import SHOWN
from domain.accounts import Account
from domain.applications import Address, Application, Asker
from domain.errors.passes import KeyReused
from domain.errors.requests import RequestChanged, TooManyUnfinished
from domain.ports import Clock, Unit
from domain.request_terms import Silence, missing, silent_day
from domain.request_words import standing
from domain.requests import OPEN, STEPS, Deed, PassRequest, RequestStatus, withdraw
from domain.resident_requests import begin_own, hold_own
from domain.text import Text
from portal.account import RESIDENT
from portal.drafts import OF_MINE, PATH, QUESTIONS, WORDS, Mine, answers, mine_of, open_question
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from store.database import Database
from store.resident_requests import own_requests
from web.forms import read

LINES = 20


class _Began(Struct, frozen=True):
    """What the button says that begins a request; its key is made with the page."""

    key: Key


class _Begun(Struct, frozen=True):
    """What was begun."""

    reference: str


class Line(Struct, frozen=True):
    """A request of mine in a list: for whom, how it stands, and the page that goes on with it."""

    request: PassRequest
    names: str
    words: Text

    @property
    def is_draft(self) -> bool:
        """Whether it still has questions to ask."""
        return self.request.status is RequestStatus.DRAFT

    @property
    def is_open(self) -> bool:
        """Whether it is neither decided nor taken back."""
        return self.is_draft or self.request.status in OPEN

    @property
    def path(self) -> str:
        """Where it is shown."""
        return f"{PATH}/{self.request.reference}"


async def lines_of(
    database: Database, account: Account, *, before: str | None = None, most: int = LINES
) -> tuple[list[Line], str | None]:
    """List requests of an account, the newest first, and where those before begin. A draft taken back is none."""
    async with database.read() as connection:
        page = await own_requests(connection, account.id, before=before, most=most)
    lines = []
    async with database.look() as unit:
        terms = await unit.requests.terms(account.authority_id)
        for one in page.requests:
            if one.status is RequestStatus.WITHDRAWN and one.received_on is None:
                continue
            is_sent = one.status in OPEN
            lacking = missing(terms, one.application, await unit.documents.of_request(one.id)) if is_sent else []
            names = ", ".join(f"{person.first_name} {person.last_name}" for person in one.application.persons)
            lines.append(Line(one, names, standing(one, terms, lacking)))
    return lines, page.before


@get("/requests", opt=RESIDENT, include_in_schema=False)
async def listed(request: Asked, database: NamedDependency[Database]) -> Page:
    """List what I have begun and sent."""
    lines, further = await lines_of(database, request.user.account, before=request.query_params.get("before"))
    return draw(request, "requests/list.html", words=WORDS, lines=lines, further=further)


@get("/requests/new", opt=RESIDENT, include_in_schema=False)
async def new(request: Asked, database: NamedDependency[Database]) -> Page:
    """Say what will be asked, and what to have at hand."""
    async with database.look() as unit:
        terms = await unit.requests.terms(request.user.account.authority_id)
    needed = {code for service in terms.services for code in service.proofs}
    return draw(request, "requests/new.html", words=WORDS, terms=terms, needed=needed, key=secrets.token_urlsafe(24))


@post("/requests/new", opt=RESIDENT, include_in_schema=False)
async def begin(request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Response[None]:
    """Open a draft. A button that is pressed twice opens one."""
    mine, language = request.user.account, language_of(request)
    nothing_yet = Application(Asker(""), Address("", "", "", ""), (), (), language=language)

    async def act(unit: Unit) -> _Begun:
        return _Begun((await begin_own(unit, mine, nothing_yet, now=clock())).reference)

    try:
        began = msgspec.convert({"key": (await read(request)).kept("key")}, _Began)
        begun = await once(database, clock, mine, ("begin at the portal", began), act, kind=_Begun)
    except (msgspec.ValidationError, KeyReused):
        return go(request, f"{PATH}/new")
    except TooManyUnfinished:
        return go(request, PATH, said=WORDS[language]["too_many_unfinished"])
    return go(request, f"{PATH}/{begun.reference}/who")


@get("/requests/{request_reference:str}", **OF_MINE)
async def show(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show where a request stands, what it lacks, what we asked and what was said; a draft, its questions."""
    mine = await mine_of(request, database, request_reference)
    found, language = mine.request, language_of(request)
    if found.status is RequestStatus.DRAFT:
        return draw(
            request,
            "requests/draft.html",
            words=WORDS,
            mine=mine,
            answers=answers(mine.said, language),
            questions=questions(mine),
            further=open_question(mine.said),
        )
    question = next((one for one in reversed(mine.entries) if one.deed is Deed.ASKED), None)
    return draw(
        request,
        "requests/status.html",
        words=WORDS,
        mine=mine,
        standing=standing(found, mine.terms, ()),
        answers=answers(mine.said, language),
        question=question if found.status is RequestStatus.NEEDS_MORE_INFO else None,
        entries=[one for one in mine.entries if one.deed in SHOWN],
        silent_on=silent_day(found.received_on) if found.received_on is not None else None,
        silence_accepts=mine.terms.silence is Silence.ACCEPTS,
        is_open=found.status in OPEN,
        has_letter=found.status in {RequestStatus.APPROVED, RequestStatus.REJECTED},
    )


def questions(mine: Mine) -> list[tuple[str, str, bool]]:
    """List the questions of a draft: each with its page, and whether it has an answer."""
    said = mine.said
    pages = {
        "who": ("asker" if said.asker.name else "who", bool(said.asker.name)),
        "persons": ("persons", bool(said.persons)),
        "address": ("address", bool(said.address.line)),
        "services": ("services", bool(said.services)),
        "papers": ("papers", bool(said.services) and not mine.lacking),
        "check": ("check", False),
    }
    return [(name, *pages[name]) for name in QUESTIONS]


@get("/requests/{request_reference:str}/withdraw", **OF_MINE)
async def ask_withdraw(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]
) -> Page | Response[None]:
    """Ask whether it shall really be taken back, and say what that means."""
    mine, say = await mine_of(request, database, request_reference), WORDS[language_of(request)]
    if not STEPS[mine.request.status]:
        return go(request, mine.path, said=say["past_that"])
    kind = "forget" if mine.request.status is RequestStatus.DRAFT else "withdraw"
    return draw(
        request,
        "ask.html",
        words=WORDS,
        title=say[f"{kind}_title"],
        lead=say[f"{kind}_lead"],
        button=say[f"{kind}_now"],
        action=f"{mine.path}/withdraw",
        back=mine.path,
        hidden={"version": mine.request.version},
    )


@post("/requests/{request_reference:str}/withdraw", **OF_MINE)
async def take_back(
    *,
    request: Asked,
    request_reference: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Take a request back that is not decided. What happened to it meanwhile is looked at first."""
    say, reference = WORDS[language_of(request)], named(request_reference)
    seen = (await read(request)).whole("version", least=1, most=10**9)
    try:
        async with database.begin() as unit:
            held = await hold_own(unit, request.user.account, reference, seen=seen or 0, now=clock())
            was_draft = held.request.status is RequestStatus.DRAFT
            await withdraw(unit, held.request, held.hand, today=held.today)
    except RequestChanged:
        return go(request, f"{PATH}/{reference}", said=say["changed_before_act"])
    if was_draft:
        return go(request, PATH, said=say["forgotten"])
    return go(request, f"{PATH}/{reference}", said=say["withdrawn"])


@get("/requests/{request_reference:str}/receipt", **OF_MINE)
async def receipt(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Response[bytes]:
    """Answer the receipt as a PDF, with the days and texts that the law asks for."""
    async with database.look() as unit:
        found = await unit.resident_requests.one(request.user.account.id, named(request_reference))
        paper = await receipt_of(unit, found, now=clock())
    return await printed(paper)


@get("/requests/{request_reference:str}/letter", **OF_MINE)
async def letter(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]
) -> Response[bytes]:
    """Answer the letter that tells what was decided, and why, as a PDF."""
    async with database.look() as unit:
        found = await unit.resident_requests.one(request.user.account.id, named(request_reference))
        paper = await letter_of(unit, found)
    return await printed(paper)


@get("/requests/{request_reference:str}/documents/{document_id:uuid}", **OF_MINE)
async def document(
    *,
    request: Asked,
    request_reference: FromPath[str],
    document_id: FromPath[UUID],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
) -> Response[bytes]:
    """Show a document that I sent, as it is kept: a picture that we drew, or a PDF to be saved."""
    async with database.look() as unit:
        found = await unit.resident_requests.one(request.user.account.id, named(request_reference))
        kept = await unit.documents.document(found.authority_id, found.id, document_id)
    return inert(await vault.open(request.auth.authority.code, kept), kept, attached=False)


ROUTES = (listed, new, begin, show, ask_withdraw, take_back, receipt, letter, document)
