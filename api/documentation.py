"""The API's own description: OpenAPI 3.1, and a page to read it that asks nobody outside."""

from functools import cache
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.enums import OpenAPIMediaType
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Contact, License
from litestar.static_files import create_static_files_router

from api import agents, explanations, health, integrations, offers, problems, sales, sites, terminals
from api.gate import GATE_PATH, MAX_BODY, ValidationRequest
from api.problems import MEDIA_TYPE, Problem
from api.rules import Rule, enforce
from domain.access.answer import Answer
from domain.access.facts import Direction
from domain.sales import Receipt, SaleState

_PAGES = Path(__file__).parent / "pages"
_VENDOR = Path(__file__).parent.parent / "web" / "vendor"

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
_REFUSAL_EXAMPLE = {
    "outcome": "denied",
    "reason": "medium_lost",
    "colour": "red",
    "text": {"fr": "Support bloqué", "en": "Medium blocked"},
    "nextStep": {
        "fr": "Ce support a été déclaré perdu ou volé. S'il est à vous, demandez-en un nouveau au guichet.",
        "en": "This medium was reported lost or stolen. If it is yours, ask a desk for a new one.",
    },
    "direction": "entry",
    "decidedAt": "2026-11-21T14:05:00Z",
}
_REQUEST_EXAMPLE = {
    "key": "t7-000042",
    "gate": "piscine-est-1",
    "credential": "MP2:PWGSLKT257R82S826GC6BHRKFF3X…",
    "direction": "entry",
    "terminalTime": "2026-11-21T14:05:00+00:00",
}

_EXPLANATION_EXAMPLE = {
    "medium": "a6cfdefece48fb50",
    "site": "piscine-est",
    "gate": "piscine-est-1",
    "zone": "bassin",
    "service": "pool",
    "rules": [
        {
            "rule": "site_open",
            "asks": {"fr": "Le site est-il ouvert à cette heure ?", "en": "Is the site open at this hour?"},
            "finding": "objects",
            "reason": "site_closed",
            "facts": [
                {
                    "fact": "moment",
                    "label": {"fr": "Heure sur place", "en": "Local time"},
                    "value": {"fr": "15:05", "en": "15:05"},
                },
                {
                    "fact": "hours",
                    "label": {"fr": "Horaires du jour", "en": "Hours of the day"},
                    "value": {"fr": "fermé toute la journée", "en": "shut all day"},
                },
            ],
        },
    ],
    "decisive": "site_open",
    "why": {
        "fr": "Une seule règle objecte : site_open (site_closed).",
        "en": "One rule objects: site_open (site_closed).",
    },
    "right": None,
    "spent": [],
    "answer": {
        "outcome": "denied",
        "reason": "site_closed",
        "colour": "red",
        "text": {"fr": "Site fermé", "en": "Site closed"},
        "nextStep": {
            "fr": "Le site est fermé à cette heure. Consultez ses horaires.",
            "en": "The site is closed at this hour. Please check its opening hours.",
        },
        "direction": "entry",
        "decidedAt": "2026-11-21T14:05:00Z",
        "overridable": True,
    },
}

_SITE_EXAMPLE = {
    "code": "piscine-ourlea",
    "name": {"fr": "Centre aquatique Ourléa", "en": "Ourléa aquatic centre"},
    "service": "pool",
    "serviceName": {"fr": "Piscine", "en": "Pool"},
    "commune": "Clairourle",
    "open": True,
    "hoursToday": [{"opens": "10:00", "closes": "20:00"}],
    "closesAt": "2026-11-21T20:00:00+01:00",
    "opensAt": None,
    "closure": None,
    "level": "quiet",
    "inside": 63,
    "capacity": 420,
    "placesLeft": 357,
}
_SITES_EXAMPLE = {
    "authority": "val-clair",
    "name": {"fr": "Agglomération de Val-Clair", "en": "Val-Clair city region"},
    "asOf": "2026-11-21T14:05:00Z",
    "sites": [_SITE_EXAMPLE],
}
_SITE_DETAIL_EXAMPLE = {
    **_SITE_EXAMPLE,
    "asOf": "2026-11-21T14:05:00Z",
    "usualToday": [{"hour": 14, "share": 71}, {"hour": 15, "share": 88}, {"hour": 16, "share": 100}],
}
_ANSWER_EXAMPLES = {
    "/v1/passes/{number}/explanation": {
        "closed": {"summary": "On a day when the pool is shut (other rules left out)", "value": _EXPLANATION_EXAMPLE}
    },
    "/v1/public/{authority}/sites": {"open": {"summary": "A pool on a Saturday afternoon", "value": _SITES_EXAMPLE}},
    "/v1/public/{authority}/sites/{code}": {
        "open": {"summary": "A pool on a Saturday afternoon (some hours left out)", "value": _SITE_DETAIL_EXAMPLE}
    },
}

_OFFERS_EXAMPLE = {
    "gate": "piscine-est-1",
    "service": "pool",
    "decidedAt": "2026-11-21T14:05:00Z",
    "usable": [
        {
            "product": "piscine-carnet-10",
            "name": {"fr": "Carnet de 10 entrées", "en": "Carnet of 10 entries"},
            "validUntil": "2027-06-01",
            "remaining": [
                {"product": "piscine-carnet-10", "unit": "visit", "left": 1, "of": 10, "until": "2027-06-01"}
            ],
            "price": {"dueCents": 0, "billedCents": 0},
        }
    ],
    "offers": [
        {
            "product": "piscine-carnet-10",
            "name": {"fr": "Carnet de 10 entrées", "en": "Carnet of 10 entries"},
            "priceCents": 1620,
            "tariff": {"fr": "habitant, étudiant", "en": "resident, student"},
            "priceUntil": "2027-09-01",
            "validFrom": "2026-11-21",
            "validUntil": "2027-11-21",
            "subject": "person",
        }
    ],
    "unusable": [],
    "unavailable": [
        {
            "product": "piscine-ete",
            "name": {"fr": "Pass d’été", "en": "Summer pass"},
            "reason": "age_not_included",
            "text": {"fr": "Âge non compris", "en": "Age not included"},
            "nextStep": {"fr": "Demandez le tarif de votre âge.", "en": "Ask for the price of your age."},
        }
    ],
    "messages": [{"reason": "last_visit", "text": {"fr": "Dernière entrée", "en": "Last entry"}}],
}
_REFUSED_OFFERS_EXAMPLE = {
    "gate": "piscine-est-1",
    "service": "pool",
    "decidedAt": "2026-11-21T14:05:00Z",
    "usable": [],
    "offers": [],
    "unusable": [],
    "unavailable": [],
    "messages": [],
    "refused": {key: _REFUSAL_EXAMPLE[key] for key in ("reason", "text", "nextStep")},
}
_RECEIPT_EXAMPLE = {
    "id": "01a20100-0a22-7657-95f2-ddc566a44c84",
    "registeredAt": "2026-11-21T14:06:00Z",
    "payBefore": "2026-11-21T14:36:00Z",
    "totalCents": 1620,
    "items": [
        {
            "id": "01a20100-0a23-7e01-8c1b-3a5f5f3c2d10",
            "product": "piscine-carnet-10",
            "name": {"fr": "Carnet de 10 entrées", "en": "Carnet of 10 entries"},
            "priceCents": 1620,
            "subject": "person",
            "validFrom": "2026-11-21",
            "validUntil": "2027-11-21",
        }
    ],
}


_REQUEST_EXAMPLES: dict[str, dict[str, Any]] = {
    "/v1/agents/tokens": {"login": "guichet@val-clair.example", "password": "correct horse battery staple"},
    "/v1/passes": {"holderReference": "R-000123", "kind": "print", "validFrom": "2026-12-01"},
    "/v1/passes/{number}/media/{medium}/block": {"reason": "lost"},
    "/v1/terminals/pairings": {
        "code": "K7QF-2M9X",
        "publicKey": {
            "kty": "EC",
            "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        },
    },
    "/v1/access/sales": {
        "key": "caisse2-000917",
        "gate": "piscine-est-1",
        "credential": "MP2:PWGSLKT257R82S826GC6BHRKFF3X…",
        "items": [{"product": "piscine-carnet-10", "priceCents": 1620}],
    },
    "/v1/access/sales/{sale_id}/payment": {"means": "card", "reference": "TPE3-20261121-0042"},
    "/v1/terminals/tokens": {"assertion": "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiIwMWEyMDEw….MEUCIQD…"},
}

_PARAMETERS = {
    "Pass-Credential": ("What was read from the pass, as at the gate.", "MP2:PWGSLKT257R82S826GC6BHRKFF3X"),
    "sale_id": ("The sale's id, as its receipt has it.", "01a20100-0a22-7657-95f2-ddc566a44c84"),
    "state": ("In which state; those that wait to be settled, unless given.", "registered"),
    "number": ("The ten digits printed on the pass.", "2336175969"),
    "medium": ("The sixteen hexadecimal digits that name a medium of the pass.", "a6cfdefece48fb50"),
    "terminal_id": ("The terminal's id, as its pairing answered it.", "01a20100-0a22-7657-95f2-ddc566a44c84"),
    "site": ("The code of a site of your authority.", "piscine-est"),
    "authority": ("The code of an authority of this installation.", "val-clair"),
    "code": ("The code of a site of this authority.", "piscine-ourlea"),
    "at": ("At which instant (RFC 3339, with its offset); now, unless given.", "2026-11-21T14:05:00Z"),
    "direction": ("Coming in, or going out.", "entry"),
    "gate": ("The code of a gate; where one is not needed, the site's first by code, unless given.", "piscine-est-1"),
    "after": ("The cursor of the last line you kept; `0` begins with the oldest.", "0"),
    "list_number": ("The first of the two numbers in a credential's claim -70001.", 0),
    "purpose": ("What the keys sign: printed codes, phones' credentials, or status lists.", "print"),
    "limit": ("At most so many lines.", 100_000),
}

_PARAMETER_SCHEMAS: dict[str, dict[str, Any]] = {
    "state": {"type": "string", "enum": [state.value for state in SaleState], "default": SaleState.REGISTERED},
    "at": {"type": "string", "format": "date-time"},
    "direction": {"type": "string", "enum": [direction.value for direction in Direction], "default": Direction.ENTRY},
}

_TAGS = {
    "Gate": "One question, one recorded answer: may this person pass?",
    "Terminals": "How a device becomes a terminal, proves that it still is the same one, and stops being one.",
    "Agents": "Logging in, and what one may do.",
    "Passes": "Passes and the media that show them.",
    "Sales": "What a pass can use and buy at which price, and sales that are registered before they are paid.",
    "Exports": "Every passage, in order, without a name.",
    "Places": "Open or shut, quiet or busy: for anybody's page, without a token.",
    "Keys": "The public keys that verify passes and what became of each pass, for anybody's reader.",
    "Health": "For whoever watches over the installation.",
}

_PROBLEMS: dict[tuple[str, str], dict[str, str]] = {
    ("/v1/agents/tokens", "post"): {
        "401": "Login or password is wrong.",
        "429": "Too many failures for this account or from this address; `Retry-After` says how long.",
    },
    ("/v1/passes", "post"): {"404": "No holder of yours has this reference."},
    ("/v1/passes/{number}/media/{medium}/block", "post"): {"409": "What the medium is now does not lead there."},
    ("/v1/terminals/pairings", "post"): {
        "403": "The code is unknown, used or too old.",
        "429": "Too many refused codes from this address; `Retry-After` says how long.",
    },
    ("/v1/terminals/tokens", "post"): {"401": "The proof does not hold, was used before, or its clock is off."},
    ("/v1/exports/validations", "get"): {"404": "The authority has no master key for its pseudonyms."},
    ("/v1/public/{authority}/sites", "get"): {
        "404": "No authority has this code.",
        "503": "The database does not answer.",
    },
    ("/v1/public/{authority}/sites/{code}", "get"): {
        "404": "No authority has this code, or no site of it has.",
        "503": "The database does not answer.",
    },
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
    ("/health/ready", "get"): {"503": "The database does not answer."},
}

_BODIES = (
    agents.LoginRequest,
    agents.AgentToken,
    agents.Me,
    agents.IssueRequest,
    agents.BlockRequest,
    agents.PassView,
    explanations.ExplanationView,
    agents.TerminalView,
    terminals.PairingRequest,
    terminals.Paired,
    terminals.TokenRequest,
    terminals.TerminalToken,
    integrations.ExportedValidation,
    offers.OffersView,
    sales.SaleRequest,
    sales.PaymentRequest,
    sales.SaleView,
    health.Alive,
    sites.PublicSites,
    sites.PublicSiteDetail,
)


def complete(app: Litestar) -> None:
    """Say what the framework cannot know: the gate's bodies (it is plain ASGI), closed objects, problems, examples."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    (request, answer, problem, line, receipt, *_), components = msgspec.json.schema_components(
        [ValidationRequest, Answer, Problem, integrations.ExportedValidation, Receipt, *_BODIES],
        ref_template="#/components/schemas/{name}",
    )
    # The decoder's own schemas: they say that an object is closed, and carry the docstrings.
    for schema in components.values():
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    document.setdefault("components", {}).setdefault("schemas", {}).update(components)
    document["tags"] = [{"name": name, "description": words} for name, words in _TAGS.items()]
    document["components"]["securitySchemes"] = {
        "terminal": {"type": "http", "scheme": "bearer", "description": "A terminal's access token (opaque)."},
        "agent": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An agent's access token."},
    }
    document["paths"][GATE_PATH] = {"post": _gate_operation(request, answer, problem)}
    document["paths"]["/v1/exports/validations"]["get"]["responses"]["200"]["content"] = {
        "application/jsonl": {"schema": line}
    }
    for path, examples in _ANSWER_EXAMPLES.items():
        document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["examples"] = examples
    for path in ("/v1/public/{authority}/sites", "/v1/public/{authority}/sites/{code}"):
        document["paths"][path]["get"]["responses"]["304"] = {"description": "What you have is still what is shown."}
    registered = document["paths"]["/v1/access/sales"]["post"]["responses"]["201"]
    registered["content"] = {
        "application/json": {
            "schema": receipt,
            "examples": {"sold": {"summary": "One carnet", "value": _RECEIPT_EXAMPLE}},
        }
    }
    for path in ("/v1/access/offers", "/v1/passes/{number}/offers"):
        document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["examples"] = {
            "student": {"summary": "A student whose carnet is nearly empty", "value": _OFFERS_EXAMPLE},
            "refused": {"summary": "A lost card", "value": _REFUSED_OFFERS_EXAMPLE},
        }
    _illustrate(document)
    _mark_security(app, document)
    _describe_problems(document, problem)
    app.state.openapi = msgspec.json.encode(document)


def _gate_operation(request: dict[str, Any], answer: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": "Validate",
        "summary": "Ask whether somebody may pass",
        "description": (
            "Decides one passage and records it. What is wrong with the credential or the right is a recorded "
            "refusal (200). The same `key` with the same body gets the same bytes again, for as long as the event is "
            f"kept. A body has at most {MAX_BODY} bytes. No answer leaves before its event is durable."
        ),
        "tags": ["Gate"],
        "security": [{"terminal": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": request, "example": _REQUEST_EXAMPLE}},
        },
        "responses": {
            "200": {
                "description": "The verdict, recorded.",
                "content": {
                    "application/json": {
                        "schema": answer,
                        "examples": {
                            "granted": {"summary": "Come in", "value": _ANSWER_EXAMPLE},
                            "denied": {"summary": "A lost card", "value": _REFUSAL_EXAMPLE},
                        },
                    }
                },
            },
            **{
                status: _problem(status, words, problem)
                for status, words in (
                    ("400", "The body does not fit; nothing was recorded."),
                    ("401", "The token is missing, over, or the terminal was revoked."),
                    ("404", "This terminal serves no gate of that code."),
                    ("405", "Validations are posted."),
                    ("413", "The body is too large."),
                    ("422", "The key was used with another body; nothing was recorded."),
                    ("503", "The ledger cannot confirm; nothing is granted. Retry with the same key."),
                )
            },
        },
    }


def _illustrate(document: dict[str, Any]) -> None:
    """Give every request body and every parameter an example."""
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path in _REQUEST_EXAMPLES and "requestBody" in operation:
                (body,) = operation["requestBody"]["content"].values()
                body["example"] = _REQUEST_EXAMPLES[path]
            for parameter in operation.get("parameters", ()):
                parameter["description"], parameter["example"] = _PARAMETERS[parameter["name"]]
                parameter["schema"] = _PARAMETER_SCHEMAS.get(parameter["name"], parameter["schema"])
                if parameter["name"] == "after":
                    parameter["schema"]["pattern"] = "^[0-9]{1,18}$"


def _mark_security(app: Litestar, document: dict[str, Any]) -> None:
    """Say on every operation which token it wants, from the rule that the route itself declares."""
    for route in app.routes:
        for method, handler in _operations(route):
            rule = handler.opt.get("rule")
            operation = document["paths"].get(route.path_format, {}).get(method)
            if operation is not None and rule is Rule.TERMINAL:
                operation["security"] = [{"terminal": []}]
            elif operation is not None and rule is not Rule.PUBLIC:
                operation["security"] = [{"agent": []}]
                if rule is not Rule.AGENT:
                    operation["description"] += f"\n\nNeeds the permission `{rule}`."


def _operations(route: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - one of Litestar's route classes
    handlers = getattr(route, "route_handler_map", {})
    return [(method.lower(), entry[0] if isinstance(entry, tuple) else entry) for method, entry in handlers.items()]


def _describe_problems(document: dict[str, Any], problem: dict[str, Any]) -> None:
    """Every error is problem+json: replace what the framework assumes, and add what it cannot know."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            responses = operation["responses"]
            for status, words in _PROBLEMS.get((path, method), {}).items():
                responses[status] = _problem(status, words, problem)
            if "requestBody" in operation:
                responses.setdefault("413", _problem("413", "The body is too large.", problem))
            if "400" in responses or "requestBody" in operation or "parameters" in operation:
                responses["400"] = _problem("400", "The request does not fit.", problem)
            if operation.get("security"):
                responses.setdefault("401", _problem("401", "The token is missing or over.", problem))
            if operation.get("security") == [{"agent": []}]:
                responses.setdefault("403", _problem("403", "The role does not allow it.", problem))
            if "429" in responses:
                responses["429"]["headers"] = {
                    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
                }
            if "{" in path:
                responses.setdefault("404", _problem("404", "Nothing of that name is yours.", problem))


_CODES = {409: "conflict", 422: "idempotency-key-reused", 503: "ledger-unavailable", **problems.HTTP_CODES}


def _problem(status: str, words: str, schema: dict[str, Any]) -> dict[str, Any]:
    """One problem response, with an example of what it looks like."""
    example = msgspec.json.decode(problems.encode(problems.problem(int(status), _CODES[int(status)], words)))
    return {"description": words, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}


@cache
def _page(name: str) -> bytes:
    return (_PAGES / name).read_bytes()


class Page(OpenAPIRenderPlugin):
    """`/docs`: the page that shows the description."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        """Return the page; it fetches the description itself."""
        return _page("docs.html")


class Document(OpenAPIRenderPlugin):
    """`/docs/openapi.json`: the description, completed once at start-up."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        """Return the completed document's bytes."""
        document: bytes = request.app.state.openapi
        return document


@get("/docs/start.js", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def script() -> Response[bytes]:
    """Serve the page's one script."""
    return Response(_page("start.js"), media_type="text/javascript; charset=utf-8")


@get("/docs/docs.css", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def style() -> Response[bytes]:
    """Serve the page's own stylesheet, which lies over Swagger UI's."""
    return Response(_page("docs.css"), media_type="text/css; charset=utf-8")


_STATIC = create_static_files_router(
    path="/static",
    directories=[_VENDOR],
    opt={"rule": Rule.PUBLIC},
    include_in_schema=False,
    cache_control=None,
    # The operating system refuses a NUL in a file's name, the framework does not foresee it.
    exception_handlers={ValueError: lambda request, _error: problems.on_http_error(request, NotFoundException())},
)

ROUTER = Router(path="/", route_handlers=[script, style, _STATIC])

CONFIG = OpenAPIConfig(
    title="MultiPass",
    version="1.0.0",
    summary="One pass for everything a city offers",
    description=(
        "Terminals ask for decisions, agents manage passes, other software follows the export. Errors are "
        "problem+json (RFC 9457) with a stable `code`. Names are camelCase, instants RFC 3339 in UTC."
    ),
    license=License(name="EUPL-1.2", identifier="EUPL-1.2"),
    contact=Contact(name="MultiPass"),
    use_handler_docstrings=True,
    openapi_router=Router(
        path="/docs", route_handlers=[], opt={"rule": Rule.PUBLIC}, guards=[enforce], include_in_schema=False
    ),
    render_plugins=(Page(), Document()),
)
