"""The count of people inside, put right by an agent: by a program and at the console; gates go by it at once."""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from domain.agents import Role
from domain.places import local_day
from store import catalogue
from store.tables.journal import journal_entry
from store.tables.ledger import head_count, occupancy
from store.tables.places import zone
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.rights import assert_heard, assert_problem
from tests.http.uploads import rows

HEADS, COUNTS = "/v1/sites/pool/heads", "/v1/sites/pool/heads/pool/counts"
PAGE = "/console/sites/pool/heads/pool"


@pytest.fixture
async def pool(house: House) -> House:
    """A pool for three swimmers and two who accompany them."""
    async with house.database.write() as connection:
        await connection.execute(
            update(zone).where(zone.c.id == house.city.zones["pool"].id).values(capacity=3, capacity_others=2)
        )
        await catalogue.has_changed(connection)
    return house


async def fill(house: House, people: int) -> list[httpx.Response]:
    token = await house.terminal_token()
    found = []
    for number in range(people):
        one = await house.resident(f"R{number}", rights=("carnet-10",))
        found.append(await house.tap(one.code, "pool-1", token=token, key=f"k-{number}"))
    return found


async def heads(house: House, role: Role = Role.SITE_AGENT) -> Any:  # noqa: ANN401 - JSON
    answer = await house.client.get(HEADS, headers=await house.agent_headers(role))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def send(house: House, said_: dict[str, object], role: Role = Role.SITE_AGENT) -> httpx.Response:
    return await house.client.post(COUNTS, json=said_, headers=await house.agent_headers(role))


async def test_a_program_puts_the_count_right_and_the_gate_opens_for_the_next(pool: House) -> None:
    answers = await fill(pool, 4)
    assert_heard(answers[3], "denied", "site_full")
    (seen,) = (await heads(pool))["zones"]
    assert (seen["users"], seen["others"], seen["capacity"], seen["capacityOthers"]) == (3, 0, 3, 2)

    done = await send(pool, {"seen": seen["seen"], "users": 1, "others": 2, "motive": "left_unseen"})

    assert done.status_code == 201, done.text
    assert (done.json()["usersWere"], done.json()["users"], done.json()["others"]) == (3, 1, 2)
    zoe = await pool.resident("late", rights=("carnet-10",))
    assert_heard(await pool.tap(zoe.code, "pool-1", token=await pool.terminal_token(), key="l"), "granted", "welcome")
    now = await heads(pool, Role.MANAGER)
    assert [(one["users"], one["others"]) for one in now["zones"]] == [(2, 2)]
    assert [(one["usersWere"], one["users"], one["motive"]) for one in now["counts"]] == [(3, 1, "left_unseen")]
    assert now["counts"][0]["by"] == pool.city.agents[Role.SITE_AGENT].name
    acts = [(row.act, row.why) for row in await rows(pool, journal_entry)]
    assert acts[-1] == ("heads.counted", "left_unseen")


async def test_what_a_program_sends_twice_is_one_count_and_an_old_start_is_a_conflict(pool: House) -> None:
    await fill(pool, 2)
    (seen,) = (await heads(pool))["zones"]
    said_ = {"seen": seen["seen"], "users": 1, "motive": "round"}
    first, again = await send(pool, said_), await send(pool, said_)
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert len(await rows(pool, head_count)) == 1
    assert_problem(await send(pool, {**said_, "users": 2}), 409, "count-moved")
    (seen,) = (await heads(pool))["zones"]
    pool.clock.turn(hours=2)
    assert_problem(await send(pool, {"seen": seen["seen"], "users": 2, "motive": "round"}), 409, "count-moved")


async def test_a_count_that_was_started_before_midnight_is_of_a_day_that_is_over(pool: House) -> None:
    pool.clock.turn(hours=9, minutes=50)  # five minutes to twelve, in the town
    (seen,) = (await heads(pool))["zones"]
    pool.clock.turn(minutes=10)
    assert_problem(await send(pool, {"seen": seen["seen"], "users": 2, "motive": "round"}), 409, "count-moved")
    assert await rows(pool, head_count) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"users": 10}, "heads-beyond-bounds"),
        ({"others": 7}, "heads-beyond-bounds"),
        ({"users": -1}, "invalid-request"),
        ({"seen": "37"}, "invalid-request"),
        ({"motive": "because"}, "invalid-request"),
    ],
)
async def test_what_cannot_be_is_refused(pool: House, wrong: dict[str, object], code: str) -> None:
    (seen,) = (await heads(pool))["zones"]
    assert_problem(await send(pool, {"seen": seen["seen"], "users": 1, "motive": "round", **wrong}), 400, code)
    crowded = f"9999{seen['seen']}"
    assert_problem(await send(pool, {"seen": crowded, "users": 1, "motive": "round"}), 400, "heads-beyond-bounds")
    assert await rows(pool, head_count) == []


async def test_a_zone_that_counts_nobody_or_is_elsewhere_is_not_found(pool: House) -> None:
    headers = await pool.agent_headers(Role.SITE_AGENT)
    said_ = {"seen": "0.0.0.0.0", "users": 1, "motive": "round"}
    for path in ("pool/heads/nowhere", "free/heads/free"):
        assert_problem(
            await pool.client.post(f"/v1/sites/{path}/counts", json=said_, headers=headers), 404, "zone-not-found"
        )
    assert_problem(await pool.client.get("/v1/sites/nowhere/heads", headers=headers), 404, "site-not-found")


async def test_a_neighbour_counts_at_its_own_pool_of_the_same_name(pool: House) -> None:
    await fill(pool, 2)
    neighbour = await pool.agent_headers(Role.SITE_AGENT, neighbour=True)
    (theirs,) = (await pool.client.get(HEADS, headers=neighbour)).json()["zones"]
    assert theirs["users"] == 0
    said_ = {"seen": theirs["seen"], "users": 5, "motive": "round"}
    assert (await pool.client.post(COUNTS, json=said_, headers=neighbour)).status_code == 201
    (ours,) = (await heads(pool))["zones"]
    assert ours["users"] == 2


async def form_of(console: Console) -> dict[str, str]:
    page = await console.get(PAGE)
    assert page.status_code == 200, page.text
    found = re.search(r'name="seen" value="([\d.]+)"', page.text)
    assert found is not None
    return {"seen": found[1]}


async def test_an_agent_counts_heads_and_the_board_says_who_put_it_right(pool: House) -> None:
    await fill(pool, 3)
    console = await enter(pool, Role.SITE_AGENT)
    assert PAGE in (await console.get("/console/sites/pool")).text
    form = await form_of(console)

    for wrong in ({"users": "ten"}, {"users": "10"}, {"users": "1", "motive": ""}, {"users": "1", "others": "-2"}):
        page = await console.post(PAGE, {**form, "users": "1", "others": "0", "motive": "round", **wrong})
        assert page.status_code == 422
        assert f'value="{form["seen"]}"' in page.text, "what was counted belongs to what was seen"
        assert wrong["users"] in page.text
    done = await console.post(PAGE, {**form, "users": "1", "others": "1", "motive": "left_unseen"})

    assert (done.status_code, done.headers["location"]) == (303, "/console/sites/pool")
    text = said(await console.get("/console/sites/pool"))
    assert "The number inside is put right from 3 to 1" in text
    name = pool.city.agents[Role.SITE_AGENT].name
    assert re.search(rf"put right from 3 to 1.*People left without showing a pass · {name}", text)
    (row,) = await rows(pool, occupancy)
    assert (row.inside, row.others, row.entries) == (1, 1, 3)
    told = said(await (await enter(pool, Role.MANAGER)).get("/console/sites/pool"))
    assert "put right from 3 to 1" in told
    assert "Put the number inside right" not in told, "a manager watches"


async def test_the_second_of_two_agents_is_shown_what_the_first_has_counted(pool: House) -> None:
    await fill(pool, 3)
    console = await enter(pool, Role.SITE_AGENT)
    early, late = await form_of(console), await form_of(console)
    assert (await console.post(PAGE, {**early, "users": "1", "motive": "round"})).status_code == 303
    page = await console.post(PAGE, {**late, "users": "2", "motive": "gate_fault"})
    assert page.status_code == 409
    assert "You had counted 2." in said(page)
    assert "put right from 3 to 1" in said(page)
    assert len(await rows(pool, head_count)) == 1
    spoilt = await console.post(PAGE, {"seen": "x", "users": "2", "motive": "round"})
    assert spoilt.status_code == 409


async def test_a_role_for_another_site_counts_no_heads_here(pool: House) -> None:
    """`tests/http/test_scoped_roles.py` walks the rule; here that the page obeys it."""
    manager = await enter(pool, Role.MANAGER)
    assert (await manager.get(PAGE)).status_code == 403
    assert (await manager.post(PAGE, {"seen": "0.0.0.0.0", "users": "1", "motive": "round"})).status_code == 403


async def test_a_head_count_is_forgotten_with_the_passages_of_its_day(pool: House) -> None:
    (seen,) = (await heads(pool))["zones"]
    await send(pool, {"seen": seen["seen"], "users": 1, "motive": "round"})
    async with pool.database.read() as connection:
        (row,) = await connection.execute(select(head_count))
    assert (row.keep_until - local_day(pool.clock(), pool.city.authority.zone)).days == 92
