"""`/v1/tour/floods`: the flood levels that people have confirmed, for signs, newspapers and anybody."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from api.conditional import open_answer
from api.rules import Rule
from domain.ports import Clock
from domain.readings import NEVER
from domain.text import Text
from store.database import Database
from tour.api.points import LIVE, Asked
from tour.flood_words import flood_sheet
from tour.freshness import freshness
from tour.showcase import Showcase
from tour.terms import Words


class FloodView(Struct, frozen=True):
    """A gauge. `level` (0 to 3) is the confirmed one, since `since`; the metres of thresholds are not public.

    `level` is null where the sheet names none either: no fresh reading says that the river is normal, or a higher level
    waits to be confirmed. `stale` says that no fresh reading stands behind it.
    """

    station: str
    name: Text
    level: int | None
    since: datetime
    stale: bool
    sentence: Words


@get("/floods", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def floods(
    request: Asked,
    showcase: NamedDependency[Showcase],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """List the level of each public gauge whose thresholds two people have set."""
    shown, now = (await showcase.register()).streams, clock()
    async with database.look() as unit:
        stations = await unit.floods.stations(list(shown))
        lasts = await unit.floods.newest([one.stream_id for one in stations])
    views = []
    for station in stations:
        one, last = shown[station.stream_id], lasts.get(station.stream_id, NEVER)
        told = flood_sheet(
            station, last, freshness(one.stream, last, now, flood=True), now.astimezone(ZoneInfo(one.zone))
        )
        views.append(
            FloodView(
                station=one.device.code,
                name=one.device.name,
                level=told.level if told.band is not None else None,
                since=station.public_since,
                stale=told.loud,
                sentence=told.sentence,
            )
        )
    views.sort(key=lambda view: view.station)
    return open_answer(request, msgspec.json.encode(views), media_type="application/json", cache=LIVE)
