"""Requests for passes, as agents read them and write them down: a desk, or a letter that somebody types."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from api.agents import PRINTABLE
from api.days import Caller, check_day, named
from api.journalling import Note
from domain import requests
from domain.acts import Act
from domain.agents import Permission
from domain.applications import MOST_PERSONS, Address, Application, Asker, Person
from domain.documents import CheckResult, Document, DocumentKind, DocumentState
from domain.duplicates import Duplicate, Likeness
from domain.errors import Invalid
from domain.journal import Kind, Object
from domain.ports import Clock
from domain.reach import check_sees, services_for
from domain.reception import Dossier, dossier, hold, receive
from domain.requests import Channel, Deed, RequestStatus
from store.database import Begin, Database
from store.request_queue import UNASSIGNED, Wanted, queue

READ: dict[str, Any] = {"rule": Permission.REQUEST_READ, "placed": True}
ENTER = {"rule": Permission.REQUEST_ENTER}
TAGS = ["Requests"]

STAGES: dict[str, tuple[RequestStatus, ...]] = {
    "to_do": requests.TO_DO,
    "open": requests.OPEN,
    **{status.value: (status,) for status in RequestStatus},
}
"""What a list may show: what waits for us, what is not decided, or one state."""

_Line = Annotated[str, Meta(min_length=1, max_length=80, pattern=PRINTABLE)]
Code = Annotated[str, Meta(min_length=1, max_length=40, pattern=PRINTABLE)]


class AskedPerson(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Somebody who is to have a pass, as their papers say. `twoHomes`: a child who lives elsewhere too."""

    first_name: _Line
    last_name: _Line
    born_on: date
    two_homes: bool = False


class AskedAddress(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Where the household lives; `communeCode` is the INSEE code."""

    line: Annotated[str, Meta(min_length=1, max_length=160, pattern=PRINTABLE)]
    postcode: Annotated[str, Meta(min_length=2, max_length=10, pattern=PRINTABLE)]
    city: _Line
    commune_code: Annotated[str, Meta(min_length=5, max_length=5, pattern=PRINTABLE)]


class AskedBy(Struct, frozen=True, forbid_unknown_fields=True):
    """Who asks, and how they are told."""

    name: Annotated[str, Meta(min_length=1, max_length=160, pattern=PRINTABLE)]
    email: Annotated[str, Meta(min_length=3, max_length=160, pattern=PRINTABLE)] | None = None
    phone: Annotated[str, Meta(min_length=3, max_length=30, pattern=PRINTABLE)] | None = None


class ApplicationSaid(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What a household asks for. `declared` names proofs that it swears to instead of giving a document."""

    asker: AskedBy
    address: AskedAddress
    persons: Annotated[list[AskedPerson], Meta(min_length=1, max_length=MOST_PERSONS)]
    services: Annotated[list[Code], Meta(min_length=1, max_length=20)]
    declared: Annotated[list[Code], Meta(max_length=20)] = []
    language: Literal["fr", "en"] = "fr"


class EnterRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A request that came to a desk or by letter. `receivedOn` is the day the letter came; today unless it is given."""

    application: ApplicationSaid
    channel: Literal["desk", "paper"] = "desk"
    received_on: date | None = None


class CorrectRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What the household says, written down better. `version` is the one that you have read."""

    version: Annotated[int, Meta(ge=1)]
    application: ApplicationSaid


class RequestLine(Struct, frozen=True, rename="camel"):
    """A request in a list. `dueOn` is the day by which we mean to decide."""

    reference: str
    status: RequestStatus
    version: int
    channel: Channel
    asker: str
    persons: int
    services: tuple[str, ...]
    received_on: date | None
    due_on: date | None
    assigned_to: str | None


class RequestPage(Struct, frozen=True):
    """Some requests, and the cursor of the next ones; null where there are no more."""

    requests: list[RequestLine]
    cursor: str | None


class DocumentView(Struct, frozen=True, rename="camel"):
    """A document: what it is, and what somebody has found in it."""

    id: UUID
    kind: DocumentKind
    state: DocumentState
    media_type: str
    size_bytes: int
    pages: int
    received_at: datetime
    checked_at: datetime | None
    result: CheckResult | None


class DeedView(Struct, frozen=True):
    """What was done with a request; `by` is an agent's name, null for the household and for time."""

    version: int
    deed: Deed
    at: datetime
    by: str | None
    words: str
    fields: tuple[str, ...]


class LikenessView(Struct, frozen=True):
    """Something else that looks like this: a person of the register, or another request. `place` counts from 0."""

    likeness: Likeness
    reference: str
    name: str
    place: int | None
    status: RequestStatus | None


class TemporaryPassView(Struct, frozen=True, rename="camel"):
    """A pass that holds until the request is decided, to the day before `validUntil`; `place` counts persons from 0."""

    place: int
    number: str
    valid_until: date
    ended_at: datetime | None


class RequestView(Struct, frozen=True, rename="camel"):
    """All that is to be seen of a request. `missing` are codes of proofs; `changed` is what the last one said else.

    `inTerritory`: its commune is one of yours, by the INSEE code.
    """

    line: RequestLine
    application: ApplicationSaid
    documents: list[DocumentView]
    history: list[DeedView]
    missing: list[str]
    likenesses: list[LikenessView]
    earlier: list[str]
    changed: tuple[str, ...]
    in_territory: bool
    temporary_passes: list[TemporaryPassView]


@get("/requests", opt={**READ, "journal": Act.REQUESTS_LISTED}, summary="See what waits", tags=TAGS)
async def waiting(
    request: Caller,
    database: NamedDependency[Database],
    *,
    stage: FromQuery[str] = "to_do",
    wants: FromQuery[str | None] = None,
    assignee: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    lines: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> RequestPage:
    """List requests: open ones by the day they are due, decided ones the newest first."""
    authority_id = request.user.authority_id
    if stage not in STAGES:
        raise Invalid(f"`stage` is one of {', '.join(STAGES)}.")
    async with database.look() as unit:
        agent = await unit.agents.by_login(assignee) if assignee not in {None, "nobody"} else None
        among = await services_for(unit, request.user, Permission.REQUEST_READ)
    given = UNASSIGNED if assignee == "nobody" else agent.id if agent else None
    if assignee is not None and given is None:
        return RequestPage([], None)
    async with database.read() as connection:
        wanted = Wanted(STAGES[stage], wants, given, among)
        page = await queue(connection, authority_id, wanted, after=cursor, most=lines)
    return RequestPage([line_of(one.request, one.assignee) for one in page.lines], page.after)


@post("/requests", opt={**ENTER, "journal": Act.REQUEST_ENTERED}, summary="Write down a request", tags=TAGS)
async def enter(
    request: Caller,
    data: JSONBody[EnterRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> RequestLine:
    """Take in a request from a desk or a letter: it stands in the queue at once, and its receipt can be printed."""
    check_day(data.received_on)
    async with begin() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        received = await receive(
            unit,
            authority,
            said_in(data.application),
            channel=Channel(data.channel),
            received_on=data.received_on,
            by=request.user.id,
            now=clock(),
        )
        note.about(Object(Kind.REQUEST, str(received.id)))
    return line_of(received, None)


@get(
    "/requests/{request_reference:str}", opt={**READ, "journal": Act.REQUEST_SHOWN}, summary="Show a request", tags=TAGS
)
async def show(request: Caller, request_reference: FromPath[str], database: NamedDependency[Database]) -> RequestView:
    """Show a request with its documents, its history, what it lacks and what looks like it."""
    async with database.look() as unit:
        shown = await dossier(unit, request.user.authority_id, named(request_reference))
        await check_sees(unit, request.user, shown.request.application.services)
        return _view(shown)


@put(
    "/requests/{request_reference:str}/application",
    opt={**ENTER, "journal": Act.REQUEST_CORRECTED},
    summary="Correct a request",
    tags=TAGS,
)
async def correct(
    *,
    request: Caller,
    request_reference: FromPath[str],
    data: JSONBody[CorrectRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> RequestLine:
    """Write down better what the household says. The history names what changed."""
    agent = request.user
    async with begin() as unit:
        held = await hold(
            unit, agent.authority_id, named(request_reference), seen=data.version, by=agent.id, now=clock()
        )
        said = said_in(data.application)
        return line_of(await requests.correct(unit, held.request, held.hand, application=said), None)


def said_in(said: ApplicationSaid) -> Application:
    """Read an application off the wire."""
    address = said.address
    return Application(
        asker=Asker(said.asker.name, said.asker.email, said.asker.phone),
        address=Address(address.line, address.postcode, address.city, address.commune_code),
        persons=persons_in(said.persons),
        services=tuple(dict.fromkeys(said.services)),
        declared=tuple(dict.fromkeys(said.declared)),
        language=said.language,
    )


def persons_in(said: Sequence[AskedPerson]) -> tuple[Person, ...]:
    """Read people off the wire."""
    for one in said:
        check_day(one.born_on)
    return tuple(Person(one.first_name, one.last_name, one.born_on, two_homes=one.two_homes) for one in said)


def persons_said(persons: Sequence[Person]) -> list[AskedPerson]:
    """Show people as they were named."""
    return [AskedPerson(one.first_name, one.last_name, one.born_on, one.two_homes) for one in persons]


def line_of(request: requests.PassRequest, assignee: str | None) -> RequestLine:
    """Show a request as a line."""
    said = request.application
    return RequestLine(
        reference=request.reference,
        status=request.status,
        version=request.version,
        channel=request.channel,
        asker=said.asker.name,
        persons=len(said.persons),
        services=said.services,
        received_on=request.received_on,
        due_on=request.due_on,
        assigned_to=assignee,
    )


def document_view(document: Document) -> DocumentView:
    """Show a document without its file."""
    return DocumentView(
        id=document.id,
        kind=document.kind,
        state=document.state,
        media_type=document.media_type,
        size_bytes=document.size_bytes,
        pages=document.pages,
        received_at=document.received_at,
        checked_at=document.checked_at,
        result=document.result,
    )


def _view(shown: Dossier) -> RequestView:
    said, agents = shown.request.application, shown.agents
    return RequestView(
        line=line_of(shown.request, agents.get(shown.request.assigned_to) if shown.request.assigned_to else None),
        application=ApplicationSaid(
            asker=AskedBy(said.asker.name, said.asker.email, said.asker.phone),
            address=AskedAddress(
                said.address.line, said.address.postcode, said.address.city, said.address.commune_code
            ),
            persons=persons_said(said.persons),
            services=list(said.services),
            declared=list(said.declared),
            language="fr" if said.language == "fr" else "en",
        ),
        documents=[document_view(one) for one in shown.documents],
        history=[
            DeedView(one.version, one.deed, one.at, agents.get(one.by) if one.by else None, one.words, one.fields)
            for one in shown.entries
        ],
        missing=[proof.code for proof in shown.missing],
        likenesses=[_likeness(one) for one in shown.duplicates],
        earlier=[one.reference for one in shown.earlier],
        changed=shown.changed,
        in_territory=shown.in_territory,
        temporary_passes=[
            TemporaryPassView(one.place, one.number, one.valid_until, one.ended_at) for one in shown.temporary
        ],
    )


def _likeness(one: Duplicate) -> LikenessView:
    return LikenessView(one.likeness, one.reference, one.name, one.place, one.status)


ROUTER = Router(path="/v1", route_handlers=[waiting, enter, show, correct])
