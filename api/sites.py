"""What anybody may know of a site: open or shut, quiet or busy, how many places are left. No token, any origin."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api.boards import FRESH, Boards
from api.conditional import open_answer
from api.pace import open_router
from api.rules import Rule
from domain.attendance import Level
from domain.board import SiteNow
from domain.services import BY_CODE
from domain.text import Text

MEDIA_TYPE = "application/json"


class OpenHours(Struct, frozen=True, rename="camel"):
    """Local times of one day, `HH:MM`; the end of a day is 24:00."""

    opens: str
    closes: str


class UsualHour(Struct, frozen=True, rename="camel"):
    """How an hour of today usually compares with the busiest one, which is 100."""

    hour: int
    share: int


class PublicSite(Struct, frozen=True, rename="camel"):
    """A site at the instant `asOf` of the answer.

    `closesAt` is null while it is shut and where it is open day and night, `opensAt` while it is open and where nothing
    is planned within a year. `closure` says why it is exceptionally shut today. `level` compares with the same weekday
    and hour of the last eight weeks; null while shut, and where fewer than three such days are known. `inside`,
    `capacity` and `placesLeft` are null where people are not counted against a limit; while shut, only `capacity` is
    known.
    """

    code: str
    name: Text
    service: str
    service_name: Text
    commune: str
    open: bool
    hours_today: list[OpenHours]
    closes_at: datetime | None
    opens_at: datetime | None
    closure: Text | None
    level: Level | None
    inside: int | None
    capacity: int | None
    places_left: int | None


class PublicSiteDetail(PublicSite, frozen=True, rename="camel"):
    """A site with what is usual on this weekday, for its opening hours as far as they are known."""

    as_of: datetime
    usual_today: list[UsualHour]


class PublicSites(Struct, frozen=True, rename="camel"):
    """The sites of an authority, by name."""

    authority: str
    name: Text
    as_of: datetime
    sites: list[PublicSite]


@get("/{authority:str}/sites", opt={"rule": Rule.PUBLIC}, summary="See how busy places are", tags=["Places"])
async def sites(
    request: Request[Any, Any, Any], authority: FromPath[str], boards: NamedDependency[Boards]
) -> Response[PublicSites]:
    """List the sites of an authority: open or shut, how well attended against the usual, how many places are left.

    The answer is drawn anew every fifteen seconds; `ETag` and `If-None-Match` spare its body. Any origin may read it.
    """
    board = await boards.board(authority)
    view = PublicSites(
        board.authority.code, board.authority.name, board.as_of, [PublicSite(**_view(now)) for now in board.lasting]
    )
    return _cacheable(request, view)


@get("/{authority:str}/sites/{code:str}", opt={"rule": Rule.PUBLIC}, summary="See how busy a place is", tags=["Places"])
async def site(
    request: Request[Any, Any, Any], authority: FromPath[str], code: FromPath[str], boards: NamedDependency[Boards]
) -> Response[PublicSiteDetail]:
    """Show one site, with what is usual in each opening hour of this weekday.

    The answer is drawn anew every fifteen seconds; `ETag` and `If-None-Match` spare its body. Any origin may read it.
    """
    board, now = await boards.site(authority, code)
    return _cacheable(request, PublicSiteDetail(**_view(now), as_of=board.as_of, usual_today=usual_shares(now)))


def usual_shares(now: SiteNow) -> list[UsualHour]:
    """Say usual hours as percents of the busiest: where nobody is counted, no number of people is told."""
    busiest = max((usual.value for usual in now.usual), default=0)
    return [UsualHour(usual.hour, round(100 * usual.value / busiest)) for usual in now.usual] if busiest else []


def clock_time(minute: int) -> str:
    """Write minutes from midnight as `HH:MM`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _view(now: SiteNow) -> dict[str, Any]:
    return {
        "code": now.site.code,
        "name": now.site.name,
        "service": now.site.service_code,
        "service_name": BY_CODE[now.site.service_code].name,
        "commune": now.commune,
        "open": now.opening.is_open,
        "hours_today": [OpenHours(clock_time(opens), clock_time(closes)) for opens, closes in now.opening.today],
        "closes_at": now.opening.closes_at,
        "opens_at": now.opening.opens_at,
        "closure": now.closure,
        "level": now.level,
        "inside": now.inside,
        "capacity": now.capacity,
        "places_left": now.places_left,
    }


def _cacheable(request: Request[Any, Any, Any], view: Struct) -> Response[Any]:
    cache = f"max-age={FRESH.seconds}"
    return open_answer(request, msgspec.json.encode(view), media_type=MEDIA_TYPE, cache=cache)


ROUTER = open_router("/v1/public", [sites, site])
