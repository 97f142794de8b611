"""What the pages of residents load: stylesheets and small modules of our own. An address changes with its content."""

from litestar import Response, get
from litestar.params import FromPath

from api.rules import Rule
from portal.words import PAGES
from web.assets import SHARED, Assets, hue_sheet

_ASSETS = Assets(PAGES / "assets", SHARED, under="/moi/assets")
address = _ASSETS.address
EDITION = _ASSETS.edition


@get("/assets/{edition:str}/{name:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def asset(edition: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Serve a file; under an older or newer address it is not to be kept."""
    return _ASSETS.serve(edition, name)


@get("/hues/{hue:int}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def hues(hue: FromPath[int]) -> Response[bytes]:
    """Serve the one hue of an authority as a stylesheet: pages carry no style of their own."""
    return hue_sheet(hue)


ROUTES = (asset, hues)
