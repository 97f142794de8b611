"""What passages left to be paid later: listed, settled once, and about nobody once the passage is."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from domain.agents import Role
from domain.bills import Bill, BillSettlement, SettledAs, settle
from domain.errors import DomainError, Invalid
from domain.errors.bills import BillAlreadySettled, BillCancelled, BillNotFound
from domain.limits import ONE, Limit, Measure, Settlement, Window
from store import bills
from tests.city import NOW, TestPass
from tests.contract.ledger_audit import audit
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_world import add_product, cancellation, give, scan
from tests.contract.test_retention import A_DAY, kept, retain

PRICED = Limit(0, Measure.VISIT, 9 * ONE, Window.YEAR, free=ONE, price_cents=1_250, settlement=Settlement.BILLED)


async def visits(here: Here, who: TestPass, count: int) -> None:
    """The first is free."""
    product = await add_product(here.database, here.city, f"priced-{who.holder.reference}", PRICED)
    await give(here.database, product, who.holder.id)
    gate = here.city.gates["free"].id
    for turn in range(count):
        visit = scan(here.terminal, f"{who.pass_.number}-{turn}", gate, who.medium.id, at=NOW + turn * A_DAY / 24)
        await everywhere(here, [visit])


async def listed(
    here: Here, *, of: TestPass | None = None, unsettled: bool = False, before: int | None = None, limit: int = 50
) -> Sequence[Bill]:
    async with here.database.read() as connection:
        return await bills.listed(
            connection,
            here.city.authority.id,
            limit=limit,
            pass_id=of.pass_.id if of is not None else None,
            unsettled=unsettled,
            before=before,
        )


async def settled(
    here: Here, number: int, reference: str = "T-1", *, how: SettledAs = SettledAs.PAID, owner: UUID | None = None
) -> BillSettlement:
    agent = here.city.agents[Role.MANAGER].id
    async with here.database.begin() as unit:
        return await settle(
            unit,
            owner or here.city.authority.id,
            number,
            settled_as=how,
            reference=reference,
            now=NOW,
            by=agent,
        )


async def test_what_is_due_is_listed_by_pass_and_no_more_once_it_is_settled(here: Here) -> None:
    zoe, other = await here.resident("zoe"), await here.resident("other")
    await visits(here, zoe, 3)
    await visits(here, other, 2)
    everything = await listed(here)
    assert [(one.pass_number, one.billed_cents, one.site) for one in everything] == [
        (other.pass_.number, 1_250, "free"),
        *[(zoe.pass_.number, 1_250, "free")] * 2,
    ]
    newest, oldest = await listed(here, of=zoe)
    assert await listed(here, of=zoe, before=newest.number) == [oldest]
    assert await listed(here, limit=1) == [everything[0]]
    done = await settled(here, oldest.number, " T-1 ")
    assert (done.settled_as, done.reference, done.settled_by) == ("paid", "T-1", here.city.agents[Role.MANAGER].id)
    assert await listed(here, of=zoe, unsettled=True) == [newest]
    assert (await listed(here, of=zoe))[1].settlement == done


async def test_a_sum_is_settled_once_and_saying_it_again_changes_nothing(here: Here) -> None:
    zoe = await here.resident("zoe")
    await visits(here, zoe, 2)
    (bill,) = await listed(here)
    first = await settled(here, bill.number)
    assert await settled(here, bill.number) == first
    for reference, how in (("T-2", SettledAs.PAID), ("T-1", SettledAs.REMITTED)):
        with pytest.raises(BillAlreadySettled):
            await settled(here, bill.number, reference, how=how)


async def test_of_many_who_settle_it_at_once_one_does(here: Here) -> None:
    zoe = await here.resident("zoe")
    await visits(here, zoe, 2)
    (bill,) = await listed(here)
    said: list[BillSettlement | BaseException] = await asyncio.gather(
        *(settled(here, bill.number, f"T-{turn}") for turn in range(6)), return_exceptions=True
    )
    assert [type(one) for one in said].count(BillSettlement) == 1
    assert [type(one) for one in said].count(BillAlreadySettled) == 5


async def test_what_owes_nothing_is_not_settled(here: Here) -> None:
    zoe = await here.resident("zoe")
    await visits(here, zoe, 2)
    (bill,) = await listed(here)
    refusals: list[tuple[type[DomainError], int, str, UUID]] = [
        (BillNotFound, bill.number - 1, "T-1", here.city.authority.id),  # the free visit
        (BillNotFound, 10**6, "T-1", here.city.authority.id),
        (BillNotFound, bill.number, "T-1", here.city.neighbour.id),
        (Invalid, bill.number, "  ", here.city.authority.id),
        (Invalid, bill.number, "x" * 65, here.city.authority.id),
        (Invalid, bill.number, "T\n1", here.city.authority.id),
    ]
    for error, number, reference, owner in refusals:
        with pytest.raises(error):
            await settled(here, number, reference, owner=owner)
    (event,) = [one for one in (await audit(here.database)).events if one.number == bill.number]
    back = cancellation(here.terminal, "back", event, at=NOW + timedelta(hours=1))
    assert reasons(await everywhere(here, [back])) == ["cancelled"]
    with pytest.raises(BillCancelled):
        await settled(here, bill.number)
    assert [one.cancelled for one in await listed(here)] == [True]
    assert await listed(here, unsettled=True) == []


async def test_a_settlement_names_nobody_once_its_passage_does_not(here: Here) -> None:
    zoe = await here.resident("zoe")
    await visits(here, zoe, 3)
    late, early = await listed(here)
    await settled(here, early.number)
    await retain(here, NOW + 92 * A_DAY)
    assert {one.pass_number for one in await listed(here)} == {None}
    assert (await settled(here, late.number, "T-9")).reference is None, "the reference would lead back to somebody"
    rows = (await kept(here, "bill_settlement"))["bill_settlement"]
    assert [(row[0], row[2], row[3]) for row in rows] == [(early.number, "paid", None), (late.number, "paid", None)]
    assert await listed(here, unsettled=True) == []
