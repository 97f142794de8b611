"""Documents that prove what a request says: what each is, who has checked it, and how long its file lies here.

The file is encrypted under a key of its own, which lies wrapped in the document's row: with the row's key the file is
gone, wherever copies of it may be. What stays is its type, its dates, who has checked it and the result.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.requests import DocumentWaits, RequestStepRefused, TooManyDocuments
from domain.ports import Unit
from domain.requests import STEPS, Deed, Hand, PassRequest, write

MOST_DOCUMENTS: Final = 20
"""Of one request, forgotten ones included."""


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
    """A document. `digest` is SHA-256 of the file as it came, `wrapped_key` what opens it; both go with the file."""

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
    if len(await unit.documents.of_request(request.id)) >= MOST_DOCUMENTS:
        raise TooManyDocuments(f"A request has {MOST_DOCUMENTS} documents at most.")
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
        DocumentWaits: the antivirus has not answered yet.
        RequestStepRefused: the request is decided.
        RequestChanged: as `domain.requests.write`.
    """
    if document.state is DocumentState.QUARANTINED:
        raise DocumentWaits("The antivirus has not answered yet: wait before you open it.")
    if not STEPS[request.status]:
        raise RequestStepRefused(f"The documents of a request that is {request.status} are checked no more.")
    checked = replace(document, checked_at=hand.now, checked_by=hand.by, result=result)
    await unit.documents.save(checked)
    fields = (document.kind.value, result.value)
    return await write(unit, request, hand, Deed.DOCUMENT_CHECKED, request, fields=fields), checked


def proves(document: Document) -> bool:
    """Tell whether a document still counts: not one that was found wanting."""
    return document.result in {None, CheckResult.ACCEPTED}
