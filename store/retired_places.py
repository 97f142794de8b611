"""Places of status lists whose media were erased: told as invalid, and given to nobody, until their signature ends."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, select, tuple_

from store import status_lists
from store.database import Database
from store.sweeps import DELETED_AT_ONCE, Sweep, short_write
from store.tables.passes import retired_place


def sweep_of_places(authority_id: UUID, now: datetime) -> Sweep:
    """Say which places are over: no signature that names them is valid any more."""
    return Sweep(retired_place, and_(retired_place.c.authority_id == authority_id, retired_place.c.expires_at <= now))


async def free_places(database: Database, authority_id: UUID, now: datetime) -> int:
    """Give back the places that are over, and return how many those were. Their lists say so."""
    key, over = tuple_(*retired_place.primary_key), sweep_of_places(authority_id, now).over
    freed = 0
    while True:
        page = select(*retired_place.primary_key).where(over).limit(DELETED_AT_ONCE)
        async with database.read() as connection:
            places = [tuple(row) for row in await connection.execute(page)]
        if not places:
            return freed
        async with short_write(database) as connection:
            freed += (await connection.execute(delete(retired_place).where(over, key.in_(places)))).rowcount
            await status_lists.places_have_changed(connection, places)
