"""A second factor at the doors: who has one needs it, each code counts once, and who must have one sets it up first."""

import base64
import re
from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest_asyncio
from msgspec.structs import replace

from domain.agents import Agent, Role
from domain.second_factors import SECRET_BYTES, code_at
from tests.city import PASSWORD
from tests.console import Console, enter, said
from tests.house_app import House


def code_of(secret: str, now: datetime, *, later: int = 0) -> str:
    """What a telephone shows that has read the secret of the page."""
    raw = base64.b32decode(secret.replace(" ", ""))
    assert len(raw) == SECRET_BYTES
    return code_at(raw, int(now.timestamp()) // 30 + later)


class Protected:
    """An agent with a telephone, and what they wrote down."""

    def __init__(self, agent: Agent, console: Console, secret: str, spare: list[str]) -> None:
        self.agent = agent
        self.console = console
        self.secret = secret
        self.spare = spare


async def set_up(house: House, console: Console) -> tuple[str, httpx.Response]:
    await console.post("/console/account/code", drawn_at="/console/account/code")
    page = await console.get("/console/account/code")
    (secret,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", page.text)
    done = await console.post(
        "/console/account/code/first", {"code": code_of(secret, house.clock())}, drawn_at="/console/account/code"
    )
    return secret, done


@pytest_asyncio.fixture
async def desk(house: House) -> AsyncIterator[Protected]:
    console = await enter(house, Role.DESK)
    secret, done = await set_up(house, console)
    yield Protected(house.city.agents[Role.DESK], console, secret, re.findall(r"<code>([a-z2-7-]+)</code>", done.text))


async def half(house: House, desk: Protected) -> Console:
    console = Console(house.client)
    answer = await console.log_in(desk.agent.login, wanted="/console/account")
    assert answer.headers["location"] == "/console/login/code?next=%2Fconsole%2Faccount"
    return console


async def send(console: Console, code: str) -> httpx.Response:
    at = "/console/login/code"
    return await console.post(at, {"code": code, "next": "/console/account"}, drawn_at=at)


async def test_a_password_alone_opens_nothing_and_a_code_counts_once(house: House, desk: Protected) -> None:
    console = await half(house, desk)
    before = console.cookies["multipass-agent"]
    assert (await console.get("/console")).status_code == 303
    assert (await send(console, code_of(desk.secret, house.clock()))).status_code == 422, "it confirmed the telephone"
    house.clock.turn(seconds=30)
    code = code_of(desk.secret, house.clock())

    answer = await send(console, code)

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/account")
    assert console.cookies["multipass-agent"] != before, "the session is new once more"
    assert "in use" in said(await console.get("/console/account"))
    again = await half(house, desk)
    assert "used before" in said(await send(again, code))


async def test_a_spare_code_stands_in_once(house: House, desk: Protected) -> None:
    assert len(set(desk.spare)) == 8
    typed = desk.spare[0].upper().replace("-", " ")
    assert (await send(await half(house, desk), typed)).status_code == 303
    assert (await send(await half(house, desk), typed)).status_code == 422


async def test_nobody_guesses_codes_for_long_nor_waits_for_ever(house: House, desk: Protected) -> None:
    console = await half(house, desk)
    for _ in range(5):
        assert (await send(console, "000000")).status_code == 422
    assert "too many" in said(await send(console, code_of(desk.secret, house.clock(), later=1)))
    house.clock.turn(minutes=5)
    assert (await console.get("/console/login/code")).headers["location"].startswith("/console/login?")


async def test_a_token_asks_for_the_code_too(house: House, desk: Protected) -> None:
    login = {"login": desk.agent.login, "password": PASSWORD}
    house.clock.turn(seconds=30)
    codes = ("", "000000", code_of(desk.secret, house.clock()))
    answers = [await house.client.post("/v1/agents/tokens", json={**login, "code": code}) for code in codes]
    assert [(one.status_code, one.json().get("code")) for one in answers] == [
        (401, "second-factor-needed"),
        (401, "second-factor-wrong"),
        (200, None),
    ]


async def test_a_telephone_is_taken_off_with_the_password(house: House, desk: Protected) -> None:
    kept = await desk.console.post("/console/account/code", drawn_at="/console/account/code")
    assert kept.status_code == 303
    assert "In use since" in said(await desk.console.get("/console/account/code")), "it is not replaced by a click"
    wrong = await desk.console.post("/console/account/code/end", {"password": "wrong"})
    assert "password is wrong" in said(wrong)
    await desk.console.post("/console/account/code/end", {"password": PASSWORD})
    assert (await Console(house.client).log_in(desk.agent.login)).headers["location"] == "/console"


async def test_where_it_is_required_it_is_set_up_before_anything_else(house: House) -> None:
    house.app.state.settings = replace(house.app.state.settings, second_factor="required")
    console, editor = await enter(house, Role.DESK), await enter(house, Role.EDITOR)
    for path in ("/console", "/console/account"):
        assert (await console.get(path)).headers["location"] == "/console/account/code"
    assert (await editor.get("/console")).status_code == 200, "who sees nobody's data is not asked"

    _, done = await set_up(house, console)

    assert "spare codes" in said(done)
    assert (await console.get("/console")).status_code == 200
    refused = await console.post("/console/account/code/end", {"password": PASSWORD})
    assert refused.status_code == 403


async def test_another_password_ends_the_sessions_elsewhere(house: House) -> None:
    here, there = await enter(house, Role.DESK), await enter(house, Role.DESK)
    new = "trois mots et un autre"
    tries = ({"new": "short"}, {"new": new, "again": "else"}, {"password": "wrong", "new": new, "again": new})
    words = ("at least 12 characters", "not the same", "password is wrong")
    for fields, word in zip(tries, words, strict=True):
        assert word in said(await here.post("/console/account/password", fields))
    done = await here.post("/console/account/password", {"password": PASSWORD, "new": new, "again": new})
    assert done.headers["location"] == "/console/account"
    assert (await here.get("/console")).status_code == 200
    assert (await there.get("/console")).status_code == 303
    login = house.city.agents[Role.DESK].login
    assert (await Console(house.client).log_in(login)).status_code == 401
    assert (await Console(house.client).log_in(login, new)).status_code == 303


async def test_a_form_that_came_too_late_waits_for_the_code_too(house: House, desk: Protected) -> None:
    token = await desk.console.form_token()
    house.clock.turn(minutes=31)
    page = await desk.console.post("/console/account/sessions/end", {"note": "typed"}, token=token)
    steps = ({"login": desk.agent.login, "password": PASSWORD}, {"code": code_of(desk.secret, house.clock())})
    for at, fields in zip(("/console/login", "/console/login/code"), steps, strict=True):
        (unsent,) = set(re.findall(r'name="unsent" value="([^"]+)"', page.text))
        (token,) = set(re.findall(r'name="csrf" value="(\w+)"', page.text))
        page = await desk.console.post(at, {**fields, "unsent": unsent}, token=token)
        if page.status_code == 303:
            page = await desk.console.get(page.headers["location"])
    assert "still here" in said(page)
    assert 'name="note" value="typed"' in page.text
