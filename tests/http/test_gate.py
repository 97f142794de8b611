"""The gate over HTTP: what a request may be, what is recorded, and what the same key says again."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from domain import terminals
from domain.agents import Role
from domain.errors import DomainError
from domain.terminals import TerminalStatus
from store.tables.places import terminal
from tests.city import paired_terminal
from tests.house_app import House
from tests.http.ledger_rows import events, rows

PATH = "/v1/access/validations"

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For what looks the same whatever the database."""

SHARED = pytest.mark.asyncio(loop_scope="module")
"""For tests of `shared_house`."""


async def post(house: House, body: bytes, token: str | None = None) -> httpx.Response:
    token = token or await house.terminal_token()
    return await house.client.post(PATH, content=body, headers={"Authorization": f"Bearer {token}"})


def body_of(code: str, **more: object) -> dict[str, Any]:
    return {"key": "k-1", "gate": "pool-1", "credential": code, **more}


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:multipass:problem:{code}"
    assert answer.json()["status"] == status


async def test_a_resident_with_a_carnet_enters_the_pool_and_sees_what_remains(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))

    answer = await house.tap(zoe.code)

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["outcome"], body["reason"]) == ("granted", "welcome")
    assert body["remaining"] == [{"product": "carnet-10", "unit": "visit", "left": 9, "of": 10, "until": "2027-01-01"}]


async def test_an_answer_says_it_in_both_languages_and_is_not_to_be_cached(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    answer = await house.tap(zoe.code)
    assert answer.json()["text"] == {"fr": "Bonne visite", "en": "Welcome"}
    assert answer.json()["nextStep"].keys() == {"fr", "en"}
    assert answer.json()["passValidUntil"] == "2031-01-01"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"


# --- E1, I1, I2: one key, one event, one answer ----------------------------------------------------


async def test_the_same_key_and_body_get_the_same_bytes_and_spend_nothing_more(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    first = await house.tap(zoe.code, key="again")
    before = await rows(house)
    house.clock.turn(minutes=3)

    second = await house.tap(zoe.code, key="again")

    assert (second.status_code, second.content) == (200, first.content)
    assert await rows(house) == before


async def test_the_same_key_with_the_members_in_another_order_is_the_same_request(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    token = await house.terminal_token()
    body = body_of(zoe.code)
    first = await post(house, json.dumps(body).encode(), token)
    second = await post(house, json.dumps(dict(reversed(body.items())), indent=1).encode(), token)
    assert (second.status_code, second.content) == (200, first.content)
    assert len(await events(house)) == 1


async def test_a_refusal_is_repeated_byte_for_byte_too(house: House) -> None:
    nobody = await house.resident("R1")
    first = await house.tap(nobody.code, key="refused")
    second = await house.tap(nobody.code, key="refused")
    assert first.json()["outcome"] == "payment_required"
    assert second.content == first.content
    assert len(await events(house)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"credential": "MP2:OTHER"},
        {"gate": "free-1"},
        {"direction": "exit"},
        {"quantities": [{"unit": "visit", "amount": 2}]},
        {"terminalTime": "2026-11-18T13:05:00Z"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_key_with_another_body_is_refused_and_nothing_happens(house: House, change: dict[str, Any]) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    await house.tap(zoe.code, key="mine")
    before = await rows(house)
    body = {"key": "mine", "gate": "pool-1", "credential": zoe.code, **change}

    answer = await post(house, json.dumps(body).encode())

    assert_problem(answer, 422, "idempotency-key-reused")
    assert await rows(house) == before


async def test_a_key_belongs_to_its_terminal(house: House) -> None:
    """Another terminal with the same key asks a question of its own, and cannot read the first one's answer."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    async with house.database.begin() as unit:
        other = await paired_terminal(unit, house.city.authority.id, (house.city.gates["pool"],), now=house.clock())
    first = await house.tap(zoe.code, key="shared")
    house.clock.turn(seconds=4)
    second = await house.tap(zoe.code, key="shared", token=await house.terminal_token(other))
    assert (first.json()["reason"], second.json()["reason"]) == ("welcome", "already_inside")
    assert len(await events(house)) == 2


async def test_the_same_key_at_the_same_moment_is_one_event(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    await house.terminal_token()
    answers = await asyncio.gather(*(house.tap(zoe.code, key="rush") for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(await events(house)) == 1


# --- what is wrong with the request: a problem, never an event ---------------------------------------

GOOD = '{"key":"k-1","gate":"pool-1","credential":"MP2:X"'

BAD_BODIES = {
    "empty": (b"", "invalid-request"),
    "null": (b"null", "invalid-request"),
    "a list": (b"[]", "invalid-request"),
    "a text": (b'"MP2:X"', "invalid-request"),
    "cut off": (GOOD.encode(), "invalid-request"),
    "something behind": (f"{GOOD}}} x".encode(), "invalid-request"),
    "two objects": (f"{GOOD}}}{GOOD}}}".encode(), "invalid-request"),
    "not UTF-8": (GOOD.encode() + b',"direction":"\xff"}', "invalid-request"),
    "not UTF-8 in the credential": (b'{"key":"k","gate":"pool-1","credential":"\xc3\x28"}', "invalid-request"),
    "UTF-16": (f"{GOOD}}}".encode("utf-16"), "invalid-request"),
    "byte order mark": (b"\xef\xbb\xbf" + f"{GOOD}}}".encode(), "invalid-request"),
    "lone surrogate": (rb'{"key":"k","gate":"pool-1","credential":"\ud800"}', "invalid-request"),
    "deep": (b"[" * 8_000, "invalid-request"),
    "deep in a field": (GOOD.encode() + b',"quantities":' + b"[" * 8_000, "invalid-request"),
    "deep behind an escape": (rb'{"\u006bey":' + b"[" * 8_000, "invalid-request"),
    "deep objects": (b'{"key":' * 1_100, "invalid-request"),
    "no key": (b'{"gate":"pool-1","credential":"X"}', "invalid-request"),
    "no gate": (b'{"key":"k","credential":"X"}', "invalid-request"),
    "no credential": (b'{"key":"k","gate":"pool-1"}', "invalid-request"),
    "number for a key": (b'{"key":1,"gate":"pool-1","credential":"X"}', "invalid-request"),
    "null for a gate": (b'{"key":"k","gate":null,"credential":"X"}', "invalid-request"),
    "list for a credential": (b'{"key":"k","gate":"pool-1","credential":["X"]}', "invalid-request"),
    "empty key": (b'{"key":"","gate":"pool-1","credential":"X"}', "invalid-request"),
    "long key": (json.dumps({"key": "k" * 65, "gate": "pool-1", "credential": "X"}).encode(), "invalid-request"),
    "key with a space": (b'{"key":"a b","gate":"pool-1","credential":"X"}', "invalid-request"),
    "key with a NUL": (rb'{"key":"a\u0000","gate":"pool-1","credential":"X"}', "invalid-request"),
    "key that injects": (b'{"key":"\';DROP TABLE x","gate":"pool-1","credential":"X"}', "invalid-request"),
    "empty gate": (b'{"key":"k","gate":"","credential":"X"}', "invalid-request"),
    "long gate": (json.dumps({"key": "k", "gate": "g" * 61, "credential": "X"}).encode(), "invalid-request"),
    "long credential": (json.dumps(body_of("X" * 2_049)).encode(), "invalid-request"),
    "unknown field": (GOOD.encode() + b',"forced":true}', "invalid-request"),
    "field in another case": (b'{"Key":"k","gate":"pool-1","credential":"X"}', "invalid-request"),
    "snake case": (GOOD.encode() + b',"terminal_time":"2026-11-18T13:05:00Z"}', "invalid-request"),
    "unknown direction": (GOOD.encode() + b',"direction":"sideways"}', "invalid-request"),
    "key twice": (b'{"key":"a","key":"b","gate":"pool-1","credential":"X"}', "duplicate-field"),
    "the same key twice": (b'{"key":"a","key":"a","gate":"pool-1","credential":"X"}', "duplicate-field"),
    "credential twice": (GOOD.encode() + b',"credential":"Y"}', "duplicate-field"),
    "direction twice": (GOOD.encode() + b',"direction":"exit","direction":"entry"}', "duplicate-field"),
    "hidden twice": (GOOD.encode() + rb',"cr\u0065dential":"Y"}', "duplicate-field"),
    "both hidden": (
        rb'{"\u006bey":"a","k\u0065y":"b","gate":"pool-1","credential":"X"}',
        "duplicate-field",
    ),
    "unknown field twice": (GOOD.encode() + b',"x":1,"x":2}', "invalid-request"),
    "naive time": (GOOD.encode() + b',"terminalTime":"2026-11-18T13:05:00"}', "invalid-request"),
    "time as a number": (GOOD.encode() + b',"terminalTime":1795007100}', "invalid-request"),
    "day only": (GOOD.encode() + b',"terminalTime":"2026-11-18"}', "invalid-request"),
    "30 February": (GOOD.encode() + b',"terminalTime":"2026-02-30T10:00:00Z"}', "invalid-request"),
    "25 o'clock": (GOOD.encode() + b',"terminalTime":"2026-11-18T25:00:00Z"}', "invalid-request"),
    "year 1": (GOOD.encode() + b',"terminalTime":"0001-01-01T00:00:00+14:00"}', "invalid-request"),
    "year 1970": (GOOD.encode() + b',"terminalTime":"1970-01-01T00:00:00Z"}', "invalid-request"),
    "year 9999": (GOOD.encode() + b',"terminalTime":"9999-12-31T23:59:59-14:00"}', "invalid-request"),
    "year 10000": (GOOD.encode() + b',"terminalTime":"10000-01-01T00:00:00Z"}', "invalid-request"),
    "quantities not a list": (GOOD.encode() + b',"quantities":{}}', "invalid-request"),
    "eleven quantities": (
        json.dumps(body_of("X", quantities=[{"unit": "m3", "amount": 1}] * 11)).encode(),
        "invalid-request",
    ),
    "unknown unit": (GOOD.encode() + b',"quantities":[{"unit":"ton","amount":1}]}', "invalid-request"),
    "no amount": (GOOD.encode() + b',"quantities":[{"unit":"m3"}]}', "invalid-request"),
    "amount as text": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":"1"}]}', "invalid-request"),
    "amount true": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":true}]}', "invalid-request"),
    "amount nothing": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":0}]}', "invalid-request"),
    "amount below nothing": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":-1}]}', "invalid-request"),
    "amount minus nothing": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":-0.0}]}', "invalid-request"),
    "amount too large": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":1000.001}]}', "invalid-request"),
    "amount huge": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":1e400}]}', "invalid-request"),
    "amount of 5,000 digits": (
        GOOD.encode() + b',"quantities":[{"unit":"m3","amount":' + b"9" * 5_000 + b"}]}",
        "invalid-request",
    ),
    "amount tiny": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":1e-300}]}', "invalid-request"),
    "amount of four decimals": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":0.0005}]}', "invalid-request"),
    "amount NaN": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":NaN}]}', "invalid-request"),
    "amount infinite": (GOOD.encode() + b',"quantities":[{"unit":"m3","amount":Infinity}]}', "invalid-request"),
    "NaN for a key": (b'{"key":NaN,"gate":"pool-1","credential":"X"}', "invalid-request"),
    "unknown gate": (b'{"key":"k","gate":"nowhere","credential":"X"}', "gate-not-found"),
    "gate in capitals": (b'{"key":"k","gate":"POOL-1","credential":"X"}', "gate-not-found"),
    "gate with a NUL": (rb'{"key":"k","gate":"pool-1\u0000","credential":"X"}', "gate-not-found"),
    "body over the limit": (b'{"key":"' + b"k" * 8_192 + b'"}', "body-too-large"),
    "blanks over the limit": (f"{GOOD}{' ' * 8_192}}}".encode(), "body-too-large"),
}
STATUS = {"gate-not-found": 404, "body-too-large": 413}


@SHARED
@pytest.mark.parametrize("name", BAD_BODIES)
async def test_a_body_that_does_not_fit_is_a_problem_and_leaves_no_trace(shared_house: House, name: str) -> None:
    body, code = BAD_BODIES[name]
    before = await rows(shared_house)

    answer = await post(shared_house, body)

    assert_problem(answer, STATUS.get(code, 400), code)
    assert await rows(shared_house) == before


def test_every_code_expected_here_is_one_that_the_program_knows() -> None:
    known = set()
    families = [DomainError]
    while families:
        family = families.pop()
        known.add(family.code)
        families += family.__subclasses__()
    assert {code for _, code in BAD_BODIES.values()} <= known


@ONE_ENGINE
async def test_a_key_does_not_end_in_a_line_break(house: House) -> None:
    before = await rows(house)
    answer = await post(house, json.dumps(body_of("X", key="k" * 64 + "\n")).encode())
    assert_problem(answer, 400, "invalid-request")
    assert await rows(house) == before


@ONE_ENGINE
@pytest.mark.parametrize("member", [b'"unit":"m3","unit":"visit","amount":1', b'"unit":"m3","amount":1,"amount":2'])
async def test_a_field_that_stands_twice_in_a_quantity_is_refused(house: House, member: bytes) -> None:
    answer = await post(house, GOOD.encode() + b',"quantities":[{' + member + b"}]}")
    assert_problem(answer, 400, "duplicate-field")
    assert await events(house) == []


@ONE_ENGINE
async def test_a_unit_that_is_named_twice_is_refused(house: House) -> None:
    twice = [{"unit": "m3", "amount": 1}, {"unit": "m3", "amount": 2}]
    answer = await post(house, json.dumps(body_of("X", quantities=twice)).encode())
    assert answer.status_code == 400, answer.text
    assert await events(house) == []


@ONE_ENGINE
@pytest.mark.parametrize("amount", [0.001, 0.1, 0.3, 1, 1.5, 999.999, 1000])
async def test_amounts_of_whole_thousandths_are_taken(house: House, amount: float) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    answer = await house.tap(zoe.code, quantities=[{"unit": "litre", "amount": amount}])
    assert answer.status_code == 200, answer.text


@ONE_ENGINE
@pytest.mark.parametrize(
    "time", ["2000-01-01T00:00:00+14:00", "2099-12-31T23:59:59-14:00", "2026-11-18T13:05:00.123456789Z"]
)
async def test_a_terminal_time_of_this_century_is_kept_and_decides_nothing(house: House, time: str) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    answer = await house.tap(zoe.code, terminalTime=time)
    assert (answer.status_code, answer.json()["decidedAt"]) == (200, "2026-11-18T13:05:00Z")
    (event,) = await events(house)
    assert event.recorded_at == house.clock()
    assert event.terminal_at is not None


@pytest.mark.parametrize("hours", [-24 * 365, -1, 1, 24 * 365])
async def test_a_wrong_terminal_clock_changes_no_decision(house: House, hours: int) -> None:
    """T1: the server's time rules."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    honest = house.clock()
    house.clock.turn(hours=hours)
    claimed, house.clock.now = house.clock.now.isoformat(), honest
    answer = await house.tap(zoe.code, terminalTime=claimed)
    assert answer.json()["reason"] == "welcome"


@SHARED
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_validations_are_posted(shared_house: House, method: str) -> None:
    token = await shared_house.terminal_token()
    before = await rows(shared_house)
    answer = await shared_house.client.request(method, PATH, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert await rows(shared_house) == before


@SHARED
async def test_who_refuses_a_method_names_the_others(shared_house: House) -> None:
    token = await shared_house.terminal_token()
    answer = await shared_house.client.get(PATH, headers={"Authorization": f"Bearer {token}"})
    assert answer.headers.get("allow") == "POST"


@SHARED
@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "bearer {token}",
        "Basic {token}",
        "{token}",
        "Bearer {token}x",
        "Bearer  {token}",
        "Bearer {short}",
        "Bearer {agent}",
    ],
)
async def test_without_a_terminals_token_nothing_is_decided(shared_house: House, header: str | None) -> None:
    before = await rows(shared_house)
    token = await shared_house.terminal_token()
    agent = (await shared_house.agent_headers(Role.ADMINISTRATOR))["Authorization"].removeprefix("Bearer ")
    headers = {} if header is None else {"Authorization": header.format(token=token, short=token[:-1], agent=agent)}

    answer = await shared_house.client.post(PATH, json=body_of("MP2:X"), headers=headers)

    assert_problem(answer, 401, "not-authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert await rows(shared_house) == before


async def test_a_token_that_is_over_decides_nothing(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    token = await house.terminal_token()
    assert (await house.tap(zoe.code, token=token)).status_code == 200
    house.clock.turn(seconds=900)

    answer = await house.tap(zoe.code, token=token)

    assert_problem(answer, 401, "not-authenticated")
    assert len(await events(house)) == 1


async def test_a_gate_that_the_terminal_does_not_serve_is_not_found(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    async with house.database.begin() as unit:
        other = await paired_terminal(unit, house.city.authority.id, (house.city.gates["bus"],), now=house.clock())
    answer = await house.tap(zoe.code, "pool-1", token=await house.terminal_token(other))
    assert_problem(answer, 404, "gate-not-found")
    assert await events(house) == []


async def test_a_terminal_of_another_authority_decides_at_its_own_gates_only(house: House) -> None:
    """Both authorities have a gate `pool-1`: the neighbour's terminal means its own, where our pass opens nothing."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    answer = await house.tap(zoe.code, token=await house.terminal_token(house.city.neighbour_terminal))
    assert (answer.json()["outcome"], answer.json()["reason"]) == ("denied", "other_authority")
    assert "remaining" not in answer.json()
    (event,) = await events(house)
    assert event.authority_id == house.city.neighbour.id
    assert (await rows(house))["counter"] == []


# --- a terminal that is revoked ----------------------------------------------------------------------


async def test_a_revoked_terminals_next_tap_is_refused_though_its_token_was_just_used(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    token = await house.terminal_token()
    assert (await house.tap(zoe.code, token=token)).status_code == 200

    headers = await house.agent_headers(Role.ADMINISTRATOR)
    revoked = await house.client.post(f"/v1/terminals/{house.city.terminal.terminal.id}/revoke", headers=headers)
    assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
    before = await rows(house)

    answer = await house.tap(zoe.code, token=token)

    assert_problem(answer, 401, "not-authenticated")
    assert await rows(house) == before


@pytest.mark.parametrize("tokens_gone", [True, False])
async def test_the_ledger_itself_refuses_a_terminal_that_another_process_revoked(
    house: House, *, tokens_gone: bool
) -> None:
    """V1: this process remembers the token and was told nothing; the batch reads the status anew."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    token = await house.terminal_token()
    assert (await house.tap(zoe.code, token=token)).status_code == 200
    mine = house.city.terminal.terminal
    if tokens_gone:
        async with house.database.begin() as unit:
            await terminals.revoke_terminal(unit, authority_id=mine.authority_id, terminal_id=mine.id)
    else:
        async with house.database.engine.begin() as connection:
            await connection.execute(
                update(terminal).where(terminal.c.id == mine.id).values(status=TerminalStatus.REVOKED)
            )
    before = await rows(house)

    answers = [await house.tap(zoe.code, token=token) for _ in range(2)]

    for answer in answers:
        assert_problem(answer, 401, "not-authenticated")
    assert await rows(house) == before


async def test_a_part_of_a_visit_is_no_visit(house: House) -> None:
    """Otherwise a terminal could let somebody in for a thousandth of an entry."""
    zoe = await house.resident("R-part", rights=("carnet-10",))
    answer = await house.tap(zoe.code, quantities=[{"unit": "visit", "amount": 0.001}])
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")
    assert (await house.tap(zoe.code)).json()["remaining"][0]["left"] == 9
