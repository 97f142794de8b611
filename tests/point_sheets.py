"""A sheet with all that it needs, and its point: for the tests of the tour."""

from datetime import date
from uuid import UUID

from msgspec.structs import replace

from domain.devices import register_device
from domain.dtpr import Chain
from domain.languages import Words
from domain.points import Point, create, publish, submit
from domain.sheets import Blur, Photo, Sheet, StreamName
from store.database import Database
from tests.city import City
from tests.tour_streams import AIR, CO2, NOON

WRITER, READER = UUID(int=101), UUID(int=102)
"""Two agents."""

SHEET = Sheet(
    title=Words(fr="L’air de la classe 12", en="The air of room 12"),
    place=Words(fr="École Gambetta, 1er étage", en="Gambetta school, first floor"),
    address="12 rue Gambetta",
    commune_code="34172",
    latitude=43.6112345,
    longitude=3.8767,
    blur=Blur.BUILDING,
    devices=(AIR.code,),
    streams=(StreamName(AIR.code, "co2"),),
    photo=Photo("a" * 64, Words(fr="Un boîtier blanc près du tableau.", en="A white box beside the board.")),
    what_it_is=Words(fr="Un capteur de CO2.", easy="C’est une petite boîte. Elle mesure l’air.", en="A CO2 sensor."),
    does_not=(Words(fr="Il ne filme pas.", en="It does not film."), Words(fr="Il n’enregistre pas la voix.")),
    benefit=Words(fr="Savoir quand aérer.", easy="On sait quand ouvrir la fenêtre.", en="Knowing when to air."),
    service=Words(fr="Direction de l’éducation", en="Education department"),
    chain=Chain(
        tech=("air_quality", "city:lorawan_radio"),
        purpose=("health", "inform"),
        accountable=("institution",),
        data=("values_time",),
        process=("raw_data",),
        storage=("stored_locally",),
        access=("available_to_download",),
        retention=("data_retained",),
    ),
    controller="Montpellier Méditerranée Métropole",
    contact="dpo@metropole.example",
    retention=Words(fr="90 jours mesure par mesure, puis des moyennes.", en="90 days, then means."),
    starts_on=date(2026, 9, 1),
    ends_on=date(2029, 8, 31),
)


async def register_air(database: Database, city: City) -> None:
    """Register the device of the sheet, with its stream."""
    async with database.begin() as unit:
        ours = city.authority.id
        await register_device(unit, replace(AIR, authority_id=ours), [replace(CO2, authority_id=ours)])


async def published(database: Database, city: City, slug: str = "air-classe-12", sheet: Sheet = SHEET) -> Point:
    """Publish a sheet: one agent writes it, another reads it."""
    async with database.begin() as unit:
        point = await create(unit, city.authority.id, slug, sheet, agent_id=WRITER, now=NOON)
        point = await submit(unit, point, agent_id=WRITER, now=NOON)
        return await publish(unit, point, agent_id=READER, now=NOON)
