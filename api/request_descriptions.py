"""What the description of the API says of requests for passes and of their documents."""

from typing import Any

from api import request_acts, request_documents, request_texts, requests
from domain.documents import DocumentKind
from domain.request_terms import Terms

TAGS = {
    "Requests": "What households ask for: the queue, its documents, decisions by people, receipts and letters.",
}

_CHANGED = {"409": "Somebody has written to it since you read it, or its state does not lead there."}
_UNPRINTED = {"409": "There is nothing to print yet."}
_R = "/v1/requests/{request_reference}"

PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    (f"{_R}/application", "put"): _CHANGED,
    **{
        (f"{_R}/{act}", "post"): _CHANGED
        for act in (
            *("review", "assignment", "question", "answer", "approval", "refusal", "withdrawal", "documents"),
            "documents/{document_id}/check",
        )
    },
    (f"{_R}/documents/{{document_id}}", "get"): {"409": "The antivirus has not answered yet."},
    (f"{_R}/receipt", "get"): _UNPRINTED,
    (f"{_R}/letter", "get"): _UNPRINTED,
    ("/v1/request-terms", "put"): {"404": "No product of yours has this code."},
}

BODIES = (
    requests.AskedPerson,
    requests.AskedAddress,
    requests.AskedBy,
    requests.ApplicationSaid,
    requests.EnterRequest,
    requests.CorrectRequest,
    requests.RequestLine,
    requests.RequestPage,
    requests.DocumentView,
    requests.DeedView,
    requests.LikenessView,
    requests.TemporaryPassView,
    requests.RequestView,
    request_acts.StepRequest,
    request_acts.WordsRequest,
    request_acts.AssignRequest,
    request_acts.ApproveRequest,
    request_acts.ApprovedView,
    request_documents.CheckRequest,
    request_texts.TitleSaid,
    request_texts.WordsSaid,
    request_texts.TextRequest,
    request_texts.TextView,
    Terms,
)

_APPLICATION: dict[str, Any] = {
    "asker": {"name": "Nina Berthelot", "phone": "06 12 34 56 78"},
    "address": {"line": "12 rue des Lilas", "postcode": "59000", "city": "Lille", "communeCode": "59350"},
    "persons": [{"firstName": "Nina", "lastName": "Berthelot", "bornOn": "1988-03-02"}],
    "services": ["pool", "library"],
    "declared": ["residence"],
}
_STEP = {"version": 2}
_BOTH = {"fr": "Il nous manque un justificatif de domicile.", "en": "We still need a proof of address."}

REQUEST_EXAMPLES: dict[str, Any] = {
    "/v1/requests": {"application": _APPLICATION, "channel": "paper", "receivedOn": "2026-11-16"},
    f"{_R}/application": {"version": 2, "application": _APPLICATION},
    f"{_R}/review": _STEP,
    f"{_R}/assignment": {"version": 3, "agent": "guichet@val-clair.example"},
    f"{_R}/question": {"version": 3, "words": "Il nous manque un justificatif de domicile."},
    f"{_R}/answer": _STEP,
    f"{_R}/approval": {"version": 3, "known": {"0": "R-000123"}},
    f"{_R}/refusal": {"version": 3, "words": "Votre adresse se trouve hors de nos communes."},
    f"{_R}/withdrawal": _STEP,
    f"{_R}/documents/{{document_id}}/check": {"version": 3, "result": "accepted"},
    "/v1/request-texts/{text_code}": {"purpose": "ask", "title": {"fr": "Domicile", "en": "Address"}, "words": _BOTH},
}

PARAMETER_SCHEMAS: dict[str, dict[str, Any]] = {
    "stage": {"type": "string", "enum": list(requests.STAGES), "default": "to_do"},
    "proof": {"type": "string", "enum": [kind.value for kind in DocumentKind]},
}

PARAMETERS: dict[str, tuple[str, Any]] = {
    "request_reference": ("The reference of a request, as its receipt bears it.", "D-7KX2MQP"),
    "document_id": ("The id of a document, as its request lists it.", "01a20100-0a23-7e01-8c1b-3a5f5f3c2d17"),
    "stage": ("Which requests: what waits for you, what is not decided, or one state.", "to_do"),
    "wants": ("Only requests for this service.", "pool"),
    "assignee": ("Only those of the agent with this login, or of `nobody`.", "guichet@val-clair.example"),
    "cursor": ("Where the page before ended, as it said.", "WyIyMDI2LTExLTI1Il0"),
    "proof": ("What the document is.", "residence"),
    "version": ("The version of the request that you have read.", 2),
    "text_code": ("The code of a standard text.", "ask-residence"),
}
