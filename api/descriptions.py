"""Pieces of the API's description: what the doors of terminals say of themselves, and what a problem looks like."""

from typing import Any

import msgspec
from msgspec import Struct

from api import problems
from api.bodies import MAX_BODY
from api.cancellations import CANCELLATIONS_PATH, CancellationRequest
from api.deposits import DEPOSITS_PATH, DepositRequest
from api.examples import REFUSAL_EXAMPLE
from api.gate import GATE_PATH, ValidationRequest
from api.problems import MEDIA_TYPE, Problem
from api.upload_lines import UploadLine
from api.uploads import UPLOADS_PATH, UploadResult
from domain.access.answer import Answer
from domain.terminals import Ability

_ANSWER_EXAMPLE = {
    "outcome": "granted",
    "reason": "welcome",
    "colour": "green",
    "text": {"fr": "Bonne visite", "en": "Welcome"},
    "nextStep": {"fr": "Entrez, tout est en ordre.", "en": "Come in, everything is in order."},
    "direction": "entry",
    "decidedAt": "2026-11-21T14:05:00Z",
    "remaining": [{"product": "carnet-10", "unit": "visit", "left": 7, "of": 10, "until": "2027-06-01"}],
    "passValidUntil": "2031-06-01",
}
_REQUEST_EXAMPLE = {
    "key": "t7-000042",
    "gate": "piscine-est-1",
    "credential": "MP2:PWGSLKT257R82S826GC6BHRKFF3X…",
    "direction": "entry",
    "terminalTime": "2026-11-21T14:05:00+00:00",
}

_DEPOSIT_EXAMPLE = {
    "key": "t7-000043",
    "gate": "decheterie-nord-1",
    "credential": "MP2:PWGSLKT257R82S826GC6BHRKFF3X…",
    "items": [
        {"kind": "rubble", "unit": "m3", "amount": 0.5},
        {"kind": "paint", "unit": "litre", "amount": 4},
    ],
}
_CANCELLATION_EXAMPLE = {"key": "t7-000044", "cancels": "t7-000043"}
_DEPOSITED_EXAMPLE = {
    "outcome": "granted",
    "reason": "deposited",
    "colour": "green",
    "text": {"fr": "Dépôt enregistré", "en": "Deposit recorded"},
    "nextStep": {"fr": "Votre dépôt est enregistré. Merci.", "en": "Your deposit is recorded. Thank you."},
    "direction": "deposit",
    "decidedAt": "2026-11-21T14:05:00Z",
    "remaining": [
        {"product": "dechets-2026", "unit": "m3", "left": 1.5, "of": 2, "until": "2026-11-22", "kind": "rubble"}
    ],
}
_CANCELLED_EXAMPLE = {
    "outcome": "granted",
    "reason": "cancelled",
    "colour": "green",
    "text": {"fr": "Passage annulé", "en": "Passage cancelled"},
    "nextStep": {"fr": "Ce qui avait été décompté vous est rendu.", "en": "What had been counted is given back."},
    "direction": "deposit",
    "decidedAt": "2026-11-21T14:08:00Z",
}


class Door(Struct, frozen=True):
    """What a door of terminals says of itself: the framework sees none of its bodies."""

    ability: Ability
    operation_id: str
    summary: str
    description: str
    example: dict[str, Any]
    answers: dict[str, dict[str, Any]]
    problems: dict[str, str]


_MEMBER_PROBLEMS = {
    "404": "You have no holder, or no such group, of this reference.",
    "409": "They are a member on some of these days already: also the answer to a retry.",
}
_SUBJECT_PROBLEMS = {"404": "You have nobody of this kind and reference."}
DESK_PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/households", "post"): {"409": "You have a household of this reference: also the answer to a retry."},
    ("/v1/households/{household}/members", "post"): _MEMBER_PROBLEMS,
    ("/v1/households/{household}/members/{holder}/departure", "post"): {
        "404": "You have no such household or holder, or they are no member then: also the answer to a retry."
    },
    ("/v1/households/{household}/split", "post"): {
        "404": "You have no such household or holder, or one who leaves does not live there.",
        "409": "Everybody would leave, or you have a household of the new reference: also the answer to a retry.",
    },
    ("/v1/organisations", "post"): {
        "409": "You have an organisation of this reference or registration: also the answer to a retry."
    },
    ("/v1/organisations/{organisation}/members", "post"): _MEMBER_PROBLEMS,
    ("/v1/organisations/{organisation}/members/{holder}/departure", "post"): {
        "404": "You have no such organisation or holder, or they are no member then: also the answer to a retry."
    },
    ("/v1/subjects/{kind}/{reference}/circumstances", "get"): _SUBJECT_PROBLEMS,
    ("/v1/subjects/{kind}/{reference}/circumstances", "post"): {
        **_SUBJECT_PROBLEMS,
        "409": "Another request has recorded the same at this very moment.",
    },
    ("/v1/subjects/{kind}/{reference}/circumstances/end", "post"): {
        "404": "You have nobody of this kind and reference, or it does not hold then: also the answer to a retry."
    },
    ("/v1/subjects/{kind}/{reference}/rights", "get"): _SUBJECT_PROBLEMS,
    ("/v1/subjects/{kind}/{reference}/suspensions", "post"): {
        **_SUBJECT_PROBLEMS,
        "409": "Another request has recorded the same at this very moment.",
    },
    ("/v1/subjects/{kind}/{reference}/suspensions/end", "post"): {
        "404": "You have nobody of this kind and reference, or they are not kept from it: also the answer to a retry."
    },
    ("/v1/holders/{holder}/guardians", "post"): {
        "404": "You have no holder of this reference.",
        "409": "The ward is of age, the guardian is not, or acts for them already: also the answer to a retry.",
    },
    ("/v1/holders/{holder}/guardians/{guardian}/end", "post"): {
        "404": "You have no holder of this reference, or the one does not act for the other: also after a retry."
    },
    ("/v1/passes/{number}/rights", "post"): {
        "404": "You have no such pass or product, or the holder does not belong to the group that should get it.",
        "409": "The yearly allowance is spent, it is too late, a quota is shared, or several groups could get it.",
        "422": "The key was used for another right; nothing was granted.",
    },
    ("/v1/rights/{right_id}/end", "post"): {"409": "It begins today and was used already."},
}
"""What may go wrong at the desk, and what a retry hears where doing it twice would not be the same."""

_GATE_PROBLEMS = {
    "400": "The body does not fit; nothing was recorded.",
    "401": "The token is missing, over, or the terminal was revoked.",
    "403": "The terminal's profile does not list this.",
    "404": "This terminal serves no gate of that code.",
    "405": "Passages are posted.",
    "413": "The body is too large.",
    "422": "The key was used with another body; nothing was recorded.",
    "503": "The ledger cannot confirm; nothing is granted. Retry with the same key.",
}
_VALIDATE = Door(
    ability=Ability.VALIDATE,
    operation_id="Validate",
    summary="Ask whether somebody may pass",
    description=(
        "Decides one passage and records it. What is wrong with the credential or the right is a recorded refusal "
        "(200)."
    ),
    example=_REQUEST_EXAMPLE,
    answers={
        "granted": {"summary": "Come in", "value": _ANSWER_EXAMPLE},
        "denied": {"summary": "A lost card", "value": REFUSAL_EXAMPLE},
    },
    problems={},
)
_DEPOSIT = Door(
    ability=Ability.DEPOSIT,
    operation_id="Deposit",
    summary="Record what somebody hands over",
    description=(
        "Counts what somebody who is inside hands over, several kinds in one go; the visit was counted at the "
        "entrance. Each kind comes once, in the unit by which it is measured. What is not accepted, or more than is "
        "left, is a recorded refusal (200) of the whole."
    ),
    example=_DEPOSIT_EXAMPLE,
    answers={"deposited": {"summary": "Counted", "value": _DEPOSITED_EXAMPLE}},
    problems={"409": "Nothing is handed over at this gate; nothing was recorded."},
)
_CANCEL = Door(
    ability=Ability.CANCEL,
    operation_id="Cancel",
    summary="Take back what this terminal recorded",
    description=(
        "Gives back what an entry or a deposit of this very terminal counted, within minutes (ten, unless the service "
        "says otherwise). That it is too late, or was done before, is an answer (200)."
    ),
    example=_CANCELLATION_EXAMPLE,
    answers={"cancelled": {"summary": "Given back", "value": _CANCELLED_EXAMPLE}},
    problems={
        "404": "This terminal has used no such key.",
        "409": "The passage counted nothing that could be given back.",
    },
)


def describe_doors(document: dict[str, Any], schema_of: dict[Any, dict[str, Any]]) -> None:
    """Write down the operations of terminals that are no routes of the framework's."""
    answer, problem = schema_of[Answer], schema_of[Problem]
    described = {
        GATE_PATH: _gate_operation(_VALIDATE, schema_of[ValidationRequest], answer, problem),
        DEPOSITS_PATH: _gate_operation(_DEPOSIT, schema_of[DepositRequest], answer, problem),
        CANCELLATIONS_PATH: _gate_operation(_CANCEL, schema_of[CancellationRequest], answer, problem),
        UPLOADS_PATH: _upload_operation(schema_of[UploadLine], schema_of[UploadResult], problem),
    }
    document["paths"].update({path: {"post": operation} for path, operation in described.items()})


def _gate_operation(
    door: Door, request: dict[str, Any], answer: dict[str, Any], problem: dict[str, Any]
) -> dict[str, Any]:
    """Describe one door of terminals; the three schemas are references."""
    return {
        "operationId": door.operation_id,
        "summary": door.summary,
        "description": (
            f"{door.description} The same `key` with the same body gets the same bytes again, for as long as the "
            f"event is kept. A body has at most {MAX_BODY} bytes. No answer leaves before its event is durable."
            f"\n\nNeeds a profile with the ability `{door.ability}`."
        ),
        "tags": ["Gate"],
        "security": [{"terminal": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": request, "example": door.example}},
        },
        "responses": {
            "200": {
                "description": "The verdict, recorded.",
                "headers": {
                    "Idempotency-Key": {
                        "description": "The `key` of the question that this answers: a gate opens on no other.",
                        "required": True,
                        "schema": {"type": "string"},
                    }
                },
                "content": {"application/json": {"schema": answer, "examples": door.answers}},
            },
            **{
                status: problem_response(status, words, problem)
                for status, words in sorted({**_GATE_PROBLEMS, **door.problems}.items())
            },
        },
    }


_LINE_EXAMPLE = {
    "key": "t7-000042",
    "sequence": 1042,
    "gate": "piscine-est-1",
    "credential": "MP2:PWGSLKT257R82S826GC6BHRKFF3X…",
    "direction": "entry",
    "terminalTime": "2026-11-21T14:05:00Z",
    "outcome": "granted",
    "reason": "welcome",
    "bundle": 318,
}
_UPLOADED_EXAMPLE = {
    "serverTime": "2026-11-21T16:40:00Z",
    "results": [
        {"line": 1, "key": "t7-000042", "status": "stored", "flags": ["over_quota"]},
        {"line": 2, "key": "t7-000043", "status": "quarantined", "flags": [], "code": "gate-not-found"},
    ],
}


def _upload_operation(line: dict[str, Any], answer: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    """Describe the door of uploads; the schemas are references, the first that of one line."""
    return {
        "operationId": "Upload",
        "summary": "Tell what was decided without network",
        "description": (
            "One JSON object a line, at most 500 lines and 1 MiB; a last line without its line end is not read. What "
            "was granted is stored whatever it would have been online, and flagged. Every status in the answer is "
            "final: the terminal may forget the passage. Any other answer acknowledges nothing: send it all again."
            f"\n\nNeeds a profile with the ability `{Ability.WORK_OFFLINE}`."
        ),
        "tags": ["Gate"],
        "security": [{"terminal": []}],
        "parameters": [
            {"name": "sentAt", "in": "query", "required": True, "schema": {"type": "string", "format": "date-time"}}
        ],
        "requestBody": {
            "required": True,
            "content": {"application/x-ndjson": {"schema": line, "example": _LINE_EXAMPLE}},
        },
        "responses": {
            "200": {
                "description": "What became of each line, durable.",
                "content": {
                    "application/json": {
                        "schema": answer,
                        "examples": {"flagged": {"summary": "Two lines", "value": _UPLOADED_EXAMPLE}},
                    }
                },
            },
            "400": problem_response("400", "`sentAt` is missing, or is no instant.", problem),
            "401": problem_response("401", "The token is missing, over, or the terminal was revoked.", problem),
            "405": problem_response("405", "Uploads are posted.", problem),
            "413": problem_response("413", "More lines or bytes than one upload may carry.", problem),
            "503": problem_response("503", "Not everything is confirmed. Send the same lines again.", problem),
        },
    }


_CODES = {
    **{status: code for code, status in problems.BY_CODE.items()},
    409: "lifecycle-conflict",
    422: "idempotency-key-reused",
    503: "ledger-unavailable",
    **problems.HTTP_CODES,
}


def problem_response(status: str, words: str, schema: dict[str, Any]) -> dict[str, Any]:
    """One problem response, with an example of what it looks like."""
    example = msgspec.json.decode(problems.encode(problems.problem(int(status), _CODES[int(status)], words)))
    return {"description": words, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}
