"""What was just done at the console is undone by the button beside the word that says so, where that hurts nobody."""

import html
import re
from datetime import date, timedelta

import httpx
import pytest

from admin.undoing import Left, Undo, sealed, unsealed
from domain.acts import Act
from domain.agents import Role
from domain.journal import Wanted
from domain.passes import MediumStatus, PassStatus, medium_bytes
from domain.points import Point
from domain.tasks import TaskReason, open_task
from tests.city import NOW, TestPass
from tests.console import Console, enter, said
from tests.house_app import House
from tests.point_sheets import published, register_air

SHARED = pytest.mark.asyncio(loop_scope="module")


def offered(page: httpx.Response) -> tuple[str, dict[str, str]] | None:
    """The way back that stands beside what was said: where its form goes, and what it says."""
    notice = page.text.partition('<div class="notice">')[2].partition("</div>")[0]
    form = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', notice, re.DOTALL)
    if form is None:
        return None
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[2])
    return html.unescape(form[1]), {name: html.unescape(value) for name, value in fields if name != "csrf"}


async def undo(console: Console, done: httpx.Response) -> httpx.Response:
    """Open the page that an act leads to, and press its button."""
    found = offered(await console.get(done.headers["location"]))
    assert found is not None, "nothing to undo it with"
    path, fields = found
    back = await console.post(path, fields)
    assert back.status_code == 303, said(back)
    return back


def medium_path(person: TestPass) -> str:
    return f"/console/passes/{person.pass_.number}/media/{medium_bytes(person.medium.id).hex()}"


async def status_of(house: House, person: TestPass) -> tuple[PassStatus, list[MediumStatus]]:
    async with house.database.look() as unit:
        pass_ = await unit.passes.by_number(person.holder.authority_id, person.pass_.number)
        return pass_.status, [one.status for one in await unit.passes.media(pass_.id)]


async def acts(house: House, person: TestPass) -> list[tuple[Act, str | None]]:
    async with house.database.look() as unit:
        lines = await unit.journal.search(person.holder.authority_id, Wanted(holder_id=person.holder.id), 50)
    shown = {Act.FILE_SHOWN, Act.PASS_SHOWN, Act.MEDIUM_HISTORY_SHOWN}
    return [(line.entry.act, line.entry.why) for line in reversed(lines) if line.entry.act not in shown]


@SHARED
async def test_a_suspended_code_opens_again_and_a_lost_one_does_not(shared_house: House) -> None:
    zoe = await shared_house.resident("undo-1", rights=("pool-year",))
    desk, path = await enter(shared_house, Role.DESK), medium_path(zoe)
    done = await desk.post(f"{path}/block", {"was": "active", "reason": "suspended", "for": "undo-1"})
    assert (await shared_house.tap(zoe.code, "free-1")).json()["reason"] == "medium_suspended"

    await undo(desk, done)

    assert (await shared_house.tap(zoe.code, "free-1")).json()["reason"] == "welcome"
    assert "Put back in use" not in said(await desk.get(path))
    lost = await desk.post(f"{path}/block", {"was": "active", "reason": "lost", "for": "undo-1"})
    assert offered(await desk.get(lost.headers["location"])) is None
    refused = await desk.post(f"{path}/resumption", {"was": "lost", "for": "undo-1"})
    assert refused.status_code == 409
    assert await status_of(shared_house, zoe) == (PassStatus.ACTIVE, [MediumStatus.LOST])
    assert await acts(shared_house, zoe) == [
        (Act.MEDIUM_BLOCKED, "suspended"),
        (Act.MEDIUM_RESUMED, None),
        (Act.MEDIUM_BLOCKED, "lost"),
    ]


@SHARED
async def test_a_medium_that_waits_is_put_back_days_later_from_its_own_page(shared_house: House) -> None:
    zoe = await shared_house.resident("undo-2")
    desk, path = await enter(shared_house, Role.DESK), medium_path(zoe)
    await desk.post(f"{path}/block", {"was": "active", "reason": "suspended", "for": "undo-2"})
    await desk.get(path)
    later = await enter(shared_house, Role.DESK)
    assert "This medium is suspended for a time" in said(await later.get(path))
    wrong = await later.post(f"{path}/resumption", {"was": "suspended", "for": "nobody"})
    assert (wrong.status_code, "choose from the list" in said(wrong)) == (422, True)
    await later.post(f"{path}/resumption", {"was": "suspended", "for": "undo-2"})
    assert await status_of(shared_house, zoe) == (PassStatus.ACTIVE, [MediumStatus.ACTIVE])


@SHARED
async def test_a_pass_is_suspended_put_back_and_ended_for_good(shared_house: House) -> None:
    zoe = await shared_house.resident("undo-3", rights=("pool-year",))
    desk, at = await enter(shared_house, Role.DESK), f"/console/passes/{zoe.pass_.number}/state"
    assert at in (await desk.get("/console/people/undo-3")).text
    for wrong in ({"cause": ""}, {"cause": "deceased"}, {"cause": "in_doubt", "for": "nobody"}):
        refused = await desk.post(f"{at}/suspension", {"was": "active", "for": "undo-3", **wrong})
        assert (refused.status_code, "choose from the list" in said(refused)) == (422, True), wrong
    done = await desk.post(f"{at}/suspension", {"was": "active", "cause": "in_doubt", "for": "undo-3"})
    assert (await shared_house.tap(zoe.code, "free-1")).json()["reason"] == "pass_suspended"

    await undo(desk, done)

    assert (await shared_house.tap(zoe.code, "free-1")).json()["reason"] == "welcome"
    late = await desk.post(f"{at}/resumption", {"was": "suspended", "for": "undo-3"})
    assert (late.status_code, "another agent has just changed it" in said(late)) == (409, True)
    assert "This is for good" in said(await desk.get(f"{at}?act=end"))
    over = await desk.post(f"{at}/end", {"was": "active", "cause": "moved_away", "for": "undo-3"})
    assert over.headers["location"] == "/console/people/undo-3"
    assert offered(await desk.get("/console/people/undo-3")) is None, "an end is for good"
    assert "nothing left to do" in said(await desk.get(at))
    assert await status_of(shared_house, zoe) == (PassStatus.ENDED, [MediumStatus.ACTIVE])
    assert await acts(shared_house, zoe) == [
        (Act.PASS_SUSPENDED, "in_doubt"),
        (Act.PASS_RESUMED, None),
        (Act.PASS_ENDED, "moved_away"),
    ]


@SHARED
async def test_a_role_that_was_withdrawn_comes_back_until_the_same_day(shared_house: House) -> None:
    console, city = await enter(shared_house, Role.ADMINISTRATOR), shared_house.city
    page = f"/console/agents/{city.agents[Role.REVIEWER].id}"
    last = (NOW.date() + timedelta(days=30)).isoformat()
    held = {"role": "site_agent", "where": "site:pool"}
    assert (await console.post(f"{page}/roles", {**held, "until": last})).status_code == 303

    await undo(console, await console.post(f"{page}/roles/end", held))

    async with shared_house.database.look() as unit:
        agent = await unit.agents.by_id(city.agents[Role.REVIEWER].id)
    assert agent is not None
    assert [one.until for one in agent.grants if one.site == "pool"] == [date.fromisoformat(last) + timedelta(days=1)]
    await console.post(f"{page}/roles/end", held)


@SHARED
async def test_a_member_who_was_taken_off_by_mistake_is_a_member_again(shared_house: House) -> None:
    await shared_house.resident("undo-4")
    desk, page = await enter(shared_house, Role.DESK), "/console/organisations/UNDO-1"
    firm = {"kind": "municipal", "name": "Les Amis", "reference": "UNDO-1", "commune": "59350"}
    await desk.post("/console/organisations", firm)
    await desk.post(f"{page}/members", {"holder": "undo-4"})

    await undo(desk, await desk.post(f"{page}/members/undo-4/end"))

    assert "/console/people/undo-4" in (await desk.get(page)).text


@SHARED
async def test_a_filter_and_a_cost_that_were_forgotten_are_there_again(shared_house: House) -> None:
    manager = await enter(shared_house, Role.MANAGER)
    kept = {"page": "/console/notices", "name": "Piscine, à moi", "topic": "sites", "place": "pool"}
    await manager.post("/console/filters", kept)
    await undo(manager, await manager.post("/console/filters", {**kept, "deed": "drop"}))
    assert "Piscine, à moi" in said(await manager.get("/console/notices"))

    spent = NOW.date().isoformat()
    await manager.post("/console/figures/entered/costs", {"heading": "cards", "spent_on": spent, "amount": "-1 250,50"})
    page = await manager.get("/console/figures/entered")
    removal = re.search(r"/console/figures/entered/costs/[0-9a-f-]{36}/removal", page.text)
    assert removal is not None, said(page)
    await undo(manager, await manager.post(removal[0]))
    assert "−1,250.50" in said(await manager.get("/console/figures/entered"))


@SHARED
async def test_a_task_that_was_closed_too_early_is_open_again(shared_house: House) -> None:
    city = shared_house.city
    await register_air(shared_house.database, city)
    point: Point = await published(shared_house.database, city, "place-undone")
    async with shared_house.database.begin() as unit:
        await open_task(unit, point, TaskReason.FAULT, now=shared_house.clock())
    manager = await enter(shared_house, Role.MANAGER)
    close = re.search(r"/console/tasks/[0-9a-f-]{36}/close", (await manager.get("/console/tasks")).text)
    assert close is not None
    done = await manager.post(close[0], {"note": "Revissée"})
    assert close[0] not in (await manager.get("/console/tasks")).text
    manager.cookies.update(done.cookies)

    await undo(manager, done)

    assert close[0] in (await manager.get("/console/tasks")).text
    again = await manager.post(close[0].replace("/close", "/reopening"))
    assert again.status_code == 409, "it is open"


def test_a_way_back_is_of_its_own_session_and_one_too_long_is_left_out() -> None:
    back = Undo("/console/agents", {"role": "desk"})
    assert unsealed(sealed("C’est fait.", back, "mine"), "mine") == Left("C’est fait.", back)
    assert unsealed(sealed("C’est fait.", back, "theirs"), "mine") == Left()
    assert unsealed("nothing", "mine") == Left()
    long = Undo("/console/agents", {"role": "x" * 2_000})
    assert unsealed(sealed("C’est fait." * 100, long, "mine"), "mine") == Left(("C’est fait." * 100)[:500])
