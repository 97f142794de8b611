"""What a site's board asks of the ledger, on both engines: the last passages, what was brought, what moved."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from domain.agents import Role
from domain.errors import LedgerUnavailable
from domain.limits import ONE, Measure
from domain.motives import Motive
from store.ledger.acts import Act, take_back, take_in
from store.ledger.what_if import evidence_of
from store.site_board import brought, first_since, head, last_passages, moved_since, overridden
from tests.city import NOW, resident
from tests.contract.ledger_lanes import Here
from tests.contract.ledger_world import scan, settle_at_last


async def confirmed(act: Callable[[], Awaitable[bytes]]) -> bytes:
    """Do an act as an agent does: under its key again until it is confirmed."""
    for _ in range(20):
        with suppress(LedgerUnavailable):
            return await act()
    return await act()


async def test_a_board_shows_the_last_passages_of_its_own_site_alone(here: Here) -> None:
    city, lane = here.city, here.lanes[0]
    zoe = await resident(here.database, here.keyring, city, "R1", rights=("carnet-10", "reader"))
    pool, free = city.gates["pool"], city.gates["free"]
    for minutes, gate in enumerate((pool, free, pool)):
        at = NOW + timedelta(minutes=minutes)
        await settle_at_last(lane, scan(city.terminal.terminal.id, f"k{minutes}", gate.id, zoe.medium.id, at=at))
    async with here.database.read() as connection:
        newest = await head(connection)
        shown = await last_passages(connection, city.sites["pool"].id, since=1, limit=12)
        assert [one.number for one in shown] == [newest, newest - 2]
        assert [one.outcome for one in shown] == [Outcome.DENIED, Outcome.GRANTED], "already inside"
        assert (shown[1].gate, shown[1].direction, shown[1].reason) == ("pool-1", Direction.ENTRY, Reason.WELCOME)
        assert shown[1].may_be_cancelled
        assert not shown[0].may_be_cancelled
        assert await last_passages(connection, city.sites["pool"].id, since=newest + 1, limit=12) == []
        assert await moved_since(connection, newest - 1) == (newest, {city.sites["pool"].id})
        assert await moved_since(connection, newest) == (newest, set())


async def test_the_first_passage_after_an_instant_is_found(here: Here) -> None:
    city, lane = here.city, here.lanes[0]
    zoe = await resident(here.database, here.keyring, city, "R1", rights=("carnet-10",))
    for place in range(5):
        at = NOW + timedelta(hours=place)
        await settle_at_last(
            lane, scan(city.terminal.terminal.id, f"k{place}", city.gates["free"].id, zoe.medium.id, at=at)
        )
    async with here.database.read() as connection:
        last = await head(connection)
        found = [await first_since(connection, NOW + timedelta(hours=hours)) for hours in (0, 2.5, 4, 9)]
    assert found == [last - 4, last - 1, last, last + 1]


async def test_what_was_brought_is_added_up_without_what_was_taken_back(here: Here) -> None:
    city, lane, agent = here.city, here.lanes[0], here.city.agents[Role.SITE_AGENT]
    zoe = await resident(here.database, here.keyring, city, "R1", rights=("waste-24",))
    evidence, gate = evidence_of(zoe.medium, "ville", NOW), city.gates["waste"]
    for key, cubic in (("d1", 2), ("d2", 1)):
        act = Act(agent, Motive.TECHNICAL_FAULT, key, key.encode() * 16, NOW)
        kinds = {"rubble": {Measure.M3: cubic * ONE}}
        await confirmed(partial(take_in, lane, act, gate_id=gate.id, evidence=evidence, kinds=kinds))
    site = city.sites["waste"].id
    async with here.database.read() as connection:
        assert await brought(connection, site, since=1) == {"rubble": 3 * ONE}
        newest = await head(connection)
    act = Act(agent, Motive.WRONG_QUANTITY, "c1", b"c" * 32, NOW)
    await confirmed(partial(take_back, here.database, lane, act, newest))
    async with here.database.read() as connection:
        assert await brought(connection, site, since=1) == {"rubble": 2 * ONE}
        shown = await last_passages(connection, site, since=1, limit=2)
        exceptions = await overridden(connection, site, since=1)
    assert [one.cancelled for one in shown] == [False, True]
    assert shown[1].motive is Motive.TECHNICAL_FAULT
    assert exceptions == {Motive.TECHNICAL_FAULT: 2}, "taking one back is a correction"
