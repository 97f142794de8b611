"""What the description of the API says of residents' requests for passes."""

from typing import Any

from api import resident_addresses, resident_papers, resident_requests, resident_temporary
from domain.documents import DocumentKind

TAGS = {"Residents' requests": "A resident asks for a pass: a draft saved step by step, sent, answered, taken back."}

_R = "/v1/resident/requests/{request_reference}"
_REUSED = {"422": "The key was used with another body; nothing was done."}
_CHANGED = {**_REUSED, "409": "It was changed since you read it, or its state does not lead there."}
_UNPRINTED = {"409": "There is nothing to print yet."}

PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/resident/request-terms", "get"): {},
    ("/v1/resident/addresses", "get"): {},
    ("/v1/resident/requests", "get"): {},
    ("/v1/resident/requests", "post"): {**_REUSED, "409": "You have as many unfinished ones as one may have."},
    (_R, "get"): {},
    (f"{_R}/temporary-codes", "get"): {},
    (f"{_R}/application", "put"): _CHANGED,
    **{(f"{_R}/{act}", "post"): _CHANGED for act in ("submission", "answer", "withdrawal", "documents")},
    (f"{_R}/documents/{{document_id}}", "get"): {"409": "The antivirus has not answered yet."},
    (f"{_R}/documents/{{document_id}}", "delete"): {"409": "Somebody has looked at it, or reviews your request."},
    (f"{_R}/receipt", "get"): _UNPRINTED,
    (f"{_R}/letter", "get"): _UNPRINTED,
}

_APPLICATION: dict[str, Any] = {
    "asker": {"name": "Nina Berthelot", "phone": "06 12 34 56 78"},
    "address": {"line": "12 rue des Lilas", "postcode": "59000", "city": "Lille", "communeCode": "59350"},
    "persons": [
        {"firstName": "Nina", "lastName": "Berthelot", "bornOn": "1988-03-02"},
        {"firstName": "Tom", "lastName": "Berthelot", "bornOn": "2016-09-21", "twoHomes": True},
    ],
    "services": ["pool", "library"],
    "declared": ["residence"],
}

EXAMPLES: dict[str, Any] = {
    "/v1/resident/requests": {"key": "app-000021", "application": {"services": ["pool", "library"]}},
    f"{_R}/application": {"key": "app-000022", "version": 1, "application": _APPLICATION},
    f"{_R}/submission": {"key": "app-000023", "version": 2},
    f"{_R}/answer": {"key": "app-000024", "version": 5, "declared": ["residence"]},
    f"{_R}/withdrawal": {"key": "app-000025", "version": 3},
}

BODIES = (
    resident_requests.DraftSaid,
    resident_requests.BeginRequest,
    resident_requests.SaveRequest,
    resident_requests.MyStep,
    resident_requests.MyReply,
    resident_requests.MyRequestLine,
    resident_requests.MyRequests,
    resident_requests.AskedProof,
    resident_requests.Said,
    resident_requests.MyRequestDetail,
    resident_requests.ServiceAsked,
    resident_requests.WhatIsAsked,
    resident_temporary.OpenedService,
    resident_temporary.MyTemporaryCode,
    resident_temporary.MyTemporaryCodes,
    resident_papers.MyDocument,
    resident_addresses.AddressFound,
    resident_addresses.AddressesFound,
)

PARAMETERS: dict[str, tuple[str, Any]] = {
    "request_reference": ("The reference of one of your requests, as their list gives it.", "D-7KX2MQP"),
    "document_id": ("The id of a document, as its request lists it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d17"),
    "/v1/resident/requests before": (
        "The `cursor` of the page that you have; the newest ones, unless given.",
        "WyIyMDI2LTExLTI1Il0",
    ),
    "key": ("Made for this act alone: the same document sent again under it is taken in once.", "app-000026"),
    "text": ("What somebody has typed of an address.", "12 rue des Lil"),
    "proof": ("What the document is.", "residence"),
    "version": ("The version of the request that you have read.", 2),
}

SCHEMAS: dict[str, dict[str, Any]] = {"proof": {"type": "string", "enum": [kind.value for kind in DocumentKind]}}

FILES = {f"{_R}/documents": ("image/jpeg", "the bytes of the photo")}
