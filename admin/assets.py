"""What the pages of the console load: stylesheets and small modules of our own. An address changes with its content."""

from litestar import Response, get
from litestar.params import FromPath

from admin.words import PAGES
from api.rules import Rule
from web.assets import SHARED, Assets, hue_sheet

_ASSETS = Assets(PAGES / "assets", SHARED, under="/console/assets")
address = _ASSETS.address


@get("/assets/{edition:str}/{name:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def asset(edition: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Serve a file; under an older or newer address it is not to be kept."""
    return _ASSETS.serve(edition, name)


@get("/hues/{hue:int}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def hues(hue: FromPath[int]) -> Response[bytes]:
    """Serve the one hue of an authority as a stylesheet: pages of the console carry no style of their own."""
    return hue_sheet(hue)
