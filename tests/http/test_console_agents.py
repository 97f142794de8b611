"""Agents and roles: what an administrator sees and does in the console, and what nobody else does."""

import re

import pytest
from sqlalchemy import select

from domain.agents import Grant, Role
from store.tables.journal import journal_entry
from tests.console import Console, enter, said
from tests.house_app import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = '"><img src=x onerror=alert(1)>'


async def taken_on(admin: Console, login: str, **fields: str) -> tuple[str, str]:
    """Take somebody on; return the address of their account and their first password."""
    page = await admin.post(
        "/console/agents/new", {"login": login, "name": login.title(), "role": "desk", "where": "everywhere", **fields}
    )
    assert page.status_code == 200, said(page)
    (at,) = re.findall(r'href="(/console/agents/[0-9a-f-]{36})"', page.text)
    return at, re.findall(r"<code>([^<]+)</code>", page.text)[1]


async def acts(house: House, at: str) -> list[str]:
    """What the journal says was done to an agent, but for looking."""
    mine = journal_entry.c.object_id == at.rsplit("/", maxsplit=1)[1]
    async with house.database.read() as connection:
        found = await connection.execute(select(journal_entry.c.act).where(mine).order_by(journal_entry.c.number))
        return [str(act) for act in found.scalars() if act not in {"agent.shown", "file.shown"}]


async def test_somebody_is_taken_on_and_comes_in_with_the_password_that_was_shown_once(shared_house: House) -> None:
    admin = await enter(shared_house, Role.ADMINISTRATOR)
    at, password = await taken_on(admin, "nina", where="site:pool")
    nina = Console(shared_house.client)
    assert (await nina.log_in("nina", password)).status_code == 303
    page = await admin.get(at)
    assert password not in page.text
    assert "desk pool no end Take away" in said(page)
    assert "nina" in said(await admin.get("/console/agents?name=NIN"))
    assert "No agent matches" in said(await admin.get("/console/agents?name=zz"))
    assert await acts(shared_house, at) == ["agent.taken-on"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"login": "", "name": "N", "role": "desk"}, "Login"),
        ({"login": "n", "name": "N", "role": "king"}, "Role"),
        ({"login": "n", "name": "N", "role": "desk", "where": "site:nowhere"}, "no such page"),
        ({"login": "n", "name": "N", "role": "desk", "where": "moon:pool"}, "Where"),
        ({"login": "n", "name": "N", "role": "administrator", "where": "site:pool"}, "cannot be limited"),
        ({"login": "desk@ville.example", "name": "N", "role": "desk"}, "this login is taken"),
        ({"login": "desk@voisine.example", "name": "N", "role": "desk"}, "this login is taken"),
    ],
)
async def test_what_does_not_fit_comes_back_as_it_was_typed(
    shared_house: House, fields: dict[str, str], words: str
) -> None:
    admin = await enter(shared_house, Role.ADMINISTRATOR)
    page = await admin.post("/console/agents/new", {"where": "everywhere", **fields, "name": HOSTILE})
    assert page.status_code in {404, 422}
    assert words in said(page)
    assert "<img" not in page.text


async def test_roles_are_given_and_taken_and_felt_at_once(shared_house: House) -> None:
    admin = await enter(shared_house, Role.ADMINISTRATOR)
    at, password = await taken_on(admin, "omar")
    omar = Console(shared_house.client)
    await omar.log_in("omar", password)
    assert (await omar.get("/console/agents")).status_code == 403

    given = await admin.post(f"{at}/roles", {"role": "administrator", "where": "everywhere"})
    twice = await admin.post(f"{at}/roles", {"role": "administrator", "where": "everywhere"})

    assert (given.status_code, twice.status_code) == (303, 422)
    assert "given there already" in said(twice)
    assert (await omar.get("/console/agents")).status_code == 200
    await admin.post(f"{at}/roles/end", {"role": "administrator", "where": "everywhere"})
    assert (await omar.get("/console/agents")).status_code == 403
    assert await acts(shared_house, at) == ["agent.taken-on", "agent.role-given", "agent.role-withdrawn"]


async def test_an_account_is_closed_opened_and_given_another_password(shared_house: House) -> None:
    admin = await enter(shared_house, Role.ADMINISTRATOR)
    at, first = await taken_on(admin, "paula")
    paula = Console(shared_house.client)
    await paula.log_in("paula", first)
    await admin.post(f"{at}/close")
    assert (await paula.get("/console")).status_code == 303
    assert (await paula.log_in("paula", first)).status_code == 401
    await admin.post(f"{at}/reopen")
    page = await admin.post(f"{at}/password")
    second = re.findall(r"<code>([^<]+)</code>", page.text)[1]
    assert (await paula.log_in("paula", first)).status_code == 401
    assert (await paula.log_in("paula", second)).status_code == 303
    await admin.post(f"{at}/sessions/end")
    assert (await paula.get("/console")).status_code == 303
    done = ["agent.taken-on", "agent.closed", "agent.reopened", "agent.reset", "agent.reset"]
    assert await acts(shared_house, at) == done


async def test_nobody_closes_their_own_account_or_the_last_administrator(shared_house: House) -> None:
    admin = await enter(shared_house, Role.ADMINISTRATOR)
    own = f"/console/agents/{shared_house.city.agents[Role.ADMINISTRATOR].id}"
    assert (await admin.post(f"{own}/close")).status_code == 403
    refused = await admin.post(f"{own}/roles/end", {"role": "administrator", "where": "everywhere"})
    assert "no administrator would be left" in said(refused)
    assert "own account" in said(await admin.get(own))


async def test_an_identity_is_attached_to_one_agent_alone(shared_house: House) -> None:
    admin = await enter(shared_house, Role.ADMINISTRATOR)
    at, _ = await taken_on(admin, "quentin")
    identity = {"siret": "200 123 456 00017", "uid": HOSTILE}
    assert (await admin.post(f"{at}/identities", identity)).status_code == 303
    page = await admin.get(at)
    assert "20012345600017" in said(page)
    assert "<img" not in page.text
    assert "already" in said(await admin.post(f"{at}/identities", identity))
    assert "fourteen digits" in said(await admin.post(f"{at}/identities", {"siret": "12", "uid": "u"}))
    (end,) = re.findall(r'action="(\S+/identities/\S+/end)"', page.text)
    await admin.post(end)
    assert "20012345600017" not in said(await admin.get(at))


async def test_the_agents_of_the_neighbour_are_nobody_s_business(shared_house: House) -> None:
    admin = await enter(shared_house, Role.ADMINISTRATOR)
    other = shared_house.city.neighbour_agents[Role.DESK]
    at = f"/console/agents/{other.id}"
    assert other.login not in (await admin.get("/console/agents")).text
    for path in ("", "/password", "/close", "/reopen", "/sessions/end", "/telephone/end"):
        answer = await (admin.post(at + path) if path else admin.get(at))
        assert answer.status_code == 404, path
    async with shared_house.database.look() as unit:
        assert await unit.agents.by_id(other.id) == other


async def test_what_may_be_done_at_a_place_says_so_by_its_name(shared_house: House) -> None:
    admin = await enter(shared_house, Role.ADMINISTRATOR)
    at, _ = await taken_on(admin, "rosa", role="site_agent", where="service:pool")
    page = said(await admin.get(at))
    assert "service: " in page
    async with shared_house.database.look() as unit:
        rosa = await unit.agents.by_login("rosa")
    assert rosa is not None
    assert rosa.grants == (Grant(Role.SITE_AGENT, "pool"),)
