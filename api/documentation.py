"""The API's own description: OpenAPI 3.1, completed with what the framework cannot know. Its pages: `docs_pages`."""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any

import msgspec
from litestar import Litestar

from api import (
    agents,
    card_descriptions,
    cards,
    city_descriptions,
    devices,
    explanations,
    external_media,
    fleet,
    guardians,
    head_counts,
    health,
    households,
    integrations,
    journal_descriptions,
    memberships,
    offers,
    offline,
    organisations,
    passages,
    point_descriptions,
    request_descriptions,
    rights,
    sales,
    sites,
    subjects,
    terminals,
    whole_passes,
)
from api.cancellations import CancellationRequest
from api.chapters import Chapter, chapters_of, illustrate
from api.configurations import Configuration
from api.deposits import DepositRequest
from api.descriptions import DESK_PROBLEMS, describe_doors, problem_response
from api.examples import (
    ANSWER_EXAMPLES,
    PARAMETERS,
    RECEIPT_EXAMPLE,
    REQUEST_EXAMPLES,
)
from api.gate import ValidationRequest
from api.operation_names import name_operations
from api.problems import Problem
from api.rules import Rule
from api.upload_lines import UploadLine
from api.uploads import UploadResult
from domain.access.answer import Answer
from domain.access.facts import Direction
from domain.access.merge import Flag
from domain.access.reasons import Reason
from domain.people import Subject
from domain.sales import Receipt, SaleState
from domain.services import BY_CODE
from domain.terminals import Ability
from store.passages import Recent

_PARAMETER_SCHEMAS: dict[str, dict[str, Any]] = {
    **city_descriptions.PARAMETER_SCHEMAS,
    **request_descriptions.PARAMETER_SCHEMAS,
    **journal_descriptions.PARAMETER_SCHEMAS,
    "state": {"type": "string", "enum": [state.value for state in SaleState], "default": SaleState.REGISTERED},
    "at": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "sector": {"type": "string", "enum": sorted({service.sector for service in BY_CODE.values()})},
    "first": {"type": "string", "format": "date"},
    "until": {"type": "string", "format": "date"},
    "reason": {"type": "string", "enum": [reason.value for reason in Reason]},
    "flag": {"type": "string", "enum": [flag.value for flag in Flag]},
    "kind": {"type": "string", "enum": [kind.value for kind in Subject]},
    "direction": {"type": "string", "enum": [direction.value for direction in Direction], "default": Direction.ENTRY},
}

_AGENTS_TOKEN = "An agent's access token, or one that they have made for a program at the console (opaque, `mpt_…`)."

_TAGS = {
    "Gate": "One question, one recorded answer: may this person pass?",
    "Terminals": "How a device becomes a terminal, proves that it still is the same one, and stops being one.",
    "Agents": "Logging in, and what one may do.",
    "Passes": "Passes, the media that show them and the rights they spend.",
    "People": "Households, organisations, guardians, and what holds of somebody when.",
    "Cards": "Cards that a maker produces: ordered in batches, delivered to desks, each bound to a pass once.",
    "Gateways": "Systems that read cards of others for us: whose word for them is taken.",
    "Sales": "What a pass can use and buy at which price, and sales that are registered before they are paid.",
    "Exports": "Every passage, in order, without a name.",
    "Places": "Open or shut, quiet or busy: for anybody's page, without a token.",
    "Keys": "The public keys that verify passes and what became of each pass, for anybody's reader.",
    "Tour": "Points of the connected city: what their sheets say, who publishes them, the walks between them.",
    "Health": "For whoever watches over the installation.",
    **city_descriptions.TAGS,
    **request_descriptions.TAGS,
    **journal_descriptions.TAGS,
}

_HAS_RIGHTS = {"agent": "role", "resident": "account", "terminal": "terminal's profile"}
_AGENT_PROBLEMS = {
    "422": "The key was used with another body; nothing was recorded.",
    "503": "The ledger cannot confirm. Retry with the same key.",
}
_PROBLEMS: dict[tuple[str, str], Mapping[str, str]] = {
    ("/v1/agents/tokens", "post"): {
        "401": "Login or password is wrong.",
        "429": "Too many failures for this account or from this address; `Retry-After` says how long.",
    },
    ("/v1/sites/{site}/entries", "post"): _AGENT_PROBLEMS,
    ("/v1/sites/{site}/deposits", "post"): {**_AGENT_PROBLEMS, "409": "Nothing is handed over at this site."},
    **DESK_PROBLEMS,
    **card_descriptions.PROBLEMS,
    **city_descriptions.PROBLEMS,
    **request_descriptions.PROBLEMS,
    **journal_descriptions.PROBLEMS,
    ("/v1/passages/{passage}/cancellation", "post"): {
        **_AGENT_PROBLEMS,
        "409": "The passage counted nothing that could be given back.",
    },
    ("/v1/passes", "post"): {"404": "No holder of yours has this reference."},
    ("/v1/passes/{number}/media/{medium}/block", "post"): {"409": "What the medium is now does not lead there."},
    ("/v1/passes/{number}/media/{medium}/resumption", "post"): {
        "409": "The medium is not suspended, or its own time is over."
    },
    ("/v1/passes/{number}/suspension", "post"): {"409": "The pass is suspended already, or has ended."},
    ("/v1/passes/{number}/resumption", "post"): {"409": "The pass is not suspended."},
    ("/v1/sites/{site}/heads/{zone}/counts", "post"): {
        "409": "Another agent was quicker, or what was counted from has changed: read the count again."
    },
    ("/v1/passes/{number}/cards", "post"): {
        "404": "No pass of yours has this number, or the authority has no keys for cards.",
        "409": "The chip is a medium that is in use, or the pass has ended.",
    },
    ("/v1/passes/{number}/phones", "post"): {
        "404": "No pass of yours has this number, or the authority has no key that signs phones.",
        "409": "The phone's key is a medium already, or the pass has ended.",
    },
    ("/v1/passes/{number}/external-media", "post"): {
        "404": "No pass of yours has this number, or the pass no such medium.",
        "409": "The card or its identifier is somebody's, the sector knows the person already, or the pass has ended.",
    },
    ("/v1/gateways", "post"): {"409": "This key is or was a gateway's."},
    ("/v1/terminals/card-authentications", "post"): {
        "400": "What was sent is no answer of a card, or the authority has no cards with keys."
    },
    ("/v1/terminals/card-authentications/{handle}", "post"): {
        "404": "Nothing of this terminal waits under this handle: it was taken, is over, or never was."
    },
    ("/v1/terminals/invitations", "post"): {"404": "The authority has no gate of that code."},
    ("/v1/terminals/heartbeats", "post"): {"404": "This terminal serves no gate of that code."},
    ("/v1/terminals/pairings", "post"): {
        "403": "The code is unknown, used or too old.",
        "429": "Too many refused codes from this address; `Retry-After` says how long.",
    },
    ("/v1/terminals/tokens", "post"): {"401": "The proof does not hold, was used before, or its clock is off."},
    ("/v1/terminals/bundles/{service}", "get"): {
        "404": "This terminal serves no gate of the service, or no key signs bundles yet.",
        "503": "The database does not answer.",
    },
    ("/v1/exports/validations", "get"): {"404": "The authority has no master key for its pseudonyms."},
    ("/v1/public/{authority}/status-lists/{list_number}", "get"): {
        "404": "No authority has this code, no medium its place in this list, or no key signs lists yet."
    },
    ("/v1/access/offers", "get"): {
        "404": "This terminal serves no gate of that code.",
        "503": "The database does not answer.",
    },
    ("/v1/access/sales", "post"): {
        "404": "This terminal serves no gate of that code, or the sale names a household that is not the holder's.",
        "409": "A price changed, a product is not offered, the pass is not valid, or the buyer is missing or unclear.",
        "422": "The key was used with another body; nothing was registered.",
        "503": "The database did not confirm. The same key tells what became of it.",
    },
    ("/v1/access/sales/{sale_id}/payment", "post"): {"409": "It was cancelled, or paid by another payment."},
    ("/v1/access/sales/{sale_id}/cancellation", "post"): {"409": "Something of it was used already."},
    ("/v1/sales/{sale_id}/cancellation", "post"): {"409": "Something of it was used already."},
    ("/v1/public/{authority}/status-lists/{list_number}/changes", "get"): {
        "404": "No authority has this code, no medium its place in this list, or no key signs lists yet."
    },
    ("/v1/offline/quarantine/{line}/replay", "post"): {
        **_AGENT_PROBLEMS,
        "400": "The line cannot be taken in as it stands.",
        "409": "It was settled before.",
    },
    ("/v1/offline/quarantine/{line}/drop", "post"): {"409": "It was settled before."},
    ("/v1/offline/report", "get"): {"404": "No site of your authority has this code."},
    ("/v1/offline/facts", "get"): {"404": "No site of your authority has this code."},
    **point_descriptions.PROBLEMS,
    ("/health/ready", "get"): {"503": "The database does not answer."},
}

_BODIES = (
    ValidationRequest,
    DepositRequest,
    CancellationRequest,
    UploadLine,
    UploadResult,
    Answer,
    Problem,
    Receipt,
    agents.LoginRequest,
    agents.AgentToken,
    agents.Me,
    agents.IssueRequest,
    agents.BlockRequest,
    whole_passes.PassSuspensionRequest,
    agents.PassView,
    cards.CardRequest,
    cards.PhoneRequest,
    cards.BoundPhone,
    *card_descriptions.BODIES,
    external_media.ExternalMediumRequest,
    external_media.GatewayRequest,
    external_media.GatewayView,
    explanations.GivenMeanwhile,
    explanations.ExplanationView,
    passages.EntryRequest,
    passages.HandoverRequest,
    passages.WithdrawalRequest,
    head_counts.HeadCountRequest,
    passages.OverridesView,
    Recent,
    subjects.CircumstanceRequest,
    subjects.CircumstanceEndRequest,
    subjects.CircumstanceView,
    households.FoundRequest,
    households.FoundedView,
    memberships.MemberRequest,
    memberships.DayRequest,
    households.SplitRequest,
    households.HouseholdView,
    organisations.RegisterRequest,
    organisations.RegisteredView,
    organisations.OrganisationView,
    guardians.GuardianRequest,
    guardians.GuardiansView,
    rights.GrantRequest,
    rights.GrantedView,
    rights.EndedView,
    rights.SuspensionRequest,
    rights.ResumptionRequest,
    fleet.TerminalView,
    fleet.InvitationRequest,
    fleet.Invitation,
    devices.HeartbeatRequest,
    devices.Heard,
    devices.KeyRequest,
    devices.KeyChanged,
    Configuration,
    terminals.PairingRequest,
    terminals.Paired,
    terminals.TokenRequest,
    terminals.TerminalToken,
    integrations.ExportedValidation,
    offline.OfflineReport,
    offline.FactPage,
    offline.HeldPage,
    offline.HeldView,
    offline.Replayed,
    offers.OffersView,
    sales.SaleRequest,
    sales.PaymentRequest,
    sales.SaleView,
    *point_descriptions.BODIES,
    health.Alive,
    sites.PublicSites,
    sites.PublicSiteDetail,
    *city_descriptions.BODIES,
    *request_descriptions.BODIES,
    *journal_descriptions.BODIES,
)


def description(app: Litestar) -> bytes:
    """Return the OpenAPI document of an application: JSON, written when it is asked for first.

    Writing it takes the third part of a second: who serves gates asks before the first of them does.
    """
    if "openapi" not in app.state:
        app.state.openapi = _complete(app)
    document: bytes = app.state.openapi
    return document


def _complete(app: Litestar) -> bytes:
    """Say what the framework cannot know: the gate's bodies (it is plain ASGI), closed objects, problems, examples."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    chapters = chapters_of(app)
    tags = _TAGS | {name: words for chapter in chapters for name, words in chapter.tags.items()}
    document["tags"] = [{"name": name, "description": words} for name, words in tags.items()]
    schema_of = _add_schemas(document, chapters)
    document["components"]["securitySchemes"] = {
        "terminal": {"type": "http", "scheme": "bearer", "description": "A terminal's access token (opaque)."},
        "agent": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _AGENTS_TOKEN},
        "resident": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A resident's token."},
    }
    describe_doors(document, schema_of)
    _describe_answers(document, schema_of)
    card_descriptions.describe_files(document)
    _illustrate(document, tuple(chapter.prefix for chapter in chapters))
    for chapter in chapters:
        illustrate(document, chapter)
    _mark_security(app, document)
    _describe_problems(document, schema_of[Problem], chapters)
    name_operations(document)
    return msgspec.json.encode(document)


def _add_schemas(document: dict[str, Any], chapters: tuple[Chapter, ...]) -> dict[Any, dict[str, Any]]:
    """Put the decoder's own schemas in: they say what is closed, and carry docstrings. Return each by its type."""
    types = [*_BODIES, *(body for chapter in chapters for body in chapter.bodies)]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    for schema in components.values():
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    document.setdefault("components", {}).setdefault("schemas", {}).update(components)
    return dict(zip(types, schemas, strict=True))


def _describe_answers(document: dict[str, Any], schema_of: dict[Any, dict[str, Any]]) -> None:
    """Say of answers what the framework has not seen: files of lines, stored bytes, what has not changed, examples."""
    paths = document["paths"]
    paths["/v1/exports/validations"]["get"]["responses"]["200"]["content"] = {
        "application/jsonl": {"schema": schema_of[integrations.ExportedValidation]}
    }
    paths["/v1/access/sales"]["post"]["responses"]["201"]["content"] = {
        "application/json": {
            "schema": schema_of[Receipt],
            "examples": {"sold": {"summary": "One carnet", "value": RECEIPT_EXAMPLE}},
        }
    }
    for path in ("/v1/public/{authority}/sites", "/v1/public/{authority}/sites/{code}"):
        paths[path]["get"]["responses"]["304"] = {"description": "What you have is still what is shown."}
    for path, examples in ANSWER_EXAMPLES.items():
        paths[path]["get"]["responses"]["200"]["content"]["application/json"]["examples"] = examples


def _illustrate(document: dict[str, Any], others: tuple[str, ...]) -> None:
    """Give every request body and every parameter an example, but for those of other chapters."""
    for path, operations in document["paths"].items():
        if path.startswith(others):
            continue
        for operation in operations.values():
            if path in REQUEST_EXAMPLES and "requestBody" in operation:
                (body,) = operation["requestBody"]["content"].values()
                body["example"] = REQUEST_EXAMPLES[path]
            for parameter in operation.get("parameters", ()):
                parameter["description"], parameter["example"] = PARAMETERS[parameter["name"]]
                parameter["schema"] = _PARAMETER_SCHEMAS.get(parameter["name"], parameter["schema"])
                if parameter["name"] == "after":
                    parameter["schema"]["pattern"] = "^[0-9]{1,18}$"


def _mark_security(app: Litestar, document: dict[str, Any]) -> None:
    """Say on every operation which token it wants, from the rule that the route itself declares."""
    for route in app.routes:
        for method, handler in _operations(route):
            rule = handler.opt.get("rule")
            operation = document["paths"].get(route.path_format, {}).get(method)
            if operation is not None and isinstance(rule, Ability):
                operation["security"] = [{"terminal": []}]
                operation["description"] += f"\n\nNeeds a profile with the ability `{rule}`."
            elif operation is not None and rule is not Rule.PUBLIC:
                operation["security"] = [{"resident" if rule is Rule.RESIDENT else "agent": []}]
                if rule not in {Rule.AGENT, Rule.RESIDENT}:
                    operation["description"] += f"\n\nNeeds the permission `{rule}`."


def _operations(route: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - one of Litestar's route classes
    handlers = getattr(route, "route_handler_map", {})
    return [(method.lower(), entry[0] if isinstance(entry, tuple) else entry) for method, entry in handlers.items()]


def _describe_problems(document: dict[str, Any], problem: dict[str, Any], chapters: tuple[Chapter, ...]) -> None:
    """Every error is problem+json: replace what the framework assumes, and add what it cannot know."""
    known = _PROBLEMS | {key: words for chapter in chapters for key, words in chapter.problems.items()}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            responses = operation["responses"]
            for status, words in known.get((path, method), {}).items():
                responses[status] = problem_response(status, words, problem)
            if "requestBody" in operation:
                responses.setdefault("413", problem_response("413", "The body is too large.", problem))
            if "400" in responses or "requestBody" in operation or "parameters" in operation:
                responses["400"] = problem_response("400", "The request does not fit.", problem)
            if operation.get("security"):
                responses.setdefault("401", problem_response("401", "The token is missing or over.", problem))
                (asked,) = (_HAS_RIGHTS[caller] for caller in operation["security"][0])
                responses.setdefault("403", problem_response("403", f"The {asked} does not allow it.", problem))
            if "429" in responses:
                responses["429"]["headers"] = {
                    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
                }
            if "{" in path:
                responses.setdefault("404", problem_response("404", "Nothing of that name is yours.", problem))
