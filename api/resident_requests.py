"""A resident asks for a pass: a draft saved step by step, sent, answered, taken back; where it stands, in plain words.

Every query names the account that asks: a request of somebody else is none here. The desk's verbs do the work, so a
request from a telephone stands in the same queue as a letter.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from api.bodies import Key
from api.days import named
from api.request_acts import SPOKEN, Version
from api.requests import (
    AskedAddress,
    AskedBy,
    AskedPerson,
    Code,
    DocumentView,
    document_view,
    persons_in,
    persons_said,
)
from api.resident_account import RESIDENT
from api.resident_answers import UNCHANGED, once, tagged
from api.residents import Asked
from domain import resident_requests as own
from domain.applications import MOST_PERSONS, Address, Application, Asker
from domain.documents import DocumentKind
from domain.ports import Clock, Unit
from domain.request_terms import Proof, Terms, missing, silent_day
from domain.request_words import standing
from domain.requests import Deed, PassRequest, RequestStatus, withdraw
from domain.services import BY_CODE
from domain.text import Text
from store.database import Database
from store.resident_requests import own_requests

TAGS = ["Residents' requests"]

SHOWN = frozenset(Deed) - {Deed.TAKEN, Deed.ASSIGNED, Deed.LEFT, Deed.DOCUMENT_CHECKED, Deed.BEGAN}
"""What of a request's history concerns whoever asked: not who of the city's people has it on their desk."""


class DraftSaid(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What a household has said so far. Leave out what it has not; `declared` names proofs that it swears to."""

    asker: AskedBy | None = None
    address: AskedAddress | None = None
    persons: Annotated[list[AskedPerson], Meta(max_length=MOST_PERSONS)] = []
    services: Annotated[list[Code], Meta(max_length=20)] = []
    declared: Annotated[list[Code], Meta(max_length=20)] = []
    language: Literal["fr", "en"] = "fr"


class BeginRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A new draft. `key` is made for this act alone: sent again, it opens no second one."""

    key: Key
    application: DraftSaid | None = None


class SaveRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """All that a draft says from now on. `version` is the one that you have read."""

    key: Key
    version: Version
    application: DraftSaid


class MyStep(Struct, frozen=True, forbid_unknown_fields=True):
    """An act on a request of yours. `version` is the one that you have read."""

    key: Key
    version: Version


class MyReply(Struct, frozen=True, forbid_unknown_fields=True):
    """What was asked for is there. `declared` names proofs that you swear to rather than send.

    `words` answer what no paper answers.
    """

    key: Key
    version: Version
    declared: Annotated[list[Code], Meta(max_length=20)] = []
    words: Annotated[str, Meta(max_length=own.LONGEST_ANSWER, pattern=SPOKEN)] = ""


class MyRequestLine(Struct, frozen=True, rename="camel"):
    """A request of yours. `words` say where it stands and what it lacks; `keptUntil` is when we forget it."""

    reference: str
    status: RequestStatus
    version: int
    words: Text
    persons: int
    services: tuple[str, ...]
    created_at: datetime
    received_on: date | None
    due_on: date | None
    kept_until: date


class MyRequests(Struct, frozen=True):
    """Requests of yours, the newest first, and the cursor of those before; null where there are no more."""

    requests: list[MyRequestLine]
    cursor: str | None


class AskedProof(Struct, frozen=True, rename="camel"):
    """Something to be proved: by a document of one of these kinds, `months` old at most, or sworn where `maySwear`."""

    code: str
    name: Text
    kinds: tuple[DocumentKind, ...]
    months: int | None
    may_swear: bool
    missing: bool


class Said(Struct, frozen=True):
    """What was done with a request, and what we wrote about it, or you."""

    at: datetime
    deed: Deed
    words: str


class MyRequestDetail(Struct, frozen=True, rename="camel"):
    """All of a request of yours. `silentOn` is when silence decides, as its receipt says."""

    summary: MyRequestLine
    application: DraftSaid
    proofs: list[AskedProof]
    documents: list[DocumentView]
    history: list[Said]
    silent_on: date | None


class ServiceAsked(Struct, frozen=True):
    """A service that a pass may open, and the codes of the proofs that it asks for."""

    service: str
    name: Text
    proofs: tuple[str, ...]


class WhatIsAsked(Struct, frozen=True, rename="camel"):
    """What your city offers and asks for; `targetDays` are working days to an answer."""

    services: list[ServiceAsked]
    proofs: list[AskedProof]
    target_days: int


@get("/request-terms", opt=RESIDENT, responses=UNCHANGED, summary="See what a request asks for", tags=TAGS)
async def terms(request: Asked, database: NamedDependency[Database]) -> Response[WhatIsAsked]:
    """Show which services a pass opens, and what each asks to be proved."""
    async with database.look() as unit:
        asked = await unit.requests.terms(request.user.account.authority_id)
    services = [ServiceAsked(one.service, BY_CODE[one.service].name, one.proofs) for one in asked.services]
    return tagged(
        request, WhatIsAsked(services, [_proof(one, lacking=True) for one in asked.proofs], asked.target_days)
    )


@get("/requests", opt=RESIDENT, responses=UNCHANGED, summary="List my requests", tags=TAGS)
async def list_requests(
    *,
    request: Asked,
    database: NamedDependency[Database],
    before: FromQuery[str | None] = None,
    lines: Annotated[int, QueryParameter(ge=1, le=50)] = 20,
) -> Response[MyRequests]:
    """List your drafts and what you have sent, the newest first."""
    mine = request.user.account
    async with database.read() as connection:
        page = await own_requests(connection, mine.id, before=before, most=lines)
    async with database.look() as unit:
        views = [await view(unit, one) for one in page.requests]
    return tagged(request, MyRequests(views, page.before))


@post("/requests", opt=RESIDENT, summary="Begin a request", tags=TAGS)
async def begin(
    request: Asked,
    data: JSONBody[BeginRequest],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> MyRequestLine:
    """Open a draft, with as much as you know already. Thirty days later it is forgotten unless it was sent."""
    mine, said = request.user.account, said_so_far(data.application or DraftSaid())

    async def act(unit: Unit) -> MyRequestLine:
        return await view(unit, await own.begin_own(unit, mine, said, now=clock()))

    return await once(database, clock, mine, ("requests", data), act, kind=MyRequestLine)


@get(
    "/requests/{request_reference:str}",
    opt=RESIDENT,
    responses=UNCHANGED,
    summary="See one of my requests",
    tags=TAGS,
)
async def show(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]
) -> Response[MyRequestDetail]:
    """Show where a request stands, what it says, what it lacks, and what we wrote to you about it."""
    mine = request.user.account
    async with database.look() as unit:
        found = await unit.resident_requests.one(mine.id, named(request_reference))
        asked = await unit.requests.terms(found.authority_id)
        documents = await unit.documents.of_request(found.id)
        entries = await unit.requests.entries(found.id)
    lacking = missing(asked, found.application, documents)
    detail = MyRequestDetail(
        summary=_summary(found, asked, lacking),
        application=_said(found.application),
        proofs=[_proof(one, lacking=one in lacking) for one in asked.wanted(found.application.services)],
        documents=[document_view(one) for one in documents],
        history=[Said(one.at, one.deed, one.words) for one in entries if one.deed in SHOWN],
        silent_on=silent_day(found.received_on) if found.received_on is not None else None,
    )
    return tagged(request, detail)


@put("/requests/{request_reference:str}/application", opt=RESIDENT, summary="Save a draft", tags=TAGS)
async def save(
    *,
    request: Asked,
    request_reference: FromPath[str],
    data: JSONBody[SaveRequest],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> MyRequestLine:
    """Save what a draft says so far, whole: after each question, to go on later or on another device."""
    mine, said = request.user.account, said_so_far(data.application)

    async def act(unit: Unit) -> MyRequestLine:
        held = await own.hold_own(unit, mine, named(request_reference), seen=data.version, now=clock())
        return await view(unit, await own.save_draft(unit, held, said))

    return await once(database, clock, mine, (f"save {request_reference}", data), act, kind=MyRequestLine)


@post(
    "/requests/{request_reference:str}/submission", status_code=200, opt=RESIDENT, summary="Send my request", tags=TAGS
)
async def send(
    *,
    request: Asked,
    request_reference: FromPath[str],
    data: JSONBody[MyStep],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> MyRequestLine:
    """Send a draft: it is received today, its receipt is there at once, and an e-mail says so.

    Proofs that are missing may follow; the receipt names them.
    """
    mine = request.user.account

    async def act(unit: Unit) -> MyRequestLine:
        held = await own.hold_own(unit, mine, named(request_reference), seen=data.version, now=clock())
        return await view(unit, await own.send_own(unit, held))

    return await once(database, clock, mine, (f"send {request_reference}", data), act, kind=MyRequestLine)


@post(
    "/requests/{request_reference:str}/answer",
    status_code=200,
    opt=RESIDENT,
    summary="Answer what was asked of me",
    tags=TAGS,
)
async def answer(
    *,
    request: Asked,
    request_reference: FromPath[str],
    data: JSONBody[MyReply],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> MyRequestLine:
    """Say that what we asked for is there: your documents came first. The days that were left run again."""
    mine = request.user.account

    async def act(unit: Unit) -> MyRequestLine:
        held = await own.hold_own(unit, mine, named(request_reference), seen=data.version, now=clock())
        return await view(unit, await own.reply(unit, held, declared=tuple(data.declared), words=data.words))

    return await once(database, clock, mine, (f"answer {request_reference}", data), act, kind=MyRequestLine)


@post(
    "/requests/{request_reference:str}/withdrawal",
    status_code=200,
    opt=RESIDENT,
    summary="Take my request back",
    tags=TAGS,
)
async def take_back(
    *,
    request: Asked,
    request_reference: FromPath[str],
    data: JSONBody[MyStep],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> MyRequestLine:
    """Take a request back that is not decided. A draft is forgotten within the day."""
    mine = request.user.account

    async def act(unit: Unit) -> MyRequestLine:
        held = await own.hold_own(unit, mine, named(request_reference), seen=data.version, now=clock())
        return await view(unit, await withdraw(unit, held.request, held.hand, today=held.today))

    return await once(database, clock, mine, (f"take back {request_reference}", data), act, kind=MyRequestLine)


def said_so_far(said: DraftSaid) -> Application:
    """Read a draft off the wire: what it does not say is empty."""
    asker, address = said.asker, said.address
    return Application(
        asker=Asker(asker.name, asker.email, asker.phone) if asker else Asker(""),
        address=Address(address.line, address.postcode, address.city, address.commune_code)
        if address
        else Address("", "", "", ""),
        persons=persons_in(said.persons),
        services=tuple(dict.fromkeys(said.services)),
        declared=tuple(dict.fromkeys(said.declared)),
        language=said.language,
    )


async def view(unit: Unit, found: PassRequest) -> MyRequestLine:
    """Show a request as its owner reads it in a list."""
    asked = await unit.requests.terms(found.authority_id)
    return _summary(found, asked, missing(asked, found.application, await unit.documents.of_request(found.id)))


def _summary(found: PassRequest, asked: Terms, lacking: list[Proof]) -> MyRequestLine:
    return MyRequestLine(
        reference=found.reference,
        status=found.status,
        version=found.version,
        words=standing(found, asked, lacking),
        persons=len(found.application.persons),
        services=found.application.services,
        created_at=found.created_at,
        received_on=found.received_on,
        due_on=found.due_on,
        kept_until=found.keep_until,
    )


def _said(said: Application) -> DraftSaid:
    asker, address = said.asker, said.address
    return DraftSaid(
        asker=AskedBy(asker.name, asker.email, asker.phone) if asker.name else None,
        address=AskedAddress(address.line, address.postcode, address.city, address.commune_code)
        if address.line
        else None,
        persons=persons_said(said.persons),
        services=list(said.services),
        declared=list(said.declared),
        language="fr" if said.language == "fr" else "en",
    )


def _proof(one: Proof, *, lacking: bool) -> AskedProof:
    return AskedProof(one.code, one.name, one.kinds, one.months, one.declaration, lacking)


HANDLERS = [terms, list_requests, begin, show, save, send, answer, take_back]
