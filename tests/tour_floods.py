"""A river of the tour's city with thresholds of two people, and a level that somebody declares."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from domain.agents import Role
from domain.flood_levels import declare
from domain.flood_thresholds import Thresholds, ThresholdsStatus, confirm_thresholds, propose
from domain.floods import Level
from store.database import Database
from tests.city import City
from tests.tour_city import LEVEL


async def agreed(database: Database, city: City, now: datetime) -> None:
    """Put thresholds of the Lez in force."""
    manager, administrator = (city.agents[role].id for role in (Role.MANAGER, Role.ADMINISTRATOR))
    proposed = Thresholds(
        id=UUID(int=900),
        authority_id=city.authority.id,
        stream_id=LEVEL.id,
        level_1_m=2.0,
        level_2_m=3.0,
        level_3_m=4.0,
        hysteresis_m=0.2,
        witnesses=(),
        status=ThresholdsStatus.PROPOSED,
        proposed_by=manager,
        proposed_at=now,
    )
    async with database.begin() as unit:
        await propose(unit, proposed, replace(LEVEL, authority_id=city.authority.id))
        await confirm_thresholds(unit, proposed, agent_id=administrator, now=now)


async def declared(database: Database, city: City, level: Level, now: datetime) -> None:
    """Make a level public that somebody has seen."""
    async with database.begin() as unit:
        station = await unit.floods.hold(city.authority.id, LEVEL.id)
        assert station is not None
        agent = city.agents[Role.MANAGER].id
        await declare(unit, station, level, agent_id=agent, words="vu du pont", now=now)
