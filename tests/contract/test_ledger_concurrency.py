"""Several lanes, connections and processes on one database: nothing is spent twice, nobody enters twice, and every
event is seen once, in order (Q1, Q2, A1, A2, E1, I1, F1). A scan without an answer is asked again under its key.
"""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from domain import people
from domain.access.facts import Direction
from domain.limits import Window
from domain.passes import BlockReason, block
from domain.places import Passback
from domain.services import BY_CODE
from store.exports import validations_after
from store.ledger import Scan, Settled
from store.tables.ledger import ledger_head
from tests.city import NOW, TestPass
from tests.contract.ledger_audit import audit
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_worker import Heard
from tests.contract.ledger_world import APART, add_place, add_product, give, scan, settle_at_last

ROOT = Path(__file__).parents[2]


async def test_one_visit_left_and_many_taps_at_once_spend_it_once(here: Here) -> None:
    """Q1, Q2."""
    single = await add_product(here.database, here.city, "single", (1, Window.WHOLE))
    gate = here.city.gates["free"].id
    for turn in range(10):
        person = await here.resident(f"R{turn}")
        await give(here.database, single, person.holder.id)
        taps = [scan(here.terminal, f"{turn}-{n}", gate, person.medium.id, at=NOW + n * APART) for n in range(12)]
        answers = await everywhere(here, taps)
        assert reasons(answers) == ["carnet_empty"] * 11 + ["last_visit"]
    await audit(here.database)


async def test_one_visit_left_of_a_household_is_spent_by_one_of_its_members(here: Here) -> None:
    """Q1 on the counter alone: the passes are different, so that no last state of a pass can save it."""
    members = [await here.resident(f"R{number}") for number in range(8)]
    household = members[0].household.id
    async with here.database.begin() as unit:
        for member in members[1:]:
            await people.join(unit, member.holder, household, since=member.holder.born_on)
    (tip,) = await add_place(here.database, here.city, "tip", service="waste-centre")
    three = await add_product(
        here.database, here.city, "three", (3, Window.WHOLE), service="waste-centre", subject=people.Subject.HOUSEHOLD
    )
    for turn in range(8):
        await give(here.database, three, household, ends=date(2027, 1, 1 + turn))
        # Once from a counter that does not exist yet, once from one that has moved before.
        before, now = turn % 3, NOW + timedelta(hours=turn)
        for number in range(before):
            first = scan(here.terminal, f"{turn}-before-{number}", tip.id, members[number].medium.id, at=now)
            assert reasons(await everywhere(here, [first])) == ["welcome"]
        at_once = [
            scan(here.terminal, f"{turn}-{n}", tip.id, member.medium.id, at=now + APART)
            for n, member in enumerate(members)
        ]
        answers = await everywhere(here, at_once)
        granted = 3 - before
        assert reasons(answers) == sorted(
            ["last_visit", *["welcome"] * (granted - 1), *["quota_spent"] * (8 - granted)]
        )
    await audit(here.database)


async def test_simultaneous_entries_at_the_doors_of_a_hard_zone_welcome_exactly_one(here: Here) -> None:
    """A1: never two; A2: never none. Read twice, a code opens only the very gate that welcomed it."""
    doors = await add_place(here.database, here.city, "bath", doors=4, passback=Passback.HARD)
    person = await here.resident("R1", "pool-year")
    for turn in range(15):
        entries = [scan(here.terminal, f"in-{turn}-{n}", door.id, person.medium.id) for n, door in enumerate(doors * 2)]
        answers = await everywhere(here, entries)
        assert reasons(answers) == ["already_inside"] * 6 + ["double_read", "welcome"]
        opened = {entry.gate_id for entry, said in zip(entries, answers, strict=True) if b'"granted"' in said}  # type: ignore[operator]
        assert len(opened) == 1
        exits = [
            scan(here.terminal, f"out-{turn}-{n}", door.id, person.medium.id, direction=Direction.EXIT)
            for n, door in enumerate(doors)
        ]
        assert reasons(await everywhere(here, exits)) == ["exit_without_entry"] * 3 + ["goodbye"]
    await audit(here.database)


async def test_a_full_zone_lets_one_in_for_one_out(here: Here) -> None:
    """The ceiling is never passed, and every free place is given."""
    doors = await add_place(here.database, here.city, "bath", doors=4, capacity=5, passback=Passback.HARD)
    crowd = [await here.resident(f"R{number}", "pool-year") for number in range(20)]

    entries = [scan(here.terminal, f"a{n}", doors[n % 4].id, one.medium.id) for n, one in enumerate(crowd)]
    answers = await everywhere(here, entries)
    assert reasons(answers) == ["site_full"] * 15 + ["welcome"] * 5
    inside = [one for one, answer in zip(crowd, answers, strict=True) if b'"welcome"' in answer]  # type: ignore[operator]
    outside = [one for one in crowd if one not in inside]

    for turn in range(8):
        leaver = inside.pop()
        gone = scan(here.terminal, f"out{turn}", doors[0].id, leaver.medium.id, direction=Direction.EXIT)
        assert reasons(await everywhere(here, [gone])) == ["goodbye"]
        entries = [scan(here.terminal, f"b{turn}-{n}", doors[n % 4].id, one.medium.id) for n, one in enumerate(outside)]
        answers = await everywhere(here, entries)
        assert reasons(answers) == ["site_full"] * 14 + ["welcome"]
        (winner,) = [one for one, answer in zip(outside, answers, strict=True) if b'"welcome"' in answer]  # type: ignore[operator]
        outside = [one for one in outside if one is not winner] + [leaver]
        inside.append(winner)
    books = await audit(here.database)
    assert [len(people) for people in books.inside.values()] == [5]


async def test_entries_and_exits_at_once_never_pass_the_ceiling(here: Here) -> None:
    """Whoever looks at any moment sees at most as many inside as may be."""
    doors = await add_place(here.database, here.city, "bath", doors=4, capacity=3, passback=Passback.HARD)
    crowd = [await here.resident(f"R{number}", "pool-year") for number in range(9)]
    chance = random.Random(7)

    async def one_life(number: int, person: TestPass) -> None:
        for turn in range(12):
            way = Direction.ENTRY if turn % 2 == 0 else Direction.EXIT
            tap = scan(here.terminal, f"{number}-{turn}", chance.choice(doors).id, person.medium.id, direction=way)
            await settle_at_last(here.lanes[(number + turn) % 4], tap)

    await asyncio.gather(*(one_life(number, person) for number, person in enumerate(crowd)))
    books = await audit(here.database)
    assert len(books.events) == 9 * 12


async def test_one_key_on_every_lane_at_once_is_one_event_with_one_answer(here: Here) -> None:
    """E1, I1."""
    person = await here.resident("R1", "carnet-10")
    gate = here.city.gates["free"].id
    for turn in range(10):
        tap = scan(here.terminal, f"same-{turn}", gate, person.medium.id)
        answers = await everywhere(here, [tap] * 12)
        assert len(set(answers)) == 1
        assert isinstance(answers[0], bytes)
    books = await audit(here.database)
    assert len(books.events) == 10


async def test_one_key_for_two_passages_at_once_is_one_event_and_the_other_is_told(here: Here) -> None:
    """I2 in parallel."""
    one, other = await here.resident("R1", "pool-year"), await here.resident("R2", "pool-year")
    gate = here.city.gates["free"].id
    for turn in range(10):
        scans = [scan(here.terminal, f"k{turn}", gate, (one, other)[n % 2].medium.id) for n in range(8)]
        answers = await everywhere(here, scans)
        by_person = [set(answers[0::2]), set(answers[1::2])]
        assert [len(found) for found in by_person] == [1, 1]
        assert sum(isinstance(found, bytes) for found in by_person[0] | by_person[1]) == 1
    books = await audit(here.database)
    assert len(books.events) == 10


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_larger_batch_leaves_beside_one_that_waits_and_both_spend_the_last_visit_once(here: Here) -> None:
    """Q1 within one lane: the second batch reads before the first has written, and has to read again."""
    single = await add_product(here.database, here.city, "single", (1, Window.WHOLE))
    person = await here.resident("R1")
    await give(here.database, single, person.holder.id)
    gate, lane = here.city.gates["free"].id, here.lanes[0]
    taps = [scan(here.terminal, f"k{tap}", gate, person.medium.id, at=NOW + tap * APART) for tap in range(3)]

    async def under_way(tap: Scan, batches: list[int]) -> None:
        waiting.append(lane.submit(tap))
        async with asyncio.timeout(30):
            while [len(batch) for batch in lane._in_flight] != batches:  # noqa: ASYNC110 - a lane rings no bell
                await asyncio.sleep(0.01)

    waiting: list[asyncio.Future[Settled]] = []
    async with here.database.write() as connection:
        await connection.execute(select(ledger_head).with_for_update())
        await under_way(taps[0], [1])
        await under_way(taps[1], [1])
        await under_way(taps[2], [1, 2])
    answers = await asyncio.gather(*waiting)
    assert reasons(answers) == ["carnet_empty"] * 2 + ["last_visit"]
    await audit(here.database)


@pytest.mark.slow
async def test_thousands_of_overlapping_scans_settle_without_deadlock_and_a_follower_sees_each_once(here: Here) -> None:
    """F1, and liveness: four lanes on the same few rows in every order; the export is followed meanwhile."""
    doors = await add_place(here.database, here.city, "bath", doors=2, capacity=6, passback=Passback.HARD)
    gates = [*(door.id for door in doors), *(here.city.gates[name].id for name in ("free", "waste", "bus"))]
    crowd = [await here.resident(f"R{n}", "carnet-10", "waste-24", "bus-year") for n in range(8)]
    chance = random.Random(11)
    taps = [
        scan(
            here.terminal,
            f"k{number}",
            chance.choice(gates),
            chance.choice(crowd).medium.id,
            direction=chance.choice((Direction.ENTRY, Direction.ENTRY, Direction.EXIT)),
        )
        for number in range(2_400)
    ]
    done = asyncio.Event()
    seen: list[int] = []

    async def follow() -> None:
        over = False
        while True:
            # Asked before the look: what was written when the writers were done must be in the last page.
            over = done.is_set()
            async with here.database.read() as connection:
                last = seen[-1] if seen else 0
                rows = await validations_after(
                    connection,
                    here.city.authority.id,
                    last,
                    sectors={code: service.sector for code, service in BY_CODE.items()},
                    limit=chance.choice((1, 50, 1000)),
                )
            seen.extend(row.number for row in rows)
            if over and not rows:
                return

    follower = asyncio.create_task(follow())
    for start in range(0, len(taps), 400):
        await everywhere(here, taps[start : start + 400])
    done.set()
    await follower

    assert seen == list(range(1, len(taps) + 1))
    await audit(here.database)


# --- processes ------------------------------------------------------------------------------------


@asynccontextmanager
async def worker(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.contract.ledger_worker",
        url,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.stdin.close()
        await process.wait()


async def on_workers(workers: list[asyncio.subprocess.Process], scans: list[list[Scan]]) -> list[list[Heard]]:
    """Hand each process its scans at the same moment."""
    for process, own in zip(workers, scans, strict=True):
        assert process.stdin is not None
        process.stdin.write(msgspec.msgpack.encode(own).hex().encode() + b"\n")
    found = []
    for process in workers:
        assert process.stdout is not None
        line = await process.stdout.readline()
        found.append(msgspec.msgpack.decode(bytes.fromhex(line.decode()), type=list[Heard]))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_worker_processes_neither_spend_nor_let_in_twice(here: Here, database_url: str) -> None:
    """Q1, A1, A2, E1, I1 across processes; embedded mode has one process by its settings."""
    doors = await add_place(here.database, here.city, "bath", doors=3, capacity=4, passback=Passback.HARD)
    single = await add_product(here.database, here.city, "single", (1, Window.WHOLE))
    crowd = [await here.resident(f"R{number}", "pool-year") for number in range(12)]
    async with AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(worker(database_url)) for _ in range(3)]

        for turn in range(6):
            person = await here.resident(f"S{turn}")
            await give(here.database, single, person.holder.id)
            gate = here.city.gates["free"].id
            heard = await on_workers(
                workers,
                [
                    [
                        scan(here.terminal, f"q{turn}-{w}-{n}", gate, person.medium.id, at=NOW + (4 * w + n) * APART)
                        for n in range(4)
                    ]
                    for w in range(3)
                ],
            )
            assert _reasons(heard) == ["carnet_empty"] * 11 + ["last_visit"]

            same = [[scan(here.terminal, f"same{turn}", gate, person.medium.id)] * 3] * 3
            heard = await on_workers(workers, same)
            assert len({one.answer for own in heard for one in own}) == 1

            rush = [
                [scan(here.terminal, f"r{turn}-{w}-{n}", doors[w].id, one.medium.id) for n, one in enumerate(crowd)]
                for w in range(3)
            ]
            heard = await on_workers(workers, rush)
            assert _reasons(heard).count("welcome") == 4
            inside = [
                crowd[n].medium.id for own in heard for n, one in enumerate(own) if b'"welcome"' in (one.answer or b"")
            ]
            assert len(set(inside)) == 4
            heard = await on_workers(
                workers,
                [
                    [scan(here.terminal, f"o{turn}-{w}-{m}", doors[w].id, m, direction=Direction.EXIT) for m in inside]
                    for w in range(3)
                ],
            )
            assert _reasons(heard) == ["exit_without_entry"] * 8 + ["goodbye"] * 4
    await audit(here.database)


def _reasons(heard: list[list[Heard]]) -> list[str]:
    return reasons(one.answer or one.rejected or "" for own in heard for one in own)  # type: ignore[misc]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_revoked_medium_is_refused_by_every_worker_process_with_its_next_tap(
    here: Here, database_url: str
) -> None:
    """Nobody is told and nothing is emptied: what a medium may do is read with each batch."""
    person = await here.resident("V1", "pool-year")
    gate = here.city.gates["free"].id
    async with AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(worker(database_url)) for _ in range(2)]

        async def tapped(name: str) -> list[str]:
            scans = [[scan(here.terminal, f"{name}-{w}", gate, person.medium.id)] for w in range(2)]
            return _reasons(await on_workers(workers, scans))

        assert {"welcome"} <= {*await tapped("before")} <= {"welcome", "double_read"}
        async with here.database.begin() as unit:
            await block(unit, person.pass_, person.medium.id, reason=BlockReason.LOST, now=NOW)
        assert await tapped("after") == ["medium_lost", "medium_lost"]
