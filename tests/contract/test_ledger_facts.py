"""Facts of terminals that decided alone, in any order, doubled, cut anywhere, from several sides at once: one ledger.

Two towns live through the same days. One hears of them in order, one passage after the other; the other as terminals
come back: shuffled, twice, in batches of any size, over two lanes. In the end both towns look alike (O1, O2, E1, Q2).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count, pairwise
from threading import Thread
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from sqlalchemy import select

from adapters.keyring import KeyRing
from domain.access.facts import Direction, Evidence
from domain.access.merge import Flag, Said
from domain.access.reasons import Outcome, Reason
from domain.limits import ONE, Measure, Window
from domain.places import Gate, Passback
from store.database import Database
from store.ledger import Scan, lane_for
from store.ledger.facts import flags_of
from store.ledger.scan import Fact, Repeated
from store.tables.attendance import attendance
from store.tables.ledger import counter, occupancy, passage_fact, presence, scan_key, validation
from tests.city import NOW, TestPass, small_city
from tests.contract.ledger_books import charges_of
from tests.contract.ledger_lanes import Here, everywhere
from tests.contract.ledger_world import add_place, add_product, give, scan

R = TypeVar("R")

PEOPLE = 3
VISITS = 2
GATES = ("open", "timed", "hard")
BEGINNING = NOW - timedelta(hours=36)


class Passed(Struct, frozen=True):
    """One passage of a made-up day: who, where, which way, when, and what the terminal said."""

    person: int
    gate: int
    direction: Direction
    minutes: int
    said: tuple[Outcome, Reason]


class Town(Struct):
    """Half of the world: its doors, its people of this example, its keys."""

    doors: list[Gate]
    people: list[TestPass] = []
    prefix: str = ""


_SAID = (
    (Outcome.GRANTED, Reason.WELCOME),
    (Outcome.GRANTED, Reason.WELCOME),
    (Outcome.GRANTED_WITH_WARNING, Reason.LAST_VISIT),
    (Outcome.GRANTED, Reason.DOUBLE_READ),
    (Outcome.DENIED, Reason.MEDIUM_LOST),
)
PASSAGES = st.lists(
    st.builds(
        Passed,
        person=st.integers(0, PEOPLE - 1),
        gate=st.integers(0, len(GATES) - 1),
        direction=st.sampled_from([Direction.ENTRY, Direction.ENTRY, Direction.EXIT]),
        # A day and a half, in steps that often fall together.
        minutes=st.integers(0, 36).map(lambda step: step * 60),
        said=st.sampled_from(_SAID),
    ),
    min_size=1,
    max_size=24,
)


def fact(terminal: UUID, town: Town, number: int, passed: Passed) -> Scan:
    at = BEGINNING + timedelta(minutes=passed.minutes)
    key = f"{town.prefix}-{number}"
    return Scan(
        terminal_id=terminal,
        key=key,
        fingerprint=sha256(key.encode()).digest(),
        gate_id=town.doors[passed.gate].id,
        direction=passed.direction,
        evidence=Evidence(medium_id=town.people[passed.person].medium.id, assurance=1),
        asked={Measure.VISIT: ONE},
        at=NOW,
        terminal_at=at,
        fact=Fact(at, Said(*passed.said), sequence=number, bundle=1, drift_seconds=0),
    )


async def _town(database: Database, here: Here, name: str) -> Town:
    doors = []
    for code in GATES:
        passback = {"open": Passback.NONE, "timed": Passback.TIMED, "hard": Passback.HARD}[code]
        minutes = 90 if code == "timed" else 0
        (door,) = await add_place(database, here.city, f"{name}-{code}", capacity=2, passback=passback, minutes=minutes)
        doors.append(door)
    return Town(doors)


async def _look(database: Database, town: Town) -> dict[str, Any]:
    """What the ledger says of a town, without the ids by which the two differ."""
    sites = (await database.catalogue()).doorways
    zones = {sites[door.id].zone.id: number for number, door in enumerate(town.doors)}
    gates = {door.id: number for number, door in enumerate(town.doors)}
    passes = {one.pass_.id: number for number, one in enumerate(town.people)}
    async with database.read() as connection:

        async def rows(query: Any) -> list[Any]:  # noqa: ANN401 - a select
            return list(await connection.execute(query))

        events = await rows(
            select(validation, passage_fact.c.happened_at, passage_fact.c.flags, scan_key.c.key)
            .join(passage_fact, passage_fact.c.number == validation.c.number)
            .join(scan_key, scan_key.c.number == validation.c.number)
            .where(validation.c.pass_id.in_(passes))
        )
        mine = [row.entitlement_id for row in events if row.entitlement_id is not None]
        counters = await rows(select(counter).where(counter.c.entitlement_id.in_(mine)))
        states = await rows(select(presence).where(presence.c.pass_id.in_(passes)))
        inside = await rows(select(occupancy).where(occupancy.c.zone_id.in_(zones)))
        hours = await rows(select(attendance).where(attendance.c.zone_id.in_(zones)))
    spent = Counter({(row.entitlement_id, row.ends_before, row.position): row.used for row in counters})
    charged: Counter[Any] = Counter()
    for event in events:
        for position, _, ends_before, amount in charges_of(event):
            charged[event.entitlement_id, ends_before, position] += amount
    assert charged == spent, "Q2: counters differ from what events charged"
    return {
        "events": sorted(
            (
                int(row.key.rpartition("-")[2]),
                row.happened_at,
                passes[row.pass_id],
                gates[row.gate_id],
                row.outcome,
                row.reason,
                sum(amount for *_, amount in charges_of(row)),
            )
            for row in events
        ),
        "over quota": sum(Flag.OVER_QUOTA in row.flags.split() for row in events),
        "spent": sorted(spent.values()),
        "last seen": sorted(
            (passes[row.pass_id], row.gate_id is not None, zones.get(row.zone_id, -1), row.since) for row in states
        ),
        "inside": sorted((zones[row.zone_id], row.day, row.inside, row.entries) for row in inside),
        "hours": sorted((zones[row.zone_id], row.day, row.hour, row.entries) for row in hours),
    }


async def _told(here: Here, scans: Sequence[Scan], cuts: Sequence[int]) -> None:
    """Upload scans in batches that end at the cuts."""
    edges = [0, *sorted(cuts), len(scans)]
    for start, end in pairwise(edges):
        for settled in await everywhere(here, scans[start:end]):
            assert isinstance(settled, bytes | Repeated), settled


@contextmanager
def _loop_of_its_own() -> Iterator[Callable[[Coroutine[Any, Any, R]], R]]:
    """A loop that goes on turning while hypothesis thinks: a lane that stands still would lose its connections."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.slow
def test_the_same_passages_make_the_same_ledger_in_whatever_order_they_arrive(
    database_url: str, keyring: KeyRing
) -> None:
    numbers = count()
    with _loop_of_its_own() as run:
        database = Database(database_url, patience=30)
        city = run(small_city(database, keyring))
        here = Here(database, keyring, city, [lane_for(database) for _ in range(2)])
        for lane in here.lanes:
            run(lane.open())
        towns = [run(_town(database, here, name)) for name in ("orderly", "wild")]
        carnet = run(add_product(database, city, "carnet", (VISITS, Window.WHOLE)))

        async def move_in(town: Town, number: int) -> None:
            town.people = [await here.resident(f"{id(town)}-{number}-{person}") for person in range(PEOPLE)]
            town.prefix = f"{id(town)}-{number}"
            for one in town.people:
                await give(database, carnet, one.holder.id)

        @settings(
            max_examples=25,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(PASSAGES, st.data())
        def live(day: list[Passed], data: st.DataObject) -> None:
            # All is drawn before anything happens: an example that is given up halfway would part the two towns.
            order = data.draw(st.permutations([*range(len(day)), *range(len(day))]))
            cuts = data.draw(st.lists(st.integers(0, len(order)), max_size=6))
            number = next(numbers)
            for town in towns:
                run(move_in(town, number))
            orderly, wild = (
                [fact(here.terminal, town, place, passed) for place, passed in enumerate(day)] for town in towns
            )
            in_order = sorted(orderly, key=lambda one: (one.about, one.direction is Direction.EXIT))
            run(_told(here, in_order, range(1, len(day))))
            run(_told(here, [wild[place] for place in order], cuts))
            expected, found = (run(_look(database, town)) for town in towns)
            assert len(found["events"]) == len(day), "O1: a passage is lost, or stands twice"
            for what, of_it in expected.items():
                assert found[what] == of_it, what

        try:
            live()
        finally:
            for lane in here.lanes:
                run(lane.close())
            run(database.close())


async def test_live_scans_and_facts_share_a_batch_and_a_full_pool_without_hindering_each_other(here: Here) -> None:
    """Whoever came in without network may be more than the ceiling; live scans still meet it, and pass the lane."""
    (door,) = await add_place(here.database, here.city, "tub", capacity=2, passback=Passback.HARD)
    people = [await here.resident(f"R{number}", "pool-year") for number in range(8)]
    town = Town([door], people, "tub")
    granted = (Outcome.GRANTED, Reason.WELCOME)
    facts = [
        fact(here.terminal, town, number, Passed(number, 0, Direction.ENTRY, 36 * 60 - 10, granted))
        for number in range(4)
    ]
    taps = [scan(here.terminal, f"t-{number}", door.id, people[number].medium.id) for number in range(4, 8)]
    settled = await everywhere(here, [one for pair in zip(facts, taps, strict=True) for one in pair])
    # A fact that was sent again, because its first answer was lost, is told apart.
    told = [one.answer if isinstance(one, Repeated) else one for one in settled[::2]]
    heard = Counter(msgspec.json.decode(one)["reason"] for one in settled[1::2] if isinstance(one, bytes))
    assert heard["welcome"] + heard["site_full"] == 4
    assert heard["welcome"] <= 2, "the ceiling holds for whoever asks"
    async with here.database.read() as connection:
        (row,) = await connection.execute(select(occupancy))
    assert row.inside == 4 + heard["welcome"]
    assert [flags_of(one) for one in told if isinstance(one, bytes)] == [()] * 4


async def test_of_an_answer_that_was_stored_online_and_a_fact_of_the_same_key_one_stands(here: Here) -> None:
    """E1, whoever comes first, from two sides at the same moment."""
    gate, zoe = here.city.gates["free"], await here.resident("R1", "carnet-10")
    for number in range(12):
        at = datetime(2026, 11, 18, 8, number, tzinfo=UTC)
        asked = scan(here.terminal, f"k-{number}", gate.id, zoe.medium.id, at=NOW + timedelta(minutes=number))
        told = msgspec.structs.replace(
            asked,
            fingerprint=b"\1" * 32,
            fact=Fact(at, Said(Outcome.GRANTED, Reason.WELCOME), number, 1, 0, asked_as=(asked.fingerprint,)),
        )
        await everywhere(here, [told, asked, told] if number % 2 else [asked, told, asked])
    async with here.database.read() as connection:
        events = list(await connection.execute(select(validation)))
        (row,) = await connection.execute(select(counter))
    assert len(events) == 12
    assert row.used == sum(amount for event in events for *_, amount in charges_of(event))
