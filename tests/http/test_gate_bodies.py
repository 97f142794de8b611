"""What is wrong with a request to the gate: a problem, never an event."""

import json

import pytest

from domain.errors import DomainError
from tests.house_app import House
from tests.http.gate_requests import ONE_ENGINE, SHARED, assert_problem, body_of, post
from tests.http.ledger_rows import events, rows

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


async def test_a_part_of_a_visit_is_no_visit(house: House) -> None:
    """Otherwise a terminal could let somebody in for a thousandth of an entry."""
    zoe = await house.resident("R-part", rights=("carnet-10",))
    answer = await house.tap(zoe.code, quantities=[{"unit": "visit", "amount": 0.001}])
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")
    assert (await house.tap(zoe.code)).json()["remaining"][0]["left"] == 9
