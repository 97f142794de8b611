"""Taking a passage back: by the terminal that recorded it, within minutes; by an agent, whenever it was."""

import asyncio
from typing import Any

import pytest

from domain.agents import Role
from domain.limits import ONE, Limit, Measure, Window
from tests.city import TestPass, paired_terminal
from tests.house_app import House
from tests.http.ledger_rows import events, rows
from tests.http.rights import assert_heard, assert_problem, give, terminal_posts, used

VISITS = Limit(0, Measure.VISIT, 24 * ONE, Window.YEAR)
RUBBLE_A_YEAR = Limit(1, Measure.M3, 3 * ONE, Window.YEAR, kind="rubble")


async def carnet(house: House) -> TestPass:
    """Somebody with ten entries who has just used one, under the key `e-1`."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    assert_heard(await house.tap(zoe.code, key="e-1"), "granted", "welcome")
    house.clock.turn(minutes=1)
    return zoe


async def cancel(house: House, cancels: str = "e-1", *, key: str = "c-1", token: str | None = None) -> Any:  # noqa: ANN401 - an httpx answer
    return await terminal_posts(house, "cancellations", {"key": key, "cancels": cancels}, token=token)


async def withdraw(
    house: House,
    passage: object,
    *,
    key: str = "w-1",
    motive: str = "wrong_quantity",
    role: Role = Role.SITE_AGENT,
    neighbour: bool = False,
) -> Any:  # noqa: ANN401 - an httpx answer
    return await house.client.post(
        f"/v1/passages/{passage}/cancellation",
        json={"key": key, "motive": motive},
        headers=await house.agent_headers(role, neighbour=neighbour),
    )


# --- by the terminal ----------------------------------------------------------------------------------


async def test_a_cancelled_entry_gives_the_visit_and_the_place_back(house: House) -> None:
    zoe = await carnet(house)

    body = assert_heard(await cancel(house), "granted", "cancelled")

    assert body["direction"] == "entry"
    assert await used(house) == [0]
    assert_heard(await house.tap(zoe.code), "granted", "welcome")  # hard anti-passback: it is outside again
    assert await used(house) == [1_000]


async def test_a_passage_is_cancelled_once(house: House) -> None:
    await carnet(house)
    await cancel(house)
    house.clock.turn(seconds=1)
    assert_heard(await cancel(house, key="c-2"), "denied", "cancelled_already")
    assert await used(house) == [0]


async def test_the_same_key_cancels_once_and_says_it_again(house: House) -> None:
    await carnet(house)
    first = await cancel(house)
    before = await rows(house)
    again = await cancel(house)
    assert (again.status_code, again.content) == (200, first.content)
    assert await rows(house) == before


async def test_a_key_that_was_a_taps_is_no_cancellations(house: House) -> None:
    await carnet(house)
    assert_problem(await cancel(house, key="e-1"), 422, "idempotency-key-reused")
    assert await used(house) == [1_000]


async def test_ten_minutes_after_the_terminal_is_too_late_and_an_agent_is_not(house: House) -> None:
    await carnet(house)
    house.clock.turn(minutes=9, seconds=1)
    assert_heard(await cancel(house), "denied", "cancelled_too_late")
    assert await used(house) == [1_000]

    assert_heard(await withdraw(house, 1), "granted", "cancelled")

    assert await used(house) == [0]
    assert_heard(await withdraw(house, 1, key="w-2"), "denied", "cancelled_already")
    assert await used(house) == [0]


async def test_another_terminals_key_names_nothing_here(house: House) -> None:
    await carnet(house)
    async with house.database.begin() as unit:
        other = await paired_terminal(unit, house.city.authority.id, (house.city.gates["pool"],), now=house.clock())
    token = await house.terminal_token(other)
    assert_problem(await cancel(house, token=token), 404, "passage-not-found")
    assert_problem(await cancel(house, "never"), 404, "passage-not-found")
    assert len(await events(house)) == 1


async def test_what_counted_nothing_cannot_be_cancelled(house: House) -> None:
    zoe = await carnet(house)
    await house.tap(zoe.code, key="refused")  # inside already
    await house.tap(zoe.code, key="out", direction="exit")
    await cancel(house)
    for key in ("refused", "out", "c-1"):
        assert_problem(await cancel(house, key, key=f"c-{key}"), 409, "not-cancellable")


async def test_a_second_reading_is_not_what_is_cancelled(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    await house.tap(zoe.code, key="e-1")
    house.clock.turn(seconds=2)
    assert_heard(await house.tap(zoe.code, key="e-2"), "granted", "double_read")
    assert_problem(await cancel(house, "e-2"), 409, "not-cancellable")
    assert_heard(await cancel(house, "e-1", key="c-2"), "granted", "cancelled")
    assert await used(house) == [0]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"key": "c"},
        {"key": "c", "cancels": ""},
        {"key": "c", "cancels": "é"},
        {"key": "c", "cancels": "e-1", "motive": "other"},
    ],
)
async def test_a_cancellation_that_does_not_fit_is_not_recorded(house: House, body: dict[str, str]) -> None:
    assert_problem(await terminal_posts(house, "cancellations", body), 400, "invalid-request")


async def test_of_several_cancellations_at_one_moment_one_gives_back(house: House) -> None:
    await carnet(house)
    token = await house.terminal_token()
    answers = await asyncio.gather(*(cancel(house, key=f"c-{turn}", token=token) for turn in range(6)))
    assert sorted(answer.json()["reason"] for answer in answers) == ["cancelled", *["cancelled_already"] * 5]
    assert await used(house) == [0]


async def test_taking_a_deposit_back_leaves_its_bringer_inside(house: House) -> None:
    """Even one that was recorded at the very instant of the entry."""
    zoe = await house.resident("R1", rights=("waste-24",))
    await house.tap(zoe.code, "waste-1")
    item = {"kind": "rubble", "unit": "m3", "amount": 1}
    deposit = {"key": "d-1", "gate": "waste-1", "credential": zoe.code, "items": [item]}
    assert_heard(await terminal_posts(house, "deposits", deposit), "granted", "deposited")
    assert_heard(await cancel(house, "d-1"), "granted", "cancelled")
    house.clock.turn(seconds=5)
    assert_heard(await house.tap(zoe.code, "waste-1"), "denied", "too_soon")
    assert_heard(await terminal_posts(house, "deposits", {**deposit, "key": "d-2"}), "granted", "deposited")


# --- by an agent --------------------------------------------------------------------------------------


async def test_a_wrong_volume_is_taken_back_by_an_agent_and_the_quota_is_whole_again(house: House) -> None:
    zoe = await house.resident("R1")
    await give(house, zoe, "heaps", VISITS, RUBBLE_A_YEAR)
    await house.tap(zoe.code, "waste-1")
    house.clock.turn(minutes=5)
    item = {"kind": "rubble", "unit": "m3", "amount": 3}
    body = {"key": "d-1", "gate": "waste-1", "credential": zoe.code, "items": [item]}
    await terminal_posts(house, "deposits", body)
    assert await used(house) == [1_000, 3_000]
    house.clock.turn(minutes=40)

    answer = await withdraw(house, 2)

    assert assert_heard(answer, "granted", "cancelled")["direction"] == "deposit"
    assert await used(house) == [1_000, 0]
    again = {**body, "key": "d-2", "items": [{**item, "amount": 0.3}]}
    assert_heard(
        await terminal_posts(house, "deposits", again, token=await house.terminal_token()), "granted", "deposited"
    )
    assert await used(house) == [1_000, 300]


async def test_an_agent_finds_the_passage_to_cancel_on_its_pass(house: House) -> None:
    zoe = await carnet(house)
    yann = await house.resident("R2", rights=("carnet-10",))
    await house.tap(yann.code, "free-1")
    headers = await house.agent_headers(Role.SITE_AGENT)

    listed = (await house.client.get(f"/v1/passes/{zoe.pass_.number}/passages", headers=headers)).json()

    assert [(one["passage"], one["site"], one["direction"], one["cancelled"]) for one in listed] == [
        ("1", "pool", "entry", False)
    ]
    await withdraw(house, listed[0]["passage"])
    listed = (await house.client.get(f"/v1/passes/{zoe.pass_.number}/passages", headers=headers)).json()
    assert [(one["reason"], one["cancelled"]) for one in listed] == [("cancelled", False), ("welcome", True)]
    neighbour = await house.agent_headers(Role.SITE_AGENT, neighbour=True)
    assert_problem(
        await house.client.get(f"/v1/passes/{zoe.pass_.number}/passages", headers=neighbour), 404, "pass-not-found"
    )


async def test_the_agents_key_keeps_to_one_act(house: House) -> None:
    zoe = await carnet(house)
    await house.tap(zoe.code, "free-1")
    first = await withdraw(house, 1)
    again = await withdraw(house, 1)
    assert again.json() == first.json()
    assert_problem(await withdraw(house, 2), 422, "idempotency-key-reused")
    assert_problem(await withdraw(house, 1, motive="other"), 422, "idempotency-key-reused")
    assert len(await events(house)) == 3


async def test_another_authoritys_passage_is_nobodys(house: House) -> None:
    await carnet(house)
    assert_problem(await withdraw(house, 1, neighbour=True), 404, "passage-not-found")
    assert await used(house) == [1_000]


@pytest.mark.parametrize("passage", ["0", "99", "x", "-1", "1.5", "9" * 19, "%D9%A1"])
async def test_a_number_that_is_no_passages_is_not_found(house: House, passage: str) -> None:
    assert_problem(await withdraw(house, passage), 404, "passage-not-found")


async def test_a_desk_cancels_no_passage_and_a_motive_comes_from_the_list(house: House) -> None:
    await carnet(house)
    assert_problem(await withdraw(house, 1, role=Role.DESK), 403, "forbidden")
    assert_problem(await withdraw(house, 1, motive="because"), 400, "invalid-request")
    assert await used(house) == [1_000]
