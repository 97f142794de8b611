"""The officer's screen: the journal, narrowed down; and the search itself stands in it."""

import pytest

from domain.acts import Act
from domain.agents import Role
from domain.journal import Wanted
from tests.console import enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")


@SHARED
async def test_the_officer_sees_who_opened_which_file_and_leaves_a_line_too(shared_house: House) -> None:
    seen = await shared_house.resident("seen-1")
    await shared_house.resident("other-1")
    desk, officer = await enter(shared_house, Role.DESK), await enter(shared_house, Role.DPO)
    await desk.get("/console/people/seen-1")
    await desk.get("/console/people/other-1")

    page = said(await officer.get("/console/journal?holder=seen-1&act=file.shown&first=2026-01-01&before=2100-01-01"))

    assert "Opened a file" in page
    assert shared_house.city.agents[Role.DESK].login in page
    assert "seen-1" in page
    assert "other-1" not in page
    async with shared_house.database.look() as unit:
        wanted = Wanted(act=Act.JOURNAL_SEARCHED, holder_id=seen.holder.id)
        found = await unit.journal.search(shared_house.city.authority.id, wanted, 9)
    assert [line.entry.agent_id for line in found] == [shared_house.city.agents[Role.DPO].id]


@SHARED
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("agent=nobody@nowhere", "no agent has this login"),
        ("holder=%22%3E%3Cscript%3E", "no file has this reference"),
        ("first=0001-01-01", "write a date like"),
        ("act=nothing", "choose from the list"),
        ("holder=a%00b", "contains invisible characters"),
        ("line=9e9&before=1970-01-01", "No line fits"),
    ],
)
async def test_what_does_not_fit_is_said_at_its_field(shared_house: House, asked: str, words: str) -> None:
    officer = await enter(shared_house, Role.DPO)
    page = await officer.get(f"/console/journal?{asked}")
    assert page.status_code == 200
    assert words in said(page)
    assert "<script>" not in page.text


@SHARED
async def test_a_line_says_which_account_batch_or_site_it_was_done_to(shared_house: House) -> None:
    """Who may read the journal must read what was touched, also where it is no one's file."""
    administrator, manager = await enter(shared_house, Role.ADMINISTRATOR), await enter(shared_house, Role.MANAGER)
    desk = shared_house.city.agents[Role.DESK]
    await administrator.get(f"/console/agents/{desk.id}")
    await manager.get("/console/offline/pool")
    officer = await enter(shared_house, Role.DPO)
    accounts = await officer.get("/console/journal?act=agent.shown")
    assert f"account {desk.login}" in said(accounts)
    assert str(desk.id) not in accounts.text
    assert "site pool" in said(await officer.get("/console/journal?act=offline.reviewed"))
    by_agent = await officer.get(f"/console/journal?agent={shared_house.city.agents[Role.MANAGER].login}")
    assert "site pool" in said(by_agent)
    assert "account " not in said(by_agent).partition("Lines, newest first")[2]
