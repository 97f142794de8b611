"""The same key at the gate: one event, one answer (E1, I1, I2)."""

import asyncio
import json
from typing import Any

import pytest

from tests.city import paired_terminal
from tests.house_app import House
from tests.http.gate_requests import assert_problem, body_of, post
from tests.http.ledger_rows import events, rows


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
