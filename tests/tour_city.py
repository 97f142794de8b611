"""A city with points on its tour and values behind them: the air of a school, a river, bicycles, a home that hides."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
from litestar import Litestar
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import insert

from adapters.keyring import KeyRing
from api.app import build_app
from api.settings import Settings
from domain.devices import Device, DeviceKind, Stream, Summary, register_device
from domain.itineraries import Itinerary, Stop, save_itinerary
from domain.languages import Words
from domain.points import Point
from domain.readings import Reading
from domain.rollups import Bucket, Step
from domain.sheets import Sheet, StreamName
from domain.text import Text
from store.database import Database
from store.readings import ReadingWriter
from store.rollups import roll_up
from store.rows import to_row
from store.tables.tour import rollup
from tests.city import City, small_city
from tests.client import client_of
from tests.house_app import TestClock
from tests.point_sheets import SHEET, published
from tests.tour_streams import AIR, CO2, NOON, QUARTER, reading
from tour import front

RIVER = replace(
    AIR,
    id=UUID(int=2),
    code="lez-castelnau",
    name=Text(fr="Le Lez à Castelnau", en="The Lez at Castelnau"),
    kind=DeviceKind.WATER_LEVEL,
    model="hubeau-hydrometry",
    latitude=43.62,
    longitude=3.9,
    source="hubeau",
    source_key="Y321002101",
)
HOME = replace(
    AIR,
    id=UUID(int=3),
    code="compteur-foyer",
    kind=DeviceKind.HOME_METER,
    source_key="24e124707c489999",
    public=False,
)
COUNTER = replace(
    AIR,
    id=UUID(int=4),
    code="velos-albert-1er",
    name=Text(fr="Vélos, avenue Albert 1er", en="Bicycles, avenue Albert 1er"),
    kind=DeviceKind.COUNTER,
    model="montpellier-eco-counter",
    source_key="XTH19101158",
)
WARMTH = replace(CO2, id=UUID(int=12), quantity="air_temperature", unit="Cel", low=-40.0, high=60.0)
LEVEL = replace(CO2, id=UUID(int=21), device_id=RIVER.id, quantity="water_level", unit="m", low=-2.0, high=25.0)
WATER = replace(CO2, id=UUID(int=31), device_id=HOME.id, quantity="water_use", unit="L/d", public=False)
BICYCLES = replace(
    CO2, id=UUID(int=41), device_id=COUNTER.id, quantity="bicycle_flow", unit="{bicycle}/h", period_seconds=3600
)
HIDDEN = replace(CO2, id=UUID(int=13), quantity="relative_humidity", unit="%", public=False)
STREAMS = (CO2, WARMTH, HIDDEN, LEVEL, WATER, BICYCLES)

_RIVER_SHEET = replace(
    SHEET,
    title=Words(fr="Le niveau du Lez", en="The level of the Lez", oc="Lo nivèl de Les"),
    place=Words(fr="Pont de Castelnau"),
    devices=(RIVER.code,),
    streams=(StreamName(RIVER.code, "water_level"),),
    latitude=43.62,
    longitude=3.9,
    commune_code="34057",
)
_BICYCLE_SHEET = replace(
    SHEET,
    title=Words(fr="Les vélos de l’avenue Albert 1er"),
    place=Words(
        fr="Avenue Albert 1er, trottoir de droite en montant, entre l’arrêt Corum et la clôture du Jardin des plantes, "
        "sous le panneau Anticonstitutionnellement-Saint-Germain-des-Prés-et-Environs"
    ),
    devices=(COUNTER.code,),
    streams=(),
    latitude=43.613,
    longitude=3.875,
)
_WALK = Itinerary(
    id=UUID(int=51),
    authority_id=AIR.authority_id,
    slug="air-et-eau",
    title=Words(fr="De l’air à l’eau", en="From air to water"),
    summary=Words(fr="De la classe à la rivière, à l’ombre."),
    stops=(),
    distance_m=2_400,
    minutes=45,
    steps=12,
    steepest_percent=6.0,
    public=True,
    changed_at=NOON,
)
AIR_SHEET = replace(SHEET, streams=(StreamName(AIR.code, "co2"), StreamName(AIR.code, "air_temperature")))


class TourCity(Struct, frozen=True):
    """The points by slug, and the means to let their devices speak."""

    database: Database
    city: City
    writer: ReadingWriter
    points: dict[str, Point]

    async def hear(self, *readings: Reading) -> None:
        """Take readings in, and roll them up."""
        known = {stream.id: replace(stream, authority_id=self.city.authority.id) for stream in STREAMS}
        async with self.database.write() as connection:
            await self.writer.write(connection, readings, known)
        async with self.database.write() as connection:
            await roll_up(connection)


async def tour_city(database: Database, city: City, now: datetime = NOON) -> TourCity:
    """Register the devices, publish their sheets, and let them speak up to two minutes ago."""
    authority = city.authority.id
    for device, streams in _OF_DEVICES:
        async with database.begin() as unit:
            own = [replace(one, authority_id=authority) for one in streams]
            await register_device(unit, replace(device, authority_id=authority), own)
    sheets: dict[str, Sheet] = {"air-classe-12": AIR_SHEET, "le-lez": _RIVER_SHEET, "velos-albert": _BICYCLE_SHEET}
    points = {slug: await published(database, city, slug, sheet) for slug, sheet in sheets.items()}
    async with database.begin() as unit:
        plates = (points["air-classe-12"].plate, points["le-lez"].plate)
        walk = replace(_WALK, id=unit.ids.row(), authority_id=authority, stops=tuple(map(Stop, plates)))
        await save_itinerary(unit, walk)
    tour = TourCity(database, city, ReadingWriter(), points)
    last = now - timedelta(minutes=2)
    quarters = [last - step * QUARTER for step in range(24 * 4)]
    await tour.hear(
        *(reading(640.0 + step, at) for step, at in enumerate(quarters)),
        *(reading(21.5, at, WARMTH) for at in quarters[:8]),
        *(reading(0.52, at, LEVEL) for at in quarters),
        reading(55.0, last, HIDDEN),
        reading(300.0, last, WATER),
        *(_counted(count, last - timedelta(hours=hours)) for hours, count in ((1, 120.0), (2, 3.0), (3, 80.0))),
    )
    async with database.write() as connection:
        rows = [{**to_row(one), "authority_id": authority} for one in _weeks(last)]
        await connection.execute(insert(rollup), rows)
    return tour


def _weeks(last: datetime) -> Iterator[Bucket]:
    """What bicycles were in the seven weeks before: from 95 an hour to 125."""
    hour = last.replace(minute=0, second=0, microsecond=0)
    for back in range(24 * 7, 24 * 7 * 8):
        value = 90.0 + 5 * (back // (24 * 7))
        at = hour - timedelta(hours=back)
        yield Bucket(BICYCLES.id, Step.HOUR, at, 1, value, value, value, 0.0, value, value)


def _counted(count: float, at: datetime) -> Reading:
    return replace(reading(count, at, BICYCLES), until=at + timedelta(hours=1), received_at=at + timedelta(hours=1))


_OF_DEVICES: tuple[tuple[Device, tuple[Stream, ...]], ...] = (
    (AIR, (CO2, WARMTH, HIDDEN)),
    (RIVER, (LEVEL,)),
    (HOME, (WATER,)),
    (COUNTER, (BICYCLES,)),
)

assert BICYCLES.summary is Summary.MEAN


class OpenTour(Struct, frozen=True):
    """The application with the tour, a client that speaks to it, and a clock to turn."""

    tour: TourCity
    app: Litestar
    client: httpx.AsyncClient
    clock: TestClock


@asynccontextmanager
async def open_tour(database_url: str, folder: Path) -> AsyncIterator[OpenTour]:
    """Open the application on a migrated, empty database with the tour's city in it."""
    clock, keys = TestClock(NOON), folder / "keys"
    database = Database(database_url, patience=30)
    tour = await tour_city(database, await small_city(database, KeyRing(keys), now=NOON))
    settings = Settings(database_url=database_url, keys_folder=str(keys))
    app = build_app(settings, clock=clock, more_routes=(front.ROUTER,))
    async with client_of(app) as client:
        yield OpenTour(tour, app, client, clock)
    await database.close()
