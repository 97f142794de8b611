"""Readings through both engines: batches, newest values, roll-ups, histories, months, and what is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import func, insert, select, table

from adapters.keyring import KeyRing
from domain.devices import Stream, Summary, register_device
from domain.errors.devices import HistoryTooLong
from domain.readings import Quality, Reading
from domain.rollups import Bucket, Step
from store import months
from store.database import Database
from store.history import History, history
from store.readings import ReadingWriter, Written, newest
from store.rollups import forget, roll_up
from store.rows import to_struct
from store.tables import tour as t
from tests.city import City, small_city
from tests.tour_streams import AIR, CO2, NOON, QUARTER, reading

PARIS = ZoneInfo("Europe/Paris")


class Tour(Struct, frozen=True):
    """A database with one device and its streams in it."""

    database: Database
    city: City
    streams: dict[str, Stream]
    writer: ReadingWriter

    async def write(self, *readings: Reading) -> Written:
        """Write a batch."""
        known = {stream.id: stream for stream in self.streams.values()}
        async with self.database.write() as connection:
            return await self.writer.write(connection, readings, known)

    async def roll_up(self) -> int:
        """Roll up whatever is due."""
        async with self.database.write() as connection:
            return await roll_up(connection)

    async def past(self, stream: str, start: datetime, end: datetime, step: Step | None = None) -> History:
        """Read a history."""
        async with self.database.read() as connection:
            return await history(connection, self.streams[stream], PARIS, start, end, step=step)

    async def buckets(self, step: Step) -> list[Bucket]:
        """Read the roll-ups of a step."""
        async with self.database.read() as connection:
            found = await connection.execute(
                select(t.rollup).where(t.rollup.c.step == step).order_by(t.rollup.c.starts_at)
            )
            return [to_struct(row, Bucket) for row in found]

    async def count(self) -> int:
        """Count the readings."""
        async with self.database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(t.reading))).scalar_one())


@pytest.fixture
async def tour(database_url: str, keyring: KeyRing) -> AsyncIterator[Tour]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    streams = {}
    async with database.begin() as unit:
        device = replace(AIR, id=unit.ids.row(), authority_id=city.authority.id)
        for name, summary in (("co2", Summary.MEAN), ("index", Summary.DIFFERENCE)):
            streams[name] = replace(
                CO2,
                id=unit.ids.row(),
                authority_id=city.authority.id,
                device_id=device.id,
                quantity=name,
                summary=summary,
            )
        await register_device(unit, device, list(streams.values()))
    yield Tour(database, city, streams, ReadingWriter())
    await database.close()


async def test_a_batch_is_stored_once_however_often_it_comes(tour: Tour) -> None:
    batch = [reading(600 + step, NOON + step * QUARTER, tour.streams["co2"]) for step in range(4)]
    assert (await tour.write(*batch)).new == 4
    again = await tour.write(*batch, reading(700, NOON + 4 * QUARTER, tour.streams["co2"]))
    assert (again.new, again.moved, again.too_old) == (1, (tour.streams["co2"].id,), 0)
    assert (await tour.write(*batch)).moved == ()
    assert await tour.count() == 5


async def test_every_field_of_a_reading_comes_back(tour: Tour) -> None:
    stream = tour.streams["co2"]
    told = reading(640.5, NOON, stream, until=NOON + QUARTER, quality=Quality.CHANGED, received_at=NOON + 2 * QUARTER)
    await tour.write(told)
    async with tour.database.read() as connection:
        row = (await connection.execute(select(t.reading))).one()
        last = (await newest(connection, [stream.id]))[stream.id].shown
    assert to_struct(row, Reading) == told
    assert row.authority_id == tour.city.authority.id
    assert last is not None
    assert (last.value, last.observed_at, last.until, last.received_at, last.quality) == (
        640.5,
        NOON,
        NOON + QUARTER,
        NOON + 2 * QUARTER,
        Quality.CHANGED,
    )


async def test_what_was_stored_first_stays_when_the_source_changes_its_mind(tour: Tour) -> None:
    stream = tour.streams["co2"]
    await tour.write(reading(360, NOON, stream))
    assert (await tour.write(reading(904, NOON, stream))).new == 0
    assert [point.value for point in (await tour.past("co2", NOON, NOON + QUARTER)).points] == [360]


async def test_of_two_values_in_one_batch_the_more_believed_counts(tour: Tour) -> None:
    """Hub'Eau gives 360 mm and 904 mm for one instant: the one it stands by counts."""
    stream = tour.streams["co2"]
    await tour.write(reading(904, NOON, stream, quality=Quality.UNQUALIFIED), reading(360, NOON, stream))
    assert [point.value for point in (await tour.past("co2", NOON, NOON + QUARTER)).points] == [360]


async def test_the_newest_value_only_moves_forward(tour: Tour) -> None:
    stream = tour.streams["co2"]
    await tour.write(reading(700, NOON, stream))
    late = await tour.write(reading(500, NOON - QUARTER, stream))
    assert (late.new, late.moved) == (1, ())
    async with tour.database.read() as connection:
        last = (await newest(connection, [stream.id]))[stream.id]
    assert last.shown is not None
    assert (last.shown.value, last.hidden) == (700, None)


async def test_a_bad_value_is_stored_and_neither_shown_nor_averaged(tour: Tour) -> None:
    stream = tour.streams["co2"]
    for minute, quality in enumerate((Quality.BAD, Quality.PROBABLY_BAD, Quality.MISSING)):
        await tour.write(reading(9_999, NOON + timedelta(minutes=minute), stream, quality=quality))
    await tour.write(reading(600, NOON + timedelta(minutes=5), stream))
    assert await tour.count() == 4
    await tour.roll_up()
    assert [(one.count, one.high) for one in await tour.buckets(Step.DAY)] == [(1, 600)]
    assert [point.value for point in (await tour.past("co2", NOON, NOON + QUARTER)).points] == [600]
    async with tour.database.read() as connection:
        last = (await newest(connection, [stream.id]))[stream.id]
    assert last.hidden is not None
    assert (last.hidden.quality, last.hidden.observed_at) == (Quality.MISSING, NOON + timedelta(minutes=2))


async def test_since_when_a_value_is_the_same_survives_batches(tour: Tour) -> None:
    stream = tour.streams["co2"]
    await tour.write(reading(600, NOON, stream))
    await tour.write(reading(600, NOON + QUARTER, stream), reading(600, NOON + 2 * QUARTER, stream))
    async with tour.database.read() as connection:
        last = (await newest(connection, [stream.id]))[stream.id].shown
    assert last is not None
    assert last.same_since == NOON
    await tour.write(reading(601, NOON + 3 * QUARTER, stream), reading(600, NOON + 4 * QUARTER, stream))
    async with tour.database.read() as connection:
        last = (await newest(connection, [stream.id]))[stream.id].shown
    assert last is not None
    assert last.same_since == NOON + 4 * QUARTER


async def test_what_is_older_than_readings_are_kept_is_left_out_and_counted(tour: Tour) -> None:
    stream = tour.streams["co2"]
    old = reading(600, NOON - timedelta(days=91), stream, received_at=NOON)
    assert await tour.write(old) == Written(0, (), 1)
    kept = reading(600, NOON - timedelta(days=89), stream, received_at=NOON)
    assert (await tour.write(old, kept)).new == 1


async def test_late_data_changes_the_quarter_the_hour_and_the_day_that_it_belongs_to(tour: Tour) -> None:
    stream = tour.streams["co2"]
    await tour.write(*(reading(600, NOON + step * QUARTER, stream) for step in range(8)))
    assert await tour.roll_up() == 8
    assert [one.count for one in await tour.buckets(Step.HOUR)] == [4, 4]
    late = NOON + timedelta(minutes=7)
    await tour.write(reading(1_000, late, stream, received_at=NOON + timedelta(hours=5)))
    assert await tour.roll_up() == 1
    first, *others = await tour.buckets(Step.QUARTER)
    assert (first.count, first.low, first.high, first.total, first.first, first.last) == (2, 600, 1000, 1600, 600, 1000)
    assert {one.high for one in others} == {600}
    assert [(one.count, one.high) for one in await tour.buckets(Step.HOUR)] == [(5, 1_000), (4, 600)]
    (day,) = await tour.buckets(Step.DAY)
    assert (day.count, day.total, day.starts_at) == (9, 5_800, datetime(2026, 11, 17, 23, tzinfo=UTC))
    assert await tour.roll_up() == 0


async def test_a_quarter_that_a_batch_still_writes_is_rolled_up_after_it(tour: Tour) -> None:
    """On PostgreSQL both run at once; a due quarter that the batch has touched is not taken before its commit."""
    stream = tour.streams["co2"]
    await tour.write(reading(600, NOON, stream))
    async with tour.database.write() as connection:
        second = reading(800, NOON + timedelta(minutes=5), stream)
        await tour.writer.write(connection, [second], {stream.id: stream})
        if not tour.database.is_sqlite:
            assert await tour.roll_up() == 0
    await tour.roll_up()
    assert [one.count for one in await tour.buckets(Step.QUARTER)] == [2]


async def test_two_roll_ups_do_not_run_at_once(tour: Tour) -> None:
    stream = tour.streams["co2"]
    await tour.write(*(reading(600, NOON + step * QUARTER, stream) for step in range(4)))
    if tour.database.is_sqlite:
        return  # one writer at a time is its nature
    async with tour.database.write() as connection:
        assert await roll_up(connection, most=2) == 2
        assert await tour.roll_up() == 0
    assert await tour.roll_up() == 2
    assert [one.count for one in await tour.buckets(Step.HOUR)] == [4]


async def test_writers_at_once_store_every_reading_once_and_the_newest_value(tour: Tour) -> None:
    """Four writers bring the same eighty readings of two streams in different orders and batches."""
    readings = [
        reading(400 + step, NOON + step * QUARTER, stream) for step in range(40) for stream in tour.streams.values()
    ]
    mixed = [readings, readings[::-1], readings[40:] + readings[:40], readings[1::2] + readings[::2]]

    async def bring(order: list[Reading]) -> int:
        return sum([(await tour.write(*order[place : place + 16])).new for place in range(0, len(order), 16)])

    assert sum(await asyncio.gather(*map(bring, mixed))) == len(readings)
    assert await tour.count() == len(readings)
    async with tour.database.read() as connection:
        last = await newest(connection, [stream.id for stream in tour.streams.values()])
    assert {one.shown.value for one in last.values() if one.shown is not None} == {439}


async def test_a_history_has_no_more_than_500_points_whatever_is_asked(tour: Tour) -> None:
    stream = tour.streams["co2"]
    await tour.write(*(reading(600 + step % 7, NOON + step * QUARTER, stream) for step in range(600)))
    while await tour.roll_up():
        pass
    ends = NOON + 600 * QUARTER
    day = await tour.past("co2", NOON, NOON + timedelta(days=1))
    assert (day.step, len(day.points)) == (Step.RAW, 96)
    six_days = await tour.past("co2", NOON, ends)
    assert six_days.step is Step.HOUR
    assert len(six_days.points) == 150
    assert [round(point.value, 3) for point in six_days.points[:2]] == [601.5, 603.75]
    month = await tour.past("co2", NOON, NOON + timedelta(days=40))
    assert (month.step, len(month.points)) == (Step.DAY, 7)
    with pytest.raises(HistoryTooLong):
        await tour.past("co2", NOON, ends, Step.RAW)
    with pytest.raises(HistoryTooLong):
        await tour.past("co2", NOON, ends, Step.QUARTER)
    with pytest.raises(HistoryTooLong):
        await tour.past("co2", ends, NOON)


async def test_a_device_that_speaks_faster_than_declared_is_shown_by_quarters(tour: Tour) -> None:
    stream = tour.streams["co2"]
    await tour.write(*(reading(600, NOON + timedelta(seconds=10 * step), stream) for step in range(600)))
    while await tour.roll_up():
        pass
    found = await tour.past("co2", NOON, NOON + timedelta(hours=2))
    assert (found.step, [point.count for point in found.points]) == (Step.QUARTER, [90] * 6 + [60])


async def test_many_years_of_days_are_drawn_in_points_of_several_days(tour: Tour) -> None:
    stream = tour.streams["co2"]
    first = datetime(2024, 1, 1, tzinfo=PARIS)
    days = [first + timedelta(days=day) for day in range(1_100)]
    rows = [Bucket(stream.id, Step.DAY, day.astimezone(UTC), 2, 1, 3, 4, 0, 1, 3) for day in days]
    async with tour.database.write() as connection:
        values = [
            {**{name: getattr(row, name) for name in row.__struct_fields__}, "authority_id": stream.authority_id}
            for row in rows
        ]
        await connection.execute(insert(t.rollup), values)
    found = await tour.past("co2", days[0], days[-1] + timedelta(days=1))
    assert (found.step, found.days, len(found.points)) == (Step.DAY, 3, 367)
    assert (found.points[0].value, found.points[0].count) == (2, 6)


async def test_the_growth_of_a_counter_is_whole_over_any_step(tour: Tour) -> None:
    """A meter goes up by 10 each quarter, is changed at 13:00 and begins again at 0."""
    stream = tour.streams["index"]
    values = [1_000, 1_010, 1_020, 1_030, 0, 10, 20, 30]
    await tour.write(*(reading(value, NOON + step * QUARTER, stream) for step, value in enumerate(values)))
    await tour.roll_up()
    hours = await tour.past("index", NOON, NOON + timedelta(hours=2), Step.HOUR)
    assert [point.value for point in hours.points] == [30, 30]
    quarters = await tour.past("index", NOON + QUARTER, NOON + timedelta(hours=2), Step.QUARTER)
    assert [point.value for point in quarters.points] == [10, 10, 10, 0, 10, 10, 10]
    (day,) = (await tour.past("index", NOON, NOON + timedelta(hours=2), Step.DAY)).points
    assert day.value == 60


async def test_months_are_forgotten_whole_and_only_when_nothing_of_them_may_come_any_more(tour: Tour) -> None:
    stream = tour.streams["co2"]
    june = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
    await tour.write(*(reading(600, at, stream) for at in (june, june + timedelta(minutes=2))))
    while await tour.roll_up():
        pass
    async with tour.database.write() as connection:
        kept = await forget(connection, datetime(2026, 9, 29, tzinfo=UTC))
    assert kept.readings == 0
    async with tour.database.write() as connection:
        gone = await forget(connection, datetime(2026, 10, 2, tzinfo=UTC))
    assert gone.readings == 1
    assert await tour.count() == 1
    assert len(await tour.buckets(Step.QUARTER)) == 2


async def test_roll_ups_live_as_long_as_their_step(tour: Tour) -> None:
    await tour.write(reading(600, NOON, tour.streams["co2"]))
    await tour.roll_up()
    left = []
    for days in (729, 731, 3_651, 40_000):
        async with tour.database.write() as connection:
            await forget(connection, NOON + timedelta(days=days))
        left.append([len(await tour.buckets(step)) for step in (Step.QUARTER, Step.HOUR, Step.DAY)])
    assert left == [[1, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 1]]


async def test_a_month_of_readings_is_a_table_of_its_own_on_postgresql(tour: Tour) -> None:
    stream = tour.streams["co2"]
    new_year = datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    await tour.write(*(reading(600, at, stream) for at in (new_year, new_year + timedelta(microseconds=1))))
    if tour.database.is_sqlite:
        return  # one table, in the order of streams and time
    async with tour.database.read() as connection:
        assert await months.there(connection) == {date(2026, 12, 1), date(2027, 1, 1)}
        for month in ("2026_12", "2027_01"):
            of_month = await connection.execute(select(func.count()).select_from(table(f"reading_{month}")))
            assert of_month.scalar_one() == 1


async def test_a_month_that_was_taken_back_with_its_batch_is_made_again(tour: Tour) -> None:
    stream = tour.streams["co2"]
    known = {stream.id: stream}

    async def fail() -> None:
        async with tour.database.write() as connection:
            await tour.writer.write(connection, [reading(600, NOON, stream)], known)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert (await tour.write(reading(600, NOON, stream))).new == 1
