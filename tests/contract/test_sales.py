"""Sales on both engines: all or nothing, and once."""

import asyncio
from datetime import date
from uuid import UUID

import msgspec
import pytest
from alembic.util import CommandError

from domain import people, products
from domain.access.facts import Evidence
from domain.errors import AlreadyExists
from domain.errors.people import MembershipNotFound
from domain.errors.products import YearlyAllowanceSpent
from domain.errors.sales import (
    BuyerAmbiguous,
    BuyerMissing,
    PassRefused,
    PriceChanged,
    ProductNotOffered,
    SaleAlreadyPaid,
    SaleCancelled,
    SaleNotFound,
)
from domain.orders import Wanted
from domain.people import Subject
from domain.sales import Means, SaleState
from store import migrate
from store.tables.ledger import counter, presence
from store.tables.products import entitlement
from store.tables.sales import sale as sale_table
from store.tables.sales import sale_item
from store.tills import Tills
from tests.city import NOW, TODAY
from tests.contract.sales_world import TEN, World
from tests.tariffs import order


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


async def test_a_receipt_keeps_the_names_and_prices_of_its_day(world: World) -> None:
    zoe = await world.resident("R1")
    receipt = await world.buy(zoe, TEN)
    async with world.database.begin() as unit:
        (item,) = await unit.sales.items(receipt.id)
    assert (item.product_code, item.name.fr, item.price_cents) == ("ten", "ten", 2430)


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


async def test_the_schema_does_not_go_back_over_sales(world: World, database_url: str) -> None:
    zoe = await world.resident("R1")
    await world.buy(zoe, TEN)
    with pytest.raises(CommandError, match="1 sales are on record"):
        await asyncio.to_thread(migrate.downgrade, database_url, "0009")
    assert await world.count(sale_item) == 1
