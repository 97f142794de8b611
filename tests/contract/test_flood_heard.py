"""From what Hub'Eau answers to a level that waits for somebody: every part is the real one."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from domain.devices import DeviceKind, register_device
from domain.flood_levels import ChangeStatus
from domain.flood_thresholds import Thresholds, ThresholdsStatus, confirm_thresholds, propose
from domain.floods import Level
from store.database import Database
from tests.tour_streams import AIR, CO2
from tests.tour_world import NOW, TourWorld, minutes, tour_world
from tour.ingest.arrivals import Agreement, arrive
from tour.ingest.sources import Message, Source
from tour.ingest.taking import Taker
from tour.upkeep import upkeep

POLLED = Agreement("hubeau", Source("hubeau"))
LEZ = replace(
    AIR,
    id=UUID(int=50),
    code="lez-garigliano",
    kind=DeviceKind.WATER_LEVEL,
    model="hubeau-hydrometry",
    source="hubeau",
    source_key="Y321002101",
)
LEVEL = replace(
    CO2,
    id=UUID(int=51),
    device_id=LEZ.id,
    quantity="water_level",
    unit="m",
    period_seconds=300,
    delay_seconds=900,
    low=-2.0,
    high=25.0,
)


def page(*heights: tuple[datetime, float], qualified: int = 16) -> bytes:
    """A page of observations, in millimetres, not qualified as all of them are at first."""
    rows = [
        {
            "code_station": "Y321002101",
            "grandeur_hydro": "H",
            "date_obs": at.isoformat(),
            "resultat_obs": metres * 1_000,
            "statut_serie": 4,
            "code_qualification_obs": qualified,
        }
        for at, metres in heights
    ]
    return json.dumps({"data": rows, "next": None}).encode()


async def river(database: Database) -> TourWorld:
    """A city with a gauge that Hub'Eau tells of ten minutes late, and thresholds of two people."""
    world = await tour_world(database)
    owner = {"authority_id": world.authority.id}
    proposed = Thresholds(
        id=UUID(int=70),
        authority_id=world.authority.id,
        stream_id=LEVEL.id,
        level_1_m=2.0,
        level_2_m=3.0,
        level_3_m=4.0,
        hysteresis_m=0.2,
        witnesses=(),
        status=ThresholdsStatus.PROPOSED,
        proposed_by=UUID(int=1),
        proposed_at=NOW - timedelta(days=1),
    )
    async with database.begin() as unit:
        await register_device(unit, replace(LEZ, **owner), [replace(LEVEL, **owner)])
        await propose(unit, proposed, replace(LEVEL, **owner))
        await confirm_thresholds(unit, proposed, agent_id=UUID(int=2), now=NOW - timedelta(days=1))
    return replace(world, taker=Taker(database, {"hubeau": ""}))


async def test_a_river_that_rises_at_hubeau_waits_for_somebody(database_url: str) -> None:
    database = Database(database_url, patience=30)
    world = await river(database)

    async def levels(at: datetime, *heights: tuple[datetime, float], qualified: int = 16) -> list[tuple[str, int]]:
        await world.taker.take([arrive(POLLED, Message(page(*heights, qualified=qualified), at, ""))])
        await upkeep(database, at)
        async with database.look() as unit:
            found = await unit.floods.journal(world.authority.id, None, 10)
        return [(change.status, change.after) for _, change in found]

    calm = [(NOW - minutes(30 - step), 0.6) for step in (0, 5, 10)]
    assert await levels(NOW - minutes(10), *calm) == []
    doubtful = [(NOW - minutes(15), 2.3), (NOW - minutes(10), 2.4)]
    assert await levels(NOW, *doubtful, qualified=12) == [], "Hub'Eau itself doubts it"
    yesterday = [(NOW - minutes(300 - step), 4.5) for step in (0, 5)]
    assert await levels(NOW + minutes(1), *yesterday) == [], "late is late, however high"
    risen = [(NOW - minutes(5), 2.3), (NOW, 2.4)]
    assert await levels(NOW + minutes(10), *risen) == [(ChangeStatus.WAITING, Level.VEHICLES)]
    assert await levels(NOW + minutes(11), *risen) == [(ChangeStatus.WAITING, Level.VEHICLES)], "polled again"
    await database.close()
