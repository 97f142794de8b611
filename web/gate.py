"""The page of a gate on an agent's phone: a paired terminal whose key lives in the browser. The API decides."""

from litestar import Response, Router, get
from litestar.params import FromPath

from api.rules import Rule, enforce
from domain.errors import NotFound
from web.gate_shell import HEADERS, Asset, Decider, files, page
from web.places import Asked, Page, language_of


@get("/gate", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def shown(request: Asked) -> Page:
    """Show the page: it pairs the phone, reads codes, asks the API."""
    answer = _served(page(Decider.PHONE, language_of(request)))
    answer.headers["Vary"] = "Accept-Language"
    return answer


@get("/gate/{name:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def file(name: FromPath[str]) -> Page:
    """Serve what the page loads."""
    asset = files().get(name)
    if asset is None:
        raise NotFound
    return _served(asset)


def _served(asset: Asset) -> Page:
    return Response(asset.body, media_type=asset.media_type, headers=HEADERS)


ROUTER = Router(path="/", route_handlers=[shown, file], guards=[enforce])
