"""The API's own description: OpenAPI 3.1, and a page to read it that asks nobody outside."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.enums import OpenAPIMediaType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Contact, License
from litestar.static_files import create_static_files_router

from api.gate import GATE_PATH, MAX_BODY, ValidationRequest
from api.problems import MEDIA_TYPE, Problem
from api.rules import Rule, enforce
from domain.access.answer import Answer

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


def complete(app: Litestar) -> None:
    """Describe the gate's route too: it is plain ASGI, so the framework knows nothing of its bodies."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    (request, answer, problem), components = msgspec.json.schema_components(
        [ValidationRequest, Answer, Problem], ref_template="#/components/schemas/{name}"
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update({name: schema for name, schema in components.items() if name not in schemas})
    document["components"]["securitySchemes"] = {
        "terminal": {"type": "http", "scheme": "bearer", "description": "A terminal's access token (opaque)."},
        "agent": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An agent's access token."},
    }
    document["paths"][GATE_PATH] = {"post": _gate_operation(request, answer, problem)}
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
                status: {"description": words, "content": {MEDIA_TYPE: {"schema": problem}}}
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


def _mark_security(app: Litestar, document: dict[str, Any]) -> None:
    """Say on every operation which token it wants, from the rule that the route itself declares."""
    for route in app.routes:
        for method, handler in _operations(route):
            rule = handler.opt.get("rule")
            operation = document["paths"].get(route.path_format, {}).get(method)
            if operation is not None and rule is not Rule.PUBLIC and rule is not Rule.TERMINAL:
                operation["security"] = [{"agent": []}]
                if rule is not Rule.AGENT:
                    operation["description"] += f"\n\nNeeds the permission `{rule}`."


def _operations(route: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - one of Litestar's route classes
    handlers = getattr(route, "route_handler_map", {})
    return [(method.lower(), entry[0] if isinstance(entry, tuple) else entry) for method, entry in handlers.items()]


def _describe_problems(document: dict[str, Any], problem: dict[str, Any]) -> None:
    """Every error is problem+json: replace what the framework assumes, and add what it cannot know."""
    content = {MEDIA_TYPE: {"schema": problem}}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            responses = operation["responses"]
            if "400" in responses or "requestBody" in operation or "parameters" in operation:
                responses["400"] = {"description": "The request does not fit.", "content": content}
            if operation.get("security"):
                responses.setdefault("401", {"description": "The token is missing or over.", "content": content})
            if operation.get("security") == [{"agent": []}]:
                responses.setdefault("403", {"description": "The role does not allow it.", "content": content})
            if "{" in path:
                responses.setdefault("404", {"description": "Nothing of that name is yours.", "content": content})


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


_STATIC = create_static_files_router(
    path="/static",
    directories=[_VENDOR],
    opt={"rule": Rule.PUBLIC},
    include_in_schema=False,
    cache_control=None,
)

ROUTER = Router(path="/", route_handlers=[script, _STATIC])

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
