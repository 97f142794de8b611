"""What an authority's tour needs done every minute besides its readings: floods to be judged, words to be forgotten."""

from datetime import datetime

from msgspec import Struct

from domain.flood_levels import Change
from domain.places import Authority, local_day
from store.database import Database
from store.expression import ForgottenWords, forget_expression
from store.webhooks import forget_deliveries
from tour.flood_watch import watch_levels


class Minute(Struct, frozen=True):
    """What was done: levels that turned, and what was forgotten."""

    turned: tuple[Change, ...]
    forgotten: ForgottenWords
    deliveries: int


async def minute(database: Database, authority: Authority, now: datetime) -> Minute:
    """Do one round for an authority, each part in a transaction of its own: another may run at the same time."""
    async with database.begin() as unit:
        turned = await watch_levels(unit, authority.id, now)
    async with database.write() as connection:
        forgotten = await forget_expression(connection, authority.id, local_day(now, authority.zone))
        deliveries = await forget_deliveries(connection, authority.id, now)
    return Minute(turned, forgotten, deliveries)
