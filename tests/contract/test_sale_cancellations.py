"""Sales that are cancelled, on both engines: never one of which something was used."""

import asyncio
import itertools
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy import func, select, text

from domain import people, sales
from domain.access.facts import Direction
from domain.errors.sales import SaleAlreadyUsed
from domain.orders import Wanted
from domain.sales import Receipt, SaleState
from store.ledger import Lane, lane_for
from store.tables.ledger import counter
from store.tables.products import entitlement
from store.tables.sales import sale_item
from tests.city import NOW, TODAY, TestPass
from tests.contract.ledger_world import scan
from tests.contract.sales_world import TEN, World

_WAITS_FOR_COUNTERS = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'counter'::regclass")


async def test_a_cancelled_sale_leaves_no_right_and_stays_on_record(world: World) -> None:
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, Wanted("ten", 2430, 2), Wanted("pool-365", 23_000))
    cancelled = await world.cancel(receipt.id)

    assert (cancelled.state, cancelled.cancelled_at, cancelled.refund_cents) == (SaleState.CANCELLED, NOW, 0)
    assert await world.count(entitlement) == 0
    assert await world.count(sale_item) == 3
    assert await world.tap(zoe, "after") != "granted"
    assert await world.cancel(receipt.id) == cancelled, "cancelling again changes nothing"


async def test_a_sale_of_which_something_was_used_is_not_cancelled_at_all(world: World) -> None:
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, Wanted("ten", 2430, 2))
    assert await world.tap(zoe, "one") == "granted"
    with pytest.raises(SaleAlreadyUsed):
        await world.cancel(receipt.id)
    assert await world.count(entitlement) == 2


@pytest.mark.parametrize("leaves", [False, True], ids=["inside", "gone home"])
async def test_a_subscription_without_limits_is_used_by_the_first_entry(world: World, *, leaves: bool) -> None:
    """Nothing counts it, but the pass was last seen on it."""
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, Wanted("pool-365", 23_000))
    assert await world.tap(zoe, "in", "pool") == "granted"
    if leaves:
        assert await world.tap(zoe, "out", "pool", Direction.EXIT) == "granted"
    with pytest.raises(SaleAlreadyUsed):
        await world.cancel(receipt.id)


async def test_another_of_the_household_uses_the_sale_too(world: World) -> None:
    zoe, ana = await world.resident("R1"), await world.resident("R2")
    async with world.database.begin() as unit:
        await people.join(unit, ana.holder, zoe.household.id, since=date(2026, 1, 1))
    receipt = await world.buy(zoe, Wanted("waste-5", 5000), gate="waste")
    assert await world.tap(ana, "in", "waste") == "granted"
    with pytest.raises(SaleAlreadyUsed):
        await world.cancel(receipt.id)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_passage_that_was_decided_before_a_cancellation_cannot_be_written_after_it(world: World) -> None:
    """The gate has read a right that nobody has used; then the sale is cancelled; then the gate writes.

    A lock on the counters lets the gate read and keeps it from writing until the cancellation is committed. On SQLite
    this cannot come about: a batch reads and writes under one lock.
    """
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, TEN)
    async with world.database.begin() as unit:
        connection = unit.connection  # type: ignore[attr-defined]
        await connection.execute(text("LOCK TABLE counter IN SHARE ROW EXCLUSIVE MODE"))
        passage = asyncio.create_task(world.tap(zoe, "late"))
        async with asyncio.timeout(30):  # until the gate has decided and wants to write
            while not (await connection.execute(_WAITS_FOR_COUNTERS)).scalar_one():  # noqa: ASYNC110 - locks ring no bell
                await asyncio.sleep(0.01)
        sale = await unit.sales.hold(world.city.authority.id, receipt.id)
        await sales.cancel(unit, sale, today=TODAY, now=NOW)

    assert await passage == "payment_required"
    async with world.database.read() as reading:
        assert set((await reading.execute(select(counter.c.used))).scalars()) == {0}


async def test_no_sale_is_ever_both_cancelled_and_used(world: World) -> None:
    """Lanes spend while sales are cancelled, again and again, at the same moments."""
    second = lane_for(world.database) if not world.database.is_sqlite else world.lane
    if second is not world.lane:
        await second.open()
    keys = (f"race-{number}" for number in itertools.count())
    outcomes = []
    for number in range(30):
        who = await world.resident(f"R{number}")
        receipt = await world.buy(who, TEN, key=f"sale-{number}")
        outcomes.append((who, receipt, await _race(world, second, who, receipt, keys, turn=number % 6)))
    if second is not world.lane:
        await second.close()

    for who, receipt, (cancelled, entered) in outcomes:
        assert cancelled != entered, (who.holder.reference, cancelled, entered)
        async with world.database.read() as connection:
            used = (
                await connection.execute(
                    select(func.coalesce(func.max(counter.c.used), 0)).where(
                        counter.c.entitlement_id == receipt.items[0].id
                    )
                )
            ).scalar_one()
        assert (used > 0) is entered
    assert {entered for _, _, (_, entered) in outcomes} == {True, False}, "each was first at times"


_CANCELLED_FIRST, _ENTERED_FIRST = 0, 5


async def _race(
    world: World, second: Lane, who: TestPass, receipt: Receipt, keys: Iterator[str], *, turn: int
) -> tuple[bool, bool]:
    """Let one cancel and two enter at about the same moment; at both ends of the turns, the one after the other."""
    done = asyncio.Event()

    async def cancel() -> bool:
        await (done.wait() if turn == _ENTERED_FIRST else asyncio.sleep(turn * 0.002))
        try:
            await world.cancel(receipt.id)
        except SaleAlreadyUsed:
            return False
        finally:
            done.set()
        return True

    async def enter(lane: Lane) -> bool:
        tap = scan(world.city.terminal.terminal.id, next(keys), world.city.gates["free"].id, who.medium.id)
        await (done.wait() if turn == _CANCELLED_FIRST else asyncio.sleep(0.005))
        settled = await lane.submit(tap)
        done.set()
        assert isinstance(settled, bytes)
        return bool(msgspec.json.decode(settled)["outcome"] == "granted")

    cancelled, *entered = await asyncio.gather(cancel(), enter(world.lane), enter(second))
    return cancelled, any(entered)


async def test_at_midnight_the_counters_of_both_days_are_moved(world: World) -> None:
    """A gate whose clock is a moment behind still counts on the day that has just ended."""
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, TEN)
    async with world.database.begin() as unit:
        sale = await unit.sales.hold(world.city.authority.id, receipt.id)
        await sales.cancel(unit, sale, today=TODAY + timedelta(days=1), now=NOW)
    async with world.database.read() as connection:
        days = (await connection.execute(select(counter.c.starts_on).where(counter.c.position == 2))).scalars().all()
    assert {TODAY, TODAY + timedelta(days=1)} <= set(days)
