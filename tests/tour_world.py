"""A city that hears its sensors: an authority, rooms with an AM307 each, and what their network server would say."""

import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import func, select

from domain.devices import Device, Stream, Summary, register_device
from domain.places import Authority
from domain.ports import Ids
from domain.text import Text
from store.database import Database
from store.tables import tour as t
from tests.tour_streams import AIR, CO2
from tour.catalogue import model, quantity
from tour.ingest.arrivals import Agreement, arrive
from tour.ingest.sources import Message, Source
from tour.ingest.taking import Taker

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
SOURCE = "city-lorawan"
FIELDS = ("co2", "temperature", "humidity", "pressure")
AGREEMENT = Agreement("chirpstack", Source(SOURCE, fields=model("milesight-am307").names))


class TourWorld(Struct, frozen=True):
    """A database with an authority and its rooms, and what stores messages there."""

    database: Database
    authority: Authority
    taker: Taker

    async def say(self, *bodies: bytes, at: datetime = NOW, agreement: Agreement = AGREEMENT) -> None:
        """Have messages arrive together."""
        await self.taker.take([arrive(agreement, Message(body, at, "?event=up")) for body in bodies])

    async def readings(self) -> list[tuple[str, datetime, float, int]]:
        """What is stored: quantity, time, value, quality."""
        async with self.database.read() as connection:
            found = await connection.execute(
                select(t.stream.c.quantity, t.reading.c.observed_at, t.reading.c.value, t.reading.c.quality)
                .join(t.stream, t.stream.c.id == t.reading.c.stream_id)
                .order_by(t.reading.c.observed_at, t.stream.c.quantity)
            )
            return [(row.quantity, row.observed_at, row.value, row.quality) for row in found]

    async def count(self) -> int:
        """How many readings are stored."""
        async with self.database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(t.reading))).scalar_one())


def eui(number: int) -> str:
    """The name of a device at the network server."""
    return f"{number:016x}"


def code_of(number: int, source: str = SOURCE) -> str:
    """The name of a device in the register."""
    return f"{source}-{number}" if source != SOURCE else f"room-{number}"


def room(
    number: int,
    authority_id: UUID,
    ids: Ids,
    source: str = SOURCE,
) -> tuple[Device, list[Stream]]:
    """A device in a room, with a stream for each of its fields."""
    device = replace(
        AIR,
        id=ids.row(),
        authority_id=authority_id,
        code=code_of(number, source),
        source=source,
        source_key=eui(number),
        installed_on=date(2026, 9, 1),
    )
    return device, [stream_of(device, name, ids.row()) for name in FIELDS]


def stream_of(device: Device, name: str, stream_id: UUID) -> Stream:
    """The stream of one field of an AM307."""
    measured = quantity(model("milesight-am307").fields[name].quantity)
    low, high = measured.physical
    return replace(
        CO2,
        id=stream_id,
        authority_id=device.authority_id,
        device_id=device.id,
        quantity=measured.code,
        unit=measured.unit,
        summary=Summary(measured.summary),
        low=low,
        high=high,
    )


async def tour_world(database: Database, rooms: Sequence[int] = (1,)) -> TourWorld:
    """Build the city in an empty, migrated database."""
    async with database.begin() as unit:
        name = Text(fr="Ville", en="City")
        authority = Authority(unit.ids.row(), "ville", name, "Europe/Paris", "#0b6e4f", NOW)
        await unit.places.add_authority(authority)
    world = TourWorld(database, authority, Taker(database, {SOURCE: ""}))
    await register(world, *rooms)
    return world


async def register(world: TourWorld, *rooms: int) -> None:
    """Put rooms into the register."""
    async with world.database.begin() as unit:
        for number in rooms:
            await register_device(unit, *room(number, world.authority.id, unit.ids))


def frame(
    number: int,
    counter: int,
    at: datetime = NOW,
    *,
    session: str = "20000001",
    said: bytes | None = None,
    **values: float | str,
) -> bytes:
    """An uplink as ChirpStack v4 tells it; `said` are the bytes that the device sent."""
    return json.dumps(
        {
            "deduplicationId": f"{number}-{counter}-{at.timestamp()}",
            "time": at.isoformat(),
            "deviceInfo": {"devEui": eui(number), "deviceName": "Salle de Mme Dupont"},
            "devAddr": session,
            "fCnt": counter,
            "data": b64encode(said if said is not None else f"{counter} {values}".encode()).decode(),
            "object": values,
        }
    ).encode()


def join(number: int, at: datetime = NOW) -> bytes:
    """A join as ChirpStack v4 tells it."""
    return json.dumps({"time": at.isoformat(), "deviceInfo": {"devEui": eui(number)}, "devAddr": "20000002"}).encode()


def minutes(number: float) -> timedelta:
    """Shorter to read."""
    return timedelta(minutes=number)
