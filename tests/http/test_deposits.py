"""Waste handed over at the quay after the entry: several kinds, one visit."""

from typing import Any

import pytest

from domain.agents import Role
from domain.limits import ONE, Limit, Measure, Settlement, Window
from tests.city import TestPass, paired_terminal
from tests.house_app import House
from tests.http.ledger_rows import events, last_event, rows
from tests.http.rights import assert_heard, assert_problem, give, terminal_posts, used

RUBBLE = {"kind": "rubble", "unit": "m3", "amount": 0.5}
PAINT = {"kind": "paint", "unit": "litre", "amount": 4}
GREEN = {"kind": "green", "unit": "m3", "amount": 1}

VISITS = Limit(0, Measure.VISIT, 24 * ONE, Window.YEAR)
A_DAY = Limit(1, Measure.M3, 2 * ONE, Window.DAY)
RUBBLE_A_YEAR = Limit(2, Measure.M3, 3 * ONE, Window.YEAR, kind="rubble")

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For what looks the same whatever the database."""


def body_of(shown: TestPass, *items: dict[str, Any], key: str = "d-1", **more: object) -> dict[str, Any]:
    return {"key": key, "gate": "waste-1", "credential": shown.code, "items": list(items), **more}


async def inside(house: House, *limits: Limit) -> TestPass:
    """Somebody who has come in a moment ago."""
    zoe = await house.resident("R1")
    await give(house, zoe, "heaps", *(limits or (VISITS, A_DAY, RUBBLE_A_YEAR)))
    assert_heard(await house.tap(zoe.code, "waste-1", key="e-1"), "granted", "welcome")
    house.clock.turn(minutes=5)
    return zoe


async def test_two_kinds_in_one_deposit_count_one_visit(house: House) -> None:
    zoe = await inside(house)

    answer = await terminal_posts(house, "deposits", body_of(zoe, RUBBLE, GREEN, PAINT))

    body = assert_heard(answer, "granted", "deposited")
    assert body["direction"] == "deposit"
    assert [(one["unit"], one.get("kind"), one["left"]) for one in body["remaining"]] == [
        ("visit", None, 23),
        ("m3", None, 0.5),
        ("m3", "rubble", 2.5),
    ]
    assert await used(house) == [1_000, 1_500, 500]
    assert (await last_event(house)).direction == "deposit"


async def test_a_second_unloading_counts_its_heap_and_no_second_visit(house: House) -> None:
    zoe = await inside(house)
    await terminal_posts(house, "deposits", body_of(zoe, RUBBLE))
    house.clock.turn(minutes=5)
    assert_heard(await terminal_posts(house, "deposits", body_of(zoe, RUBBLE, key="d-2")), "granted", "deposited")
    assert await used(house) == [1_000, 1_000, 1_000]


async def test_more_than_is_left_of_one_kind_is_refused_whole(house: House) -> None:
    zoe = await inside(house)
    answer = await terminal_posts(house, "deposits", body_of(zoe, GREEN, {**RUBBLE, "amount": 1.5}))
    assert_heard(answer, "denied", "quota_spent")
    assert await used(house) == [1_000]
    assert len(await events(house)) == 2, "recorded all the same"


async def test_who_did_not_come_in_hands_nothing_over(house: House) -> None:
    zoe = await house.resident("R1")
    await give(house, zoe, "heaps", VISITS, A_DAY)
    assert_heard(await terminal_posts(house, "deposits", body_of(zoe, RUBBLE)), "manual_check", "not_inside")
    assert await used(house) == []


async def test_a_heap_beyond_the_free_part_is_paid_at_the_quay(house: House) -> None:
    paid_rubble = Limit(
        1, Measure.M3, 3 * ONE, Window.YEAR, kind="rubble", free=0, price_cents=3_000, settlement=Settlement.AT_GATE
    )
    zoe = await inside(house, VISITS, paid_rubble)
    asked = await terminal_posts(house, "deposits", body_of(zoe, RUBBLE))
    assert assert_heard(asked, "payment_required", "payment_due")["price"] == {"dueCents": 1_500, "billedCents": 0}

    payment = {"amountCents": 1_500, "reference": "cb-7"}
    paid = await terminal_posts(house, "deposits", body_of(zoe, RUBBLE, key="d-2", payment=payment))

    assert paid.json()["outcome"].startswith("granted"), paid.text
    assert await used(house) == [1_000, 500]


async def test_why_a_deposit_would_be_taken_can_be_asked_and_counts_no_visit(house: House) -> None:
    zoe = await inside(house)
    answer = await house.client.get(
        f"/v1/passes/{zoe.pass_.number}/explanation",
        params={"site": "waste", "direction": "deposit"},
        headers=await house.agent_headers(Role.SITE_AGENT),
    )
    told = answer.json()
    assert (told["answer"]["reason"], told["answer"]["direction"], told["spent"]) == ("deposited", "deposit", [])
    assert told["answer"]["remaining"][0]["left"] == 23
    assert "inside" in {rule["rule"] for rule in told["rules"]}


async def test_the_same_key_gets_the_same_bytes_and_counts_nothing_more(house: House) -> None:
    zoe = await inside(house)
    first = await terminal_posts(house, "deposits", body_of(zoe, RUBBLE))
    before = await rows(house)
    house.clock.turn(minutes=1)
    again = await terminal_posts(house, "deposits", body_of(zoe, RUBBLE))
    assert (again.status_code, again.content) == (200, first.content)
    assert_problem(await terminal_posts(house, "deposits", body_of(zoe, GREEN)), 422, "idempotency-key-reused")
    assert_problem(
        await terminal_posts(house, "deposits", body_of(zoe, RUBBLE, key="e-1")), 422, "idempotency-key-reused"
    )
    assert await rows(house) == before


async def test_a_pool_takes_no_deposits(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    body = {**body_of(zoe, RUBBLE), "gate": "pool-1"}
    assert_problem(await terminal_posts(house, "deposits", body), 409, "no-deposits-here")
    assert await events(house) == []


async def test_a_gate_of_another_terminal_takes_nothing(house: House) -> None:
    zoe = await inside(house)
    async with house.database.begin() as unit:
        other = await paired_terminal(unit, house.city.authority.id, (house.city.gates["pool"],), now=house.clock())
    token = await house.terminal_token(other)
    assert_problem(await terminal_posts(house, "deposits", body_of(zoe, RUBBLE), token=token), 404, "gate-not-found")


async def test_a_neighbours_terminal_hears_whose_pass_it_is_not(house: House) -> None:
    zoe = await inside(house)
    token = await house.terminal_token(house.city.neighbour_terminal)
    answer = await terminal_posts(house, "deposits", body_of(zoe, RUBBLE), token=token)
    assert_heard(answer, "denied", "other_authority")


@ONE_ENGINE
@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([], "invalid-request"),
        ([RUBBLE] * 21, "invalid-request"),
        ([RUBBLE, RUBBLE], "invalid-request"),
        ([{**RUBBLE, "kind": "gold"}], "unknown-kind"),
        ([{**RUBBLE, "unit": "litre"}], "invalid-request"),
        ([{**RUBBLE, "unit": "visit"}], "invalid-request"),
        ([{**RUBBLE, "amount": 0}], "invalid-request"),
        ([{**RUBBLE, "amount": -1}], "invalid-request"),
        ([{**RUBBLE, "amount": 1001}], "invalid-request"),
        ([{**RUBBLE, "amount": 0.0005}], "invalid-request"),
        ([{**RUBBLE, "note": "x"}], "invalid-request"),
        ("rubble", "invalid-request"),
    ],
)
async def test_a_deposit_that_does_not_fit_is_not_recorded(house: House, items: Any, code: str) -> None:  # noqa: ANN401 - on purpose
    body = {"key": "d-1", "gate": "waste-1", "credential": "X", "items": items}
    assert_problem(await terminal_posts(house, "deposits", body), 400, code)
    assert await events(house) == []


@ONE_ENGINE
async def test_a_kind_that_stands_twice_in_one_object_is_refused(house: House) -> None:
    headers = {"Authorization": f"Bearer {await house.terminal_token()}"}
    body = (
        b'{"key":"d","gate":"waste-1","credential":"X","items":[{"kind":"rubble","unit":"m3","amount":9,"amount":0.1}]}'
    )
    assert_problem(
        await house.client.post("/v1/access/deposits", content=body, headers=headers), 400, "duplicate-field"
    )


@ONE_ENGINE
async def test_deposits_are_posted_by_terminals(house: House) -> None:
    assert_problem(await house.client.post("/v1/access/deposits", json={}), 401, "not-authenticated")
    headers = {"Authorization": f"Bearer {await house.terminal_token()}"}
    refused = await house.client.get("/v1/access/deposits", headers=headers)
    assert_problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == "POST"
