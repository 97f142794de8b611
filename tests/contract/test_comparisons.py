"""What a value is compared with, on both engines: the usual of its hour, and the value some hours before."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy import insert

from adapters.keyring import KeyRing
from domain.devices import Stream, Summary, register_device
from domain.readings import Quality
from domain.rollups import Bucket, Step
from domain.usual import Percentiles
from store.comparisons import usual_hours
from store.database import Database
from store.readings import ReadingWriter, newest
from store.rows import to_row
from store.tables import tour as t
from tests.city import small_city
from tests.tour_streams import AIR, CO2, NOON, reading
from tour.comparison import Compared, compared
from tour.explain import Usual

PARIS = ZoneInfo("Europe/Paris")
WEEK = timedelta(weeks=1)


def hour(stream: Stream, weeks: int, value: float, *, into: timedelta = timedelta()) -> Bucket:
    """An hour of some weeks ago: of four readings with this mean, or growing by this much."""
    total = value if stream.summary is Summary.DIFFERENCE else 4 * value
    return Bucket(stream.id, Step.HOUR, NOON - weeks * WEEK + into, 4, value, value, total, 0.0, value, value)


async def test_a_value_is_compared_with_its_hour_and_with_the_hour_before(database_url: str, keyring: KeyRing) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        device = replace(AIR, id=unit.ids.row(), authority_id=city.authority.id)
        air, index, young = (
            replace(
                CO2, id=unit.ids.row(), authority_id=city.authority.id, device_id=device.id, channel=name, summary=how
            )
            for name, how in (("", Summary.MEAN), ("index", Summary.DIFFERENCE), ("young", Summary.MEAN))
        )
        await register_device(unit, device, [air, index, young])
    # Summer time ended in the fourth week before: one in the afternoon of Paris was 11 in UTC, and is 12 since.
    # Beside the hours that count: another hour of the day, another weekday, and a ninth week.
    summer = timedelta(hours=-1)
    hours = [hour(air, weeks, 400 + 10 * weeks, into=summer if weeks > 3 else timedelta()) for weeks in range(1, 8)]
    hours += [hour(air, 9, 9_000, into=summer), hour(air, 1, 9_000, into=timedelta(hours=1))]
    hours += [hour(air, 1, 9_000, into=timedelta(days=1))]
    hours += [hour(index, 1, 30), hour(index, 1, 10, into=timedelta(hours=-1))]
    before = NOON - timedelta(hours=1)
    told = [
        reading(700, before - timedelta(minutes=14), air),
        reading(640, before + timedelta(minutes=5), air),
        reading(9_000, before, air, quality=Quality.BAD),
        reading(800, NOON, air),
        reading(5, NOON, index),
        reading(5, NOON, young),
        reading(500, before - timedelta(minutes=16), young),
    ]
    streams = {one.id: one for one in (air, index, young)}
    async with database.write() as connection:
        rows = [{**to_row(one), "authority_id": city.authority.id} for one in hours]
        await connection.execute(insert(t.rollup), rows)
        await ReadingWriter().write(connection, told, streams)
    async with database.read() as connection:
        last = await newest(connection, streams)
        shown = [(stream, kept) for stream in streams.values() if (kept := last[stream.id].shown) is not None]
        found = await compared(connection, shown, PARIS)
        day = await usual_hours(connection, air, [NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2)], PARIS)
    await database.close()
    assert found == {
        # 410 to 470, and the nearest good value to an hour before.
        air.id: Compared(Usual(416, 425, 455, 464, 7), 640),
        # 30 within its hour, and from 10 at the end of the one before to 30 at its own first reading.
        index.id: Compared(Usual(50, 50, 50, 50, 1), None),
        # Nothing within a period of an hour before.
        young.id: Compared(None, None),
    }
    # Of each hour its own weeks; of one that nobody knows nothing.
    assert day == {
        NOON: Percentiles(416, 425, 455, 464, 7),
        NOON + timedelta(hours=1): Percentiles(9_000, 9_000, 9_000, 9_000, 1),
    }
