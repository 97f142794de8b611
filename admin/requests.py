"""The queue of requests, and one request with its documents beside it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from adapters.document_vault import DocumentVault
from admin.filters import kept
from admin.forms import Form
from admin.request_likenesses import Beside, beside
from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import language_of, read_words, typeset
from api.request_documents import INERT, inert, seen_by
from api.requests import STAGES
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.dates import written
from domain.documents import CheckResult, DocumentKind
from domain.duplicates import Likeness
from domain.file_flaws import FLAWS
from domain.places import local_day
from domain.ports import Unit
from domain.reach import check_sees, decides, services_for
from domain.reception import Dossier, dossier
from domain.request_texts import StandardText, TextPurpose, standard_texts
from domain.requests import OPEN, STEPS, Deed, PassRequest, RequestStatus
from domain.services import BY_CODE, SERVICES
from domain.staff_lists import reviewers
from store.database import Database
from store.request_queue import UNASSIGNED, Wanted, counts, open_of, queue
from web.saying import Said

WORDS = read_words("requests")
for _flaw, _text in FLAWS.items():
    WORDS["fr"][f"flaw_{_flaw}"], WORDS["en"][f"flaw_{_flaw}"] = typeset(_text.fr), _text.en
PATH = "/console/requests"
READ: dict[str, Any] = {"rule": Permission.REQUEST_READ, "placed": True}
LINES = 25
SHOWN_PAGES = 2
"""Of a PDF, beside the form; the rest is in the file."""

SHOWN_STAGES = ("to_do", "open", "needs_more_info", "approved", "rejected", "withdrawn", "abandoned")

_BAR = 72
"""Width of the bar of age, in pixels; the target is its whole."""

ACTS = {"approve": TextPurpose.APPROVE, "ask": TextPurpose.ASK, "reject": TextPurpose.REJECT}
"""What a reviewer decides, and the texts that are offered with it."""


class Filters(Struct, frozen=True):
    """What of the queue is shown, as it stands in the address of every page that leads back to it."""

    stage: str = "to_do"
    service: str = ""
    assignee: str = ""

    @property
    def query(self) -> str:
        """The address's own part, without what is as usual."""
        kept = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) != _USUAL[name]}
        return f"?{urlencode(kept)}" if kept else ""

    def wanted(self, me: UUID, among: frozenset[str] | None) -> Wanted:
        """Say it to the store; `among` are the services that the agent is for."""
        given = {"me": me, "nobody": UNASSIGNED}.get(self.assignee)
        return Wanted(STAGES[self.stage], self.service or None, given, among)


_USUAL = {"stage": "to_do", "service": "", "assignee": ""}


class Row(Struct, frozen=True):
    """A request in the queue. `age` are days since it came, `target` those that were promised, `bar` pixels."""

    request: PassRequest
    assignee: str | None
    age: int
    target: int
    bar: int
    is_late: bool


class Staff(Struct, frozen=True):
    """Who may decide a request, whether the agent who looks at it may, and what they compare it with."""

    reviewers: list[Agent]
    decides: bool
    alike: list[Beside]


@get("/requests", opt={**READ, "journal": Act.REQUESTS_LISTED}, include_in_schema=False)
async def waiting(request: Asked, database: NamedDependency[Database]) -> Page:
    """Show the queue, in the order of the days that were promised."""
    filters, authority = filters_of(request), request.auth.authority
    async with database.look() as unit:
        among = await services_for(unit, request.user, Permission.REQUEST_READ)
    async with database.read() as connection:
        page = await queue(
            connection,
            authority.id,
            filters.wanted(request.user.id, among),
            after=request.query_params.get("after"),
            most=LINES,
        )
        told = await counts(connection, authority.id, among)
        mine = await open_of(connection, authority.id, request.user.id)
    today, language = today_of(request), language_of(request)
    say, said = WORDS[language], Said(language)
    return draw(
        request,
        "requests/queue.html",
        words=WORDS,
        filters=filters,
        form=Form({"stage": filters.stage, "service": filters.service, "assignee": filters.assignee}),
        stage_choices=[(stage, say[f"stage_{stage}"]) for stage in SHOWN_STAGES],
        service_choices=[
            ("", say["any_service"]),
            *((one.code, said(one.name)) for one in SERVICES if among is None or one.code in among),
        ],
        names=BY_CODE,
        rows=[_row(one.request, one.assignee, today) for one in page.lines],
        is_open=set(STAGES[filters.stage]) <= set(OPEN),
        counts=told,
        mine=mine,
        saved=await kept(request, database, PATH),
        bar=_BAR,
        next_page=f"{PATH}{_with(filters.query, after=page.after)}" if page.after else "",
    )


@get(
    "/requests/{request_reference:str}",
    opt={**READ, "journal": Act.REQUEST_SHOWN},
    include_in_schema=False,
)
async def show(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show a request: what it says beside its documents, what looks like it, and what may be decided."""
    act = request.query_params.get("act", "")
    async with database.look() as unit:
        shown = await dossier(unit, request.auth.authority.id, request_reference)
        await check_sees(unit, request.user, shown.request.application.services)
        offered = await offered_texts(unit, request, act)
        staff = await staff_for(unit, request, shown)
    chosen = next((one for one in offered if one.code == request.query_params.get("text")), None)
    form = Form({"words": words_in(chosen, shown.request)} if chosen is not None else {})
    return review_page(request, shown, form, staff, act=act, offered=offered)


@get(
    "/requests/{request_reference:str}/documents/{document_id:uuid}",
    opt={**READ, "journal": Act.DOCUMENT_OPENED},
    include_in_schema=False,
)
async def document(
    request: Asked,
    request_reference: FromPath[str],
    document_id: FromPath[UUID],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
) -> Response[bytes]:
    """Serve a document's file: a picture that we drew ourselves into the page, anything else as an attachment."""
    authority = request.auth.authority
    async with database.look() as unit:
        owner = await seen_by(unit, request.user, request_reference)
        found = await unit.documents.document(authority.id, owner.id, document_id)
    return inert(await vault.open(authority.code, found), found, attached=False)


@get(
    "/requests/{request_reference:str}/documents/{document_id:uuid}/pages/{page:int}",
    opt={**READ, "journal": Act.DOCUMENT_OPENED},
    include_in_schema=False,
)
async def document_page(
    *,
    request: Asked,
    request_reference: FromPath[str],
    document_id: FromPath[UUID],
    page: FromPath[int],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
) -> Response[bytes]:
    """Show a page of a PDF as a picture that we have drawn: the PDF itself never opens in a page of ours."""
    authority = request.auth.authority
    async with database.look() as unit:
        owner = await seen_by(unit, request.user, request_reference)
        found = await unit.documents.document(authority.id, owner.id, document_id)
    picture = await vault.page(authority.code, found, page)
    return Response(picture, media_type="image/jpeg", headers={**INERT, "Content-Disposition": "inline"})


def review_page(
    request: Asked,
    shown: Dossier,
    form: Form,
    staff: Staff,
    *,
    act: str = "",
    offered: Sequence[StandardText] = (),
    status_code: int = 200,
    since: Sequence[object] = (),
) -> Page:
    """Draw one request. `since` is what others have done while somebody had it before them."""
    asked, agent, reviews = shown.request, request.user, staff.decides
    status = asked.status
    may = {
        "approve": RequestStatus.APPROVED in STEPS[status],
        "ask": RequestStatus.NEEDS_MORE_INFO in STEPS[status],
        "reject": RequestStatus.REJECTED in STEPS[status] and status is not RequestStatus.DRAFT,
    }
    may = {name: allowed and reviews for name, allowed in may.items()}
    may["withdraw"] = status in OPEN and agent.may(Permission.REQUEST_ENTER)
    return draw(
        request,
        "requests/review.html",
        words=WORDS,
        status_code=status_code,
        shown=shown,
        asked=asked,
        said_in=shown.request.application,
        form=form,
        act=act if may.get(act) else "",
        may=may,
        alike=staff.alike,
        enters=agent.may(Permission.REQUEST_ENTER),
        reviews=reviews,
        is_for_more=agent.may_somewhere(Permission.REQUEST_REVIEW) and not reviews,
        is_open=status in OPEN,
        offered=offered,
        others=[one for one in staff.reviewers if one.id != shown.request.assigned_to],
        filters=filters_of(request),
        names=BY_CODE,
        written=written,
        most_pages=SHOWN_PAGES,
        kind_choices=[(kind, WORDS[language_of(request)][f"kind_{kind}"]) for kind in DocumentKind],
        results=CheckResult,
        known=_known(shown),
        since=since,
        answer_by=(asked.asked_on or date.min) + timedelta(days=shown.terms.answer_days),
        questioned_at=max((one.at for one in shown.entries if one.deed is Deed.ASKED), default=None),
        age=max(0, (today_of(request) - shown.request.received_on).days) if shown.request.received_on else 0,
    )


async def staff_for(unit: Unit, request: Asked, shown: Dossier) -> Staff:
    """Find who may decide a request: it asks for services that not everybody's role is for."""
    services, authority_id = shown.request.application.services, request.auth.authority.id
    return Staff(
        await reviewers(unit, authority_id, today_of(request), services),
        decides(request.user, services, await unit.places.places(authority_id)),
        await beside(unit, request.user, shown.duplicates, today_of(request)),
    )


async def offered_texts(unit: Unit, request: Asked, act: str) -> list[StandardText]:
    """List the standard texts that go with a decision."""
    if act not in ACTS:
        return []
    texts = await standard_texts(unit, request.auth.authority.id, since=request.app.state.clock())
    return [one for one in texts if one.purpose is ACTS[act]]


def words_in(text: StandardText, request: PassRequest) -> str:
    """Return a standard text in the language of the household, which is not the agent's."""
    return text.words.fr if request.application.language == "fr" else text.words.en


def filters_of(request: Asked) -> Filters:
    """Read the filters from the address; what is none is as usual."""
    asked = request.query_params
    stage, service, assignee = asked.get("stage", "to_do"), asked.get("service", ""), asked.get("assignee", "")
    return Filters(
        stage if stage in SHOWN_STAGES else "to_do",
        service if service in BY_CODE else "",
        assignee if assignee in {"me", "nobody"} else "",
    )


def today_of(request: Asked) -> date:
    """Return the day that it is at the desk."""
    return local_day(request.app.state.clock(), request.auth.authority.zone)


def _known(shown: Dossier) -> dict[int, list[tuple[str, str]]]:
    """List by place who of the register each person might be."""
    found: dict[int, list[tuple[str, str]]] = {}
    for one in shown.duplicates:
        if one.likeness is Likeness.PERSON_KNOWN and one.place is not None:
            found.setdefault(one.place, []).append((one.reference, one.name))
    return found


def _row(request: PassRequest, assignee: str | None, today: date) -> Row:
    came, due = request.received_on or today, request.due_on or today
    age, target = max(0, (today - came).days), max(1, (due - came).days)
    return Row(request, assignee, age, target, min(_BAR, _BAR * age // target), today > due)


def _with(query: str, **more: str) -> str:
    return f"{query}{'&' if query else '?'}{urlencode(more)}"
