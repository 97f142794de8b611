"""A form that took longer to type than its session lasts is not lost, and goes to nobody else."""

import html
import re

import httpx
import pytest

from domain.agent_sessions import IDLE
from domain.agents import Role
from tests.city import PASSWORD
from tests.console import Console, enter, said
from tests.house_app import House

TYPED = {"login": "late", "name": 'Inès "<b>', "role": "desk", "where": "everywhere"}
AT = "/console/agents/new"


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page's own form."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


async def too_late(house: House, console: Console, *, token: str | None = None) -> httpx.Response:
    token = await console.form_token(AT) if token is None else token
    house.clock.turn(seconds=IDLE.total_seconds())
    return await console.post(AT, {**TYPED, "password": "a secret"}, token=token)


async def log_in(console: Console, house: House, role: Role, page: httpx.Response) -> httpx.Response:
    kept = hidden(page)
    fields = {"login": house.city.agents[role].login, "password": PASSWORD, "unsent": kept["unsent"]}
    return await console.post("/console/login", fields, token=kept["csrf"])


async def test_it_waits_in_the_login_and_is_sent_after_it(house: House) -> None:
    console = await enter(house, Role.ADMINISTRATOR)
    page = await too_late(house, console)
    assert page.status_code == 401
    assert "Nothing is lost" in said(page)

    back = await log_in(console, house, Role.ADMINISTRATOR, page)

    assert "still here" in said(back)
    kept = hidden(back)
    assert {name: kept.get(name) for name in (*TYPED, "password")} == {**TYPED, "password": None}
    done = await console.post(AT, {name: kept[name] for name in TYPED}, token=kept["csrf"])
    assert "First password" in said(done)


async def test_somebody_else_does_not_get_it(house: House) -> None:
    console = await enter(house, Role.ADMINISTRATOR)
    answer = await log_in(console, house, Role.DESK, await too_late(house, console))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_a_form_from_elsewhere_is_not_kept(house: House, token: str) -> None:
    console = await enter(house, Role.ADMINISTRATOR)
    page = await too_late(house, console, token=token)
    assert (page.status_code, page.headers["location"]) == (303, "/console/login")


async def test_what_the_browser_has_not_sealed_is_not_sent(house: House) -> None:
    console = await enter(house, Role.ADMINISTRATOR)
    page = await too_late(house, console)
    kept = hidden(page)
    for forged in ("e30.00", kept["unsent"][:-1] + "x", "é.é", "."):
        door = Console(house.client)
        token = await door.form_token("/console/login")
        fields = {"login": house.city.agents[Role.ADMINISTRATOR].login, "password": PASSWORD, "unsent": forged}
        assert (await door.post("/console/login", fields, token=token)).status_code == 303


async def test_whoever_types_stays(house: House) -> None:
    console = await enter(house, Role.DESK)
    for _ in range(3):
        house.clock.turn(seconds=IDLE.total_seconds() - 1)
        assert (await console.get("/console/alive")).status_code == 204
    assert (await console.get("/console")).status_code == 200
