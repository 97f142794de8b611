"""Agents who let somebody in on their own account: with a motive, counted, and not whatever the rule."""

from typing import Any

import pytest
from sqlalchemy import select

from domain.agents import Role
from domain.limits import ONE, Limit, Measure, Window
from domain.passes import BlockReason, block
from store.tables.ledger import occupancy, passage_detail
from tests.house_app import House
from tests.http.ledger_rows import events, last_event, rows
from tests.http.rights import assert_heard, assert_problem, give, low_gate, used

TWO_VISITS = Limit(0, Measure.VISIT, 2 * ONE, Window.YEAR)


async def let_in(
    house: House,
    site: str = "free",
    *,
    role: Role = Role.SITE_AGENT,
    neighbour: bool = False,
    **said: object,
) -> Any:  # noqa: ANN401 - an httpx answer
    body = {"key": "a-1", "gate": f"{site}-1", "motive": "good_faith", **said}
    headers = await house.agent_headers(role, neighbour=neighbour)
    return await house.client.post(f"/v1/sites/{site}/entries", json=body, headers=headers)


async def overrides(house: House, site: str = "free", role: Role = Role.MANAGER, **asked: str) -> Any:  # noqa: ANN401 - an httpx answer
    return await house.client.get(f"/v1/sites/{site}/overrides", params=asked, headers=await house.agent_headers(role))


async def test_an_agent_lets_somebody_in_whose_quota_is_spent_and_signs_for_it(house: House) -> None:
    zoe = await house.resident("R1")
    await give(house, zoe, "twice", TWO_VISITS)
    for _ in range(2):
        await house.tap(zoe.code, "waste-1", token=await house.terminal_token())
        house.clock.turn(minutes=20)
    refused = await house.tap(zoe.code, "waste-1", token=await house.terminal_token())
    assert assert_heard(refused, "denied", "quota_spent")["overridable"] is True

    answer = await let_in(house, "waste", passNumber=zoe.pass_.number)

    assert_heard(answer, "granted_with_warning", "overridden")
    assert await used(house) == [2_000], "nothing beyond the quota is counted"
    agent = house.city.agents[Role.SITE_AGENT]
    async with house.database.read() as connection:
        (detail,) = list(await connection.execute(select(passage_detail)))
        inside = (await connection.execute(select(occupancy.c.inside))).scalar_one()
    event = await last_event(house)
    assert (detail.number, detail.agent_id, detail.motive) == (event.number, agent.id, "good_faith")
    assert event.medium_id == zoe.medium.id
    assert inside == 1, "the household stays one, however often it is let in"


async def test_where_the_rules_let_in_it_is_an_ordinary_entry(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    body = assert_heard(await let_in(house, passNumber=zoe.pass_.number), "granted", "welcome")
    assert body["remaining"][0]["left"] == 9
    assert (await overrides(house)).json()["total"] == 0


async def test_a_credential_that_was_read_does_as_well_as_a_number(house: House) -> None:
    zoe = await house.resident("R1")
    assert_heard(await let_in(house, credential=zoe.code), "granted_with_warning", "overridden")
    assert_heard(await let_in(house, credential="nonsense", key="a-2"), "denied", "unknown_type")


async def test_a_full_pool_is_full_for_everybody(house: House) -> None:
    swimmers = [await house.resident(f"R{n}", rights=("pool-year",)) for n in range(11)]
    for swimmer in swimmers[:10]:
        await house.tap(swimmer.code)
    answer = await let_in(house, "pool", passNumber=swimmers[10].pass_.number, motive="safety")
    assert "overridable" not in assert_heard(answer, "denied", "site_full")
    assert len(await events(house)) == 11, "recorded all the same"
    assert (await overrides(house, "pool")).json()["total"] == 0


async def test_a_lost_card_is_stopped_for_agents_too(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year",))
    async with house.database.begin() as unit:
        await block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.LOST, now=house.clock())
    assert_heard(await let_in(house, passNumber=zoe.pass_.number), "denied", "medium_lost")


async def test_a_vehicle_that_is_too_high_comes_in_on_an_agents_word(house: House) -> None:
    """The agent measures again: a gantry errs more often than a driver."""
    zoe = await house.resident("R1", rights=("waste-24",))
    await low_gate(house)
    van = {"kind": "van", "heightCm": 201}
    answer = await let_in(house, "low", passNumber=zoe.pass_.number, vehicle=van, motive="technical_fault")
    assert_heard(answer, "granted_with_warning", "overridden")
    house.clock.turn(seconds=4)
    assert_heard(await let_in(house, "low", passNumber=zoe.pass_.number, key="a-2"), "granted", "welcome")


async def test_the_same_key_is_one_act_and_another_act_needs_another(house: House) -> None:
    zoe = await house.resident("R1")
    first = await let_in(house, passNumber=zoe.pass_.number)
    before = await rows(house)
    again = await let_in(house, passNumber=zoe.pass_.number)
    assert again.json() == first.json()
    assert_problem(await let_in(house, passNumber=zoe.pass_.number, motive="medical"), 422, "idempotency-key-reused")
    assert_problem(await let_in(house, "pool", passNumber=zoe.pass_.number), 422, "idempotency-key-reused")
    assert await rows(house) == before


async def test_an_agents_own_entry_can_be_taken_back(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    await let_in(house, "pool", passNumber=zoe.pass_.number)
    house.clock.turn(hours=1)
    answer = await house.client.post(
        "/v1/passages/1/cancellation",
        json={"key": "w-1", "motive": "turned_back"},
        headers=await house.agent_headers(Role.SITE_AGENT),
    )
    assert_heard(answer, "granted", "cancelled")
    assert await used(house) == [0]


async def test_what_is_not_the_agents_is_not_there(house: House) -> None:
    zoe = await house.resident("R1")
    number = zoe.pass_.number
    assert_problem(await let_in(house, passNumber=number, neighbour=True), 404, "pass-not-found")
    assert_problem(await let_in(house, "nowhere", passNumber=number), 404, "site-not-found")
    assert_problem(await let_in(house, "free", passNumber=number, gate="pool-1"), 404, "gate-not-found")
    assert_problem(await let_in(house, "free", passNumber="0000000000"), 404, "pass-not-found")
    assert_problem(await overrides(house, "nowhere"), 404, "site-not-found")
    # Their own gate, our pass: the credential says whose it is.
    other = await let_in(house, credential=zoe.code, neighbour=True)
    assert_heard(other, "denied", "other_authority")


@pytest.mark.parametrize("role", [Role.DESK, Role.MANAGER, Role.DPO, Role.ADMINISTRATOR])
async def test_only_who_works_at_a_site_lets_in(house: House, role: Role) -> None:
    assert_problem(await let_in(house, credential="X", role=role), 403, "forbidden")


@pytest.mark.parametrize("role", [Role.DESK, Role.SITE_AGENT, Role.ADMINISTRATOR])
async def test_only_a_manager_counts_what_colleagues_did(house: House, role: Role) -> None:
    assert_problem(await overrides(house, role=role), 403, "forbidden")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"passNumber": "1234567897", "credential": "X"},
        {"credential": "X", "motive": "because"},
        {"credential": "X", "motive": None},
        {"credential": "X", "note": "Mrs Dupont forgot her card"},
        {"credential": "X", "key": "é"},
        {"credential": "X", "quantities": [{"unit": "visit", "amount": 0.5}]},
        {"credential": "X", "vehicle": {"heightCm": 0}},
        {"passNumber": 1234567897},
    ],
)
async def test_what_does_not_fit_is_not_recorded(house: House, said: dict[str, Any]) -> None:
    assert_problem(await let_in(house, **said), 400, "invalid-request")
    assert await events(house) == []


async def test_overrides_are_counted_by_motive_and_agent_on_the_local_day(house: House) -> None:
    people = [await house.resident(f"R{n}") for n in range(4)]
    for key, (person, motive) in enumerate(zip(people, ("medical", "medical", "safety", "other"), strict=True)):
        if motive == "other":
            house.clock.turn(hours=10)  # past midnight in Paris, the same day in UTC
        await let_in(house, passNumber=person.pass_.number, motive=motive, key=f"a-{key}")

    counted = (await overrides(house, day="2026-11-18")).json()

    login = house.city.agents[Role.SITE_AGENT].login
    assert counted == {
        "site": "free",
        "day": "2026-11-18",
        "total": 3,
        "counts": [
            {"direction": "entry", "motive": "medical", "agent": login, "count": 2},
            {"direction": "entry", "motive": "safety", "agent": login, "count": 1},
        ],
    }
    assert (await overrides(house)).json()["counts"] == [
        {"direction": "entry", "motive": "other", "agent": login, "count": 1}
    ]
    assert (await overrides(house, "pool")).json()["total"] == 0


@pytest.mark.parametrize("day", ["", "x", "2026-13-01", "1999-12-31", "9999-12-31"])
async def test_a_day_that_is_none_is_refused(house: House, day: str) -> None:
    assert_problem(await overrides(house, day=day), 400, "invalid-request")
