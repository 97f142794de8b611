"""Somebody asks to be erased (GDPR, art. 17): what goes, what stays about nobody, and what stands in the way."""

import asyncio
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select, update

from domain.access.facts import Evidence
from domain.agents import Role
from domain.bills import SettledAs, settle
from domain.erasure import Erased, Hindrance, erase
from domain.errors import LedgerUnavailable
from domain.errors.people import ErasureRefused, HolderNotFound
from domain.errors.sales import SaleAnonymous
from domain.guardians import GuardianKind, appoint_guardian
from domain.limits import ONE, Limit, Measure, Settlement, Window
from domain.people import Holder, join
from domain.personalisation import Wanted, order
from domain.portraits import Portrait
from domain.requests import APPEAL, reject
from domain.sales import NOBODY
from store.figures.counting import count_all
from store.tables import metadata
from store.tables.accounts import resident_account
from store.tables.ledger import passage_fact, validation
from store.tables.people import holder, household, portrait
from store.tables.requests import pass_request, request_person
from store.tables.sales import sale, sale_item
from tests.city import KEEP, NOW, TODAY, TestPass
from tests.contract.account_world import Residents
from tests.contract.ledger_audit import audit
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_world import add_product, cancellation, give, scan
from tests.contract.register import Register
from tests.contract.sales_world import TEN, World
from tests.contract.test_figures_counting import told_late
from tests.contract.test_retention import AFTERWARDS, FIGURES, OF_PEOPLE, kept, named, retain, tap
from tests.requests_world import Desk

LATER = NOW + timedelta(minutes=5)
PRICED = Limit(0, Measure.VISIT, 9 * ONE, Window.YEAR, free=ONE, price_cents=1_250, settlement=Settlement.BILLED)


async def erase_now(here: Here, who: Holder) -> Erased:
    async with here.database.begin() as unit:
        return await erase(unit, who, today=TODAY, now=NOW)


async def refused(here: Here, who: Holder) -> dict[Hindrance, tuple[str, ...]]:
    """What stands in the way; that nothing changes is looked at."""
    before = await kept(here, *metadata.tables)
    with pytest.raises(ErasureRefused) as caught:
        await erase_now(here, who)
    assert await kept(here, *metadata.tables) == before
    for one in caught.value.obstacles:
        assert all(
            what in text for what in one.what for text in (one.sentence.fr, one.sentence.en, caught.value.detail)
        )
    return {one.hindrance: one.what for one in caught.value.obstacles}


async def overage(here: Here, who: TestPass) -> list[str]:
    """One free visit, then two that are billed: their numbers."""
    product = await add_product(here.database, here.city, "priced", PRICED)
    await give(here.database, product, who.holder.id)
    gate = here.city.gates["free"].id
    visits = [scan(here.terminal, f"v{n}", gate, who.medium.id, at=NOW + n * timedelta(hours=1)) for n in range(3)]
    for visit in visits:
        await everywhere(here, [visit])
    books = await audit(here.database)
    return [str(event.number) for event in books.events if event.billed_cents]


# --- what stands in the way --------------------------------------------------------------------------


async def test_an_unpaid_overage_is_settled_before_its_owner_is_erased(here: Here) -> None:
    """`domain.md` section 7: erasure request with unpaid overage (GDPR, art. 17-3 b and e)."""
    zoe = await here.resident("zoe", "bus-year")
    paid, remitted = await overage(here, zoe)
    with pytest.raises(ErasureRefused, match=r"25\.00 € are still due"):
        await erase_now(here, zoe.holder)
    assert await refused(here, zoe.holder) == {Hindrance.BILLS_DUE: (paid, remitted)}
    async with here.database.begin() as unit:
        await settle(unit, here.city.authority.id, int(paid), settled_as=SettledAs.PAID, reference="TR-118", now=NOW)
    assert await refused(here, zoe.holder) == {Hindrance.BILLS_DUE: (remitted,)}
    async with here.database.begin() as unit:
        await settle(
            unit, here.city.authority.id, int(remitted), settled_as=SettledAs.REMITTED, reference="D-7", now=NOW
        )
    await erase_now(here, zoe.holder)
    assert await named(here) == []
    settled = (await kept(here, "bill_settlement"))["bill_settlement"]
    assert [(row[0], row[2], row[3]) for row in settled] == [
        (int(paid), "paid", None),
        (int(remitted), "remitted", None),
    ]


async def test_a_passage_that_was_taken_back_owes_nothing(here: Here) -> None:
    zoe = await here.resident("zoe")
    for number in await overage(here, zoe):
        (event,) = [one for one in (await audit(here.database)).events if str(one.number) == number]
        back = cancellation(here.terminal, f"back-{number}", event, at=NOW + timedelta(hours=1))
        assert reasons(await everywhere(here, [back])) == ["cancelled"]
    await erase_now(here, zoe.holder)


async def test_a_request_is_decided_first_and_then_kept_for_the_appeal_alone(here: Here) -> None:
    zoe = await here.resident("zoe")
    async with here.database.begin() as unit:
        asked = await Desk(unit, here.city).sent()
        await unit.connection.execute(update(request_person).values(holder_id=zoe.holder.id))  # type: ignore[attr-defined]
    assert await refused(here, zoe.holder) == {Hindrance.REQUEST_OPEN: (asked.reference,)}
    async with here.database.begin() as unit:
        desk = Desk(unit, here.city)
        await reject(unit, asked, desk.hand(asked), words="Incomplet.", today=TODAY)
    await erase_now(here, zoe.holder)
    async with here.database.read() as connection:
        until = (await connection.execute(select(pass_request.c.keep_until))).scalar_one()
        whose = (await connection.execute(select(request_person.c.holder_id))).scalar_one()
    assert (until, whose) == (TODAY + APPEAL, None)


async def test_nobody_is_left_without_a_guardian(here: Here) -> None:
    zoe, other = await here.resident("zoe"), await here.resident("other")
    async with here.database.begin() as unit:
        child = replace(zoe.holder, id=unit.ids.row(), reference="child", born_on=date(2016, 9, 21))
        await unit.people.add_holder(child)
        await appoint_guardian(unit, ward=child, guardian=zoe.holder, kind=GuardianKind.PARENT, since=TODAY)
    assert await refused(here, zoe.holder) == {Hindrance.ONLY_GUARDIAN: ("child",)}
    async with here.database.begin() as unit:
        await appoint_guardian(unit, ward=child, guardian=other.holder, kind=GuardianKind.PARENT, since=TODAY)
    await erase_now(here, zoe.holder)
    async with here.database.look() as unit:
        (left,) = await unit.people.guardians_of(child.id, TODAY)
    assert left.guardian_id == other.holder.id


async def test_a_card_that_is_being_made_comes_first(here: Here) -> None:
    zoe = await here.resident("zoe")
    async with here.database.begin() as unit:
        await order(
            unit,
            here.city.authority.id,
            code="spring",
            wanted=[Wanted(NOW + timedelta(days=900), KEEP, zoe.pass_)],
            key_version=1,
            agent_id=here.city.agents[Role.MANAGER].id,
            now=NOW,
        )
    assert await refused(here, zoe.holder) == {Hindrance.CARD_UNDERWAY: (zoe.pass_.number,)}


# --- what goes and what stays ------------------------------------------------------------------------


async def test_who_is_erased_leaves_nothing_and_the_figures_are_the_same(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year", "carnet-10", "waste-24")
    before = await kept(here, *OF_PEOPLE)
    for number, gate in enumerate(("bus", "pool", "waste")):
        await tap(here, zoe, gate, f"t{number}")
    async with here.database.begin() as unit:
        photo = Portrait(
            zoe.holder.id,
            here.city.authority.id,
            unit.ids.row(),
            b"wrapped",
            NOW,
            here.city.agents[Role.DESK].id,
            zoe.holder.id,
            KEEP,
        )
        await unit.portraits.save(photo)
        account = await Residents(Register(unit, here.city)).account("zoe@example.org", own=zoe.holder)
    await count_all(here.database)
    figures = await kept(here, *FIGURES)
    erased = await erase_now(here, zoe.holder)
    assert before["holder"]
    gone = {name: rows for name, rows in (await kept(here, *OF_PEOPLE, "resident_contact", "portrait")).items() if rows}
    assert gone.keys() == {"scan_key"}, "keys name nobody, and a terminal may tell its passages again"
    assert await named(here) == []
    assert erased.photos == (photo.file_id,)
    assert erased.rows["validation"] == 3
    async with here.database.read() as connection:
        assert (await connection.execute(select(resident_account.c.id))).first() is None, account
        assert (await connection.execute(select(func.count()).select_from(validation))).scalar_one() == 3
        assert (await connection.execute(select(portrait.c.holder_id))).first() is None
    assert await kept(here, *FIGURES) == figures
    await count_all(here.database)
    assert await kept(here, *FIGURES) == figures
    with pytest.raises(HolderNotFound):
        async with here.database.look() as unit:
            await unit.people.holder(here.city.authority.id, "zoe")


async def test_a_household_stays_with_its_rights_while_somebody_is_in_it(here: Here) -> None:
    zoe, other = await here.resident("zoe", "waste-24"), await here.resident("other")
    async with here.database.begin() as unit:
        await join(unit, other.holder, zoe.household.id, since=TODAY)
    await tap(here, zoe, "waste", "t1")
    await erase_now(here, zoe.holder)
    assert await tap(here, other, "waste", "t2", at=NOW + timedelta(hours=1)) == "welcome"
    ((*_, used, _, _),) = [row[:8] for row in (await kept(here, "counter"))["counter"]]
    assert used == 2 * ONE, "the household's count goes on"
    async with here.database.read() as connection:
        homes = set((await connection.execute(select(household.c.reference))).scalars())
    assert homes == {"F-zoe", "F-other"}
    await erase_now(here, other.holder)
    async with here.database.read() as connection:
        assert (await connection.execute(select(household.c.reference))).first() is None


async def test_the_card_is_unknown_and_what_is_told_late_of_it_names_nobody(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year", "carnet-10")
    assert await tap(here, zoe, "bus", "t1") == "welcome"
    late = told_late(here, zoe.medium.id, NOW - timedelta(minutes=1))
    await erase_now(here, zoe.holder)
    assert await tap(here, zoe, "bus", "t2", at=LATER) == "unknown_medium"
    await everywhere(here, [replace(late, at=LATER)])
    async with here.database.read() as connection:
        facts = await connection.execute(select(passage_fact.c.flags, passage_fact.c.judged_reason))
        assert tuple(facts.one()) == ("not_entitled", "unknown_medium")
        counted = await connection.execute(select(func.count()).select_from(metadata.tables["counter"]))
        assert counted.scalar_one() == 0
    assert await named(here) == []


async def test_a_server_that_remembers_the_card_asks_the_register_again(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year")
    await erase_now(here, zoe.holder)
    remembered = scan(here.terminal, "t1", here.city.gates["bus"].id, zoe.medium.id)
    known = replace(remembered, evidence=Evidence(medium_id=zoe.medium.id, assurance=1, remembered=True))
    (settled,) = await everywhere(here, [known])
    assert not isinstance(settled, bytes), "the ledger sends it back: who it is has to be asked anew"


async def test_whoever_is_cut_off_in_the_middle_has_erased_nothing(here: Here) -> None:
    zoe = await here.resident("zoe", "bus-year", "carnet-10")
    await tap(here, zoe, "bus", "t1")
    before = await kept(here, *metadata.tables)

    async def cut_off() -> None:
        async with here.database.begin() as unit:
            await erase(unit, zoe.holder, today=TODAY, now=NOW)
            raise RuntimeError("the power goes")

    with pytest.raises(RuntimeError, match="the power goes"):
        await cut_off()
    assert await kept(here, *metadata.tables) == before


async def test_of_two_who_erase_somebody_at_once_one_finds_nobody(here: Here) -> None:
    zoe = await here.resident("zoe", "waste-24")
    await here.resident("other", "bus-year")
    both = await asyncio.gather(*(erase_now(here, zoe.holder) for _ in range(2)), return_exceptions=True)
    assert {type(one) for one in both} == {Erased, HolderNotFound}
    async with here.database.read() as connection:
        assert set((await connection.execute(select(holder.c.reference))).scalars()) == {"other"}


async def test_gates_that_are_busy_with_somebody_do_not_stop_their_erasure(here: Here) -> None:
    """Whatever a gate wrote at that very moment leads to nobody, and comes to its end."""
    people = [await here.resident(f"R{number}", "carnet-10", "waste-24", "bus-year") for number in range(4)]
    taps = [
        scan(here.terminal, f"{who.pass_.number}-{turn}-{gate}", here.city.gates[gate].id, who.medium.id, at=NOW)
        for turn in range(4)
        for who in people
        for gate in ("free", "waste", "bus")
    ]

    async def insist(who: TestPass) -> None:
        """On SQLite a file that is busy for seconds is told as one that is away."""
        for _ in range(50):
            with suppress(LedgerUnavailable):
                await erase_now(here, who.holder)
                return

    await asyncio.gather(everywhere(here, taps), *(insist(who) for who in people))
    for who in people:
        assert await tap(here, who, "bus", f"after-{who.pass_.number}", at=LATER) == "unknown_medium"
    await retain(here, AFTERWARDS)
    assert await kept(here, *OF_PEOPLE) == {name: [] for name in OF_PEOPLE}
    assert await named(here) == []


async def test_a_sale_stays_on_record_about_nobody_and_is_cancelled_no_more(world: World) -> None:
    zoe = await world.resident("zoe")
    receipt = await world.buy(zoe, TEN)
    await world.pay(receipt.id, "T-9")
    here: Any = world
    await erase_now(here, zoe.holder)
    async with world.database.read() as connection:
        row = (await connection.execute(select(sale.c.pass_id, sale.c.total_cents, sale.c.payment))).one()
        owners = set((await connection.execute(select(sale_item.c.subject_id))).scalars())
    assert tuple(row) == (NOBODY, 2430, "T-9")
    assert owners == {UUID(int=0)}
    with pytest.raises(SaleAnonymous):
        await world.cancel(receipt.id)
