"""The difference with the reference street through both engines: worked out once, of stations in service alone."""

from datetime import timedelta

from msgspec.structs import replace

from adapters.keyring import KeyRing
from domain.devices import Stream, register_device
from store.database import Database
from store.readings import ReadingWriter, newest
from tests.city import small_city
from tests.tour_streams import AIR, CO2, NOON, reading
from tour.cooling import GAIN, WARMTH, note_gains

MINUTE = timedelta(minutes=1)


async def test_a_round_notes_what_is_new_and_the_next_nothing(database_url: str, keyring: KeyRing) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    ours, stations = city.authority.id, dict[str, tuple[Stream, Stream]]()
    async with database.begin() as unit:
        for code in ("park", "street", "gone"):
            device = replace(AIR, id=unit.ids.row(), authority_id=ours, code=code, source_key=code)
            device = replace(device, retired_on=NOON.date() if code == "gone" else None)
            warmth = replace(
                CO2, id=unit.ids.row(), authority_id=ours, device_id=device.id, quantity=WARMTH, unit="Cel"
            )
            cooler = replace(warmth, id=unit.ids.row(), quantity=GAIN, channel="street", unit="K")
            await register_device(unit, device, [warmth] if code == "street" else [warmth, cooler])
            stations[code] = (warmth, cooler)
    warm = {"park": 27.4, "street": 31.0, "gone": 20.0}
    async with database.write() as connection:
        told = [reading(warm[code], NOON, stream) for code, (stream, _) in stations.items()]
        await ReadingWriter().write(connection, told, {stream.id: stream for stream, _ in stations.values()})
    _, gain = stations["park"]
    rounds = []
    for _ in range(2):
        async with database.write() as connection:
            rounds.append(await note_gains(connection, ours, NOON + MINUTE))
    async with database.write() as connection:
        assert await note_gains(connection, city.neighbour.id, NOON + MINUTE) == 0
        shown = (await newest(connection, [gain.id]))[gain.id].shown
    assert rounds == [1, 0]
    assert shown is not None
    assert (shown.value, shown.observed_at) == (3.6, NOON)
    await database.close()
