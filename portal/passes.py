"""One pass: what it opens and how much is left, what shows it, and where it was shown."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from adapters.keyring import KeyRing
from api.resident_cards import card_for
from api.resident_passes import detail_for, passages_for
from api.resident_printed import code_for
from domain.passes import MediumStatus
from domain.ports import Clock
from nfc.picture import render_svg
from portal.account import RESIDENT
from portal.shell import Page, draw
from portal.visits import Asked
from portal.words import read_words
from store.database import Database
from web.wording import Words

WORDS = read_words("passes")
_CARDS = read_words("cards")
_OF_A_PASS: Words = {"fr": {**WORDS["fr"], **_CARDS["fr"]}, "en": {**WORDS["en"], **_CARDS["en"]}}
LINES = 20


@get("/passes/{number:str}", opt=RESIDENT, include_in_schema=False)
async def show(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Show a pass: rights in sentences, and what shows it."""
    mine, now = request.user.account, clock()
    seen = await detail_for(database, mine, number, now)
    return draw(
        request,
        "passes/pass.html",
        words=_OF_A_PASS,
        card=await card_for(database, mine, number, now),
        pass_=seen.summary,
        rights=seen.rights,
        media=[one for one in seen.media if one.status is not MediumStatus.REVOKED],
        may_show=any(one.status is MediumStatus.ACTIVE for one in seen.media),
    )


@get("/passes/{number:str}/passages", opt=RESIDENT, include_in_schema=False)
async def history(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Show where the pass was shown, for as long as that is kept."""
    before = request.query_params.get("before")
    seen = await passages_for(database, request.user.account, number, clock(), before=before, lines=LINES)
    return draw(
        request, "passes/passages.html", words=WORDS, number=number, passages=seen.passages, earlier=seen.cursor
    )


@get("/passes/{number:str}/media/{medium:str}/code", opt=RESIDENT, include_in_schema=False)
async def printed(
    *,
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> Page:
    """Show a printed code in use: to be printed again, or kept as a picture."""
    code = await code_for(database, keyring, request.user.account, number, medium, now=clock())
    # The picture is ours, drawn from signs of a known alphabet.
    picture = Markup(render_svg(code))  # noqa: S704
    return draw(request, "passes/printed.html", words=WORDS, picture=picture, number=number)


ROUTES = (show, history, printed)
