"""What the pages of the tour load: a stylesheet and a few small modules of our own, and nothing from outside."""

from functools import cache
from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath

from api.rules import Rule
from domain.errors import NotFound
from tour.pages.drawing import Page

_FOLDER = Path(__file__).parent / "assets"
_TYPES = {".css": "text/css", ".js": "text/javascript"}
_CACHE = {"Cache-Control": "public, max-age=300"}


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    return {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in _FOLDER.iterdir() if path.suffix in _TYPES}


@get("/tour/worker.js", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def worker() -> Page:
    """Serve what keeps walks for when there is no network; it lies above the pages that it keeps."""
    body, media_type = _files()["worker.js"]
    return Response(body, media_type=media_type, headers={"Cache-Control": "no-cache"})


@get("/tour/assets/{name:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def asset(name: FromPath[str]) -> Page:
    """Serve a file of the pages."""
    found = _files().get(name)
    if found is None:
        raise NotFound("No such file.")
    body, media_type = found
    return Response(body, media_type=media_type, headers=_CACHE)
