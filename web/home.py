"""The front page of an installation, and the tokens that every page is drawn with."""

from functools import cache
from pathlib import Path

from litestar import Response, Router, get

from api.rules import Rule, enforce

_HERE = Path(__file__).parent
_CACHE = {"Cache-Control": "public, max-age=300"}


@cache
def _file(name: str) -> bytes:
    return (_HERE / name).read_bytes()


@get("/", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def home() -> Response[bytes]:
    """Serve the front page."""
    return Response(_file("pages/home.html"), media_type="text/html", headers=_CACHE)


@get("/tokens.css", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def tokens() -> Response[bytes]:
    """Serve the style tokens."""
    return Response(_file("tokens.css"), media_type="text/css", headers=_CACHE)


ROUTER = Router(path="/", route_handlers=[home, tokens], guards=[enforce])
