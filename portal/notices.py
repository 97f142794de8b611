"""My notices: what the city says now of what I follow, and what I follow. The choices lie apart from the account."""

from datetime import datetime

from litestar import Response, get, post
from litestar.di import NamedDependency

from adapters.keyring import KeyRing
from api.resident_notices import followed, keep_choices, notices_for
from api.rules import Rule
from domain.errors.notices import BadSubscription
from domain.ports import Clock
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from portal.words import read_words
from store.database import Database
from web import notices
from web.notice_choices import Typed, bands, ticked, typed

WORDS = read_words("notices")
PATH = "/moi/notices"


@get("/notices", opt={"rule": Rule.RESIDENT}, include_in_schema=False)
async def mine(
    request: Asked,
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> Page:
    """Show what I follow and what is said of it, and the form to choose anew."""
    return await _page(request, database, keyring, clock())


@post("/notices", opt={"rule": Rule.RESIDENT}, include_in_schema=False)
async def choose(
    request: Asked,
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Follow what is ticked from now on, and nothing else. Too much comes back as it was ticked."""
    city, language = request.auth.authority, language_of(request)
    sent = typed(await request.form())
    follows = sent.follows(await notices.offers(database, city, language, now=clock()))
    try:
        async with database.begin() as unit:
            await keep_choices(unit, keyring, request.user.account, follows, now=clock())
    except BadSubscription:
        sent.refuse("follow", "follow")
        return await _page(request, database, keyring, clock(), sent=sent)
    return go(request, PATH, said=WORDS[language]["chosen" if follows else "chosen_none"])


async def _page(
    request: Asked, database: Database, keyring: KeyRing, now: datetime, *, sent: Typed | None = None
) -> Page:
    city, language = request.auth.authority, language_of(request)
    async with database.look() as unit:
        follows = await followed(unit, keyring, request.user.account)
        found = await notices_for(unit, city.id, follows, now=now)
    places = await notices.names_of(database, city)
    return draw(
        request,
        "notices/index.html",
        words=WORDS,
        status_code=200 if sent is None else 422,
        notices=[notices.shown(one, places, language, now) for one in found],
        follows=bool(follows),
        choices=notices.WORDS[language],
        form=sent or ticked(follows),
        offered=await notices.offers(database, city, language, now=now),
        bands=bands(language),
    )


ROUTES = (mine, choose)
