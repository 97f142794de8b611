"""What holds of somebody at the console: what held, holds and will hold; a band, a status, and their end."""

import re
from datetime import date, timedelta

import httpx
import pytest

from domain.acts import Act
from domain.agents import Role
from domain.circumstances import CircumstanceKind, record_circumstance
from domain.conditions import Conditions
from domain.people import Holder, Household
from domain.products import Terms
from tests.city import TODAY
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.rights import give
from tests.http.test_console_households import acts, home_of
from tests.http.test_console_undo import offered, undo

SHARED = pytest.mark.asyncio(loop_scope="module")

DAY = timedelta(days=1)
OCTOBER, JANUARY = date(2026, 10, 1), date(2027, 1, 1)


async def known(house: House, whose: Holder | Household, kind: CircumstanceKind) -> list[tuple[str, date, date]]:
    """What is written of somebody, of all times."""
    async with house.database.look() as unit:
        found = await unit.people.circumstances_after(whose.id, kind, date.min)
    return [(one.value, one.valid_from, one.valid_until) for one in found]


def seen(page: httpx.Response) -> str:
    """What the page's forms say that was looked at."""
    found = re.search(r'name="was" value="(\w+)"', page.text)
    assert found is not None
    return found[1]


async def send(desk: Console, path: str, fields: dict[str, str]) -> httpx.Response:
    """Send a form of the page as it is now."""
    page = path.removesuffix("/end")
    return await desk.post(path, {"was": seen(await desk.get(page)), **fields})


def band(code: str, since: date, until: date | None = None) -> dict[str, str]:
    return {"kind": "quotient", "quotient": code, "quotient_from": str(since), "quotient_until": str(until or "")}


def status(code: str, since: date, until: date | None = None) -> dict[str, str]:
    return {"kind": "status", "status": code, "status_from": str(since), "status_until": str(until or "")}


async def world(house: House, reference: str) -> tuple[Console, str, Holder]:
    """Somebody whose right is for students of the bands A and B."""
    whose = await house.resident(reference)
    terms = Terms(conditions=Conditions(bands=("A", "B"), statuses=("student",)))
    await give(house, whose, f"social-{reference}", service="pool", terms=terms)
    return await enter(house, Role.DESK), f"/console/people/{reference}/circumstances", whose.holder


@SHARED
async def test_a_band_takes_the_place_of_the_one_before_and_can_be_taken_back(shared_house: House) -> None:
    desk, at, zoe = await world(shared_house, "band")
    async with shared_house.database.begin() as unit:
        await record_circumstance(unit, zoe, kind=CircumstanceKind.QUOTIENT, value="A", since=OCTOBER, until=JANUARY)
    before = await known(shared_house, zoe, CircumstanceKind.QUOTIENT)
    assert at in (await desk.get("/console/people/band")).text
    page = said(await desk.get(at))
    assert "Family quotient A 1 Oct 2026 31 Dec 2026" in page
    assert "Commune (INSEE) 00101 always no end is known" in page, "and never the day of birth"

    await send(desk, at, status("student", JANUARY))
    assert "Status student 1 Jan 2027 no end is known" in said(await desk.get(at)).partition("Later")[2]
    done = await send(desk, at, band("B", TODAY))

    words = said(await desk.get(done.headers["location"]))
    assert f"On record: Family quotient B, from {TODAY.day} Nov 2026." in words
    assert await known(shared_house, zoe, CircumstanceKind.QUOTIENT) == [
        ("A", OCTOBER, TODAY),
        ("B", TODAY, date(9999, 12, 31)),
    ]
    assert "Family quotient A 1 Oct 2026 17 Nov 2026" in words, "what held stays to be read"
    again = await send(desk, at, band("A", TODAY + DAY))
    assert (await known(shared_house, zoe, CircumstanceKind.QUOTIENT))[-1][:2] == ("A", TODAY + DAY)
    await undo(desk, again)
    fields = {"kind": "quotient", "quotient": "A", "quotient_from": str(TODAY), "quotient_until": "2026-12-31"}
    assert (await send(desk, at, fields)).status_code == 303
    assert await known(shared_house, zoe, CircumstanceKind.QUOTIENT) == before, "one period, as it was"
    assert await acts(shared_house, zoe) == [Act.CIRCUMSTANCE_CHANGED] * 5


@SHARED
async def test_a_status_is_noted_ended_and_each_can_be_undone(shared_house: House) -> None:
    desk, at, zoe = await world(shared_house, "status")
    assert '<option value="student">student</option>' in (await desk.get(at)).text
    noted = await send(desk, at, status("student", TODAY, JANUARY))
    period = [("student", TODAY, JANUARY + DAY)]
    assert await known(shared_house, zoe, CircumstanceKind.STATUS) == period
    await undo(desk, noted)
    assert await known(shared_house, zoe, CircumstanceKind.STATUS) == []
    await send(desk, at, status("student", OCTOBER))

    ended = await send(desk, f"{at}/end", {"ending": "status:student", "ending_on": str(TODAY)})

    assert await known(shared_house, zoe, CircumstanceKind.STATUS) == [("student", OCTOBER, TODAY)]
    await undo(desk, ended)
    assert await known(shared_house, zoe, CircumstanceKind.STATUS) == [("student", OCTOBER, date(9999, 12, 31))]
    changed = [Act.CIRCUMSTANCE_CHANGED, Act.CIRCUMSTANCE_ENDED, Act.CIRCUMSTANCE_CHANGED]
    assert await acts(shared_house, zoe) == [*changed, Act.CIRCUMSTANCE_ENDED, Act.CIRCUMSTANCE_CHANGED]


@SHARED
async def test_only_what_prices_and_rights_ask_for_is_noted_and_what_is_wrong_stands_at_its_field(
    shared_house: House,
) -> None:
    desk, at, zoe = await world(shared_house, "wrong")
    for fields, words in (
        (band("1250", TODAY), "Quotient band: choose from the list"),
        (band("", TODAY), "Quotient band: choose from the list"),
        (status("a friend", TODAY), "Status: choose from the list"),
        ({**status("student", TODAY), "kind": "suspended", "suspended": "pool", "status": "pool"}, "Status: choose"),
        (band("A", TODAY, OCTOBER), "Last day of the band: this day comes before the first one"),
        ({**band("A", TODAY), "quotient_from": "31/12/9999"}, "Band from: write a date like 24/11/2026"),
    ):
        refused = await send(desk, at, fields)
        assert (refused.status_code, words in said(refused)) == (422, True), (fields, said(refused))
    for fields, words in (
        ({"ending": "status:student", "ending_on": str(TODAY)}, "What no longer holds: it does not hold on that day"),
        ({"ending": "commune:00101", "ending_on": str(TODAY)}, "What no longer holds: choose from the list"),
        ({"ending": "suspended:pool", "ending_on": str(TODAY)}, "What no longer holds: choose from the list"),
        ({"ending": "status:student", "ending_on": ""}, "No longer holds from: please fill this in"),
    ):
        refused = await send(desk, f"{at}/end", fields)
        assert (refused.status_code, words in said(refused)) == (422, True), (fields, said(refused))
    assert await known(shared_house, zoe, CircumstanceKind.QUOTIENT) == []
    assert await acts(shared_house, zoe) == []


@SHARED
async def test_a_form_that_is_sent_twice_writes_once(shared_house: House) -> None:
    desk, at, zoe = await world(shared_house, "twice")
    fields = {"was": seen(await desk.get(at)), **status("student", OCTOBER)}
    assert [(await desk.post(at, fields)).status_code for _ in range(2)] == [303, 303]
    assert offered(await desk.get(at)) is None
    ending = {"was": seen(await desk.get(at)), "ending": "status:student", "ending_on": str(TODAY)}
    assert [(await desk.post(f"{at}/end", ending)).status_code for _ in range(2)] == [303, 303]
    assert await known(shared_house, zoe, CircumstanceKind.STATUS) == [("student", OCTOBER, TODAY)]
    assert await acts(shared_house, zoe) == [Act.CIRCUMSTANCE_CHANGED, Act.CIRCUMSTANCE_ENDED]


@SHARED
async def test_two_colleagues_at_once_see_each_other_and_lose_nothing(shared_house: House) -> None:
    one, at, zoe = await world(shared_house, "both")
    other = await enter(shared_house, Role.DESK)
    was = seen(await one.get(at))
    assert (await send(other, at, band("A", TODAY))).status_code == 303

    late = await one.post(at, {"was": was, **band("B", TODAY, JANUARY)})

    words = said(late)
    assert (late.status_code, "Somebody has changed these lines meanwhile" in words) == (409, True)
    assert "Family quotient A 18 Nov 2026" in words
    assert '<option value="B" selected>' in late.text, "what was typed stays"
    assert f'name="quotient_until" aria-describedby="hint-quotient_until" value="{JANUARY}"' in late.text
    assert [value for value, _, _ in await known(shared_house, zoe, CircumstanceKind.QUOTIENT)] == ["A"]
    assert (await one.post(at, {"was": seen(late), **band("B", TODAY, JANUARY)})).status_code == 303
    late = await other.post(f"{at}/end", {"was": was, "ending": "quotient:B", "ending_on": str(TODAY)})
    assert late.status_code == 409


@SHARED
async def test_a_household_has_a_band_of_its_own(shared_house: House) -> None:
    desk, _, zoe = await world(shared_house, "homeband")
    async with shared_house.database.look() as unit:
        (home,) = await unit.people.households_of(zoe.id, TODAY)
    at = f"/console/people/homeband/households/{home.reference}/circumstances"
    assert "those of everybody who lives there" in said(await desk.get(at))
    assert (await send(desk, at, band("A", TODAY))).headers["location"] == at
    assert [value for value, _, _ in await known(shared_house, home, CircumstanceKind.QUOTIENT)] == ["A"]
    assert await known(shared_house, zoe, CircumstanceKind.QUOTIENT) == []
    ending = {"ending": "quotient:A", "ending_on": str(TODAY)}
    assert (await send(desk, f"{at}/end", ending)).status_code == 303
    assert await known(shared_house, home, CircumstanceKind.QUOTIENT) == []


@SHARED
async def test_where_nothing_depends_on_them_bands_and_statuses_are_not_asked_for(shared_house: House) -> None:
    neighbour = shared_house.city.neighbour
    whose = await shared_house.resident("next-door", authority=neighbour)
    await world(shared_house, "of-ours")
    desk = await enter(shared_house, shared_house.city.neighbour_agents[Role.DESK])
    page = said(await desk.get("/console/people/next-door/circumstances"))
    assert "No price or right depends on the family quotient." in page
    assert "No price or right depends on a status." in page
    ours = await enter(shared_house, Role.DESK)
    for path in ("/console/people/next-door/circumstances", f"{home_of(whose)}/circumstances"):
        assert (await ours.get(path)).status_code == 404
