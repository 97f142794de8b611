"""`/docs`: the description of the API to read and to fetch, on a page that asks nobody outside."""

from functools import cache
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.enums import OpenAPIMediaType
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Contact, License
from litestar.static_files import create_static_files_router

from api import problems
from api.documentation import description
from api.rules import Rule, enforce

_PAGES = Path(__file__).parent / "pages"
_VENDOR = Path(__file__).parent.parent / "web" / "vendor"


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
    """`/docs/openapi.json`: the description."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        """Return the completed document's bytes."""
        return description(request.app)


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
