"""Terminals and what gates decided alone, at the console; rivers, words and tasks of the tour."""

import re

import pytest

from domain.acts import Act
from domain.agents import Role
from domain.journal import Door, Wanted
from domain.limits import ONE
from tests.city import paired_terminal
from tests.console import enter, said
from tests.house_app import House
from tests.http.rights import used
from tests.http.test_offline import a_day_without_network

SHARED = pytest.mark.asyncio(loop_scope="module")


@SHARED
async def test_a_terminal_is_paired_with_a_code_on_the_screen_and_revoked(shared_house: House) -> None:
    console = await enter(shared_house, Role.ADMINISTRATOR)
    wrong = await console.post("/console/terminals/new", {"name": "Pool 2", "profile": "gate"})
    assert wrong.status_code == 422
    assert "choose at least one door" in said(wrong)
    page = await console.post("/console/terminals/new", {"name": "Pool 2", "profile": "gate", "gate_pool-1": "yes"})
    assert page.status_code in {200, 201}
    assert "<svg" in page.text
    assert re.search(r'class="typed">[0-9A-Z]{4}-[0-9A-Z]{4}<', page.text)
    listed = await console.get("/console/terminals")
    found = re.search(r"/console/terminals/[0-9a-f-]{36}/revoke", listed.text)
    assert found is not None
    assert (await console.post(found[0])).status_code == 303
    assert "Revoked" in said(await console.get("/console/terminals"))


@SHARED
async def test_a_terminals_gates_are_changed_after_a_look_at_what_would_change(shared_house: House) -> None:
    console = await enter(shared_house, Role.ADMINISTRATOR)
    async with shared_house.database.begin() as unit:
        authority_id = shared_house.city.authority.id
        gates = tuple([await unit.places.gate(authority_id, code) for code in ("pool-1", "waste-1")])
        device = await paired_terminal(unit, authority_id, gates, now=shared_house.clock())
    page = f"/console/terminals/{device.terminal.id}"
    before = re.findall(r'name="(gate_[^"]+)" value="yes" checked', (await console.get(page)).text)
    assert (await console.post(f"{page}/gates", {"deed": "keep"})).status_code == 422
    fewer = dict.fromkeys(before[1:], "yes")
    seen = await console.post(f"{page}/gates", {**fewer, "deed": "preview"})
    assert "Gates removed" in said(seen)
    assert re.findall(r'name="(gate_[^"]+)" value="yes" checked', (await console.get(page)).text) == before
    token = await shared_house.terminal_token(device)
    assert (await console.post(f"{page}/gates", {**fewer, "deed": "keep"})).headers["location"] == page
    assert re.findall(r'name="(gate_[^"]+)" value="yes" checked', (await console.get(page)).text) == before[1:]
    headers = {"Authorization": f"Bearer {token}"}
    old = await shared_house.client.get("/v1/terminals/configuration", headers=headers)
    assert old.status_code == 401, "a token of before knows the gates of before"


@SHARED
async def test_what_gates_do_alone_is_seen_before_it_is_changed_and_goes_back_to_the_services_own(
    shared_house: House,
) -> None:
    console = await enter(shared_house, Role.ADMINISTRATOR)
    page = "/console/terminals/alone/pool"
    assert "It is the custom of the service." in said(await console.get(page))
    form = {"fails": "closed", "entries": "0", "fresh": "2", "stale": "12", "strict": "24"}
    wrong = await console.post(page, {**form, "stale": "1", "deed": "keep"})
    assert (wrong.status_code, "these times must rise" in said(wrong)) == (422, True)
    assert "Afterwards" in said(await console.post(page, {**form, "deed": "preview"}))
    assert "It is the custom of the service." in said(await console.get(page)), "a preview has changed something"
    assert (await console.post(page, {**form, "deed": "keep"})).headers["location"] == page
    changed = said(await console.get(page))
    assert "This site has rules of its own." in changed
    assert "it lets nobody in by itself" in changed
    await console.post(page, {"deed": "usual"})
    assert "It is the custom of the service." in said(await console.get(page))
    assert (await console.get("/console/terminals/alone/elsewhere")).status_code == 404


@SHARED
async def test_a_manager_looks_at_terminals_and_changes_none(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    assert "Pair a terminal" not in said(await console.get("/console/terminals"))
    assert (await console.get("/console/terminals/new")).status_code == 403


@SHARED
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/console/offline", "No gate has decided alone in thirty days."),
        ("/console/offline/pool", "No passage to look at here."),
        ("/console/offline/pool?reason=no_right&flag=passback&after=3", "No passage to look at here."),
        ("/console/quarantine", "Nothing waits: all passages were taken in."),
        ("/console/floods", "No gauge has thresholds set by two people yet."),
        ("/console/voices", "Nothing waits here."),
        ("/console/voices?status=approved", "Nothing waits here."),
        ("/console/tasks", "No task here."),
        ("/console/tasks?done=true", "No task here."),
    ],
)
async def test_an_empty_page_says_why_it_is_empty(shared_house: House, path: str, words: str) -> None:
    page = await (await enter(shared_house, Role.MANAGER)).get(path)
    assert page.status_code == 200, page.text
    assert words in said(page)


@SHARED
async def test_what_is_gone_or_elsewhere_is_not_found(shared_house: House) -> None:
    console = await enter(shared_house, Role.MANAGER)
    nobody = "01a20100-0a23-7e01-8c1b-3a5f5f3c2d12"
    assert (await console.get("/console/offline/elsewhere")).status_code == 404
    assert (await console.post("/console/quarantine/7/drop")).status_code == 404
    for path in (f"voices/{nobody}/publish", f"floods/changes/{nobody}/confirm"):
        assert (await console.post(f"/console/{path}")).status_code == 404


async def test_who_looks_at_offline_passages_stands_in_the_journal(house: House) -> None:
    await (await enter(house, Role.MANAGER)).get("/console/offline/pool")
    async with house.database.look() as unit:
        (line,) = await unit.journal.search(house.city.authority.id, Wanted(act=Act.OFFLINE_REVIEWED), 10)
    assert (line.entry.origin.door, line.entry.object.id) == (Door.CONSOLE, "pool")
    assert line.entry.origin.session_id is not None


async def test_a_fact_of_days_ago_is_put_right_from_its_list(house: House) -> None:
    """The board shows the last twelve passages of today; what gates decided alone is looked at days later."""
    zoe = await a_day_without_network(house)
    house.clock.turn(days=3)
    manager = await enter(house, Role.MANAGER)
    page = await manager.get("/console/offline/free")
    found = re.findall(r"/console/sites/free/passages/\d+", page.text)
    assert len(found) == 2
    assert f'<a href="/console/passes/{zoe.pass_.number}">' in page.text
    assert "Take this passage back" in said(await manager.get(found[0]))
    assert (await manager.post(f"{found[0]}/cancel", {"motive": "staff_error"})).status_code == 303
    page = await manager.get("/console/offline/free")
    assert "taken back" in said(page)
    assert re.findall(r"/console/sites/free/passages/\d+", page.text) == found[1:]
    assert await used(house) == [2 * ONE]
    elsewhere = found[1].replace("/free/", "/pool/")
    assert (await manager.get(elsewhere)).status_code == 404, "a passage is shown at its own site"
