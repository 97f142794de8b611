"""The front page of an installation, and the tokens that every page is drawn with."""

from functools import cache
from pathlib import Path

from litestar import Response, Router, get

from api.rules import Rule, enforce
from web.places import Asked, Page, page

_HERE = Path(__file__).parent
_CACHE = {"Cache-Control": "public, max-age=300"}


@cache
def _file(name: str) -> bytes:
    return (_HERE / name).read_bytes()


_PUBLIC = (("/moi", "pass"), ("/places", "places"), ("/notices", "notices"), ("/tour", "tour"))
_TEAMS = (("/console", "console"), ("/docs", "api"), ("/v1/keys/jwks.json", "keys"), ("/health/ready", "health"))
"""Where the doors of the front page lead, and what its words call them."""


@get("/", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def home(request: Asked) -> Page:
    """Show the front page, in the reader's language."""
    return page(request, "home.html", public=_PUBLIC, teams=_TEAMS)


@get("/tokens.css", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def tokens() -> Response[bytes]:
    """Serve the style tokens."""
    return Response(_file("tokens.css"), media_type="text/css", headers=_CACHE)


ROUTER = Router(path="/", route_handlers=[home, tokens], guards=[enforce])
