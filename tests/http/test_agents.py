"""How agents log in, and what those who are logged in may send."""

from typing import Any

import pytest

from domain.agents import PERMISSIONS, Role
from store.tables.agents import agent, agent_role
from tests.house_app import House
from tests.http.logging_in import log_in, who
from tests.http.test_terminals import problem

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.mark.parametrize("role", list(Role))
async def test_an_agent_logs_in_and_hears_what_they_may_do(house: House, role: Role) -> None:
    answer = await log_in(house.client, house.city.agents[role].login)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["tokenType"], answer.json()["expiresIn"]) == ("Bearer", 900)
    said = (await who(house, answer.json()["accessToken"])).json()
    assert said["login"] == house.city.agents[role].login
    assert said["roles"] == [role]
    assert set(said["permissions"]) == PERMISSIONS[role]


async def test_a_wrong_password_and_an_unknown_login_get_one_answer(house: House) -> None:
    login = house.city.agents[Role.DESK].login
    wrong = await log_in(house.client, login, "guess")
    unknown = await log_in(house.client, "nobody@ville.example")
    assert problem(wrong) == problem(unknown) == (401, "bad-credentials")
    assert wrong.content == unknown.content
    assert login not in wrong.text


async def test_an_account_that_was_closed_is_refused_at_once(house: House) -> None:
    login = house.city.agents[Role.DESK].login
    token = (await log_in(house.client, login)).json()["accessToken"]
    assert (await who(house, token)).status_code == 200

    async with house.database.engine.begin() as connection:
        await connection.execute(agent.update().where(agent.c.login == login).values(active=False))

    assert problem(await who(house, token)) == (401, "not-authenticated")
    assert problem(await log_in(house.client, login)) == (401, "bad-credentials")


async def test_a_role_taken_away_is_gone_at_once(house: House) -> None:
    headers = await house.agent_headers(Role.MANAGER)
    assert (await house.client.get("/v1/terminals", headers=headers)).status_code == 200
    async with house.database.engine.begin() as connection:
        await connection.execute(agent_role.delete().where(agent_role.c.agent_id == house.city.agents[Role.MANAGER].id))
    assert problem(await house.client.get("/v1/terminals", headers=headers)) == (403, "forbidden")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "a"},
        {"login": "", "password": "x"},
        {"login": "a", "password": ""},
        {"login": "a" * 121, "password": "x"},
        {"login": "a", "password": "x" * 201},
        {"login": "a\0", "password": "x"},
        {"login": "a\nb", "password": "x"},
        {"login": ["a"], "password": "x"},
        {"login": "a", "password": None},
        {"login": "a", "password": "x", "role": "administrator"},
    ],
)
async def test_a_login_that_does_not_fit_is_a_problem(house: House, body: dict[str, Any]) -> None:
    answer = await house.client.post("/v1/agents/tokens", json=body)
    assert problem(answer) == (400, "invalid-request")


@ONE_ENGINE
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"login":"\xff","password":"x"}',
        b'{"login":' + b"[" * 30_000,
        b'{"other":' + b"[" * 30_000,
        b'{"login":"\\ud800","password":"x"}',
    ],
    ids=["empty", "null", "list", "cut off", "not UTF-8", "deep", "deep and unknown", "half a character"],
)
async def test_a_body_that_cannot_be_read_is_a_problem(house: House, content: bytes) -> None:
    answer = await house.client.post("/v1/agents/tokens", content=content)
    assert problem(answer) == (400, "invalid-request")


@ONE_ENGINE
async def test_a_body_of_a_megabyte_is_not_read(house: House) -> None:
    answer = await house.client.post("/v1/agents/tokens", content=b" " * 1_000_000)
    assert problem(answer) == (413, "body-too-large")


@pytest.mark.parametrize("reference", ["R\0", "'; DROP TABLE holder; --", "é" * 40, "{{7*7}}", "%00", "..", "\u202e"])
async def test_a_holders_reference_is_only_ever_a_value(house: House, reference: str) -> None:
    headers = await house.agent_headers(Role.DESK)
    answer = await house.client.post("/v1/passes", json={"holderReference": reference}, headers=headers)
    assert problem(answer) in {(400, "invalid-request"), (404, "holder-not-found")}


@pytest.mark.parametrize(
    "number", ["0", "%00", "abc%00", "1234567890", "%27", "٠١٢٣٤٥٦٧٨٩", "9" * 5_000, "..", "%2e%2e", "%ff"]
)
async def test_a_number_that_is_none_finds_nothing(house: House, number: str) -> None:
    headers = await house.agent_headers(Role.DESK)
    answer = await house.client.get(f"/v1/passes/{number}", headers=headers)
    assert answer.status_code == 404, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"validFrom": "2026-12-31", "validUntil": "2026-12-31"}, "contradictory-period"),
        ({"validFrom": "2026-12-31", "validUntil": "2026-01-01"}, "contradictory-period"),
        ({"validUntil": "2020-01-01"}, "contradictory-period"),
        ({"validFrom": "9999-12-31"}, "invalid"),
        ({"validFrom": "0001-01-01"}, "invalid"),
        ({"validFrom": "2026-02-30"}, "invalid-request"),
        ({"validFrom": 20260101}, "invalid-request"),
        ({"kind": "tattoo"}, "invalid-request"),
        ({"status": "ended"}, "invalid-request"),
    ],
)
async def test_a_pass_that_contradicts_itself_is_not_issued(house: House, dates: dict[str, Any], code: str) -> None:
    zoe = await house.resident("R1")
    headers = await house.agent_headers(Role.DESK)
    answer = await house.client.post(
        "/v1/passes", json={"holderReference": zoe.holder.reference, **dates}, headers=headers
    )
    assert problem(answer) == (400, code)


async def test_a_medium_is_blocked_once_and_never_comes_back(house: House) -> None:
    zoe = await house.resident("R1")
    headers = await house.agent_headers(Role.DESK)
    shown = (await house.client.get(f"/v1/passes/{zoe.pass_.number}", headers=headers)).json()
    where = f"/v1/passes/{zoe.pass_.number}/media/{shown['media'][0]['id']}/block"

    first = await house.client.post(where, json={"reason": "stolen"}, headers=headers)
    second = await house.client.post(where, json={"reason": "suspended"}, headers=headers)

    assert (first.status_code, first.json()["status"]) == (200, "stolen")
    assert problem(second) == (409, "lifecycle-conflict")


@pytest.mark.parametrize("medium", ["0" * 16, "zz", "00", "0" * 18, "é" * 8, "00 00"])
async def test_a_medium_that_is_none_of_the_pass_is_not_found(house: House, medium: str) -> None:
    zoe = await house.resident("R1")
    headers = await house.agent_headers(Role.DESK)
    answer = await house.client.post(
        f"/v1/passes/{zoe.pass_.number}/media/{medium}/block", json={"reason": "lost"}, headers=headers
    )
    assert problem(answer) == (404, "medium-not-found")
