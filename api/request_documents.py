"""Documents of requests: taken in, shown to whoever may see them, checked; and the letters that a request brings."""

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct

from adapters.document_file import LARGEST
from adapters.document_vault import DocumentVault
from adapters.letter import letter_pdf
from api.days import Caller, named
from api.request_acts import REVIEW, Version
from api.request_case import CASE, Case
from api.requests import ENTER, READ, TAGS, DocumentView, document_view
from domain import request_letters
from domain.acts import Act
from domain.agents import Agent
from domain.documents import CheckResult, Document, DocumentKind, add_document, check_document
from domain.errors.requests import RequestStepRefused
from domain.places import local_day
from domain.ports import Clock, Unit
from domain.reach import check_sees
from domain.request_letters import Letter
from domain.request_terms import missing
from domain.requests import PassRequest, RequestStatus
from store.database import Database

INERT: dict[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""With what a stranger's file is served: nothing in it runs, nothing keeps it, nothing guesses what it is."""


class CheckRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What you have found in a document. `version` is that of the request which you have read."""

    version: Version
    result: CheckResult


@post(
    "/requests/{request_reference:str}/documents",
    opt={**ENTER, "journal": Act.DOCUMENT_ADDED},
    request_max_body_size=LARGEST + 1,
    summary="Add a document",
    tags=TAGS,
)
async def add(
    *,
    request: Caller,
    case: NamedDependency[Case],
    proof: FromQuery[DocumentKind],
    version: Annotated[int, QueryParameter(ge=1)],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
) -> DocumentView:
    """Put a photo (JPEG, PNG, WebP) or a PDF with a request, the body as it is.

    A photo is drawn anew; a PDF that would do anything is refused. What is kept lies encrypted under a key of its own.
    """
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(case.agent.authority_id)
        await unit.requests.by_reference(authority.id, case.reference)
        document_id = unit.ids.row()
    safe = await vault.keep(authority.code, document_id, await request.body())
    try:
        async with case.hold(version) as (unit, held):
            _, document = await add_document(unit, held.request, held.hand, safe, kind=proof)
    except BaseException:
        vault.remove([document_id])
        raise
    return document_view(document)


@get(
    "/requests/{request_reference:str}/documents/{document_id:uuid}",
    opt={**READ, "journal": Act.DOCUMENT_OPENED},
    summary="Open a document",
    tags=TAGS,
)
async def fetch(
    *,
    request: Caller,
    request_reference: FromPath[str],
    document_id: FromPath[UUID],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
) -> Response[bytes]:
    """Answer a document's file, to be kept or looked at and never run: as an attachment, in a sandbox."""
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        owner = await seen_by(unit, request.user, named(request_reference))
        document = await unit.documents.document(authority.id, owner.id, document_id)
    return inert(await vault.open(authority.code, document), document, attached=True)


@post(
    "/requests/{request_reference:str}/documents/{document_id:uuid}/check",
    status_code=200,
    opt={**REVIEW, "journal": Act.DOCUMENT_CHECKED},
    summary="Say what a document is worth",
    tags=TAGS,
)
async def check(case: NamedDependency[Case], document_id: FromPath[UUID], data: JSONBody[CheckRequest]) -> DocumentView:
    """Write down what you have found in a document: it stays when the file is deleted."""
    async with case.hold(data.version) as (unit, held):
        document = await unit.documents.document(case.agent.authority_id, held.request.id, document_id)
        _, checked = await check_document(unit, held.request, document, held.hand, result=data.result)
    return document_view(checked)


@get(
    "/requests/{request_reference:str}/receipt",
    opt={**READ, "journal": Act.REQUEST_PRINTED},
    summary="Print the receipt",
    tags=TAGS,
)
async def receipt(
    request: Caller,
    request_reference: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[bytes]:
    """Answer the acknowledgement of a request as a PDF, with the days and texts that the law asks for."""
    async with database.look() as unit:
        found = await seen_by(unit, request.user, named(request_reference))
        paper = await receipt_of(unit, found, now=clock())
    return await printed(paper)


@get(
    "/requests/{request_reference:str}/letter",
    opt={**READ, "journal": Act.REQUEST_PRINTED},
    summary="Print the decision",
    tags=TAGS,
)
async def letter(
    request: Caller, request_reference: FromPath[str], database: NamedDependency[Database]
) -> Response[bytes]:
    """Answer the letter that tells a household what was decided, and why, as a PDF."""
    async with database.look() as unit:
        paper = await letter_of(unit, await seen_by(unit, request.user, named(request_reference)))
    return await printed(paper)


async def seen_by(unit: Unit, agent: Agent, reference: str) -> PassRequest:
    """Find a request that an agent may see.

    Raises:
        RequestNotFound: their authority has none of this reference.
        Forbidden: it asks for none of their services.
    """
    found = await unit.requests.by_reference(agent.authority_id, reference)
    await check_sees(unit, agent, found.application.services)
    return found


class Paper(Struct, frozen=True):
    """A letter that is to be printed, the name of its file, and when it was made."""

    letter: Letter
    name: str
    made_at: datetime


async def receipt_of(unit: Unit, found: PassRequest, *, now: datetime) -> Paper:
    """Write a receipt, for whichever door has found the request that its visitor may see.

    Raises:
        RequestStepRefused: it has not been received.
    """
    if found.received_on is None:
        raise RequestStepRefused("A draft has not been received yet.")
    authority = await unit.places.authority_by_id(found.authority_id)
    terms = await unit.requests.terms(authority.id)
    lacking = missing(terms, found.application, await unit.documents.of_request(found.id))
    told = request_letters.receipt(authority, terms, found, lacking, today=local_day(now, authority.zone))
    return Paper(told, f"recepisse-{found.reference}.pdf", now)


async def letter_of(unit: Unit, found: PassRequest) -> Paper:
    """Write a decision, for whichever door has found the request that its visitor may see.

    Raises:
        RequestStepRefused: nothing was decided.
    """
    if found.status not in {RequestStatus.APPROVED, RequestStatus.REJECTED} or found.decided_at is None:
        raise RequestStepRefused("Nothing was decided yet.")
    authority = await unit.places.authority_by_id(found.authority_id)
    terms = await unit.requests.terms(authority.id)
    entries = await unit.requests.entries(found.id, after=found.version - 1)
    decided_on = local_day(found.decided_at, authority.zone)
    told = request_letters.decision(authority, terms, found, entries[-1].words, decided_on=decided_on)
    return Paper(told, f"decision-{found.reference}.pdf", found.decided_at)


def inert(content: bytes, document: Document, *, attached: bool) -> Response[bytes]:
    """Serve a stranger's file so that it can do nothing. Only pictures that we have drawn are ever shown in a page."""
    ending = "pdf" if document.media_type == "application/pdf" else "jpg"
    place = "attachment" if attached or ending == "pdf" else "inline"
    headers = {**INERT, "Content-Disposition": f'{place}; filename="document-{document.id.hex[-8:]}.{ending}"'}
    return Response(content, media_type=document.media_type, headers=headers)


async def printed(paper: Paper) -> Response[bytes]:
    """Answer a letter as a PDF that a browser shows and nothing keeps.

    It is drawn in a thread, and best after the unit of work: fifty milliseconds, most of them for its fonts.
    """
    content = await asyncio.to_thread(letter_pdf, paper.letter, made_at=paper.made_at)
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{paper.name}"'}
    return Response(content, media_type="application/pdf", headers=headers)


ROUTER = Router(path="/v1", route_handlers=[add, fetch, check, receipt, letter], dependencies=CASE)
