"""The pages of places: what is open, and how busy it is. A small module keeps them live; they work without it too."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap
from markupsafe import Markup

from adapters.markdown import to_html
from api.boards import FRESH, Boards
from api.rules import Rule, enforce
from api.sites import UsualHour, usual_shares
from domain.board import Board, SiteNow
from domain.errors import LedgerUnavailable, NotFound
from domain.places import Authority
from store.database import Database
from web.cards import WORDS, card, groups, intervals, said
from web.hue import hue_of
from web.moments import WEEKDAYS, Language, clock, clock_of, day
from web.picture import bars

_PAGES = Path(__file__).parent / "pages"
_ASSET = {"Cache-Control": "public, max-age=300"}
_LIVE = {"Cache-Control": f"public, max-age={FRESH.seconds}", "Vary": "Accept-Language"}
_TOLD = 3
"""A day is put into one sentence from so many known hours on."""

Asked = Request[Any, Any, Any]
Page = Response[bytes]

_environment = Environment(
    loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@cache
def _asset(name: str) -> bytes:
    return (_PAGES / name).read_bytes()


@get("/places", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def index(request: Asked, boards: NamedDependency[Boards]) -> Page:
    """Show the places of the only authority, or let people choose among several."""
    authorities = await boards.authorities()
    if len(authorities) == 1:
        return _list(request, await boards.board(authorities[0].code))
    heading = WORDS[language_of(request)]["title"]
    return page(request, "authorities.html", authorities=authorities, under="/places", heading=heading)


@get("/places/{name:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def named(
    request: Asked, name: FromPath[str], boards: NamedDependency[Boards], database: NamedDependency[Database]
) -> Page:
    """Show the places of an authority, or one place by the short address that is printed on its door.

    A code that several authorities use for a place has no short address.
    """
    known = [authority.code for authority in await boards.authorities()]
    if name in known:
        return _list(request, await boards.board(name))
    shown = [board for code in known if (board := await boards.board(code)).site(name) is not None]
    if len(shown) != 1:
        raise NotFound
    return await _site(request, boards, database, shown[0].authority.code, name)


@get("/places/{authority:str}/{code:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def place(
    request: Asked,
    authority: FromPath[str],
    code: FromPath[str],
    boards: NamedDependency[Boards],
    database: NamedDependency[Database],
) -> Page:
    """Show one place."""
    return await _site(request, boards, database, authority, code)


def _list(request: Asked, board: Board) -> Page:
    language = language_of(request)
    return page(
        request,
        "places.html",
        authority=board.authority,
        as_of=clock_of(board.sites[0].at, language) if board.sites else "",
        groups=groups(board.lasting, language),
    )


async def _site(request: Asked, boards: Boards, database: Database, authority: str, code: str) -> Page:
    board, now = await boards.site(authority, code)
    async with database.look() as unit:
        told = await unit.notices.current(board.authority.id, request.app.state.clock(), most=5, place=now.site.code)
    language = language_of(request)
    usual = usual_shares(now)
    return page(
        request,
        "place.html",
        authority=board.authority,
        as_of=clock_of(now.at, language),
        place=card(now, language),
        weekday=WEEKDAYS[language][now.at.weekday()],
        bars=bars(usual, now.at.hour),
        sentence=_sentence(usual, language),
        week=_week(now, language),
        told=[(said(one.title, language), cleaned(said(one.body, language))) for one in told if one.site],
    )


def cleaned(text: str) -> Markup:
    """Return Markdown as HTML that may stand in a page."""
    return Markup(to_html(text))  # noqa: S704 - nh3 has just cleaned it


def _sentence(usual: list[UsualHour], language: Language) -> str:
    """Say the quietest and the busiest hour; nothing of a day that is the same all along."""
    quietest, busiest = min(usual, key=_share, default=None), max(usual, key=_share, default=None)
    if quietest is None or busiest is None or len(usual) < _TOLD or quietest.share == busiest.share:
        return ""
    return WORDS[language]["day_sentence"].format(
        quietest=clock(quietest.hour * 60, language), busiest=clock(busiest.hour * 60, language)
    )


def _share(usual: UsualHour) -> int:
    return usual.share


def _week(now: SiteNow, language: Language) -> list[tuple[str, str]]:
    """The hours of the next seven days, today first."""
    calendar, today = now.site.calendar, now.at.date()
    days = [today.fromordinal(today.toordinal() + ahead) for ahead in range(7)]
    return [(day(each, language), intervals(calendar.on(each), language)) for each in days]


def page(
    request: Asked,
    name: str,
    *,
    status_code: int = 200,
    authority: Authority | None = None,
    kept: str = "",
    shared: bool = True,
    **what: object,
) -> Page:
    """Draw a page in the reader's language. `kept` is what its other language needs of the query, with its `&`;
    `shared` lets caches hold it for a moment.
    """
    language = language_of(request)
    # A language that was chosen by hand is kept along the links; one that the browser asks for needs no word.
    chosen = f"?lang={language}" if _chosen(request) else ""
    body = _environment.get_template(name).render(
        say=WORDS[language],
        said=said,
        clock=clock,
        language=language,
        other="en" if language == "fr" else "fr",
        chosen=chosen,
        path=request.url.path,
        kept=kept,
        hue=hue_of(authority.colour) if authority is not None else None,
        authority=authority,
        **what,
    )
    headers = {
        **(_LIVE if shared and status_code == 200 else {"Cache-Control": "no-store"}),
        "Content-Language": language,
    }
    return Response(body.encode(), status_code=status_code, media_type="text/html", headers=headers)


def _chosen(request: Asked) -> Language | None:
    match request.query_params.get("lang"):
        case "fr":
            return "fr"
        case "en":
            return "en"
        case _:
            return None


def language_of(request: Asked) -> Language:
    """The language chosen by hand, else the first of ours that the browser asks for, else French."""
    chosen = _chosen(request)
    if chosen is not None:
        return chosen
    for wish in request.headers.get("accept-language", "").lower().split(","):
        match wish.strip()[:2]:
            case "fr":
                return "fr"
            case "en":
                return "en"
    return "fr"


def _not_found(request: Asked, _error: NotFound) -> Page:
    return page(request, "apology.html", status_code=404, title="not_found_title", words="not_found")


def _away(request: Asked, _error: LedgerUnavailable) -> Page:
    return page(request, "apology.html", status_code=503, title="away_title", words="away")


@get("/places.css", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def style() -> Response[bytes]:
    """Serve the stylesheet of these pages, which lies over the tokens."""
    return Response(_asset("places.css"), media_type="text/css", headers=_ASSET)


@get("/places.js", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def script() -> Response[bytes]:
    """Serve the module that keeps these pages live."""
    return Response(_asset("places.js"), media_type="text/javascript", headers=_ASSET)


_HANDLERS: ExceptionHandlersMap = {NotFound: _not_found, LedgerUnavailable: _away}

ROUTER = Router(
    path="/",
    route_handlers=[index, named, place, style, script],
    guards=[enforce],
    exception_handlers=_HANDLERS,
)
