"""Passages that one would rather not have, and what they must not do to the others."""

import asyncio

import msgspec
import pytest

from adapters.keyring import KeyRing
from domain.access.facts import Direction
from domain.errors import Overloaded
from domain.places import Gate, Passback, Zone
from domain.text import Text
from store.database import Database
from store.ledger import UnknownGate, lane_for
from store.ledger.lane import Limits
from tests.city import resident, small_city
from tests.contract.ledger_audit import audit
from tests.contract.ledger_world import add_place, scan


async def test_leaving_by_a_door_of_another_zone_of_the_site_hurts_nobody(database_url: str, keyring: KeyRing) -> None:
    """It once took a count below zero, and the whole batch with it. Whoever goes on counts where they are."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    (hall,) = await add_place(database, city, "hall", capacity=5, passback=Passback.HARD)
    async with database.begin() as unit:
        site_id = (await database.catalogue()).doorways[hall.id].site.id
        zone = Zone(unit.ids.row(), city.authority.id, site_id, "sauna", 5, Passback.HARD, 0)
        sauna = Gate(unit.ids.row(), city.authority.id, zone.id, "sauna-1", Text(fr="sauna", en="sauna"))
        await unit.places.add_zone(zone)
        await unit.places.add_gate(sauna)
    zoe, ben = [await resident(database, keyring, city, name, rights=("pool-year",)) for name in ("R1", "R2")]
    lane = lane_for(database)
    await lane.open()
    terminal, keys = city.terminal.terminal.id, iter("abcdefghijklmnop")

    async def together(*taps: tuple[Gate, int, Direction]) -> list[str]:
        found = await asyncio.gather(
            *(lane.submit(scan(terminal, next(keys), gate.id, who, direction=way)) for gate, who, way in taps)
        )
        assert all(isinstance(one, bytes) for one in found)
        return [msgspec.json.decode(one)["reason"] for one in found if isinstance(one, bytes)]

    enter, leave, z, b = Direction.ENTRY, Direction.EXIT, zoe.medium.id, ben.medium.id
    assert await together((hall, z, enter)) == ["welcome"]
    assert await together((sauna, z, leave), (hall, b, enter)) == ["goodbye", "welcome"]
    assert await together((sauna, b, enter), (hall, z, enter), (sauna, z, enter), (hall, z, leave)) == [
        "welcome",
        "welcome",
        "welcome",
        "goodbye",
    ]
    books = await audit(database, one_writer=True)
    assert {len(people) for people in books.inside.values()} == {0, 1}
    await lane.close()
    await database.close()


async def test_what_is_no_passage_leaves_no_trace_and_does_not_disturb_its_batch(
    database_url: str, keyring: KeyRing
) -> None:
    """E3: an unknown gate and an unknown terminal are told so; the scan beside them is settled."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1", rights=("pool-year",))
    lane = lane_for(database)
    await lane.open()
    known, gate = city.terminal.terminal.id, city.gates["free"].id
    stranger = zoe.holder.id  # an id that is no terminal's

    settled = await asyncio.gather(
        lane.submit(scan(known, "a", stranger, zoe.medium.id)),
        lane.submit(scan(stranger, "b", gate, zoe.medium.id)),
        lane.submit(scan(known, "c", gate, None)),
        lane.submit(scan(known, "d", gate, zoe.medium.id)),
    )

    assert settled[0] is UnknownGate
    assert not isinstance(settled[1], bytes)
    assert isinstance(settled[2], bytes)
    assert isinstance(settled[3], bytes)
    books = await audit(database, one_writer=True)
    assert sorted(key for _, key in books.answers) == ["c", "d"]
    await lane.close()
    await database.close()


async def test_a_client_that_left_before_its_scan_was_begun_leaves_no_trace(
    database_url: str, keyring: KeyRing
) -> None:
    """Nobody heard, nobody entered: the scan was never begun."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1", rights=("carnet-10",))
    lane = lane_for(database)
    await lane.open()
    gate, terminal = city.gates["free"].id, city.terminal.terminal.id

    gone = lane.submit(scan(terminal, "gone", gate, zoe.medium.id))
    gone.cancel()
    await lane.submit(scan(terminal, "stays", gate, zoe.medium.id))

    books = await audit(database, one_writer=True)
    assert [key for _, key in books.answers] == ["stays"]
    await lane.close()
    await database.close()


async def test_a_lane_takes_no_more_than_may_wait_and_settles_what_waits_when_it_closes(
    database_url: str, keyring: KeyRing
) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1", rights=("pool-year",))
    lane = lane_for(database, limits=Limits(waiting=5, batch=2))
    await lane.open()
    gate, terminal = city.gates["free"].id, city.terminal.terminal.id

    taken = [lane.submit(scan(terminal, f"k{number}", gate, zoe.medium.id)) for number in range(5)]
    with pytest.raises(Overloaded):
        lane.submit(scan(terminal, "one-too-many", gate, zoe.medium.id))
    await lane.close()

    assert all(isinstance(one.result(), bytes) for one in taken)
    assert len((await audit(database, one_writer=True)).events) == 5
    await database.close()
