"""The papers of a resident's own request: documents from the telephone, the receipt, the letter that decides."""

from datetime import datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct
from msgspec.structs import replace

from adapters.document_file import LARGEST
from adapters.document_vault import DocumentVault
from api.bodies import Key
from api.days import named
from api.request_documents import inert, letter_of, printed, receipt_of
from api.requests import DocumentView, document_view
from api.resident_account import RESIDENT
from api.resident_answers import once
from api.resident_requests import TAGS, MyRequestLine, view
from api.residents import Asked
from domain.accounts import Account
from domain.documents import DocumentKind, add_document, take_back
from domain.ports import Clock, Unit
from domain.resident_requests import hold_own
from store.database import Database


class _Sent(Struct, frozen=True):
    """What an upload asks, as its key stands for it."""

    key: str
    version: int
    proof: DocumentKind
    digest: bytes


class MyDocument(Struct, frozen=True):
    """A document that was taken in, and the version that your request has by it."""

    document: DocumentView
    version: int


@post(
    "/requests/{request_reference:str}/documents",
    opt=RESIDENT,
    request_max_body_size=LARGEST + 1,
    summary="Send a document",
    tags=TAGS,
)
async def add(
    *,
    request: Asked,
    request_reference: FromPath[str],
    key: FromQuery[Key],
    proof: FromQuery[DocumentKind],
    version: Annotated[int, QueryParameter(ge=1)],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> MyDocument:
    """Send a photo (JPEG, PNG, WebP) or a PDF, the body as it is: with a draft, or with what we have not decided.

    A photo is drawn anew, without the place where it was taken; a PDF that would do anything is refused. What is kept
    lies encrypted, and is deleted two months after the decision.
    """
    mine, reference, data = request.user.account, named(request_reference), await request.body()
    async with database.look() as unit:
        await unit.resident_requests.one(mine.id, reference)
        document_id = unit.ids.row()
    safe = await vault.keep(request.user.authority.code, document_id, data)

    async def act(unit: Unit) -> MyDocument:
        held = await hold_own(unit, mine, reference, seen=version, now=clock())
        changed, document = await add_document(unit, held.request, held.hand, safe, kind=proof)
        return MyDocument(document_view(document), changed.version)

    sent = _Sent(key, version, proof, sha256(data).digest())
    try:
        made = await once(database, clock, mine, (f"document {reference}", sent), act, kind=MyDocument)
    except BaseException:
        vault.remove([document_id])
        raise
    if made.document.id != document_id:
        vault.remove([document_id])  # it was sent before, and lies there already
    return made


@get(
    "/requests/{request_reference:str}/documents/{document_id:uuid}",
    opt=RESIDENT,
    summary="Open a document that I sent",
    tags=TAGS,
)
async def fetch(
    *,
    request: Asked,
    request_reference: FromPath[str],
    document_id: FromPath[UUID],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
) -> Response[bytes]:
    """Answer a document of yours as it is kept: as an attachment, in a sandbox."""
    mine = request.user.account
    async with database.look() as unit:
        found = await unit.resident_requests.one(mine.id, named(request_reference))
        authority = await unit.places.authority_by_id(found.authority_id)
        document = await unit.documents.document(authority.id, found.id, document_id)
    return inert(await vault.open(authority.code, document), document, attached=True)


@delete(
    "/requests/{request_reference:str}/documents/{document_id:uuid}",
    status_code=200,
    opt=RESIDENT,
    summary="Take a document back",
    tags=TAGS,
)
async def remove(
    *,
    request: Asked,
    request_reference: FromPath[str],
    document_id: FromPath[UUID],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> MyRequestLine:
    """Take back a document that you sent by mistake: its file is erased at once, with the key that opens it.

    Until an agent has looked at it or reviews your request; said twice, it is the same.
    """
    return await remove_document(
        database, vault, request.user.account, named(request_reference), document_id, now=clock()
    )


async def remove_document(
    database: Database, vault: DocumentVault, account: Account, reference: str, document_id: UUID, *, now: datetime
) -> MyRequestLine:
    """Take back a document of a request of an account's, with its file.

    Raises:
        RequestNotFound, DocumentNotFound: the account has no such request, or the request no such document.
        DocumentChecked, RequestStepRefused: as `domain.documents.take_back`.
    """
    async with database.begin() as unit:
        held = await hold_own(unit, account, reference, seen=0, now=now)
        document = await unit.documents.document(held.authority.id, held.request.id, document_id)
        left = await take_back(unit, held.request, document, replace(held.hand, seen=held.request.version))
        shown = await view(unit, left)
    vault.remove([document_id])
    return shown


@get("/requests/{request_reference:str}/receipt", opt=RESIDENT, summary="Read the receipt", tags=TAGS)
async def receipt(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Response[bytes]:
    """Answer the acknowledgement of a request as a PDF, with the days and texts that the law asks for."""
    async with database.look() as unit:
        found = await unit.resident_requests.one(request.user.account.id, named(request_reference))
        paper = await receipt_of(unit, found, now=clock())
    return await printed(paper)


@get("/requests/{request_reference:str}/letter", opt=RESIDENT, summary="Read the decision", tags=TAGS)
async def letter(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]
) -> Response[bytes]:
    """Answer the letter that tells what was decided, and why, as a PDF."""
    async with database.look() as unit:
        paper = await letter_of(
            unit, await unit.resident_requests.one(request.user.account.id, named(request_reference))
        )
    return await printed(paper)


HANDLERS = [add, fetch, remove, receipt, letter]
