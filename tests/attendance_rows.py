"""Eight weeks behind a zone, for tests: the past that the ledger will have written."""

from datetime import date, timedelta

from sqlalchemy import insert

from domain.places import Zone
from store.database import Database
from store.tables.attendance import attendance
from store.tables.ledger import occupancy


async def eight_weeks(database: Database, zone: Zone, today: date, *, entries: int = 0, most: int = 0) -> None:
    """Write that each hour of the same weekday saw so many, for eight weeks."""
    rows = [
        {
            "zone_id": zone.id,
            "day": today - timedelta(weeks=week),
            "hour": hour,
            "authority_id": zone.authority_id,
            "entries": entries,
            "most": most,
        }
        for week in range(1, 9)
        for hour in range(24)
    ]
    async with database.write() as connection:
        await connection.execute(insert(attendance), rows)


async def this_hour(database: Database, zone: Zone, today: date, hour: int, *, entries: int) -> None:
    """Write who has come in since the hour began."""
    async with database.write() as connection:
        await connection.execute(
            insert(attendance).values(
                zone_id=zone.id, day=today, hour=hour, authority_id=zone.authority_id, entries=entries, most=entries
            )
        )


async def people_inside(database: Database, zone: Zone, today: date, inside: int) -> None:
    """Write who is inside now."""
    async with database.write() as connection:
        await connection.execute(
            insert(occupancy).values(
                zone_id=zone.id, day=today, authority_id=zone.authority_id, inside=inside, entries=inside
            )
        )
