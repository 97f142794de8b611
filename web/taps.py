"""The page that a citizen's own phone opens when it reads a card: friendly, and without consequence.

It spends nothing, records nothing and says nothing of whose card it is. That a card was read moves its count, which
gates expect.
"""

from urllib.parse import urlencode

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.cards import CardKeys
from api.boards import Boards
from api.rules import Rule, enforce
from domain.places import Authority
from nfc import sdm
from nfc.errors import CodeError
from nfc.sdm import SunMessage
from web.places import Asked, Page, page


@get("/t/{version:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def tapped(
    request: Asked, version: FromPath[str], boards: NamedDependency[Boards], card_keys: NamedDependency[CardKeys]
) -> Page:
    """Say that a card is a pass, and of which authority; nothing else is known here."""
    said = {name: request.query_params[name] for name in ("e", "d", "c") if name in request.query_params}
    kept = urlencode(said) + "&" if said else ""
    try:
        message = sdm.parse(version, e=said.get("e", ""), c=said.get("c", ""), d=said.get("d"))
    except CodeError:
        owner = None
    else:
        owner = _owner(message, await boards.authorities(), card_keys)
    if owner is None:
        return page(request, "apology.html", status_code=404, kept=kept, title="tap_unknown_title", words="tap_unknown")
    return page(request, "tap.html", authority=owner, kept=kept, shared=False)


def _owner(message: SunMessage, authorities: list[Authority], keys: CardKeys) -> Authority | None:
    """Find the authority whose card wrote the message: each has its own keys."""
    for authority in authorities:
        try:
            sdm.verify(message, keys.sun(authority.code))
        except CodeError:
            continue
        return authority
    return None


ROUTER = Router(path="/", route_handlers=[tapped], guards=[enforce])
