"""A site's board: what its gates have just said, and what an agent does in their place."""

import re

import pytest

from domain.agents import Role
from tests.console import Console, enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")


async def board(console: Console, code: str) -> str:
    page = await console.get(f"/console/sites/{code}")
    assert page.status_code == 200, page.text
    return said(page)


@SHARED
async def test_sites_are_listed_with_who_is_inside(shared_house: House) -> None:
    page = await (await enter(shared_house, Role.SITE_AGENT)).get("/console/sites")
    assert page.status_code == 200
    assert '<a href="/console/sites/pool">' in page.text


@SHARED
async def test_a_board_of_a_site_without_a_passage_says_so(shared_house: House) -> None:
    text = await board(await enter(shared_house, Role.MANAGER), "bus")
    assert "No passage today." in text
    assert "Let somebody in" not in text, "a manager reviews overrides and makes none"


@SHARED
async def test_an_agent_lets_somebody_in_and_takes_it_back(shared_house: House) -> None:
    zoe = await shared_house.resident("board-1", rights=("carnet-10",))
    console = await enter(shared_house, Role.SITE_AGENT)
    before = inside(await console.get("/console/sites/pool"))
    path, form = "/console/sites/pool/entries", {"number": zoe.pass_.number, "gate": "pool-1", "key": "k1"}

    unsaid = await console.post(path, form)
    assert unsaid.status_code == 422
    assert zoe.pass_.number in unsaid.text, "what was typed is kept"
    done = await console.post(path, {**form, "motive": "technical_fault"})
    assert (done.status_code, done.headers["location"]) == (303, "/console/sites/pool")

    page = await console.get("/console/sites/pool")
    assert "Welcome" in said(page)
    assert re.search(r"Exceptions made today.*Technical fault: \d+", said(page))
    assert inside(page) == before + 1
    again = await console.post(path, {**form, "motive": "technical_fault"})
    assert again.status_code == 303
    page = await console.get("/console/sites/pool")
    assert inside(page) == before + 1, "a form that is sent twice is one act"

    number = re.search(r"/console/sites/pool/passages/(\d+)", page.text)
    assert number is not None
    shown = await console.get(number[0])
    assert "Take this passage back" in said(shown)
    assert (await console.post(f"{number[0]}/cancel", {"key": "k2"})).status_code == 422
    assert (await console.post(f"{number[0]}/cancel", {"key": "k2", "motive": "wrong_pass"})).status_code == 303
    page = await console.get("/console/sites/pool")
    assert "taken back" in said(page)
    assert inside(page) == before


def inside(page: object) -> int:
    found = re.search(r'<p class="big">(\d+)', getattr(page, "text", ""))
    assert found is not None
    return int(found[1])


@SHARED
async def test_waste_is_taken_kind_by_kind(shared_house: House) -> None:
    zoe = await shared_house.resident("board-2", rights=("waste-24",))
    console = await enter(shared_house, Role.SITE_AGENT)
    form = {"number": zoe.pass_.number, "gate": "waste-1", "motive": "technical_fault", "key": "k3"}
    nothing = await console.post("/console/sites/waste/deposits", form)
    assert nothing.status_code == 422
    assert "give at least one amount" in said(nothing)
    entry = nothing.text.partition('aria-labelledby="entry-title"')[2].partition("</form>")[0]
    assert 'name="number"' in entry
    assert zoe.pass_.number not in entry, "it was typed at the other form"


@SHARED
@pytest.mark.parametrize("number", ["1234567890", "12", "<b>x</b>"])
async def test_a_number_that_is_no_pass_is_said_at_its_field(shared_house: House, number: str) -> None:
    console = await enter(shared_house, Role.SITE_AGENT)
    form = {"number": number, "gate": "pool-1", "motive": "safety", "key": "k4"}
    page = await console.post("/console/sites/pool/entries", form)
    assert page.status_code == 422
    assert "no pass has this number" in said(page)
    assert "<b>x" not in page.text


@SHARED
async def test_the_part_that_moves_is_drawn_alone(shared_house: House) -> None:
    page = await (await enter(shared_house, Role.SITE_AGENT)).get("/console/sites/pool/now")
    assert page.status_code == 200
    assert "<html" not in page.text


@SHARED
async def test_a_site_of_the_neighbours_is_not_found(shared_house: House) -> None:
    console = await enter(shared_house, Role.SITE_AGENT)
    assert (await console.get("/console/sites/elsewhere")).status_code == 404
    assert (await console.get("/console/sites/pool/passages/999999")).status_code == 404
