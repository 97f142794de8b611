"""Passages that are taken back, alone and at once: what was counted is given back, once, whoever is faster."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, select

from domain.access.facts import Direction
from domain.limits import ONE, Limit, Measure, Settlement, Window
from domain.places import Passback
from domain.products import Attendance, Terms
from store.ledger.scan import AgentAct
from store.tables.ledger import counter, occupancy
from tests.city import NOW
from tests.contract.ledger_audit import audit
from tests.contract.ledger_books import Party
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_world import APART, add_place, add_product, cancellation, deposit, give, scan

ACROSS = 8
"""So many lanes' worth of scans at once."""


async def tap(here: Here, key: str, gate_id: Any, medium_id: int, **more: Any) -> str:  # noqa: ANN401 - as `scan`
    """Come to a gate, and return what the ledger heard of it."""
    return reasons(await everywhere(here, [scan(here.terminal, key, gate_id, medium_id, **more)]))[0]


async def test_a_passage_cancelled_by_many_at_once_is_given_back_once(here: Here) -> None:
    zoe, gate = await here.resident("R1", "carnet-10"), here.city.gates["pool"].id
    for turn in range(6):
        at = NOW + timedelta(hours=turn)
        assert await tap(here, f"in-{turn}", gate, zoe.medium.id, at=at) == "welcome"
        passed = (await audit(here.database)).event_of(here.terminal, f"in-{turn}")
        takers = [
            cancellation(here.terminal, f"back-{turn}-{n}", passed, at=at + timedelta(minutes=1)) for n in range(ACROSS)
        ]
        assert reasons(await everywhere(here, takers)) == ["cancelled", *["cancelled_already"] * (ACROSS - 1)]
    books = await audit(here.database)
    assert list(books.used.values()) == [0]
    assert set(map(len, books.inside.values())) == {0}, "whose entry was cancelled is outside"


async def test_a_visit_given_back_is_spent_by_one_of_those_who_wait_for_it(here: Here) -> None:
    """Cancel against spend of the last visit: at most one more is let in, and the books close either way."""
    single = await add_product(here.database, here.city, "single", (1, Window.WHOLE))
    gate = here.city.gates["free"].id
    for turn in range(6):
        person = await here.resident(f"R{turn}")
        await give(here.database, single, person.holder.id)
        assert await tap(here, f"in-{turn}", gate, person.medium.id) == "last_visit"
        passed = (await audit(here.database)).event_of(here.terminal, f"in-{turn}")
        back = cancellation(here.terminal, f"back-{turn}", passed, at=NOW + APART)
        spend = [
            scan(here.terminal, f"again-{turn}-{n}", gate, person.medium.id, at=NOW + (n + 2) * APART)
            for n in range(ACROSS)
        ]
        heard = reasons(await everywhere(here, [*spend[:4], back, *spend[4:]]))
        assert heard.count("cancelled") == 1
        assert heard.count("last_visit") <= 1
        assert heard.count("last_visit") + heard.count("carnet_empty") == ACROSS
        left = await tap(here, f"after-{turn}", gate, person.medium.id, at=NOW + timedelta(minutes=5))
        assert left == ("carnet_empty" if "last_visit" in heard else "last_visit")
    await audit(here.database)


async def test_one_free_and_one_priced_visit_left_are_each_taken_once(here: Here) -> None:
    """Of many at once one comes in free, one pays the price, and nobody passes the hard stop."""
    priced = Limit(
        0, Measure.VISIT, 3 * ONE, Window.YEAR, free=2 * ONE, price_cents=2_000, settlement=Settlement.BILLED
    )
    offer = await add_product(here.database, here.city, "priced", priced)
    gate = here.city.gates["free"].id
    for turn in range(6):
        person = await here.resident(f"R{turn}")
        await give(here.database, offer, person.holder.id)
        await tap(here, f"first-{turn}", gate, person.medium.id)
        rush = [
            scan(here.terminal, f"{turn}-{n}", gate, person.medium.id, at=NOW + (n + 1) * APART) for n in range(ACROSS)
        ]
        assert reasons(await everywhere(here, rush)) == [*["carnet_empty"] * (ACROSS - 2), "last_visit", "overage"]
    books = await audit(here.database)
    assert sorted(event.billed_cents for event in books.events if event.billed_cents) == [2_000] * 6


async def test_those_who_accompany_fill_their_own_places(here: Here) -> None:
    """CSP D.1332-7: users and others are counted apart, and neither ceiling is ever passed."""
    doors = await add_place(
        here.database, here.city, "bath", doors=4, capacity=3, capacity_others=2, passback=Passback.HARD
    )
    visitor = await add_product(
        here.database, here.city, "visitor", (5, Window.DAY), terms=Terms(attends=Attendance.OTHERS)
    )
    swimmers = [await here.resident(f"S{n}", "pool-year") for n in range(6)]
    visitors = [await here.resident(f"V{n}") for n in range(6)]
    for one in visitors:
        await give(here.database, visitor, one.holder.id)
    crowd = [person for pair in zip(swimmers, visitors, strict=True) for person in pair]
    rush = [scan(here.terminal, f"k{n}", doors[n % 4].id, one.medium.id) for n, one in enumerate(crowd)]
    assert reasons(await everywhere(here, rush)) == ["site_full"] * 7 + ["welcome"] * 5
    media = {one.medium.id for one in visitors}
    parties = {
        (one.terminal_id, one.key): Party(attends=Attendance.OTHERS) for one in rush if one.evidence.medium_id in media
    }
    books = await audit(here.database, parties=parties)
    assert [len(people) for people in books.inside.values()] == [5]


# --- one after another: cases of the domain study, section 7 ---------------------------------------------


async def test_an_agent_cancels_a_wrong_volume(here: Here) -> None:
    """Domain study 7: 3 m3 were written for 0.3; the agent takes the deposit back, and the right one is counted."""
    rubble = Limit(0, Measure.M3, 4 * ONE, Window.MONTH, kind="rubble")
    visits = Limit(0, Measure.VISIT, 24 * ONE, Window.YEAR)
    waste = await add_product(here.database, here.city, "waste-rubble", visits, rubble, service="waste-centre")
    ben, gate = await here.resident("R1"), here.city.gates["waste"].id
    await give(here.database, waste, ben.holder.id)
    agent = AgentAct(next(iter(here.city.agents.values())).id, "wrong_volume")

    def left(key: str, thousandths: int, minutes: int) -> Any:  # noqa: ANN401 - a scan
        kinds = {"rubble": {Measure.M3: thousandths}}
        return deposit(here.terminal, key, gate, ben.medium.id, kinds, at=NOW + timedelta(minutes=minutes))

    assert await tap(here, "in", gate, ben.medium.id) == "welcome"
    assert reasons(await everywhere(here, [left("wrong", 3_000, 1)])) == ["deposited"]
    assert reasons(await everywhere(here, [left("too-much", 1_500, 2)])) == ["quota_spent"]
    passed = (await audit(here.database)).event_of(here.terminal, "wrong")
    at = NOW + timedelta(hours=3)
    assert reasons(await everywhere(here, [cancellation(here.terminal, "late", passed, at=at)])) == [
        "cancelled_too_late"
    ]
    by_agent = cancellation(agent.agent_id, "undo", passed, at=at, act=agent)
    assert reasons(await everywhere(here, [by_agent])) == ["cancelled"]
    assert reasons(await everywhere(here, [left("right", 300, 185)])) == ["deposited"]

    books = await audit(here.database)
    assert sorted(books.used.values()) == [300, ONE], "one visit, and 0.3 m3"
    undone = books.event_of(agent.agent_id, "undo")
    assert (undone.agent_id, undone.motive) == (agent.agent_id, "wrong_volume")
    assert [len(people) for people in books.inside.values()] == [1], "a deposit taken back moves nobody"


async def test_minutes_are_given_back_with_the_exit_that_counted_them(here: Here) -> None:
    minutes = Limit(0, Measure.MINUTE, 120 * ONE, Window.MONTH)
    hours = await add_product(
        here.database, here.city, "hours", minutes, service="library", terms=Terms(entry_minutes=30)
    )
    (room,) = await add_place(here.database, here.city, "room", service="library")
    zoe = await here.resident("R1")
    await give(here.database, hours, zoe.holder.id)
    await tap(here, "in", room.id, zoe.medium.id)
    out = NOW + timedelta(minutes=75, seconds=1)
    assert await tap(here, "out", room.id, zoe.medium.id, direction=Direction.EXIT, at=out) == "goodbye"
    books = await audit(here.database)
    assert list(books.used.values()) == [76 * ONE], "the begun minute counts whole"
    back = cancellation(here.terminal, "back", books.event_of(here.terminal, "out"), at=out + APART)
    assert reasons(await everywhere(here, [back])) == ["cancelled"]
    assert list((await audit(here.database)).used.values()) == [30 * ONE]


@pytest.mark.parametrize("minutes", [10, 11])
async def test_the_terminal_takes_back_within_ten_minutes_and_an_agent_whenever(here: Here, minutes: int) -> None:
    zoe, gate = await here.resident("R1", "carnet-10"), here.city.gates["free"].id
    await tap(here, "in", gate, zoe.medium.id)
    passed = (await audit(here.database)).event_of(here.terminal, "in")
    back = cancellation(here.terminal, "back", passed, at=NOW + timedelta(minutes=minutes))
    said = await everywhere(here, [back])
    assert reasons(said) == ["cancelled" if minutes <= 10 else "cancelled_too_late"]
    assert await everywhere(here, [back]) == said, "the same key, the same answer"
    books = await audit(here.database)
    assert list(books.used.values()) == [0 if minutes <= 10 else ONE]
    assert isinstance(said[0], bytes)
    assert msgspec.json.decode(said[0])["direction"] == "entry"


@pytest.mark.parametrize("again", [False, True], ids=["gone", "begun anew"])
async def test_a_passage_whose_counter_was_purged_is_cancelled_all_the_same(here: Here, *, again: bool) -> None:
    """What nobody counts any more cannot be given back: the answer is clean, and no counter falls below nothing."""
    zoe, gate = await here.resident("R1", "carnet-10"), here.city.gates["pool"].id
    agent = AgentAct(next(iter(here.city.agents.values())).id, "wrong_volume")
    assert await tap(here, "in", gate, zoe.medium.id, asked={Measure.VISIT: 2 * ONE}) == "welcome"
    books = await audit(here.database, parties={(here.terminal, "in"): Party(persons=2)})
    passed = books.event_of(here.terminal, "in")
    async with here.database.write() as connection:
        for table in (counter, occupancy):
            await connection.execute(delete(table))
    later = NOW + timedelta(hours=1)
    if again:
        assert await tap(here, "again", here.city.gates["free"].id, zoe.medium.id, at=later) == "welcome"
    back = cancellation(agent.agent_id, "back", passed, at=later, act=agent)
    assert reasons(await everywhere(here, [back])) == ["cancelled"]
    async with here.database.read() as connection:
        used = (await connection.execute(select(counter.c.used))).scalars().all()
        heads = (await connection.execute(select(occupancy.c.inside))).scalars().all()
    assert all(amount == 0 for amount in used)
    assert heads == ([1] if again else [])
    assert await tap(here, "next", gate, zoe.medium.id, at=later + APART) == "welcome"
