"""Sales on both engines: all or nothing, once, and never both cancelled and used."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from alembic.util import CommandError
from msgspec import Struct
from sqlalchemy import func, select, text

from adapters.keyring import KeyRing
from domain import people, products, sales
from domain.access.facts import Direction, Evidence
from domain.errors import (
    AlreadyExists,
    BuyerAmbiguous,
    BuyerMissing,
    MembershipNotFound,
    PassRefused,
    PriceChanged,
    ProductNotOffered,
    SaleAlreadyPaid,
    SaleAlreadyUsed,
    SaleCancelled,
    SaleNotFound,
    YearlyAllowanceSpent,
)
from domain.orders import Wanted
from domain.people import Subject
from domain.sales import Means, Receipt, Sale, SaleState
from store import migrate
from store.database import Database
from store.ledger import Lane, lane_for
from store.tables.ledger import counter, presence
from store.tables.products import entitlement
from store.tables.sales import sale as sale_table
from store.tables.sales import sale_item
from store.tills import Tills
from tests.city import NOW, TODAY, City, TestPass, resident, small_city
from tests.contract.ledger_world import scan
from tests.tariffs import order, sell_things

TEN = Wanted("ten", 2430)


class World(Struct, frozen=True):
    """A city that sells things, with its ledger open."""

    database: Database
    keyring: KeyRing
    city: City
    lane: Lane

    async def resident(self, reference: str, **more: Any) -> TestPass:  # noqa: ANN401 - as `tests.city.resident`
        return await resident(self.database, self.keyring, self.city, reference, **more)

    async def buy(self, who: TestPass, *wanted: Wanted, key: str = "sale-1", gate: str = "pool") -> Receipt:
        return msgspec.json.decode(
            await order(self.database, self.city, who, *wanted, key=key, gate=gate), type=Receipt
        )

    async def cancel(self, sale_id: UUID, *, agent_id: UUID | None = None) -> Sale:
        async with self.database.begin() as unit:
            sale = await unit.sales.hold(self.city.authority.id, sale_id)
            return await sales.cancel(unit, sale, today=TODAY, now=NOW, agent_id=agent_id)

    async def pay(self, sale_id: UUID, reference: str = "T1") -> Sale:
        async with self.database.begin() as unit:
            sale = await unit.sales.hold(self.city.authority.id, sale_id)
            return await sales.settle(unit, sale, means=Means.CARD, reference=reference, now=NOW)

    async def tap(self, who: TestPass, key: str, gate: str = "free", way: Direction = Direction.ENTRY) -> str:
        tap = scan(self.city.terminal.terminal.id, key, self.city.gates[gate].id, who.medium.id, direction=way, at=NOW)
        settled = await self.lane.submit(tap)
        assert isinstance(settled, bytes)
        return str(msgspec.json.decode(settled)["outcome"])

    async def count(self, table: Any) -> int:  # noqa: ANN401 - a table
        async with self.database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


@pytest_asyncio.fixture
async def world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    database = Database(database_url)
    city = await small_city(database, keyring)
    await sell_things(database, city)
    lane = lane_for(database)
    await lane.open()
    yield World(database, keyring, city, lane)
    await lane.close()
    await database.close()


async def test_a_sale_becomes_rights_that_open_the_gate_at_once(world: World) -> None:
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, Wanted("ten", 2430, 2))

    assert receipt.total_cents == 4860
    assert [line.price_cents for line in receipt.items] == [2430, 2430]
    assert {(line.valid_from, line.valid_until) for line in receipt.items} == {(TODAY, date(2027, 11, 18))}
    async with world.database.look() as unit:
        rights = await unit.products.entitlements([zoe.holder.id], TODAY)
    assert {right.id for right in rights} == {line.id for line in receipt.items}
    assert await world.tap(zoe, "after") == "granted"


async def test_a_household_buys_for_the_household(world: World) -> None:
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, Wanted("waste-5", 5000), gate="waste")
    async with world.database.look() as unit:
        (right,) = await unit.products.entitlements([zoe.household.id], TODAY)
    assert right.id == receipt.items[0].id
    assert receipt.items[0].subject is Subject.HOUSEHOLD


async def test_of_several_households_one_must_be_named(world: World) -> None:
    """A child who lives in two: the price may differ, and the right goes to one of them."""
    zoe, ana = await world.resident("R1"), await world.resident("R2")
    async with world.database.begin() as unit:
        await people.join(unit, zoe.holder, ana.household.id, since=date(2026, 1, 1))
    with pytest.raises(BuyerAmbiguous):
        await world.buy(zoe, Wanted("waste-5", 5000), gate="waste")
    with pytest.raises(MembershipNotFound):
        await world.buy(zoe, Wanted("waste-5", 5000, buyer=3), gate="waste")
    await world.buy(zoe, Wanted("waste-5", 5000, buyer=2), gate="waste")
    async with world.database.look() as unit:
        assert len(await unit.products.entitlements([ana.household.id], TODAY)) == 1
        assert await unit.products.entitlements([zoe.household.id], TODAY) == []


async def test_who_has_no_household_cannot_buy_for_one(world: World) -> None:
    zoe = await world.resident("R1")
    async with world.database.begin() as unit:
        await people.leave(unit, zoe.holder, zoe.household.id, on=date(2026, 2, 1))
    with pytest.raises(BuyerMissing):
        await world.buy(zoe, Wanted("waste-5", 5000), gate="waste")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (Wanted("ten", 3240), PriceChanged),
        (Wanted("ten", 0), PriceChanged),
        (Wanted("pool-year", 0), ProductNotOffered),
        (Wanted("waste-5", 5000), ProductNotOffered),
        (Wanted("nothing", 1), ProductNotOffered),
    ],
    ids=["the full price", "no price", "granted, never sold", "another service", "unknown"],
)
async def test_one_wrong_item_and_nothing_of_the_sale_is_registered(
    world: World, wrong: Wanted, error: type[Exception]
) -> None:
    zoe = await world.resident("R1")
    with pytest.raises(error):
        await world.buy(zoe, TEN, wrong)
    assert [await world.count(table) for table in (sale_table, sale_item, entitlement)] == [0, 0, 0]


async def test_what_the_register_refuses_while_rights_are_granted_undoes_the_whole_sale(world: World) -> None:
    """An allowance of two a year, and three of them in one sale: the third fails after two were written."""
    zoe = await world.resident("R1")
    async with world.database.begin() as unit:
        ten = await unit.products.by_code(world.city.authority.id, "ten")
        terms = msgspec.structs.replace(ten.terms, yearly=2)
        scarce = msgspec.structs.replace(ten, id=unit.ids.row(), code="scarce", terms=terms)
        await products.publish_product(unit, scarce)
    with pytest.raises(YearlyAllowanceSpent):
        await world.buy(zoe, Wanted("scarce", 2430, 3))
    assert [await world.count(table) for table in (sale_table, sale_item, entitlement)] == [0, 0, 0]
    assert len((await world.buy(zoe, Wanted("scarce", 2430, 2))).items) == 2


async def test_of_sales_at_once_no_more_are_registered_than_a_year_allows(world: World) -> None:
    """Six tills, two things each in opposite orders, two of either a year: nobody waits for ever, two sales win."""
    zoe = await world.resident("R1")
    async with world.database.begin() as unit:
        ten = await unit.products.by_code(world.city.authority.id, "ten")
        terms = msgspec.structs.replace(ten.terms, yearly=2)
        for code in ("scarce", "rare"):
            await products.publish_product(
                unit, msgspec.structs.replace(ten, id=unit.ids.row(), code=code, terms=terms)
            )
    both = (Wanted("scarce", 2430), Wanted("rare", 2430))
    answers = await asyncio.gather(
        *(
            order(world.database, world.city, zoe, *both[:: 1 if number % 2 else -1], key=f"k{number}")
            for number in range(6)
        ),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["YearlyAllowanceSpent"] * 4 + ["bytes"] * 2
    assert await world.count(entitlement) == 4


async def test_nothing_is_sold_on_a_pass_of_the_neighbour(world: World) -> None:
    theirs = await world.resident("R1", authority=world.city.neighbour)
    with pytest.raises(PassRefused):
        await world.buy(theirs, TEN)


async def test_a_key_sent_many_times_at_once_sells_once(world: World) -> None:
    zoe = await world.resident("R1")
    answers = await asyncio.gather(
        *(order(world.database, world.city, zoe, TEN) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(answer, bytes) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyExists) for answer in answers) == 7
    assert [await world.count(table) for table in (sale_table, sale_item, entitlement)] == [1, 1, 1]


async def test_a_cancelled_sale_leaves_no_right_and_stays_on_record(world: World) -> None:
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, Wanted("ten", 2430, 2), Wanted("pool-365", 23_000))
    cancelled = await world.cancel(receipt.id)

    assert (cancelled.state, cancelled.cancelled_at, cancelled.refund_cents) == (SaleState.CANCELLED, NOW, 0)
    assert await world.count(entitlement) == 0
    assert await world.count(sale_item) == 3
    assert await world.tap(zoe, "after") != "granted"
    assert await world.cancel(receipt.id) == cancelled, "cancelling again changes nothing"


async def test_a_receipt_keeps_the_names_and_prices_of_its_day(world: World) -> None:
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, TEN)
    async with world.database.begin() as unit:
        (item,) = await unit.sales.items(receipt.id)
    assert (item.product_code, item.name.fr, item.price_cents) == ("ten", "ten", 2430)


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


async def test_a_payment_is_recorded_once_and_owed_back_when_the_sale_is_cancelled(world: World) -> None:
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, TEN)
    paid = await world.pay(receipt.id)
    assert (paid.state, paid.paid_at, paid.means, paid.payment) == (SaleState.PAID, NOW, Means.CARD, "T1")
    assert await world.pay(receipt.id) == paid
    with pytest.raises(SaleAlreadyPaid):
        await world.pay(receipt.id, "T2")
    agent = UUID(int=5)
    cancelled = await world.cancel(receipt.id, agent_id=agent)
    assert (cancelled.refund_cents, cancelled.cancelled_by) == (2430, agent)
    with pytest.raises(SaleCancelled):
        await world.pay(receipt.id)


async def test_sales_of_another_authority_are_not_there(world: World) -> None:
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, TEN)
    async with world.database.begin() as unit:
        with pytest.raises(SaleNotFound):
            await unit.sales.hold(world.city.neighbour.id, receipt.id)


async def test_a_till_finds_the_sales_that_nobody_settled_oldest_first(world: World) -> None:
    zoe = await world.resident("R1")
    receipts = [await world.buy(zoe, TEN, key=f"k{number}") for number in range(4)]
    await world.pay(receipts[1].id)
    await world.cancel(receipts[2].id)
    till = world.city.terminal.terminal.id
    async with world.database.look() as unit:
        for state, keys in (
            (SaleState.REGISTERED, ["k0", "k3"]),
            (SaleState.PAID, ["k1"]),
            (SaleState.CANCELLED, ["k2"]),
        ):
            assert [sale.key for sale in await unit.sales.of_terminal(till, state, 10)] == keys
        assert len(await unit.sales.of_terminal(till, SaleState.REGISTERED, 1)) == 1


async def test_nothing_is_written_by_asking(world: World) -> None:
    zoe = await world.resident("R1", rights=("carnet-10",))
    tills = Tills(world.database)
    before = [await world.count(table) for table in (counter, presence, entitlement, sale_table)]
    for gate in world.city.gates.values():
        await tills.ask(gate_id=gate.id, evidence=Evidence(zoe.medium.id, 1, None, "ville"), at=NOW)
    assert [await world.count(table) for table in (counter, presence, entitlement, sale_table)] == before


async def test_a_till_hears_of_a_new_price_without_a_restart(world: World) -> None:
    zoe = await world.resident("R1")
    tills, evidence = Tills(world.database), Evidence(zoe.medium.id, 1, None, "ville")
    gate_id = world.city.gates["pool"].id
    first = await tills.ask(gate_id=gate_id, evidence=evidence, at=NOW)
    async with world.database.begin() as unit:
        ten = await unit.products.by_code(world.city.authority.id, "ten")
        await products.publish_product(unit, msgspec.structs.replace(ten, id=unit.ids.row(), code="ten-more"))
    second = await tills.ask(gate_id=gate_id, evidence=evidence, at=NOW)
    codes = [{offer.product.code for offer in asked.offers.on_sale} for asked in (first, second)]
    assert codes[1] - codes[0] == {"ten-more"}


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
        waiting = 0
        for _ in range(100):
            await asyncio.sleep(0.01)
            waiting = (await connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))).scalar_one()
            if waiting:
                break
        assert waiting == 1, "the gate has decided and wants to write"
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
        outcomes.append((who, receipt, await _race(world, second, who, receipt, keys, pause=(number % 6) * 0.002)))
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
    assert {entered for _, _, (_, entered) in outcomes} == {True, False}, "both must have been fast at times"


async def _race(
    world: World, second: Lane, who: TestPass, receipt: Receipt, keys: Iterator[str], *, pause: float
) -> tuple[bool, bool]:
    async def cancel() -> bool:
        await asyncio.sleep(pause)
        try:
            await world.cancel(receipt.id)
        except SaleAlreadyUsed:
            return False
        return True

    async def enter(lane: Lane) -> bool:
        tap = scan(world.city.terminal.terminal.id, next(keys), world.city.gates["free"].id, who.medium.id)
        await asyncio.sleep(0.005)
        settled = await lane.submit(tap)
        assert isinstance(settled, bytes)
        return bool(msgspec.json.decode(settled)["outcome"] == "granted")

    cancelled, *entered = await asyncio.gather(cancel(), enter(world.lane), enter(second))
    return cancelled, any(entered)


async def test_the_schema_does_not_go_back_over_sales(world: World, database_url: str) -> None:
    zoe = await world.resident("R1")
    await world.buy(zoe, TEN)
    with pytest.raises(CommandError, match="1 sales are on record"):
        await asyncio.to_thread(migrate.downgrade, database_url, "0009")
    assert await world.count(sale_item) == 1


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
