"""`/v1/tour/points`: the points of the connected city and what they say now, for any origin."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent

from api.boards import FRESH
from api.bodies import InvalidRequest
from api.conditional import OPEN, open_answer
from api.pace import Pace
from api.rules import Rule
from tour.api.wire import PointPage, brief, sheet_of, whole
from tour.feed import Feed, PointNow, said_of
from tour.live import LICENCE
from tour.showcase import Scene, Showcase, Sight

Asked = Request[Any, Any, Any]

LIVE = f"max-age={FRESH.seconds}"
MOST_NAMED = 50
"""Points that one listener may name: more is everything."""

_MOST = 100
_NAMES = 80 * MOST_NAMED + MOST_NAMED


class LiveAnswer(PointNow, frozen=True, rename="camel"):
    """What a point says now, and as of when."""

    as_of: str


@get("/points", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def points(
    request: Asked,
    showcase: NamedDependency[Showcase],
    *,
    after: Annotated[str, QueryParameter(max_length=80)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=_MOST)] = 50,
    commune: Annotated[str, QueryParameter(max_length=5)] = "",
    quantity: Annotated[str, QueryParameter(max_length=60)] = "",
) -> Response[Any]:
    """List the points by slug, of one commune (INSEE code) or with a stream of one quantity where that is asked for."""
    scene = await showcase.scene()
    found = [sight for sight in chosen(scene, commune, quantity) if sight.stand.point.slug > after]
    page = found[:limit]
    following = page[-1].stand.point.slug if len(found) > limit else None
    view = PointPage(scene.at, [brief(sight) for sight in page], following)
    return open_answer(request, msgspec.json.encode(view), media_type="application/json", cache=LIVE)


@get("/points.geojson", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def geojson(
    request: Asked,
    showcase: NamedDependency[Showcase],
    *,
    commune: Annotated[str, QueryParameter(max_length=5)] = "",
    quantity: Annotated[str, QueryParameter(max_length=60)] = "",
) -> Response[Any]:
    """Show the points as GeoJSON (RFC 7946), each with the first thing that it says; none without a place."""
    scene = await showcase.scene()
    features = [feature for sight in chosen(scene, commune, quantity) if (feature := _feature(sight)) is not None]
    body = {"type": "FeatureCollection", "licence": LICENCE, "features": features}
    return open_answer(request, msgspec.json.encode(body), media_type="application/geo+json", cache=LIVE)


@get("/points/{slug:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def point(request: Asked, slug: FromPath[str], showcase: NamedDependency[Showcase]) -> Response[Any]:
    """Show the whole sheet of a point, and what it says now."""
    sight, scene = await showcase.sight(slug), await showcase.scene()
    body = msgspec.json.encode(whole(sight, scene.at))
    return open_answer(request, body, media_type="application/json", cache=LIVE)


@get("/points/{slug:str}/live", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def now(request: Asked, slug: FromPath[str], showcase: NamedDependency[Showcase]) -> Response[Any]:
    """Say what the streams of a point say now, four at most."""
    sight, scene = await showcase.sight(slug), await showcase.scene()
    said = said_of(sight)
    view = LiveAnswer(said.slug, said.away, said.streams, scene.at.isoformat().replace("+00:00", "Z"))
    return open_answer(request, msgspec.json.encode(view), media_type="application/json", cache=LIVE)


@get("/events", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def events(
    request: Asked,
    feed: NamedDependency[Feed],
    pace: NamedDependency[Pace],
    *,
    points: Annotated[str, QueryParameter(max_length=_NAMES)] = "",
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID", max_length=40)] = None,
) -> ServerSentEvent:
    """Hear what the points say: `snapshot` first, then `point` for each that says something new.

    A browser that comes back sends the id of the last event by itself, and hears what it missed instead of everything.
    """
    slugs = frozenset(slug for slug in points.split(",") if slug)
    if len(slugs) > MOST_NAMED:
        raise InvalidRequest(f"Name {MOST_NAMED} points at most, or none for all of them.")
    source = pace.source(request)
    pace.admit(source)
    feed.admit()
    told = pace.listening(source, feed.follow(slugs, last_event_id))
    return ServerSentEvent(told, headers={**OPEN, "Cache-Control": "no-store", "X-Accel-Buffering": "no"})


def chosen(scene: Scene, commune: str, quantity: str) -> list[Sight]:
    """Choose points of a commune, or with a stream of a quantity; empty is any."""
    return [
        sight
        for sight in scene.sights.values()
        if (not commune or sheet_of(sight.stand).commune_code == commune)
        and (not quantity or any(one.quantity == quantity for one in sight.live))
    ]


def _feature(sight: Sight) -> dict[str, Any] | None:
    sheet, slug = sheet_of(sight.stand), sight.stand.point.slug
    here = sheet.position
    if here is None:
        return None
    first = sight.live[0] if sight.live else None
    return {
        "type": "Feature",
        "id": slug,
        "geometry": {"type": "Point", "coordinates": [here.longitude, here.latitude]},
        "properties": {
            "title": sheet.title,
            "place": sheet.place,
            "commune": sheet.commune_code,
            "page": f"/tour/points/{slug}",
            "away": sight.stand.point.away_since is not None,
            "quantity": first.quantity if first is not None else None,
            "state": first.state if first is not None else None,
            "tone": first.band.tone if first is not None and first.band is not None else None,
            "headline": first.headline if first is not None else None,
            "reading": first.reading if first is not None else None,
        },
    }
