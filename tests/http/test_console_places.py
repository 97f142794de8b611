"""Terminals and what gates decided alone, at the console; rivers, words and tasks of the tour."""

import re

import pytest

from domain.acts import Act
from domain.agents import Role
from domain.journal import Door, Wanted
from tests.console import enter, said
from tests.house_app import House

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
