"""Documents that prove what a request says: what each is, who has checked it, and how long its file lies here.

The file is encrypted under a key of its own, which lies wrapped in the document's row: with the row's key the file is
gone, wherever copies of it may be. What stays is its type, its dates, who has checked it and the result. What the
household itself takes back counts nowhere any more: the history alone says that it was there.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.requests import (
    DocumentChecked,
    DocumentNotFound,
    DocumentWaits,
    RequestStepRefused,
    TooManyDocuments,
)
from domain.ports import Unit
from domain.requests import STEPS, Deed, Hand, PassRequest, RequestStatus, write

MOST_DOCUMENTS: Final = 20
"""Of one request, forgotten ones included."""
MOST_SENT: Final = 60
"""Of one request, with those that were taken back: sending and taking back comes to an end too."""

TAKES_BACK: Final = frozenset({RequestStatus.DRAFT, RequestStatus.SUBMITTED, RequestStatus.NEEDS_MORE_INFO})
"""While a household may take a document back: until an agent has the request before them."""


class DocumentKind(StrEnum):
    """What a document is."""

    FORM = "form"
    """The request itself, where it came on paper."""
    IDENTITY = "identity"
    RESIDENCE = "residence"
    """A bill, a lease, a receipt of rent, an insurance of the home, a tax notice."""
    HOST = "host"
    """What a host writes for somebody who lives with them."""
    INCOME = "income"
    """What gives the band of the family quotient; the amounts are read, never kept."""
    STATUS = "status"
    """A student's card, an attestation of rights."""
    VEHICLE = "vehicle"
    PHOTO = "photo"
    OTHER = "other"


class DocumentState(StrEnum):
    """What became of the file."""

    QUARANTINED = "quarantined"
    """The antivirus has not answered yet: nobody sees it."""
    KEPT = "kept"
    FORGOTTEN = "forgotten"


class CheckResult(StrEnum):
    """What an agent has found."""

    ACCEPTED = "accepted"
    UNREADABLE = "unreadable"
    EXPIRED = "expired"
    OTHER_NAME = "other_name"
    NOT_ACCEPTED = "not_accepted"


class Document(Struct, frozen=True):
    """A document. `digest` is SHA-256 of the file as it came, `wrapped_key` what opens it; both go with the file.

    `removed_at`: when its household took it back.
    """

    id: UUID
    authority_id: UUID
    request_id: UUID
    kind: DocumentKind
    state: DocumentState
    media_type: str
    size_bytes: int
    pages: int
    digest: bytes
    wrapped_key: bytes
    received_at: datetime
    file_until: date
    keep_until: date
    checked_at: datetime | None = None
    checked_by: UUID | None = None
    result: CheckResult | None = None
    removed_at: datetime | None = None


class Safe(Struct, frozen=True):
    """What is left of a file once it was read: redrawn or looked through, encrypted, its key wrapped."""

    id: UUID
    state: DocumentState
    media_type: str
    size_bytes: int
    pages: int
    digest: bytes
    wrapped_key: bytes


async def add_document(
    unit: Unit, request: PassRequest, hand: Hand, safe: Safe, *, kind: DocumentKind
) -> tuple[PassRequest, Document]:
    """Put a document with a request that is not decided. Its file lies encrypted already.

    Raises:
        RequestStepRefused: the request is decided.
        TooManyDocuments: it has as many as one may have.
        RequestChanged: as `domain.requests.write`.
    """
    if not STEPS[request.status]:
        raise RequestStepRefused(f"A request that is {request.status} takes no more documents.")
    here, sent = len(await unit.documents.of_request(request.id)), await unit.documents.sent(request.id)
    if here >= MOST_DOCUMENTS or sent >= MOST_SENT:
        raise TooManyDocuments(f"A request has {MOST_DOCUMENTS} documents at most, and takes {MOST_SENT} in all.")
    document = Document(
        id=safe.id,
        authority_id=request.authority_id,
        request_id=request.id,
        kind=kind,
        state=safe.state,
        media_type=safe.media_type,
        size_bytes=safe.size_bytes,
        pages=safe.pages,
        digest=safe.digest,
        wrapped_key=safe.wrapped_key,
        received_at=hand.now,
        file_until=request.keep_until,
        keep_until=request.keep_until,
    )
    await unit.documents.add(document)
    written = await write(unit, request, hand, Deed.DOCUMENT_ADDED, request, fields=(kind.value,))
    return written, document


async def check_document(
    unit: Unit, request: PassRequest, document: Document, hand: Hand, *, result: CheckResult
) -> tuple[PassRequest, Document]:
    """Write down what an agent has found in a document.

    Raises:
        DocumentNotFound: the household has taken it back.
        DocumentWaits: the antivirus has not answered yet.
        RequestStepRefused: the request is decided.
        RequestChanged: as `domain.requests.write`.
    """
    if document.removed_at is not None:
        raise DocumentNotFound("The household has taken this document back.")
    if document.state is DocumentState.QUARANTINED:
        raise DocumentWaits("The antivirus has not answered yet: wait before you open it.")
    if not STEPS[request.status]:
        raise RequestStepRefused(f"The documents of a request that is {request.status} are checked no more.")
    checked = replace(document, checked_at=hand.now, checked_by=hand.by, result=result)
    await unit.documents.save(checked)
    fields = (document.kind.value, result.value)
    return await write(unit, request, hand, Deed.DOCUMENT_CHECKED, request, fields=fields), checked


def may_take_back(request: PassRequest, document: Document) -> bool:
    """Tell whether a household may still take a document back: nobody has looked at it, and nobody reviews."""
    return request.status in TAKES_BACK and document.result is None and document.removed_at is None


async def take_back(unit: Unit, request: PassRequest, document: Document, hand: Hand) -> PassRequest:
    """Let a household take back a document that it has sent by mistake: its key goes at once, and its digest.

    Whoever calls removes the file, once the unit is written. One that was taken back already stays so.

    Raises:
        DocumentChecked: an agent has looked at it, or the antivirus has refused it.
        RequestStepRefused: somebody reviews the request, or it is decided.
        RequestChanged: as `domain.requests.write`.
    """
    if document.removed_at is not None:
        return request
    if document.result is not None:
        raise DocumentChecked("Somebody has looked at this document: what was found in it stays with the request.")
    if not may_take_back(request, document):
        raise RequestStepRefused(f"The documents of a request that is {request.status} are not taken back.")
    gone = replace(document, state=DocumentState.FORGOTTEN, wrapped_key=b"", digest=b"", removed_at=hand.now)
    await unit.documents.save(gone)
    return await write(unit, request, hand, Deed.DOCUMENT_REMOVED, request, fields=(document.kind.value,))


def proves(document: Document) -> bool:
    """Tell whether a document still counts: not one that was found wanting."""
    return document.result in {None, CheckResult.ACCEPTED}
