"""The register through both engines: what a file brings in, what is refused, who is found; watch and dead letters."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from adapters.keyring import KeyRing
from domain.devices import Device, Sight, Stream, register_device
from domain.errors import AlreadyExists
from domain.errors.devices import DeadLetterNotFound, DeviceNotFound, SourceTaken
from domain.readings import DeadLetter, Quality
from store.database import Database
from store.dead_letters import LONGEST_PAYLOAD, dead_letter, dead_letters, replayed, set_aside
from store.devices import speaking, streams_in_service
from store.ids import RandomIds
from store.readings import ReadingWriter
from store.rollups import forget, roll_up
from store.rows import to_row
from store.tables import tour as t
from store.troubles import Open, add_troubles, end_troubles, open_troubles
from store.unit import SqlUnit
from tests.city import NOW, City, small_city
from tests.tour_streams import AIR, CO2, KNOWN, NOON, QUARTER, reading
from tour import upkeep as rounds
from tour.register import Hand, Report, Result, bring_in
from tour.upkeep import Pace, upkeep, watch

HEADER = (
    "device,name_fr,name_en,kind,model,camera,latitude,longitude,commune,installed_on,source,source_key,public,"
    "quantity,period_minutes"
)
SCHOOL = "school-12,École,School,room-air,milesight-am307,,43.61,3.88,34172,2026-09-01,chirpstack,24e1,yes,co2,15"
SCHOOL_TOO = "school-12,,,,,,,,,,,,,air_temperature,15"
GLASS = "glass-7,Verre,Glass,container,glass-column,,43.60,3.87,34172,2026-09-01,chirpstack,24e2,yes,fill_level,60"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, patience=30)
    yield opened
    await opened.close()


@pytest.fixture
async def city(database: Database, keyring: KeyRing) -> City:
    return await small_city(database, keyring)


async def load(database: Database, city: City, *lines: str) -> Report:
    """Load a file as the command does: all of it, or nothing."""
    async with database.write() as connection:
        unit = SqlUnit(connection, RandomIds())
        report = await bring_in(unit, city.authority, "\n".join((HEADER, *lines)), KNOWN, Hand(None, NOW))
        if report.refused:
            await connection.rollback()
    return report


def results(report: Report) -> list[Result]:
    return [line.result for line in report.lines]


async def known(database: Database, city: City) -> dict[str, Device]:
    async with database.look() as unit:
        return {device.code: device for device in await unit.devices.all_of(city.authority.id)}


async def test_a_file_becomes_devices_with_their_streams(database: Database, city: City) -> None:
    assert results(await load(database, city, SCHOOL, GLASS, SCHOOL_TOO)) == [Result.NEW] * 3
    async with database.read() as connection:
        at_source = await speaking(connection, city.authority.id, "chirpstack", ["24e1", "24e2"])
        elsewhere = await speaking(connection, city.neighbour.id, "chirpstack", ["24e1", "24e2"])
    assert {key: sorted(stream.quantity for stream in streams) for key, (_, streams) in at_source.items()} == {
        "24e1": ["air_temperature", "co2"],
        "24e2": ["fill_level"],
    }
    device, streams = at_source["24e1"]
    (co2,) = [stream for stream in streams if stream.quantity == "co2"]
    assert (device.name.fr, device.latitude, device.protection_level) == ("École", 43.61, 0)
    assert (co2.authority_id, co2.unit, co2.high, co2.time_zone) == (
        city.authority.id,
        "[ppm]",
        40_000,
        city.authority.zone,
    )
    assert elsewhere == {}


async def test_the_same_file_again_changes_nothing_and_a_new_one_says_what_changed(
    database: Database, city: City
) -> None:
    await load(database, city, SCHOOL, SCHOOL_TOO)
    before = await known(database, city)
    assert results(await load(database, city, SCHOOL, SCHOOL_TOO)) == [Result.SAME] * 2
    assert await known(database, city) == before
    report = await load(database, city, SCHOOL.replace("43.61,", "43.62,").replace("co2,15", "co2,10"), GLASS)
    assert [(line.result, line.changes) for line in report.lines] == [
        (Result.CHANGED, ("latitude", "period_seconds")),
        (Result.NEW, ()),
    ]
    assert (await known(database, city))["school-12"].id == before["school-12"].id


async def test_one_refused_line_keeps_the_whole_file_out(database: Database, city: City) -> None:
    report = await load(database, city, SCHOOL, GLASS.replace("43.60", "north"))
    assert results(report) == [Result.NEW, Result.REFUSED]
    assert await known(database, city) == {}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (GLASS.replace("container,glass-column,,", "camera,glass-column,faces,"), "face-recognition-refused"),
        (GLASS.replace("Glass", "Face recognition"), "face-recognition-refused"),
        (GLASS.replace("container", "camera"), "camera-undeclared"),
        (GLASS.replace("container", "home-meter"), "home-shown"),
        (GLASS.replace("24e2", "24e1"), "source-taken"),
        (GLASS.replace("43.60,3.87", "3.87,43.60"), "position-outside"),
        (GLASS.replace("fill_level,60", "fill_level,0"), "impossible-stream"),
        (GLASS.replace("34172", "Lattes"), "impossible-device"),
    ],
)
async def test_what_may_not_be_registered_is_refused_with_its_code(
    database: Database, city: City, line: str, code: str
) -> None:
    more = SCHOOL.replace("school-12", "school-13").replace("24e1", "24e3")
    report = await load(database, city, SCHOOL, more, line)
    assert [fault.code for fault in report.lines[2].faults] == [code]
    assert results(report)[:2] == [Result.NEW, Result.NEW]


async def test_a_quantity_that_stands_twice_on_a_device_is_refused(database: Database, city: City) -> None:
    report = await load(database, city, SCHOOL, "school-12" + "," * 13 + "co2,15")
    assert {fault.code for line in report.lines for fault in line.faults} == {"impossible-stream"}


async def test_the_table_itself_has_no_place_for_what_recognises_faces(database: Database, city: City) -> None:
    """The last lock: whoever goes round every door still cannot write it."""
    row = {**to_row(replace(AIR, authority_id=city.authority.id)), "sight": Sight.FACES}
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(insert(t.device).values(row))


async def test_two_devices_share_neither_code_nor_key_and_authorities_do_not_meet(
    database: Database, city: City
) -> None:
    ours = replace(AIR, authority_id=city.authority.id)
    async with database.begin() as unit:
        await register_device(unit, ours, [replace(CO2, authority_id=city.authority.id)])
    with pytest.raises(SourceTaken):
        async with database.begin() as unit:
            await register_device(unit, replace(ours, id=UUID(int=2), code="other"), [])
    with pytest.raises(AlreadyExists):
        async with database.begin() as unit:
            await register_device(unit, replace(ours, id=UUID(int=2), source_key="other"), [])
    async with database.begin() as unit:
        theirs = replace(ours, id=UUID(int=2), authority_id=city.neighbour.id)
        await register_device(unit, theirs, [])
        assert await unit.devices.by_code(city.neighbour.id, ours.code) == theirs
        with pytest.raises(DeviceNotFound):
            await unit.devices.by_code(city.neighbour.id, "nobody")


async def test_a_device_and_its_stream_come_back_as_they_were(database: Database, city: City) -> None:
    device = replace(AIR, authority_id=city.authority.id, retired_on=NOON.date())
    stream = replace(CO2, authority_id=city.authority.id, low=None, calibrated_on=NOON.date(), channel="2")
    async with database.begin() as unit:
        await register_device(unit, device, [stream])
    async with database.look() as unit:
        assert await unit.devices.by_code(city.authority.id, device.code) == device
        assert await unit.devices.streams(device.id) == [stream]
    async with database.read() as connection:
        assert await streams_in_service(connection, city.authority.id) == []


# --- the watch ------------------------------------------------------------------------------------


async def registered(database: Database, city: City) -> Stream:
    stream = replace(CO2, authority_id=city.authority.id)
    async with database.begin() as unit:
        await register_device(unit, replace(AIR, authority_id=city.authority.id), [stream])
    return stream


async def test_a_silent_stream_is_told_once_until_it_speaks_again(database: Database, city: City) -> None:
    stream = await registered(database, city)
    writer, told = ReadingWriter(), []
    for hours, speaks in ((0, True), (23, False), (26, False), (27, False), (28, True), (60, False)):
        now = NOON + timedelta(hours=hours)
        async with database.write() as connection:
            if speaks:
                await writer.write(connection, [reading(600 + hours, now, stream)], {stream.id: stream})
        watched = await watch(database, city.authority.id, now, Pace(1.0))
        told.append(([one.trouble for one in watched.begun], [one.trouble for one in watched.over]))
    assert told == [([], []), ([], []), (["silent"], []), ([], []), ([], ["silent"]), (["silent"], [])]
    async with database.read() as connection:
        (still,) = await open_troubles(connection, city.authority.id)
        assert await open_troubles(connection, city.neighbour.id) == []
    assert still.since == NOON + timedelta(hours=60)


async def test_a_city_whose_radio_was_away_for_a_night_is_told_that_all_of_it_is_over(
    database: Database, city: City
) -> None:
    """Twelve thousand streams at once: more than a list of one statement holds on either engine."""
    stream = await registered(database, city)
    nights = [Open(stream.id, "silent", NOON + timedelta(seconds=night)) for night in range(12_000)]
    async with database.write() as connection:
        await add_troubles(connection, city.authority.id, nights)
    async with database.write() as connection:
        await end_troubles(connection, nights[1:], NOON + timedelta(days=1))
    async with database.read() as connection:
        assert await open_troubles(connection, city.authority.id) == nights[:1]


async def test_every_device_is_looked_at_however_many_there_are(
    database: Database, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "_AT_ONCE", 2)
    for number in range(5):
        device = replace(AIR, id=UUID(int=number), code=f"room-{number}", source_key=f"key-{number}")
        stream = replace(CO2, id=UUID(int=number), device_id=device.id, authority_id=city.authority.id)
        async with database.begin() as unit:
            await register_device(unit, replace(device, authority_id=city.authority.id), [stream])
    watched = await watch(database, city.authority.id, NOON + timedelta(days=400), Pace(1.0))
    assert [(one.stream_id.int, one.trouble) for one in watched.begun] == [(at, "never-heard") for at in range(5)]


async def test_a_round_rests_in_proportion_to_what_it_has_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[float] = []
    worked = iter((0.0, 0.3, 0.3, 1.3, 1.3))

    async def sleep(seconds: float) -> None:
        rested.append(round(seconds, 6))

    monkeypatch.setattr(rounds, "thread_time", lambda: next(worked))
    monkeypatch.setattr("tour.upkeep.asyncio.sleep", sleep)
    pace = Pace(0.2)
    await pace.stand_aside()
    await pace.stand_aside()
    assert rested == [1.2, 4.0], "a fifth of the time is work"


async def test_a_probe_that_says_it_has_no_value_is_told_at_once(database: Database, city: City) -> None:
    stream = await registered(database, city)
    missing = reading(0, NOON, stream, quality=Quality.MISSING)
    async with database.write() as connection:
        await ReadingWriter().write(connection, [missing], {stream.id: stream})
    watched = await watch(database, city.authority.id, NOON, Pace(1.0))
    assert [one.trouble for one in watched.begun] == ["probe-missing"]


async def test_a_sensor_that_never_sees_fresh_air_drifts(database: Database, city: City) -> None:
    """Seven nights of an empty room: 420 ppm is outside air, 620 is a sensor to calibrate."""
    stream = await registered(database, city)
    told = []
    for turn, lowest in enumerate((620, 420)):
        start = NOON + timedelta(days=10 * turn)
        async with database.write() as connection:
            nights = [reading(lowest + night % 2, start + timedelta(days=night), stream) for night in range(8)]
            await ReadingWriter().write(connection, nights, {stream.id: stream})
            while await roll_up(connection):
                pass
        watched = await watch(database, city.authority.id, start + timedelta(days=7, minutes=5), Pace(1.0))
        told.append(([one.trouble for one in watched.begun], [one.trouble for one in watched.over]))
    assert told == [(["drifting"], []), ([], ["drifting"])]


async def test_upkeep_does_all_of_it_and_may_run_again(database: Database, city: City) -> None:
    stream = await registered(database, city)
    batch = [reading(600 + step, NOON - step * QUARTER, stream) for step in range(5)]
    async with database.write() as connection:
        await ReadingWriter().write(connection, batch, {stream.id: stream})
        await set_aside(connection, replace(LETTER, authority_id=city.authority.id))
    first = await upkeep(database, NOON + timedelta(days=9))
    assert (first.quarters, [one.trouble for one in first.watched.begun], first.forgotten.dead_letters) == (
        5,
        ["silent"],
        1,
    )
    again = await upkeep(database, NOON + timedelta(days=9))
    assert (again.quarters, again.watched.begun, again.watched.over) == (0, (), ())


async def test_a_quarter_is_rolled_up_when_it_is_over(database: Database, city: City) -> None:
    stream = await registered(database, city)
    batch = [reading(600 + step, NOON + step * QUARTER, stream) for step in range(2)]
    async with database.write() as connection:
        await ReadingWriter().write(connection, batch, {stream.id: stream})
    minutes = (14, 15, 29, 30, 45)
    done = [(await upkeep(database, NOON + timedelta(minutes=after))).quarters for after in minutes]
    assert done == [0, 1, 0, 1, 0]


# --- what nobody could read -----------------------------------------------------------------------

LETTER = DeadLetter(
    id=UUID(int=77),
    authority_id=UUID(int=9),
    source="chirpstack",
    received_at=NOON,
    why="malformed-message",
    detail="It ends in the middle of a number.",
    payload=b'{"deviceInfo": {"devEui": "24e1"}, "object": {"co2": 6',
)


async def test_a_dead_letter_is_kept_seven_days_as_it_came(database: Database, city: City) -> None:
    ours = replace(LETTER, authority_id=city.authority.id)
    long = replace(ours, id=UUID(int=78), payload=b"x" * 100_000, detail="y" * 1_000, source="ttn")
    async with database.write() as connection:
        await set_aside(connection, ours)
        await set_aside(connection, long)
        await replayed(connection, long.id, NOON + timedelta(hours=1))
    async with database.read() as connection:
        assert await dead_letter(connection, city.authority.id, ours.id) == ours
        assert await dead_letters(connection, city.authority.id, source="chirpstack") == [ours]
        assert {one.id for one in await dead_letters(connection, city.authority.id)} == {ours.id, long.id}
        kept = await dead_letter(connection, city.authority.id, long.id)
        with pytest.raises(DeadLetterNotFound):
            await dead_letter(connection, city.neighbour.id, ours.id)
    assert (len(kept.payload), len(kept.detail), kept.replayed_at) == (LONGEST_PAYLOAD, 400, NOON + timedelta(hours=1))
    gone = []
    for days in (7, 8):
        async with database.write() as connection:
            gone.append((await forget(connection, NOON + timedelta(days=days))).dead_letters)
    assert gone == [0, 2]
