"""The public pages of notices: what the city says now, and how to get it by e-mail without an account.

Whoever holds a link of a letter may do what it was signed for, and nobody is logged in. A link that is opened changes
nothing: programs open links too. The button of its page does, or the mail program itself (RFC 8058).
"""

import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap
from markupsafe import Markup
from msgspec import Struct

from adapters.attempts import Attempts
from adapters.keyring import KeyMissing, KeyRing
from adapters.notice_letters import NoticeLetters
from adapters.subscriber_keys import SubscriberKeys
from adapters.web_push import public_key
from api.auth import real_source
from api.boards import Boards
from api.rules import Rule, enforce
from api.settings import Settings
from domain.errors import LedgerUnavailable, NotFound, TooManyAttempts
from domain.errors.mail import BadLetter, LetterRefused, MailAway
from domain.errors.notices import BadSubscription
from domain.mail import Mail, check_address
from domain.notice_words import TOPICS
from domain.notices import OF_SITES, Notice
from domain.places import Authority, local_day
from domain.ports import Clock, Unit
from domain.subscribers import CONFIRMED_WITHIN, Follow, Quiet, Subscriber, subscribe
from domain.text import Text
from store.database import Begin, Database
from store.notices import air_places, river_places
from web.cards import said
from web.moments import Language, past
from web.notice_choices import Offered, Typed, bands, offered, typed
from web.notice_feed import atom
from web.places import cleaned, language_of, page

_TEXTS = tomllib.loads((Path(__file__).parent / "pages" / "notices.toml").read_text(encoding="utf-8"))
WORDS: dict[Language, dict[str, str]] = {
    "fr": {key: texts["fr"] for key, texts in _TEXTS.items()},
    "en": {key: texts["en"] for key, texts in _TEXTS.items()},
}

MOST_SHOWN = 50
DAY = timedelta(days=1)
FROM_ONE_PLACE = 20
"""Letters that one network address may ask for within a quarter of an hour."""

TO_ONE_ADDRESS = 3

_TRAP = "website"
"""A field that people do not see. Who fills it is a program, and is thanked for nothing."""

Asked = Request[Any, Any, Any]
Page = Response[bytes]


class Shown(Struct, frozen=True):
    """A notice as a page shows it."""

    topic: str
    place: str
    title: str
    body: Markup
    sent: str
    is_correction: bool


@get("/notices", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def index(
    request: Asked,
    boards: NamedDependency[Boards],
    database: NamedDependency[Database],
    mail: NamedDependency[Mail | None],
) -> Page:
    """Show the notices of the only authority, or let people choose among several."""
    authorities = await boards.authorities()
    if len(authorities) == 1:
        return await _index(request, authorities[0], database, mail, Typed([], language=language_of(request)))
    heading = WORDS[language_of(request)]["title"]
    return page(request, "authorities.html", authorities=authorities, under="/notices", heading=heading)


@get("/notices/{authority:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def named(
    request: Asked,
    authority: FromPath[str],
    database: NamedDependency[Database],
    mail: NamedDependency[Mail | None],
) -> Page:
    """Show the notices of an authority, and the form to follow them."""
    form = Typed([], language=language_of(request))
    return await _index(request, await authority_of(database, authority), database, mail, form)


@post("/notices/{authority:str}", status_code=200, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def ask(
    *,
    request: Asked,
    authority: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    keyring: NamedDependency[KeyRing],
    mail: NamedDependency[Mail | None],
    settings: NamedDependency[Settings],
    attempts: NamedDependency[Attempts],
) -> Page:
    """Take a wish to follow, and send the letter that asks for a yes. The page is the same for every address."""
    city = await authority_of(database, authority)
    sent = await request.form()
    form = typed(sent)
    if sent.get(_TRAP):
        return asked_page(request, city)
    follows = form.follows(await offers(database, city, language_of(request), now=request.app.state.clock()))
    address, quiet = _address(form), form.quiet()
    if not follows:
        form.refuse("follow", "follow")
    if form.wrong or mail is None or request.headers.get("sec-fetch-site") == "cross-site":
        return await _index(request, city, database, mail, form)
    keys = SubscriberKeys(keyring)
    whose = keys.whose(city.code, address)
    try:
        for name, limit in (
            (f"notices {real_source(request, settings.trusted_proxies)}", FROM_ONE_PLACE),
            (f"notices {whose.hex()}", TO_ONE_ADDRESS),
        ):
            await attempts.check(name, limit=limit)
            await attempts.fail(name)
        async with begin() as unit:
            wished = await _wish(
                unit,
                keys,
                city,
                address=address,
                language=form.language,
                follows=follows,
                quiet=quiet,
                now=request.app.state.clock(),
            )
        await mail.send(NoticeLetters(keys, settings.public_url).welcome(city, wished, address))
    except TooManyAttempts:
        form.refuse("address", "many")
    except BadSubscription:
        form.refuse("follow", "follow")
    except (LetterRefused, MailAway) as refusal:
        form.refuse("address", "mail" if isinstance(refusal, MailAway) else "address")
    return await _index(request, city, database, mail, form) if form.wrong else asked_page(request, city)


def _address(form: Typed) -> str:
    try:
        return check_address(form.address)
    except BadLetter:
        form.refuse("address", "address")
        return ""


async def _wish(
    unit: Unit,
    keys: SubscriberKeys,
    city: Authority,
    *,
    address: str,
    language: str,
    follows: list[Follow],
    quiet: Quiet | None,
    now: datetime,
) -> Subscriber:
    whose = keys.whose(city.code, address)
    known = await unit.subscribers.by_whose(city.id, whose)
    # The lock on an address is bound to its row: who asks again stays the one who asked before.
    row = unit.ids.row() if known is None else known.id
    new = Subscriber(
        id=row,
        authority_id=city.id,
        whose=whose,
        address=keys.seal(city.code, row, address),
        language=language,
        quiet_begins=None if quiet is None else quiet.begins,
        quiet_ends=None if quiet is None else quiet.ends,
        created_at=now,
        keep_until=(now + CONFIRMED_WITHIN).date() + DAY,
    )
    return await subscribe(unit, new, follows, now=now)


@get("/notices/{authority:str}/feed.atom", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def feed(
    request: Asked,
    authority: FromPath[str],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Page:
    """Serve the notices as Atom: of one `topic`, of one `place`, or all. Who follows it leaves no address anywhere."""
    city = await authority_of(database, authority)
    topic, place = request.query_params.get("topic", ""), request.query_params.get("place", "")
    async with database.look() as unit:
        found = await unit.notices.current(city.id, clock(), most=MOST_SHOWN)
    chosen = [one for one in found if topic in {"", one.topic} and place in {"", one.place}]
    body = atom(city, chosen, language_of(request), home=settings.public_url.rstrip("/"), query=str(request.url.query))
    headers = {"Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}
    return Response(body, media_type="application/atom+xml", headers=headers)


def asked_page(request: Asked, city: Authority) -> Page:
    """Say that a letter has left: whether the address was known or not, and to a program too."""
    say = WORDS[language_of(request)]
    return ask_page(request, city, title=say["asked_title"], lead=say["asked"])


def ask_page(
    request: Asked,
    city: Authority,
    *,
    title: str,
    lead: str = "",
    items: Sequence[str] = (),
    button: str = "",
    choices: str = "",
    can_leave_all: bool = False,
) -> Page:
    """Draw a page with a word, and perhaps a button. It is nobody else's: no cache keeps it, no link tells of it."""
    drawn = page(
        request,
        "notices/ask.html",
        authority=city,
        shared=False,
        words=WORDS[language_of(request)],
        title=title,
        lead=lead,
        items=items,
        button=button,
        choices=choices,
        can_leave_all=can_leave_all,
    )
    return private(drawn)


def private(drawn: Page) -> Page:
    """Keep the address of a page, which is a key, from whatever it leads to."""
    drawn.headers["Referrer-Policy"] = "no-referrer"
    return drawn


async def authority_of(database: Database, code: str) -> Authority:
    """Find the authority of an address."""
    async with database.look() as unit:
        return await unit.places.authority(code if code.isprintable() else "")


async def offers(database: Database, city: Authority, language: Language, *, now: datetime) -> list[Offered]:
    """Offer what may be followed in a city; a site that has closed for good has nothing to say any more."""
    async with database.look() as unit:
        sites = await unit.places.open_site_names(city.id, local_day(now, city.zone))
    async with database.read() as connection:
        air, rivers = await air_places(connection, city.id), await river_places(connection, city.id)
    return offered(sites, rivers, air, language, WORDS[language]["everywhere"])


async def names_of(database: Database, city: Authority) -> dict[str, Text]:
    """Return what the places of notices are called, by their code."""
    async with database.look() as unit:
        sites = await unit.places.site_names(city.id)
    async with database.read() as connection:
        air, rivers = await air_places(connection, city.id), await river_places(connection, city.id)
    return dict([*air, *rivers, *sites])


def shown(notice: Notice, places: dict[str, Text], language: Language, now: datetime) -> Shown:
    """Put a notice into a page's words."""
    sent = past(notice.sent_at or now, now, language)
    is_named = notice.topic in OF_SITES and notice.place in places
    return Shown(
        topic=said(TOPICS[notice.topic], language),
        place=said(places[notice.place], language) if is_named else "",
        title=said(notice.title, language),
        body=cleaned(said(notice.body, language)),
        sent=WORDS[language]["sent"].format(moment=sent),
        is_correction=notice.corrects is not None,
    )


async def _index(request: Asked, city: Authority, database: Database, mail: Mail | None, form: Typed) -> Page:
    language, now = language_of(request), request.app.state.clock()
    async with database.look() as unit:
        found = await unit.notices.current(city.id, now, most=MOST_SHOWN)
    places = await names_of(database, city)
    return page(
        request,
        "notices/index.html",
        status_code=422 if form.wrong else 200,
        authority=city,
        shared=not form.wrong,
        words=WORDS[language],
        notices=[shown(one, places, language, now) for one in found],
        has_mail=mail is not None,
        push_key=server_key(request, city.code),
        form=form,
        offered=await offers(database, city, language, now=now),
        bands=bands(language),
    )


def server_key(request: Asked, authority: str) -> str:
    """Return the key that a browser asks for an address with; empty where nobody is written to by push."""
    push, keyring = request.app.state.push, request.app.state.keyring
    try:
        return public_key(keyring, authority)[0] if push is not None else ""
    except KeyMissing:
        return ""


def _not_found(request: Asked, _error: NotFound) -> Page:
    say = WORDS[language_of(request)]
    return private(
        page(
            request,
            "notices/nowhere.html",
            status_code=404,
            shared=False,
            words=say,
        )
    )


def _away(request: Asked, _error: LedgerUnavailable) -> Page:
    return page(request, "apology.html", status_code=503, title="away_title", words="away")


HANDLERS: ExceptionHandlersMap = {NotFound: _not_found, LedgerUnavailable: _away}

ROUTER = Router(
    path="/",
    route_handlers=[index, named, ask, feed],
    guards=[enforce],
    exception_handlers=HANDLERS,
)
