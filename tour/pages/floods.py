"""The flood level on the sheet of a point that shows a gauge: what people have confirmed, and loudly what is old."""

from collections.abc import Sequence
from datetime import datetime

from domain.readings import NEVER
from store.database import Database
from store.shown import Shown
from tour.flood_words import FloodSheet, flood_sheet
from tour.freshness import freshness


async def floods_of(database: Database, streams: Sequence[Shown], now: datetime) -> list[FloodSheet]:
    """Say the public level of each gauge among the streams of a sheet; `now` stands in the zone of the place.

    Asked of the database each time: a level that was confirmed is on the next page that anybody loads.
    """
    by_id = {one.stream.id: one for one in streams}
    async with database.look() as unit:
        stations = await unit.floods.stations(list(by_id))
        lasts = await unit.floods.newest([station.stream_id for station in stations])
    return [
        flood_sheet(station, last, freshness(by_id[station.stream_id].stream, last, now, flood=True), now)
        for station in stations
        for last in [lasts.get(station.stream_id, NEVER)]
    ]
