"""What happens to those who guess at logins and passwords."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import build_app
from api.settings import Settings
from domain.agents import Role
from tests.client import client_of
from tests.house_app import House, TestClock
from tests.http.logging_in import log_in
from tests.http.test_terminals import problem

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


# --- L3: those who guess ----------------------------------------------------------------------------


async def test_the_eleventh_guess_at_one_account_waits(house: House) -> None:
    login = house.city.agents[Role.DESK].login
    for _ in range(10):
        assert problem(await log_in(house.client, login, "guess")) == (401, "bad-credentials")

    refused = await log_in(house.client, login)

    assert problem(refused) == (429, "too-many-attempts"), "even with the right password"
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert refused.json()["retryAfterSeconds"] == int(refused.headers["retry-after"])
    assert (await log_in(house.client, house.city.agents[Role.DPO].login)).status_code == 200, "others go on"
    house.clock.turn(seconds=int(refused.headers["retry-after"]))
    assert (await log_in(house.client, login)).status_code == 200


async def test_an_account_is_counted_whatever_the_case_of_its_login(house: House) -> None:
    login = house.city.agents[Role.DESK].login
    for guess in range(10):
        spelled = login.upper() if guess % 2 else login
        await log_in(house.client, spelled, "guess")
    assert (await log_in(house.client, login)).status_code == 429


async def test_guesses_sent_at_one_moment_learn_no_more_than_ten_answers(house: House) -> None:
    login = house.city.agents[Role.DESK].login
    answers = await asyncio.gather(*(log_in(house.client, login, f"guess {n}") for n in range(25)))
    told = [answer for answer in answers if answer.status_code == 401]
    assert len(told) == 10
    assert {answer.status_code for answer in answers} == {401, 429}


def spread(house: House, guess: int) -> str:
    """One account after another, so that none of them reaches its own limit."""
    return house.city.agents[list(Role)[guess % len(Role)]].login


async def test_the_thirty_first_guess_from_one_source_waits(house: House) -> None:
    for guess in range(30):
        assert (await log_in(house.client, spread(house, guess), "guess")).status_code == 401
    refused = await log_in(house.client, house.city.neighbour_agents[Role.DESK].login)
    assert problem(refused) == (429, "too-many-attempts")
    assert "retry-after" in refused.headers


FORGED = ("x-forwarded-for", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip", "x-forwarded-host")


@ONE_ENGINE
async def test_forged_headers_hide_nobody(house: House) -> None:
    for guess in range(31):
        address = f"203.0.113.{guess}"
        forged = {"forwarded": f"for={address}", **dict.fromkeys(FORGED, address)}
        answer = await log_in(house.client, spread(house, guess), "guess", **forged)
        assert answer.status_code == (401 if guess < 30 else 429)


PROXY = "127.0.0.9"


@asynccontextmanager
async def behind_proxy(house: House, tmp_path: Path, clock: TestClock) -> AsyncIterator[httpx.AsyncClient]:
    """The application as a trusted proxy reaches it. Requests come from `PROXY`."""
    settings = Settings(
        database_url=house.database.url.render_as_string(hide_password=False),
        keys_folder=str(tmp_path / "keys"),
        trusted_proxies=(PROXY,),
    )
    app = build_app(settings, clock=clock)

    async def from_proxy(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - plain ASGI
        if scope["type"] == "http":
            scope["client"] = (PROXY, 5000)
        await app(scope, receive, send)

    async with client_of(app):
        transport = httpx.ASGITransport(app=from_proxy)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            yield client


@ONE_ENGINE
async def test_a_trusted_proxy_is_believed_about_the_last_address_it_saw(
    house: House, tmp_path: Path, clock: TestClock
) -> None:
    async with behind_proxy(house, tmp_path, clock) as client:
        for guess in range(30):
            forwarded = f"10.0.0.{guess}, 203.0.113.7"
            answer = await log_in(client, spread(house, guess), "guess", x_forwarded_for=forwarded)
            assert answer.status_code == 401
        for forwarded in ("203.0.113.7", f"1.1.1.1, 203.0.113.7, {PROXY}", " 203.0.113.7 "):
            assert (await log_in(client, "nobody", x_forwarded_for=forwarded)).status_code == 429
        assert (await log_in(client, "nobody", x_forwarded_for="203.0.113.8")).status_code == 401


@ONE_ENGINE
async def test_a_proxy_that_adds_a_line_of_its_own_is_not_outwitted(
    house: House, tmp_path: Path, clock: TestClock
) -> None:
    """The client wrote the first X-Forwarded-For line, the proxy the second: only the second is true."""
    async with behind_proxy(house, tmp_path, clock) as client:
        statuses = [
            (
                await client.post(
                    "/v1/agents/tokens",
                    content=json.dumps({"login": spread(house, guess), "password": "guess"}),
                    headers=[
                        ("content-type", "application/json"),
                        ("x-forwarded-for", f"10.0.0.{guess}"),
                        ("x-forwarded-for", "203.0.113.7"),
                    ],
                )
            ).status_code
            for guess in range(31)
        ]
    assert statuses == [401] * 30 + [429]
