"""A household at the console: it moves, splits, is joined and left; read once more before it is done, and done once."""

import asyncio
import re
from datetime import date, timedelta

import httpx
import pytest

from domain.acts import Act
from domain.agents import Role
from domain.circumstances import commune_of
from domain.conditions import Conditions
from domain.households import move_household
from domain.journal import Wanted
from domain.people import Holder, Household, Subject, join
from domain.places import Commune
from domain.products import Product, Terms, grant, publish_product
from domain.text import Text
from tests.city import KEEP, NOW, TODAY, TestPass
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.test_console_undo import offered, undo

SHARED = pytest.mark.asyncio(loop_scope="module")

HERE, AWAY = "00101", "59350"
DAY = timedelta(days=1)
LOCAL = "local-pool"


async def family(house: House, name: str, *others: str) -> TestPass:
    """Register somebody with a household, and others who live there too."""
    first = await house.resident(name)
    for other in others:
        more = await house.resident(other)
        async with house.database.begin() as unit:
            await join(unit, more.holder, first.household.id, since=date(2021, 1, 1))
            await unit.people.remove_beneficiary((await unit.people.memberships(more.holder.id, more.household.id))[0])
    return first


async def residents_only(house: House, whose: Holder | Household) -> None:
    """Give a right that serves in our commune alone: to a person at the pool, to a household at the waste centre."""
    subject = Subject.PERSON if isinstance(whose, Holder) else Subject.HOUSEHOLD
    async with house.database.begin() as unit:
        code = f"{LOCAL}-{subject}"
        if code not in await unit.products.codes(whose.authority_id):
            await publish_product(
                unit,
                Product(
                    unit.ids.row(),
                    whose.authority_id,
                    code,
                    "pool",
                    subject,
                    Text(fr="Habitants", en=f"Residents ({subject})"),
                    terms=Terms(conditions=Conditions(communes=(HERE,))),
                ),
            )
        await grant(
            unit,
            product=await unit.products.by_code(whose.authority_id, code),
            subject_id=whose.id,
            valid_from=date(2026, 1, 1),
            valid_until=date(2027, 1, 1),
            now=NOW,
            keep_until=KEEP,
        )


def home_of(person: TestPass) -> str:
    return f"/console/people/{person.holder.reference}/households/{person.household.reference}"


def carried(page: httpx.Response) -> dict[str, str]:
    """What the page to check by sends on: all that was typed, and what was read."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: value for name, value in fields if name != "csrf"}


async def checked(desk: Console, path: str, fields: dict[str, str]) -> httpx.Response:
    """Ask for an act, and return the page that says what it will bring."""
    page = await desk.post(path, fields)
    assert page.status_code == 200, said(page)
    assert "Nothing has been written down yet." in said(page)
    return page


async def lives_in(house: House, whose: Holder | Household, day: date = TODAY) -> str | None:
    async with house.database.look() as unit:
        return await commune_of(unit, whose.id, day)


async def home(house: House, person: TestPass, day: date = TODAY) -> list[str]:
    """Who lives in somebody's household on a day."""
    async with house.database.look() as unit:
        members = await unit.people.members(person.household.id, day)
        return [holder.reference for holder, one in members if one.valid_from <= day and not one.former]


async def acts(house: House, holder: Holder) -> list[Act]:
    """What was done to somebody, without what was only looked at."""
    async with house.database.look() as unit:
        lines = await unit.journal.search(holder.authority_id, Wanted(holder_id=holder.id), 50)
    shown = {Act.FILE_SHOWN, Act.HOUSEHOLD_SHOWN, Act.CIRCUMSTANCES_LISTED}
    return [line.entry.act for line in reversed(lines) if line.entry.act not in shown]


@SHARED
async def test_a_family_moves_away_and_the_pool_for_residents_stays_shut_until_it_is_undone(
    shared_house: House,
) -> None:
    zoe = await family(shared_house, "mv-1", "mv-2")
    await residents_only(shared_house, zoe.holder)
    desk, at = await enter(shared_house, Role.DESK), home_of(zoe)
    assert at in (await desk.get("/console/people/mv-1")).text
    assert f"{at}/move" in (await desk.get(at)).text

    page = await checked(desk, f"{at}/move", {"on": str(TODAY), "code": AWAY})

    words = said(page)
    assert f"from {HERE} to {AWAY}" in words
    assert words.count(f"moves to {AWAY}") == 2
    assert "stops by itself on that day: it asks to live in certain communes" in words
    assert (await lives_in(shared_house, zoe.household), await acts(shared_house, zoe.holder)) == (HERE, [])
    assert (await shared_house.tap(zoe.code, "free-1")).json()["reason"] == "welcome"
    done = await desk.post(f"{at}/move", carried(page))
    assert done.headers["location"] == at
    shared_house.clock.turn(minutes=1)
    assert (await shared_house.tap(zoe.code, "free-1")).json()["reason"] == "not_resident"
    async with shared_house.database.look() as unit:
        other = await unit.people.holder(zoe.holder.authority_id, "mv-2")
    assert await lives_in(shared_house, other) == AWAY
    assert await acts(shared_house, zoe.holder) == await acts(shared_house, other) == [Act.CIRCUMSTANCE_CHANGED]

    await undo(desk, done)

    shared_house.clock.turn(minutes=1)
    assert (await shared_house.tap(zoe.code, "free-1")).json()["reason"] == "welcome"
    async with shared_house.database.look() as unit:
        for one in (zoe.holder, zoe.household, other):
            known = await unit.people.circumstances_after(one.id, "commune", date.min)  # type: ignore[arg-type]
            assert [each.value for each in known] == [HERE], "as if nothing had been"


@SHARED
async def test_a_move_sent_twice_is_done_once(shared_house: House) -> None:
    zoe = await family(shared_house, "tw-1")
    desk, at = await enter(shared_house, Role.DESK), home_of(zoe)
    fields = carried(await checked(desk, f"{at}/move", {"on": str(TODAY + DAY), "code": AWAY}))
    answers = [await desk.post(f"{at}/move", fields) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    async with shared_house.database.look() as unit:
        known = await unit.people.circumstances_after(zoe.household.id, "commune", date.min)  # type: ignore[arg-type]
    assert [(one.value, one.valid_from) for one in known] == [(HERE, date(2020, 1, 1)), (AWAY, TODAY + DAY)]
    assert offered(await desk.get(at)) is None, "nothing was done that could be undone"


@SHARED
async def test_the_child_of_separated_parents_stays_where_the_other_parent_lives(shared_house: House) -> None:
    mother, father = await family(shared_house, "sep-m", "sep-c"), await family(shared_house, "sep-f")
    async with shared_house.database.begin() as unit:
        child = await unit.people.holder(mother.holder.authority_id, "sep-c")
        await join(unit, child, father.household.id, since=date(2022, 1, 1))
    await residents_only(shared_house, child)
    desk, at = await enter(shared_house, Role.DESK), home_of(mother)

    page = await checked(desk, f"{at}/move", {"on": str(TODAY), "code": AWAY})

    assert f"does not move: another household keeps them in {HERE}, as a child of separated parents" in said(page)
    assert "stops by itself" not in said(page), "the right of the child goes on by the home that stays"
    assert (await desk.post(f"{at}/move", carried(page))).status_code == 303
    assert (await lives_in(shared_house, child), await lives_in(shared_house, mother.holder)) == (HERE, AWAY)


@SHARED
async def test_a_split_shares_what_runs_and_doubles_nothing(shared_house: House) -> None:
    ana = await family(shared_house, "sp-1", "sp-2")
    await residents_only(shared_house, ana.household)
    desk, at = await enter(shared_house, Role.DESK), home_of(ana)
    form = await desk.get(f"{at}/split")
    assert 'name="reference" required value="F-sp-1-2"' in form.text, "a reference is offered"
    asked = {"on": str(TODAY), "code": AWAY, "reference": "F-sp-1-2"}
    for wrong, words in (
        ({}, "tick at least one person"),
        ({"leaver-sp-1": "yes", "leaver-sp-2": "yes"}, "somebody has to stay"),
        ({"leaver-sp-2": "yes", "reference": "F-sp-1"}, "a household has this reference already"),
        ({"leaver-sp-2": "yes", "code": "0123"}, "an INSEE code has five characters"),
        ({"leaver-sp-2": "yes", "on": "2019-01-01"}, "does not belong to the household on that day"),
    ):
        refused = await desk.post(f"{at}/split", {**asked, **wrong})
        assert (refused.status_code, words in said(refused)) == (422, True), wrong

    page = await checked(desk, f"{at}/split", {**asked, "leaver-sp-2": "yes"})

    words = said(page)
    assert "F-sp-1-2, in 59350" in words
    assert f"leaves the household, and lives in {AWAY} from then on" in words
    assert "still shared with Zoé Lefèvre" in words
    assert "Both households share these rights, on one count, until Thursday 31 December 2026" in words
    fields = carried(page)
    for _ in range(2):
        assert (await desk.post(f"{at}/split", fields)).headers["location"] == at
    assert await home(shared_house, ana) == ["sp-1"]
    async with shared_house.database.look() as unit:
        founded = await unit.people.household(ana.holder.authority_id, "F-sp-1-2")
        assert [holder.reference for holder, _ in await unit.people.members(founded.id, TODAY)] == ["sp-2"]
        left = await unit.people.holder(ana.holder.authority_id, "sp-2")
        assert await unit.products.entitlements([founded.id], TODAY) == []
    assert await acts(shared_house, ana.holder) == [Act.HOUSEHOLD_SPLIT]
    assert await acts(shared_house, left) == [Act.HOUSEHOLD_SPLIT]
    assert "Has left, still shares former rights" in said(await desk.get(at))


@SHARED
async def test_somebody_joins_leaves_again_and_both_can_be_undone(shared_house: House) -> None:
    ana, bea = await family(shared_house, "jl-1"), await family(shared_house, "jl-2")
    desk, at = await enter(shared_house, Role.DESK), home_of(ana)
    for wrong, words in (
        ({"person": "nobody"}, "nobody has this reference"),
        ({"person": "jl-1"}, "belongs to the household on those days already"),
        ({"until": "2026-01-01"}, "this day comes before the arrival"),
        ({"on": "01/01/1066"}, "write a date like 24/11/2026"),
        ({"on": "1970-01-01"}, "nobody knows where they lived on that day"),
    ):
        refused = await desk.post(f"{at}/join", {"person": "jl-2", "on": str(TODAY), "moves": "yes", **wrong})
        assert (refused.status_code, words in said(refused)) == (422, True), (wrong, said(refused))

    page = await checked(desk, f"{at}/join", {"person": "jl-2", "on": str(TODAY)})
    assert f"joins the household and keeps their commune, {HERE}" in said(page)
    joined = await desk.post(f"{at}/join", carried(page))
    assert await home(shared_house, ana) == ["jl-1", "jl-2"]
    await undo(desk, joined)
    assert await home(shared_house, ana) == ["jl-1"]
    assert (await desk.post(f"{at}/join", carried(page))).status_code == 303

    page = await checked(desk, f"{home_of(ana)}/leave", {"person": "jl-1", "on": str(TODAY), "code": AWAY})
    assert f"leaves the household, and lives in {AWAY} from then on" in said(page)
    gone = await desk.post(f"{home_of(ana)}/leave", carried(page))
    assert gone.headers["location"] == "/console/people/jl-1"
    assert (await home(shared_house, ana), await lives_in(shared_house, ana.holder)) == (["jl-2"], AWAY)
    await undo(desk, gone)
    assert (await home(shared_house, ana), await lives_in(shared_house, ana.holder)) == (["jl-1", "jl-2"], HERE)
    async with shared_house.database.look() as unit:
        (stay,) = await unit.people.memberships(ana.holder.id, ana.household.id)
    assert stay.valid_from == date(2020, 1, 1), "they have never been away"
    assert await acts(shared_house, bea.holder) == [Act.MEMBER_JOINED, Act.MEMBER_LEFT, Act.MEMBER_JOINED]


@SHARED
async def test_the_last_one_who_leaves_is_told_that_nobody_is_left(shared_house: House) -> None:
    ana = await family(shared_house, "last")
    desk, at = await enter(shared_house, Role.DESK), home_of(ana)
    page = await checked(desk, f"{at}/leave", {"person": "last", "on": str(TODAY), "commune": ""})
    assert "Nobody will live in this household any more" in said(page)
    assert (await desk.post(f"{at}/leave", carried(page))).status_code == 303
    assert "Nobody lives in this household any more." in said(await desk.get(at))


@SHARED
async def test_a_colleague_who_was_faster_is_told_of_and_nothing_is_lost(shared_house: House) -> None:
    ana = await family(shared_house, "two-1", "two-2")
    one, other = await enter(shared_house, Role.DESK), await enter(shared_house, Role.DESK)
    at = home_of(ana)
    mine = carried(await checked(one, f"{at}/move", {"on": str(TODAY), "code": AWAY}))
    theirs = await checked(other, f"{at}/leave", {"person": "two-2", "on": str(TODAY), "commune": "", "code": "59512"})
    assert (await other.post(f"{at}/leave", carried(theirs))).status_code == 303

    late = await one.post(f"{at}/move", mine)

    assert late.status_code == 409
    assert "Somebody has changed this household or these rights meanwhile" in said(late)
    assert await lives_in(shared_house, ana.household) == HERE
    again = carried(late)
    assert (again["code"], again["on"]) == (AWAY, str(TODAY))
    assert (await one.post(f"{at}/move", again)).status_code == 303
    async with shared_house.database.look() as unit:
        left = await unit.people.holder(ana.holder.authority_id, "two-2")
    assert await lives_in(shared_house, ana.holder) == AWAY
    assert await lives_in(shared_house, left) == "59512", "what the colleague did stands"
    corrected = await one.post(f"{at}/move", {**again, "step": "change"})
    assert corrected.status_code == 200
    assert f'value="{AWAY}"' in corrected.text


async def test_desks_that_press_at_the_same_moment_do_one_thing_once_and_hear_of_the_other(house: House) -> None:
    ana = await family(house, "race-1", "race-2", "race-3")
    desks, at = [await enter(house, Role.DESK) for _ in range(3)], home_of(ana)
    split = {"on": str(TODAY), "code": AWAY, "reference": "F-parted", "leaver-race-2": "yes"}
    fields = carried(await checked(desks[0], f"{at}/split", split))
    answers = await asyncio.gather(*(desk.post(f"{at}/split", fields) for desk in desks))
    assert [one.status_code for one in answers] == [303] * 3
    assert await acts(house, ana.holder) == [Act.HOUSEHOLD_SPLIT]
    move = carried(await checked(desks[0], f"{at}/move", {"on": str(TODAY), "code": AWAY}))
    leave = carried(await checked(desks[1], f"{at}/leave", {"person": "race-3", "on": str(TODAY), "code": "59512"}))

    both = await asyncio.gather(desks[0].post(f"{at}/move", move), desks[1].post(f"{at}/leave", leave))

    assert sorted(one.status_code for one in both) == [303, 409], "whoever is slower reads it once more"
    async with house.database.look() as unit:
        third = await unit.people.holder(ana.holder.authority_id, "race-3")
    moved = answers[0].status_code == 303
    assert await lives_in(house, ana.household) == (AWAY if moved else HERE)
    assert await lives_in(house, third) == (AWAY if moved else "59512")


@SHARED
async def test_a_way_back_that_leads_elsewhere_by_now_is_not_taken(shared_house: House) -> None:
    ana = await family(shared_house, "late-undo")
    desk, at = await enter(shared_house, Role.DESK), home_of(ana)
    done = await desk.post(f"{at}/move", carried(await checked(desk, f"{at}/move", {"on": str(TODAY), "code": AWAY})))
    found = offered(await desk.get(done.headers["location"]))
    assert found is not None
    async with shared_house.database.begin() as unit:
        await move_household(unit, ana.household, commune_code="59512", on=TODAY)
    late = await desk.post(*found)
    assert (late.status_code, await lives_in(shared_house, ana.household)) == (409, "59512")


@SHARED
async def test_a_commune_is_chosen_by_name_or_written_as_a_code(shared_house: House) -> None:
    ana = await family(shared_house, "com-1")
    desk, at = await enter(shared_house, Role.DESK), f"{home_of(ana)}/move"
    authority_id = ana.holder.authority_id
    async with shared_house.database.begin() as unit:
        await unit.places.add_commune(Commune(unit.ids.row(), authority_id, "00108", "Les Morvettes", 1900))
    for wrong, words in (
        ({}, "choose a commune, or write its INSEE code"),
        ({"commune": "other"}, "choose a commune, or write its INSEE code"),
        ({"commune": "00999"}, "choose from the list"),
        ({"commune": "00108", "code": AWAY}, "not both"),
        ({"commune": "other", "code": "Lille"}, "an INSEE code has five characters"),
        ({"commune": "other", "code": HERE}, "they live there already"),
        ({"commune": "00108", "on": "2019-12-31"}, "nobody knows where they lived on that day"),
    ):
        refused = await desk.post(at, {"on": str(TODAY), **wrong})
        assert (refused.status_code, words in said(refused)) == (422, True), wrong
    page = await checked(desk, at, {"on": str(TODAY), "commune": "00108", "code": ""})
    assert "to Les Morvettes (00108)" in said(page)


@SHARED
async def test_a_browser_lets_a_code_stand_for_a_commune_of_the_list(shared_house: House) -> None:
    ana = await family(shared_house, "com-2")
    desk, at = await enter(shared_house, Role.DESK), f"{home_of(ana)}/move"
    async with shared_house.database.begin() as unit:
        listed = Commune(unit.ids.row(), ana.holder.authority_id, "00107", "Orsevaux", 1200)
        await unit.places.add_commune(listed)
    chosen = re.search(r'<select [^>]*name="commune"[^>]*>', (await desk.get(at)).text)
    assert chosen is not None
    assert "required" not in chosen[0]
    page = await checked(desk, at, {"on": str(TODAY), "commune": "", "code": AWAY})
    assert f"to {AWAY}" in said(page)


@SHARED
async def test_somebody_moves_alone(shared_house: House) -> None:
    ana = await family(shared_house, "alone")
    await residents_only(shared_house, ana.holder)
    desk, at = await enter(shared_house, Role.DESK), "/console/people/alone/move"
    assert "Zoé Lefèvre moves" in said(await desk.get(at))

    page = await checked(desk, at, {"on": str(TODAY), "commune": "other", "code": AWAY})

    assert "stops by itself" not in said(page), "their household still lives here, and a gate goes by that too"
    done = await desk.post(at, carried(page))
    assert done.headers["location"] == "/console/people/alone/circumstances"
    assert (await lives_in(shared_house, ana.holder), await lives_in(shared_house, ana.household)) == (AWAY, HERE)
    assert (await shared_house.tap(ana.code, "free-1")).json()["reason"] == "welcome"
    await undo(desk, done)
    assert await lives_in(shared_house, ana.holder) == HERE


@SHARED
async def test_only_those_who_keep_the_register_come_here_and_only_for_their_own(shared_house: House) -> None:
    ana = await family(shared_house, "own-1")
    await shared_house.resident("own-2")
    paths = [home_of(ana), *(f"{home_of(ana)}/{what}" for what in ("move", "join", "leave", "split"))]
    neighbour = await enter(shared_house, shared_house.city.neighbour_agents[Role.DESK])
    desk, reviewer = await enter(shared_house, Role.DESK), await enter(shared_house, Role.REVIEWER)
    for path in paths:
        assert (await neighbour.get(path)).status_code == 404, path
        assert (await reviewer.get(path)).status_code == 403, path
        foreign = path.replace("people/own-1", "people/own-2")
        assert (await desk.get(foreign)).status_code == 404, "a household that is not theirs"
    assert (await neighbour.post(f"{home_of(ana)}/move", {"on": str(TODAY), "code": AWAY})).status_code == 404
