"""What agents do with a request on its page. After a decision comes the next one of the queue they were in.

Who was slower than a colleague gets the page again, with what the colleague did and with every word they had typed.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.document_file import LARGEST
from adapters.document_vault import DocumentVault
from admin.forms import Form, read
from admin.requests import PATH, WORDS, filters_of, offered_texts, review_page, staff_for
from admin.shell import Page, go
from admin.visits import Asked
from admin.words import language_of
from api.journalling import journal_note, journalled_begin
from api.request_acts import LONGEST_WORDS
from domain import requests
from domain.acts import Act
from domain.agents import Permission
from domain.approval import approve
from domain.documents import CheckResult, DocumentKind, add_document, check_document
from domain.errors.people import AgentNotFound, HolderNotFound, HouseholdNotFound
from domain.errors.requests import DocumentRefused, RequestChanged, RequestStepRefused
from domain.ports import Unit
from domain.reach import check_decides, check_sees, services_for
from domain.reception import Held, dossier, hold
from domain.requests import Channel
from domain.staff_lists import reviewers
from store.database import Database
from store.request_queue import queue

_REVIEW: dict[str, Any] = {"rule": Permission.REQUEST_REVIEW, "placed": True}
_ENTER = {"rule": Permission.REQUEST_ENTER}

_Answer = Page | Response[None]
_Deed = Callable[[Unit, Held], Awaitable[object]]


@post(
    "/requests/{request_reference:str}/approve",
    opt={**_REVIEW, "journal": Act.REQUEST_APPROVED},
    include_in_schema=False,
)
async def accept(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> _Answer:
    """Approve a request, and go on to the next; whoever took it in at their desk today hands over what it brought."""
    form = await read(request)
    words = form.lines("words", longest=LONGEST_WORDS, required=False)
    household = form.text("household", longest=40, required=False)
    known = {
        int(place): kept
        for name, kept in form.typed.items()
        if (place := name.removeprefix("known_")).isdecimal() and kept
    }

    async def deed(unit: Unit, held: Held) -> None:
        terms = await unit.requests.terms(held.authority.id)
        await approve(unit, held.request, held.hand, terms=terms, known=known, household=household or None, words=words)

    return await _do(request, request_reference, database, form, deed, act="approve", decides=True)


@post(
    "/requests/{request_reference:str}/reject",
    opt={**_REVIEW, "journal": Act.REQUEST_REJECTED},
    include_in_schema=False,
)
async def refuse(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> _Answer:
    """Refuse a request, and go on to the next."""
    form = await read(request)
    words = form.lines("words", longest=LONGEST_WORDS)

    async def deed(unit: Unit, held: Held) -> None:
        await requests.reject(unit, held.request, held.hand, words=words, today=held.today)

    return await _do(request, request_reference, database, form, deed, act="reject", decides=True)


@post("/requests/{request_reference:str}/ask", opt={**_REVIEW, "journal": Act.REQUEST_ASKED}, include_in_schema=False)
async def ask(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> _Answer:
    """Ask the household for more, and go on to the next."""
    form = await read(request)
    words = form.lines("words", longest=LONGEST_WORDS)

    async def deed(unit: Unit, held: Held) -> None:
        await requests.ask_for_more(unit, held.request, held.hand, words=words, today=held.today)

    return await _do(request, request_reference, database, form, deed, act="ask", decides=True)


@post("/requests/{request_reference:str}/take", opt={**_REVIEW, "journal": Act.REQUEST_TAKEN}, include_in_schema=False)
async def take(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> _Answer:
    """Take a request."""

    async def deed(unit: Unit, held: Held) -> None:
        await requests.take(unit, held.request, held.hand)

    return await _do(request, request_reference, database, await read(request), deed, act="take")


@post(
    "/requests/{request_reference:str}/leave", opt={**_REVIEW, "journal": Act.REQUEST_ASSIGNED}, include_in_schema=False
)
async def leave(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> _Answer:
    """Put a request back into the common queue."""

    async def deed(unit: Unit, held: Held) -> None:
        await requests.assign(unit, held.request, held.hand, to=None)

    return await _do(request, request_reference, database, await read(request), deed, act="leave")


@post(
    "/requests/{request_reference:str}/give", opt={**_REVIEW, "journal": Act.REQUEST_ASSIGNED}, include_in_schema=False
)
async def give(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> _Answer:
    """Give a request to a colleague by name, or take it over from one."""
    form = await read(request)
    login = form.text("colleague", longest=120)

    async def deed(unit: Unit, held: Held) -> None:
        here = await reviewers(unit, held.authority.id, held.today, held.request.application.services)
        found = next((one for one in here if one.login == login), None)
        if found is None:
            raise AgentNotFound("No colleague of yours who reviews has this login.")
        await requests.assign(unit, held.request, held.hand, to=found.id)

    return await _do(request, request_reference, database, form, deed, act="give")


@post(
    "/requests/{request_reference:str}/answered",
    opt={**_ENTER, "journal": Act.REQUEST_ANSWERED},
    include_in_schema=False,
)
async def answered(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> _Answer:
    """Say that the household has answered."""

    async def deed(unit: Unit, held: Held) -> None:
        await requests.answer(unit, held.request, held.hand, today=held.today)

    return await _do(request, request_reference, database, await read(request), deed, act="answered")


@post(
    "/requests/{request_reference:str}/withdraw",
    opt={**_ENTER, "journal": Act.REQUEST_WITHDRAWN},
    include_in_schema=False,
)
async def withdraw(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> _Answer:
    """Close a request that the household wants no more."""

    async def deed(unit: Unit, held: Held) -> None:
        await requests.withdraw(unit, held.request, held.hand, today=held.today)

    return await _do(request, request_reference, database, await read(request), deed, act="withdraw")


@post(
    "/requests/{request_reference:str}/checks/{document_id:uuid}",
    opt={**_REVIEW, "journal": Act.DOCUMENT_CHECKED},
    include_in_schema=False,
)
async def check(
    request: Asked, request_reference: FromPath[str], document_id: FromPath[UUID], database: NamedDependency[Database]
) -> _Answer:
    """Write down what was found in a document."""
    form = await read(request)
    result = form.one_of("result", CheckResult)

    async def deed(unit: Unit, held: Held) -> None:
        found = await unit.documents.document(held.authority.id, held.request.id, document_id)
        await check_document(unit, held.request, found, held.hand, result=result or CheckResult.NOT_ACCEPTED)

    return await _do(request, request_reference, database, form, deed, act="check")


@post(
    "/requests/{request_reference:str}/documents",
    opt={**_ENTER, "journal": Act.DOCUMENT_ADDED},
    include_in_schema=False,
    request_max_body_size=LARGEST + 4096,
)
async def add(
    request: Asked,
    request_reference: FromPath[str],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
) -> _Answer:
    """Put a document with a request."""
    form = await read(request)
    kind = form.one_of("kind", DocumentKind)
    sent = (await request.form()).get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        form.refuse("file", "field_missing")
    if form.is_wrong or kind is None or not isinstance(sent, UploadFile):
        return await _again(request, request_reference, database, form, status_code=422)
    async with database.look() as unit:
        await unit.requests.by_reference(request.auth.authority.id, request_reference)
        document_id = unit.ids.row()
    try:
        safe = await vault.keep(request.auth.authority.code, document_id, await sent.read())
    except DocumentRefused as refused:
        form.refuse("file", f"flaw_{refused.flaw}")
        return await _again(request, request_reference, database, form, status_code=422)

    async def deed(unit: Unit, held: Held) -> None:
        await add_document(unit, held.request, held.hand, safe, kind=kind)

    answer = await _do(request, request_reference, database, form, deed, act="add")
    if (answer.status_code or 200) >= 400:
        vault.remove([document_id])
    return answer


async def _do(
    request: Asked,
    reference: str,
    database: Database,
    form: Form,
    deed: _Deed,
    *,
    act: str,
    decides: bool = False,
) -> _Answer:
    """Do something with the version that was on the page. Every act of this module passes here."""
    seen = form.whole("version", least=1, most=10**9)
    if form.is_wrong or seen is None:
        return await _again(request, reference, database, form, act=act, status_code=422)
    authority, now = request.auth.authority, request.app.state.clock()
    try:
        async with journalled_begin(database)() as unit:
            held = await hold(unit, authority.id, reference, seen=seen, by=request.user.id, now=now)
            if request.route_handler.opt["rule"] is Permission.REQUEST_REVIEW:
                await check_decides(unit, request.user, held.request.application.services)
            await deed(unit, held)
    except (RequestChanged, RequestStepRefused):
        return await _again(request, reference, database, form, act=act, status_code=409, seen=seen)
    except AgentNotFound:
        form.refuse("colleague", "no_colleague")
        return await _again(request, reference, database, form, act=act, status_code=422)
    except HouseholdNotFound:
        form.refuse("household", "no_household")
        return await _again(request, reference, database, form, act=act, status_code=422)
    except HolderNotFound:
        form.refuse("known", "no_holder")
        return await _again(request, reference, database, form, act=act, status_code=422)
    query = filters_of(request).query
    stays = not decides or (act == "approve" and _is_waited_for(request, held))
    place = f"{PATH}/{reference}" if stays else await _next(request, database, reference)
    said = WORDS[language_of(request)][f"done_{act}"].format(reference=reference)
    return go(request, f"{place}{query}", said=said)


def _is_waited_for(request: Asked, held: Held) -> bool:
    """Tell whether the household still stands at the desk, for the letter and the passes that this page leads to."""
    came_today = held.request.channel is Channel.DESK and held.request.received_on == held.today
    return came_today and request.user.may(Permission.REQUEST_ENTER)


async def _next(request: Asked, database: Database, done: str) -> str:
    """Return the address of the next request of the queue, or of the queue where none is left."""
    async with database.look() as unit:
        among = await services_for(unit, request.user, Permission.REQUEST_READ)
    wanted = filters_of(request).wanted(request.user.id, among)
    async with database.read() as connection:
        page = await queue(connection, request.auth.authority.id, wanted, most=2)
    left = [one.request.reference for one in page.lines if one.request.reference != done]
    return f"{PATH}/{left[0]}" if left else PATH


async def _again(
    request: Asked,
    reference: str,
    database: Database,
    form: Form,
    *,
    act: str = "",
    status_code: int,
    seen: int | None = None,
) -> Page:
    """Draw the page again as it is now, with what was typed and what others have done since."""
    journal_note().was(Act.REQUEST_SHOWN)
    async with database.look() as unit:
        shown = await dossier(unit, request.auth.authority.id, reference)
        await check_sees(unit, request.user, shown.request.application.services)
        offered = await offered_texts(unit, request, act)
        staff = await staff_for(unit, request, shown)
    since = [one for one in shown.entries if seen is not None and one.version > seen]
    return review_page(request, shown, form, staff, act=act, offered=offered, status_code=status_code, since=since)
