"""One message of a card, one code of a phone: it opens one gate once, whoever brings it, wherever, and how often.

On both engines; each lane has a connection of its own, as each worker has.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from datetime import timedelta

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import select

from adapters.keyring import KeyRing
from domain.access.facts import Direction, Evidence
from domain.limits import Window
from domain.passes import BlockReason, block
from store.database import Database
from store.ledger import Lane, Scan, Settled, lane_for
from store.tables.ledger import medium_use
from tests.city import KEEP, NOW, TestPass, resident, small_city
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_world import add_product, give, scan
from tests.contract.test_ledger_concurrency import on_workers, worker


class World(Struct, frozen=True):
    """The small city on four lanes, with somebody in it who may come as often as they like."""

    here: Here
    zoe: TestPass

    @property
    def database(self) -> Database:
        return self.here.database

    @property
    def lane(self) -> Lane:
        return self.here.lanes[0]

    def tap(
        self, key: str, gate: str = "free", *, seconds: float = 0, counter: int | None = None, iat: int | None = None
    ) -> Scan:
        """Zoé's card with a `counter`, or her phone with an `iat`, some seconds later."""
        at = NOW + timedelta(seconds=seconds)
        plain = scan(self.here.terminal, key, self.here.city.gates[gate].id, self.zoe.medium.id, at=at)
        return replace(plain, evidence=Evidence(self.zoe.medium.id, 2, None, "ville", counter, iat))

    async def reason(self, tap: Scan) -> str:
        (reason,) = reasons([await self.lane.submit(tap)])
        return reason


@pytest.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1", rights=("pool-year", "reader"))
    lanes = [lane_for(database) for _ in range(4)]
    for lane in lanes:
        await lane.open()
    yield World(Here(database, keyring, city, lanes), zoe)
    for lane in lanes:
        await lane.close()
    await database.close()


def opened(answers: Iterable[Settled]) -> list[str]:
    """The reasons of those that opened a gate; a second reading of the same passage opens none."""
    told = [msgspec.json.decode(answer) for answer in answers if isinstance(answer, bytes)]
    return [one["reason"] for one in told if one["outcome"].startswith("granted") and one["reason"] != "double_read"]


async def last_use(database: Database) -> list[tuple[int, bool]]:
    async with database.read() as connection:
        return [tuple(row) for row in await connection.execute(select(medium_use.c.mark, medium_use.c.spent))]


async def test_many_taps_at_once_with_one_count_welcome_once(world: World) -> None:
    """At different gates, so that nothing but the count can save it."""
    for turn in range(10):
        gates = ("free", "pool", "library", "free", "pool", "library")
        taps = [world.tap(f"{turn}-{n}", gate, seconds=10 * turn, counter=turn + 1) for n, gate in enumerate(gates)]
        answers = await everywhere(world.here, taps)
        assert len(opened(answers)) == 1, reasons(answers)
    assert (await last_use(world.database))[0][0] == 10


async def test_workers_of_their_own_settle_one_count_once(world: World, database_url: str) -> None:
    bus = await add_product(world.database, world.here.city, "bus", (100, Window.WHOLE), service="transport")
    await give(world.database, bus, world.zoe.holder.id)
    async with AsyncExitStack() as stack:
        crew = [await stack.enter_async_context(worker(database_url)) for _ in range(3)]
        for turn in range(5):
            gates = ("free", "library", "bus")
            batches = [
                [world.tap(f"{turn}-{place}", gate, seconds=10 * turn, counter=turn + 1)]
                for place, gate in enumerate(gates)
            ]
            found = await on_workers(crew, batches)
            answers = [one.answer for heard in found for one in heard if one.answer is not None]
            assert len(answers) == 3
            assert len(opened(answers)) == 1, reasons(answers)


@pytest.mark.parametrize("kind", ["counter", "iat"])
async def test_only_a_greater_mark_is_a_new_showing(world: World, kind: str) -> None:
    heard = []
    for place, mark in enumerate((7, 7, 6, 8, 1, 2_000)):
        counter, iat = (mark, None) if kind == "counter" else (None, mark)
        heard.append(await world.reason(world.tap(f"k{place}", seconds=10 * place, counter=counter, iat=iat)))
    assert heard == ["welcome", "replayed", "replayed", "welcome", "replayed", "welcome"]


async def test_a_first_count_of_nought_is_a_count(world: World) -> None:
    assert [await world.reason(world.tap(f"k{n}", seconds=10 * n, counter=0)) for n in range(2)] == [
        "welcome",
        "replayed",
    ]


async def test_a_code_left_before_the_reader_is_one_passage_and_a_replay_afterwards(world: World) -> None:
    heard = [await world.reason(world.tap(f"k{n}", seconds=n, iat=100)) for n in (0, 2, 3, 4)]
    assert heard == ["welcome", "double_read", "double_read", "replayed"]


async def test_a_code_is_no_double_read_at_another_gate(world: World) -> None:
    assert await world.reason(world.tap("k0", "free", iat=100)) == "welcome"
    assert await world.reason(world.tap("k1", "library", seconds=1, iat=100)) == "replayed"


async def test_a_refusal_spends_nothing_and_the_same_showing_may_come_again(world: World) -> None:
    """Somebody pays, brings an adult, or holds the phone to the reader until it hears why it stays shut."""
    assert await world.reason(world.tap("k0", "bus", counter=3)) == "no_right"
    assert await last_use(world.database) == [(3, False)]
    assert await world.reason(world.tap("k1", "bus", seconds=1, counter=3)) == "no_right", "and not that it is a replay"
    assert await world.reason(world.tap("k2", "free", seconds=2, counter=3)) == "welcome"
    assert await last_use(world.database) == [(3, True)]
    assert await world.reason(world.tap("k3", "bus", seconds=9, counter=3)) == "replayed"


async def test_an_older_message_is_refused_though_the_newer_one_was(world: World) -> None:
    assert await world.reason(world.tap("k0", "bus", counter=3)) == "no_right"
    assert await world.reason(world.tap("k1", "free", counter=2)) == "replayed"


async def test_nobody_is_kept_in_for_a_replay(world: World) -> None:
    entry = world.tap("k0", counter=3)
    assert await world.reason(entry) == "welcome"
    assert await world.reason(replace(world.tap("k1", seconds=60, counter=3), direction=Direction.EXIT)) == "goodbye"
    assert await last_use(world.database) == [(3, True)]


async def test_the_same_key_brings_the_same_answer_and_not_a_replay(world: World) -> None:
    first = await world.lane.submit(world.tap("k0", counter=3))
    assert await world.lane.submit(world.tap("k0", seconds=50, counter=3)) == first


async def test_a_lost_card_says_so_and_not_that_it_was_replayed(world: World) -> None:
    assert await world.reason(world.tap("k0", counter=3)) == "welcome"
    async with world.database.begin() as unit:
        await block(unit, world.zoe.pass_, world.zoe.medium.id, reason=BlockReason.LOST, now=NOW)
    assert await world.reason(world.tap("k1", seconds=9, counter=3)) == "medium_lost"


async def test_a_restart_forgets_nothing(world: World) -> None:
    assert await world.reason(world.tap("k0", counter=3)) == "welcome"
    fresh = lane_for(world.database)
    await fresh.open()
    answer = await fresh.submit(world.tap("k1", seconds=9, counter=3))
    await fresh.close()
    assert reasons([answer]) == ["replayed"]


async def test_another_authority_cannot_use_up_a_mark(world: World) -> None:
    theirs = world.here.city.neighbour_terminal.terminal.id
    async with world.database.look() as unit:
        gate = await unit.places.gate(world.here.city.neighbour.id, "free-1")
    tap = replace(world.tap("k0", counter=9), terminal_id=theirs, gate_id=gate.id)
    assert await world.reason(tap) == "other_authority"
    assert await last_use(world.database) == []
    assert await world.reason(world.tap("k1", counter=1)) == "welcome"


async def test_a_printed_code_leaves_no_mark(world: World) -> None:
    assert await world.reason(world.tap("k0")) == "welcome"
    assert await last_use(world.database) == []


async def test_how_long_a_mark_is_kept(world: World) -> None:
    """A chip's count as long as the pass, a phone's moment past midnight everywhere."""
    await world.reason(world.tap("k0", counter=1))
    async with world.database.read() as connection:
        kept = (await connection.execute(select(medium_use.c.keep_until))).scalar_one()
    assert kept == world.zoe.pass_.valid_until < KEEP
    await world.reason(world.tap("k1", seconds=9, iat=1_800_000_000))
    async with world.database.read() as connection:
        kept = (await connection.execute(select(medium_use.c.keep_until))).scalar_one()
    assert kept == NOW.date() + timedelta(days=2)
