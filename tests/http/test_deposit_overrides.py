"""Agents who take at the quay what the rules refused: with a motive, counted, and not whatever the rule."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from domain.agents import Role
from domain.limits import ONE, Limit, Measure, Window
from domain.passes import BlockReason, block
from store.tables.ledger import passage_detail
from tests.city import TestPass
from tests.house_app import House
from tests.http.desk import post, read
from tests.http.ledger_rows import events, last_event, rows
from tests.http.rights import assert_heard, assert_problem, give, terminal_posts, used

RUBBLE = {"kind": "rubble", "unit": "m3", "amount": 1.5}
LIMITS = (Limit(0, Measure.VISIT, 24 * ONE, Window.YEAR), Limit(1, Measure.M3, ONE, Window.DAY))


async def inside(house: House) -> TestPass:
    """Somebody who has come in a moment ago, with room for one cubic metre a day."""
    zoe = await house.resident("R1")
    await give(house, zoe, "heaps", *LIMITS)
    await house.tap(zoe.code, "waste-1")
    house.clock.turn(minutes=5)
    return zoe


async def take(house: House, site: str = "waste", **said: Any) -> Any:  # noqa: ANN401 - an httpx answer
    who = {name: said.pop(name) for name in ("role", "neighbour") if name in said}
    body = {"key": "h-1", "gate": f"{site}-1", "motive": "derogation_pending", "items": [RUBBLE], **said}
    return await post(house, f"/sites/{site}/deposits", body, **{"role": Role.SITE_AGENT, **who})


async def test_an_agent_takes_a_refused_load_and_signs_for_it(house: House) -> None:
    zoe = await inside(house)
    body = {"key": "d-1", "gate": "waste-1", "credential": zoe.code, "items": [RUBBLE]}
    refused = assert_heard(await terminal_posts(house, "deposits", body), "denied", "quota_spent")
    assert refused["overridable"] is True

    answer = await take(house, passNumber=zoe.pass_.number)

    assert assert_heard(answer, "granted_with_warning", "overridden")["direction"] == "deposit"
    assert await used(house) == [ONE], "the visit, and nothing of the load"
    event = await last_event(house)
    async with house.database.read() as connection:
        detail = (await connection.execute(select(passage_detail).where(passage_detail.c.number == event.number))).one()
    assert (detail.agent_id, detail.motive) == (house.city.agents[Role.SITE_AGENT].id, "derogation_pending")
    assert msgspec.json.decode(detail.deposits) == {"rubble": {"m3": 1_500}}, "what was brought stands there"


async def test_where_the_rules_take_it_it_is_an_ordinary_deposit(house: House) -> None:
    zoe = await inside(house)
    answer = await take(house, credential=zoe.code, items=[RUBBLE | {"amount": 0.5}])
    assert_heard(answer, "granted", "deposited")
    assert await used(house) == [ONE, 500]
    assert (await read(house, "/sites/waste/overrides", role=Role.MANAGER)).json()["total"] == 0


async def test_overrides_at_the_quay_are_counted_apart_from_those_at_the_entrance(house: House) -> None:
    zoe = await inside(house)
    await take(house, passNumber=zoe.pass_.number)
    nobody = await house.resident("R2")
    entry = {"key": "e-1", "gate": "waste-1", "motive": "good_faith", "passNumber": nobody.pass_.number}
    await post(house, "/sites/waste/entries", entry, role=Role.SITE_AGENT)
    login = house.city.agents[Role.SITE_AGENT].login
    counted = (await read(house, "/sites/waste/overrides", role=Role.MANAGER)).json()
    assert (counted["total"], counted["counts"]) == (
        2,
        [
            {"direction": "entry", "motive": "good_faith", "agent": login, "count": 1},
            {"direction": "deposit", "motive": "derogation_pending", "agent": login, "count": 1},
        ],
    )


async def test_a_lost_card_hands_nothing_over(house: House) -> None:
    zoe = await inside(house)
    async with house.database.begin() as unit:
        await block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.LOST, now=house.clock())
    assert_heard(await take(house, passNumber=zoe.pass_.number), "denied", "medium_lost")
    assert len(await events(house)) == 2, "recorded all the same"


async def test_the_same_key_is_one_act_and_no_entry(house: House) -> None:
    zoe = await inside(house)
    first = await take(house, passNumber=zoe.pass_.number)
    before = await rows(house)
    assert (await take(house, passNumber=zoe.pass_.number)).json() == first.json()
    assert_problem(await take(house, passNumber=zoe.pass_.number, motive="safety"), 422, "idempotency-key-reused")
    entry = {"key": "h-1", "gate": "waste-1", "motive": "derogation_pending", "passNumber": zoe.pass_.number}
    as_entry = await post(house, "/sites/waste/entries", entry, role=Role.SITE_AGENT)
    assert_problem(as_entry, 422, "idempotency-key-reused")
    assert await rows(house) == before


async def test_a_deposit_that_was_taken_can_be_taken_back(house: House) -> None:
    zoe = await inside(house)
    await take(house, passNumber=zoe.pass_.number, items=[RUBBLE | {"amount": 1}])
    back = {"key": "w-1", "motive": "wrong_quantity"}
    assert_heard(await post(house, "/passages/2/cancellation", back, role=Role.SITE_AGENT), "granted", "cancelled")
    assert await used(house) == [ONE, 0]


async def test_what_is_not_the_agents_is_not_there(house: House) -> None:
    zoe = await inside(house)
    number = zoe.pass_.number
    assert_problem(await take(house, passNumber=number, neighbour=True), 404, "pass-not-found")
    assert_problem(await take(house, "nowhere", passNumber=number), 404, "site-not-found")
    assert_problem(await take(house, passNumber=number, gate="pool-1"), 404, "gate-not-found")
    assert_problem(await take(house, "pool", passNumber=number), 409, "no-deposits-here")


@pytest.mark.parametrize("role", [Role.DESK, Role.MANAGER, Role.DPO, Role.ADMINISTRATOR])
async def test_only_who_works_at_a_site_takes_it(house: House, role: Role) -> None:
    assert_problem(await take(house, credential="X", role=role), 403, "forbidden")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"passNumber": "1234567897", "credential": "X"},
        {"credential": "X", "items": []},
        {"credential": "X", "items": [RUBBLE, RUBBLE]},
        {"credential": "X", "items": [RUBBLE | {"unit": "litre"}]},
        {"credential": "X", "motive": "because"},
        {"credential": "X", "note": "he was polite"},
    ],
)
async def test_what_does_not_fit_is_not_recorded(house: House, said: dict[str, Any]) -> None:
    assert_problem(await take(house, **said), 400, "invalid-request")
    assert await events(house) == []
