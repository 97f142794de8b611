"""What the pages of the console load: stylesheets and small modules of our own. An address changes with its content."""

from functools import cache
from hashlib import sha256

from litestar import Response, get
from litestar.params import FromPath

from admin.words import PAGES
from api.rules import Rule
from domain.errors import NotFound

_TYPES = {".css": "text/css", ".js": "text/javascript"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    found = (PAGES / "assets").iterdir()
    return {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in found if path.suffix in _TYPES}


@cache
def _edition() -> str:
    """One for all files, so that a module finds the others beside it."""
    content = b"".join(name.encode() + body for name, (body, _) in sorted(_files().items()))
    return sha256(content).hexdigest()[:16]


def address(name: str) -> str:
    """Return where a file is to be loaded from.

    Raises:
        KeyError: there is none of this name.
    """
    _files()[name]
    return f"/console/assets/{_edition()}/{name}"


@get("/assets/{edition:str}/{name:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def asset(edition: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Serve a file; under an older or newer address it is not to be kept."""
    found = _files().get(name)
    if found is None:
        raise NotFound("No such file.")
    body, media_type = found
    headers = _FOR_EVER if edition == _edition() else {"Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)


@get("/hues/{hue:int}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def hues(hue: FromPath[int]) -> Response[bytes]:
    """Serve the one hue of an authority as a stylesheet: pages of the console carry no style of their own."""
    return Response(f":root {{ --hue: {hue % 360} }}\n".encode(), media_type="text/css", headers=_FOR_EVER)
