"""Modifications of the catalogue come into force on both engines: once, at their time, and with their past."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from api.scheduler import Scheduler
from domain.access.decide import decide
from domain.calendars import Closure
from domain.catalogue import changes
from domain.catalogue.changes import Modification, Stage
from domain.catalogue.contents import Content, ProductContent, SiteContent
from domain.catalogue.edits import closed, opened, quota, room, zone_of
from domain.errors.products import (
    ModificationEmpty,
    ModificationNotFound,
    ModificationSettled,
    MovedMeanwhile,
    ProductFixed,
)
from domain.limits import ONE, Limit, Measure, Window
from domain.text import Text
from store.database import Database
from store.effects import Preview, preview
from store.ledger.what_if import WhatIf, imagine
from store.schedule import put_in_force_what_is_due
from tests.city import NOW
from tests.contract.ledger_lanes import Here, everywhere, reasons
from tests.contract.ledger_world import scan

LATER = NOW + timedelta(hours=1)
AGENT = UUID(int=7)


def as_product(content: Content | None) -> ProductContent:
    assert isinstance(content, ProductContent)
    return content


def as_site(content: Content | None) -> SiteContent:
    assert isinstance(content, SiteContent)
    return content


async def product(here: Here, code: str = "carnet-10") -> ProductContent:
    async with here.database.look() as unit:
        return as_product(await unit.modifications.in_force(here.city.authority.id, "product", code))


async def site(here: Here, code: str = "pool") -> SiteContent:
    async with here.database.look() as unit:
        return as_site(await unit.modifications.in_force(here.city.authority.id, "site", code))


async def drafted(here: Here, *contents: Content, reason: str = "Conseil") -> Modification:
    async with here.database.begin() as unit:
        new = await changes.draft(unit, here.city.authority.id, agent_id=AGENT, reason=reason, now=NOW)
        for content in contents:
            await changes.put(unit, new, content)
    return new


async def activated(here: Here, number: int, *, now: datetime = NOW, at: datetime | None = None) -> Modification:
    async with here.database.begin() as unit:
        held = await unit.modifications.hold(here.city.authority.id, number)
        return await changes.activate(unit, held, agent_id=AGENT, now=now, at=at)


async def seen_before(here: Here, new: Modification) -> Preview:
    async with here.database.look() as unit:
        written = await unit.modifications.changes(new.id)
    return await preview(here.database, here.city.authority.id, written, now=LATER)


async def state(here: Here, number: int) -> Stage:
    async with here.database.look() as unit:
        return (await unit.modifications.one(here.city.authority.id, number)).state


async def test_a_quota_in_force_is_that_of_the_next_passage_at_every_gate_of_every_worker(here: Here) -> None:
    """Invariant T: each batch compares the catalogue's version, so no worker judges by what was before."""
    zoe = await here.resident("R1", "carnet-10")
    gate = here.city.gates["free"].id

    async def tap(hour: int) -> list[str]:
        """One passage at each worker, far enough apart to be no double reading."""
        answers = []
        for place, lane in enumerate(here.lanes):
            at = NOW + timedelta(hours=hour, minutes=10 * place)
            answers.append(await lane.submit(scan(here.terminal, str(at), gate, zoe.medium.id, at=at)))
        return reasons(answers)

    assert "carnet_empty" not in await tap(0)
    new = await drafted(here, quota(await product(here), 0, 2 * ONE))
    assert "carnet_empty" not in await tap(1), "a draft is nothing yet"
    await activated(here, new.number)
    assert await tap(2) == ["carnet_empty"] * 4


async def test_a_modification_is_put_in_force_once_by_two_workers(here: Here, database_url: str) -> None:
    wish = quota(await product(here), 0, 12 * ONE)
    new = await drafted(here, wish)
    assert (await activated(here, new.number, at=LATER)).state is Stage.SCHEDULED
    other = Database(database_url, patience=30)
    assert await put_in_force_what_is_due(here.database, NOW) == 0
    assert (await product(here)).limits[0].amount == 10 * ONE
    await asyncio.gather(*(Scheduler(one, lambda: LATER).round() for one in (here.database, other)))
    await other.close()
    assert await product(here) == wish
    async with here.database.look() as unit:
        versions = await unit.modifications.versions(here.city.authority.id, "product", "carnet-10")
    assert [(as_product(one.content).limits[0].amount, one.since) for one in versions] == [
        (10 * ONE, None),
        (12 * ONE, LATER),
    ]


async def test_what_is_withdrawn_before_its_time_never_comes(here: Here) -> None:
    new = await drafted(here, quota(await product(here), 0, 12 * ONE))
    await activated(here, new.number, at=LATER)
    async with here.database.begin() as unit:
        held = await unit.modifications.hold(here.city.authority.id, new.number)
        await changes.withdraw(unit, held, agent_id=AGENT, now=NOW)
    assert await put_in_force_what_is_due(here.database, LATER) == 0
    assert await state(here, new.number) is Stage.WITHDRAWN
    with pytest.raises(ModificationSettled):
        await activated(here, new.number)


async def test_the_second_of_two_drafts_is_told_what_changed_and_loses_nothing(here: Here) -> None:
    before = await product(here)
    first = await drafted(here, quota(before, 0, 12 * ONE))
    second = await drafted(here, replace(before, name=Text(fr="Carnet", en="Booklet")))
    await activated(here, first.number)
    with pytest.raises(MovedMeanwhile):
        await activated(here, second.number)
    async with here.database.begin() as unit:
        held = await unit.modifications.hold(here.city.authority.id, second.number)
        assert [one for _, one in await changes.moved(unit, held)] == [quota(before, 0, 12 * ONE)]
        assert await changes.take_up(unit, held) == ()
    await activated(here, second.number)
    now = await product(here)
    assert (now.name.fr, now.limits[0].amount) == ("Carnet", 12 * ONE)


async def test_what_changed_under_a_scheduled_modification_holds_it_at_its_time(here: Here) -> None:
    before = await product(here)
    second = await drafted(here, replace(before, warn_below=ONE))
    await activated(here, second.number, at=LATER)
    first = await drafted(here, quota(before, 0, 12 * ONE))
    await activated(here, first.number)
    await put_in_force_what_is_due(here.database, LATER)
    assert await state(here, second.number) is Stage.HELD
    async with here.database.begin() as unit:
        await changes.take_up(unit, await unit.modifications.hold(here.city.authority.id, second.number))
    await activated(here, second.number, now=LATER)
    now = await product(here)
    assert (now.warn_below, now.limits[0].amount) == (ONE, 12 * ONE)


async def test_undoing_brings_back_what_was_and_leaves_what_came_after(here: Here) -> None:
    before = await product(here)
    first = await drafted(here, quota(before, 0, 12 * ONE))
    await activated(here, first.number)
    second = await drafted(here, replace(await product(here), name=Text(fr="Carnet", en="Booklet")))
    await activated(here, second.number)
    async with here.database.begin() as unit:
        held = await unit.modifications.hold(here.city.authority.id, first.number)
        back = await changes.undo(unit, held, agent_id=AGENT, reason="Trop", now=NOW)
    assert back.undoes == first.number
    await activated(here, back.number)
    assert await product(here) == replace(before, name=Text(fr="Carnet", en="Booklet"))


async def test_a_limit_that_comes_back_goes_on_counting_where_it_stopped(here: Here) -> None:
    """A counter stands under its limit's position: another limit may never read it."""
    before = await product(here)
    weekly = Limit(0, Measure.VISIT, 3 * ONE, Window.WEEK)
    first = await drafted(here, replace(before, limits=(weekly,), warn_below=0))
    await activated(here, first.number)
    assert [limit.position for limit in (await product(here)).limits] == [1]
    again = await drafted(here, replace(await product(here), limits=(weekly, replace(before.limits[0], position=1))))
    await activated(here, again.number)
    assert {limit.window: limit.position for limit in (await product(here)).limits} == {Window.WHOLE: 0, Window.WEEK: 1}


async def test_a_site_changes_its_calendar_and_its_room(here: Here) -> None:
    before = await site(here)
    shut = Closure(date(2026, 11, 18), date(2026, 11, 20), Text(fr="Vidange", en="Emptying"))
    wish = room(closed(before, shut), replace(zone_of(before, "pool"), capacity=1, supplement_cents=250))
    new = await drafted(here, wish)
    await activated(here, new.number)
    assert await site(here) == wish
    zoe = await here.resident("R1", "pool-year")
    tap = scan(here.terminal, "a", here.city.gates["pool"].id, zoe.medium.id, at=NOW)
    assert reasons(await everywhere(here, [tap])) == ["site_closed"]
    back = await drafted(here, opened(wish, shut.first_day))
    await activated(here, back.number)
    tap = scan(here.terminal, "b", here.city.gates["pool"].id, zoe.medium.id, at=NOW)
    assert reasons(await everywhere(here, [tap])) != ["site_closed"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda content: replace(content, service_code="library"),
        lambda content: replace(content, subject="household"),
    ],
)
async def test_a_product_stays_what_rights_were_granted_on(
    here: Here, wrong: Callable[[ProductContent], ProductContent]
) -> None:
    with pytest.raises(ProductFixed):
        await drafted(here, wrong(await product(here)))


async def test_nothing_and_what_is_not_there_is_refused(here: Here) -> None:
    new = await drafted(here, await product(here))
    with pytest.raises(ModificationEmpty):
        await activated(here, new.number)
    with pytest.raises(ModificationNotFound):
        await activated(here, new.number + 1)
    async with here.database.begin() as unit:
        with pytest.raises(ModificationNotFound):
            await unit.modifications.hold(here.city.neighbour.id, new.number)


async def test_the_preview_decides_real_passages_once_more_and_counts_whose_quota_is_spent(here: Here) -> None:
    """Each passage meets the counters as it found them: a quota of three refuses the fourth and the fifth of each."""
    lane, gate = here.lanes[0], here.city.gates["free"].id
    for name, visits in (("R1", 5), ("R2", 3), ("R3", 1)):
        who = await here.resident(name, "carnet-10")
        for visit in range(visits):
            at = NOW + timedelta(minutes=10 * visit)
            answer = await lane.submit(scan(here.terminal, f"{name}-{visit}", gate, who.medium.id, at=at))
            assert reasons([answer]) != ["carnet_empty"]
    new = await drafted(here, replace(quota(await product(here), 0, 3 * ONE), warn_below=0))
    seen = await seen_before(here, new)
    (effect,) = seen.effects
    assert effect.holders == 3
    assert [(one.spent_before, one.spent_after) for one in effect.quotas] == [(0, 2)]
    assert seen.replayed is not None
    assert (seen.replayed.passages, seen.replayed.let_in) == (9, 0)
    assert {reason.value: count for reason, count in seen.replayed.refused.items()} == {"carnet_empty": 2}
    wider = await seen_before(here, await drafted(here, quota(await product(here), 0, 12 * ONE)))
    assert wider.replayed is not None
    assert (wider.replayed.passages, wider.replayed.refusals) == (9, 0)


async def test_the_preview_of_a_closure_counts_days_and_the_passages_that_would_be_refused(here: Here) -> None:
    who = await here.resident("R1", "pool-year")
    await here.lanes[0].submit(scan(here.terminal, "a", here.city.gates["free"].id, who.medium.id, at=NOW))
    shut = Closure(NOW.date(), NOW.date() + timedelta(days=2), Text(fr="Vidange", en="Emptying"))
    seen = await seen_before(here, await drafted(here, closed(await site(here, "free"), shut)))
    days = seen.effects[0].days
    assert days is not None
    assert (days.days, days.first, days.sessions) == (3, NOW.date(), 0)
    assert seen.replayed is not None
    assert {reason.value for reason in seen.replayed.refused} == {"site_closed"}


async def test_an_explanation_uses_what_was_in_force_then_and_what_is_scheduled(here: Here) -> None:
    who = await here.resident("R1", "pool-year")
    shut = Closure(NOW.date(), NOW.date(), Text(fr="Vidange", en="Emptying"))
    first = await drafted(here, closed(await site(here, "free"), shut))
    await activated(here, first.number, now=LATER)
    second = await drafted(here, opened(await site(here, "free"), shut.first_day))
    await activated(here, second.number, now=LATER, at=LATER + timedelta(hours=1))

    async def at(hours: float) -> str:
        question = WhatIf(here.city.authority.id, who.pass_.number, "free", NOW + timedelta(hours=hours))
        return decide((await imagine(here.database, question)).facts).reason.value

    assert [await at(hours) == "site_closed" for hours in (0, 1.5, 2.5)] == [False, True, False]
