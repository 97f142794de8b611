"""New products, sites, zones and gates come by modifications on both engines, and end with nothing deleted."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from api.boards import Boards
from domain import terminals
from domain.calendars import Hours
from domain.catalogue import changes
from domain.catalogue.changes import Modification, Stage
from domain.catalogue.contents import Content, ProductContent, SiteContent, ZoneContent
from domain.catalogue.edits import closed_for_good, for_whom, withdrawn, zone_of
from domain.catalogue.openings import (
    Named,
    ProductKind,
    copy_of_site,
    doors,
    new_product,
    new_site,
    with_doors,
)
from domain.conditions import Conditions
from domain.errors.places import DoorTaken, SiteWithoutDoors
from domain.errors.products import ProductFixed, ProductWithdrawn
from domain.limits import ONE, Window
from domain.people import Subject
from domain.periods import FOREVER
from domain.ports import Unit
from domain.products import Product, Term, grant
from domain.rights import Wish, grant_to
from domain.text import Text
from store.effects import preview
from store.schedule import put_in_force_what_is_due
from tests.city import KEEP, NOW, TODAY, TestPass, resident
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_world import scan

AGENT = UUID(int=7)
LATER = NOW + timedelta(hours=1)
DOOR = Text(fr="Entrée des bassins", en="Entrance")
NEW_POOL = new_site(
    Named("pool-west", Text(fr="Piscine Ouest", en="West pool")),
    service="pool",
    commune="00102",
    hours=tuple(Hours(date(2026, 1, 1), FOREVER, weekday, 0, 1440) for weekday in range(7)),
    zone=ZoneContent("pool-west", capacity=80, gates=doors("pool-west", [DOOR, DOOR])),
)
SENIORS = for_whom(
    new_product(
        Named("pool-seniors", Text(fr="Piscine, seniors", en="Pool, seniors")),
        ProductKind.CARNET,
        service="pool",
        subject=Subject.PERSON,
        amount=10 * ONE,
        window=Window.YEAR,
        term=Term(Window.YEAR),
        price=None,
    ),
    Conditions(age_from=65, communes=("00101",)),
)


async def drafted(here: Here, *contents: Content) -> Modification:
    async with here.database.begin() as unit:
        new = await changes.draft(unit, here.city.authority.id, agent_id=AGENT, reason="Conseil", now=NOW)
        for content in contents:
            await changes.put(unit, new, content)
    return new


async def activated(here: Here, *contents: Content) -> Modification:
    new = await drafted(here, *contents)
    async with here.database.begin() as unit:
        held = await unit.modifications.hold(here.city.authority.id, new.number)
        return await changes.activate(unit, held, agent_id=AGENT, now=NOW)


async def undone(here: Here, number: int) -> None:
    async with here.database.begin() as unit:
        held = await unit.modifications.hold(here.city.authority.id, number)
        back = await changes.undo(unit, held, agent_id=AGENT, reason="Erreur", now=NOW)
        await changes.activate(unit, back, agent_id=AGENT, now=NOW)


async def said(here: Here, kind: str, code: str) -> Content | None:
    async with here.database.look() as unit:
        return await unit.modifications.in_force(here.city.authority.id, kind, code)


async def test_a_pool_that_opens_at_its_time_lets_people_in_and_takes_terminals_at_once(here: Here) -> None:
    new = await drafted(here, NEW_POOL)
    async with here.database.begin() as unit:
        held = await unit.modifications.hold(here.city.authority.id, new.number)
        await changes.activate(unit, held, agent_id=AGENT, now=NOW, at=LATER)
    assert await said(here, "site", "pool-west") is None, "nothing is there before its time"
    assert await put_in_force_what_is_due(here.database, LATER) == 1
    assert await said(here, "site", "pool-west") == NEW_POOL
    async with here.database.begin() as unit:
        gate = await unit.places.gate(here.city.authority.id, "pool-west-2")
        pairing = await terminals.offer_pairing(
            unit, authority_id=here.city.authority.id, code="C", name="Ouest", gate_codes=(gate.code,), now=LATER
        )
        assert pairing.gate_ids == (gate.id,)
        assert [one.site for one in await unit.places.places(here.city.authority.id)].count("pool-west") == 1
    zoe = await here.resident("R1", "pool-year")
    tap = scan(here.terminal, "a", gate.id, zoe.medium.id, at=LATER)
    assert reasons(await everywhere(here, [tap])) == ["welcome"]


async def test_a_new_product_is_previewed_by_who_could_have_it_and_then_granted(here: Here) -> None:
    """Age on the day and residence, the home's too, as at a till."""
    for name in ("R1", "R2"):
        await here.resident(name)
    await resident(here.database, here.keyring, here.city, "R3", born_on=date(1950, 3, 1))
    new = await drafted(here, SENIORS)
    async with here.database.look() as unit:
        written = await unit.modifications.changes(new.id)
    (effect,) = (await preview(here.database, here.city.authority.id, written, now=NOW)).effects
    assert (effect.eligible, effect.holders) == (1, 0)
    async with here.database.begin() as unit:
        held = await unit.modifications.hold(here.city.authority.id, new.number)
        await changes.activate(unit, held, agent_id=AGENT, now=NOW)
    async with here.database.begin() as unit:
        product = await unit.products.by_code(here.city.authority.id, "pool-seniors")
        holder = await unit.people.holder(here.city.authority.id, "R3")
        right = await grant_to(unit, holder, Wish(product), today=TODAY, now=NOW)
    assert (right.valid_from, right.valid_until) == (TODAY, date(2027, 1, 1))


async def given(unit: Unit, product: Product, who: TestPass) -> None:
    end = date(2027, 1, 1)
    await grant(
        unit,
        product=product,
        subject_id=who.holder.id,
        valid_from=TODAY,
        valid_until=end,
        now=NOW,
        keep_until=KEEP,
    )


async def test_a_withdrawn_product_is_granted_to_nobody_and_rights_to_it_go_on(here: Here) -> None:
    zoe = await here.resident("R1", "carnet-10")
    before = await said(here, "product", "carnet-10")
    assert isinstance(before, ProductContent)
    await activated(here, withdrawn(before, TODAY))
    async with here.database.begin() as unit:
        product = await unit.products.by_code(here.city.authority.id, "carnet-10")
        tomorrow = replace(product, terms=replace(product.terms, offered_until=TODAY + timedelta(days=1)))
        with pytest.raises(ProductWithdrawn):
            await given(unit, product, zoe)
        await given(unit, tomorrow, zoe)
    tap = scan(here.terminal, "a", here.city.gates["free"].id, zoe.medium.id, at=NOW)
    assert reasons(await everywhere(here, [tap])) == ["welcome"]


async def test_what_was_new_is_undone_by_withdrawing_it_and_closing_it_for_good(here: Here) -> None:
    """Nothing is deleted: rights may rest on a product, and terminals stand at gates."""
    new = await activated(here, SENIORS, NEW_POOL)
    await undone(here, new.number)
    assert await said(here, "product", "pool-seniors") == withdrawn(SENIORS, TODAY)
    closed = await said(here, "site", "pool-west")
    assert isinstance(closed, SiteContent)
    assert [(one.first_day, one.is_for_good) for one in closed.closures] == [(TODAY, True)]
    async with here.database.look() as unit:
        gate = await unit.places.gate(here.city.authority.id, "pool-west-1")
    zoe = await here.resident("R1", "pool-year")
    assert reasons(await everywhere(here, [scan(here.terminal, "a", gate.id, zoe.medium.id, at=NOW)])) == [
        "site_closed"
    ]


async def test_gates_are_added_to_a_zone_and_stay_when_that_is_undone(here: Here) -> None:
    before = await said(here, "site", "pool")
    assert isinstance(before, SiteContent)
    wider = replace(with_doors(before, "pool", [DOOR]), last_entry_minutes=5)
    new = await activated(here, wider)
    assert await said(here, "site", "pool") == wider
    await undone(here, new.number)
    after = await said(here, "site", "pool")
    assert after == replace(wider, last_entry_minutes=0), "the rest goes back"
    with pytest.raises(ProductFixed):
        await drafted(here, before)


async def test_two_people_open_gates_of_one_site_and_neither_is_lost(here: Here) -> None:
    before = await said(here, "site", "pool")
    assert isinstance(before, SiteContent)
    mine = await drafted(
        here, replace(before, zones=(*before.zones, ZoneContent("sauna", gates=doors("sauna", [DOOR]))))
    )
    await activated(here, with_doors(before, "pool", [DOOR]))
    async with here.database.begin() as unit:
        held = await unit.modifications.hold(here.city.authority.id, mine.number)
        await changes.take_up(unit, held)
        held = await unit.modifications.hold(here.city.authority.id, mine.number)
        await changes.activate(unit, held, agent_id=AGENT, now=NOW)
    after = await said(here, "site", "pool")
    assert isinstance(after, SiteContent)
    assert [(zone.code, len(zone.gates)) for zone in after.zones] == [("pool", 2), ("sauna", 1)]


async def test_a_door_of_another_site_and_a_site_without_doors_are_refused(here: Here) -> None:
    with pytest.raises(SiteWithoutDoors):
        await drafted(here, replace(NEW_POOL, zones=(ZoneContent("pool-west"),)))
    taken = zone_of(copy_of_site(NEW_POOL, Named("pool", DOOR), "00101"), "pool")
    with pytest.raises(DoorTaken):
        await drafted(here, replace(NEW_POOL, zones=(taken,)))
    first, second = await drafted(here, NEW_POOL), await drafted(here, replace(NEW_POOL, code="pool-north"))
    for number, wanted in ((first.number, Stage.IN_FORCE), (second.number, Stage.HELD)):
        async with here.database.begin() as unit:
            held = await unit.modifications.hold(here.city.authority.id, number)
            await changes.activate(unit, held, agent_id=AGENT, now=NOW, at=LATER)
        async with here.database.look() as unit:
            assert (await unit.modifications.one(here.city.authority.id, number)).state is Stage.SCHEDULED, wanted
    await put_in_force_what_is_due(here.database, LATER)
    async with here.database.look() as unit:
        states = {(await unit.modifications.one(here.city.authority.id, one.number)).state for one in (first, second)}
    assert states == {Stage.IN_FORCE, Stage.HELD}, "the second one's gates are taken by then"


async def test_a_site_that_closes_for_good_is_on_no_list_from_that_day_on(here: Here) -> None:
    before = await said(here, "site", "free")
    assert isinstance(before, SiteContent)
    await activated(here, closed_for_good(before, TODAY, Text(fr="Démolie", en="Pulled down")))

    async def listed(now: datetime) -> tuple[bool, bool]:
        board = await Boards(here.database, lambda: now).board(here.city.authority.code)
        return "free" in {one.site.code for one in board.lasting}, board.site("free") is not None

    assert await listed(NOW - timedelta(days=1)) == (True, True)
    assert await listed(NOW) == (False, True), "its own page says why"
