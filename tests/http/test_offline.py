"""Reconciliation: what terminals granted alone that would have been refused, and what of it could not be taken in."""

from datetime import timedelta
from typing import Any

import pytest

from domain import terminals
from domain.agents import Role
from domain.limits import ONE, Limit, Measure, Window
from store.tables.places import gate
from tests.city import NOW, TestPass
from tests.house_app import House
from tests.http.rights import assert_problem, give, used
from tests.http.uploads import line, results, upload

MORNING = NOW - timedelta(hours=4)
ONE_VISIT = Limit(0, Measure.VISIT, ONE, Window.YEAR)


async def asks(house: House, path: str, *, role: Role = Role.MANAGER, **params: str) -> Any:  # noqa: ANN401 - httpx
    return await house.client.get(f"/v1/offline/{path}", params=params, headers=await house.agent_headers(role))


async def does(house: House, path: str) -> Any:  # noqa: ANN401 - as above
    return await house.client.post(f"/v1/offline/{path}", headers=await house.agent_headers(Role.MANAGER))


async def a_day_without_network(house: House) -> TestPass:
    """Three visits on a right for one, two at a site without any right, one of them refused."""
    zoe, ali = await house.resident("R1"), await house.resident("R2")
    await give(house, zoe, "swims", ONE_VISIT, service="pool")
    visits = [line(zoe.code, f"z-{n}", MORNING + timedelta(minutes=n), sequence=n) for n in range(3)]
    bus = [
        line(ali.code, "a-1", MORNING, gate="bus-1"),
        line(ali.code, "a-2", MORNING + timedelta(hours=2), gate="bus-1", outcome="denied", reason="no_right"),
    ]
    results(await upload(house, *visits, *bus))
    return zoe


async def test_surplus_is_counted_by_site_reason_and_flag(house: House) -> None:
    await a_day_without_network(house)
    body = (await asks(house, "report")).json()
    assert (body["first"], body["until"]) == ("2026-10-20", "2026-11-19")
    assert (body["facts"], body["surplus"], body["quarantined"]) == (5, 3, 0)
    bus, pool = body["sites"]
    assert bus == {
        "site": "bus",
        "facts": 2,
        "surplus": 1,
        "reasons": {"no_right": 1},
        "flags": {"not_entitled": 1},
    }
    assert (pool["facts"], pool["surplus"], pool["reasons"]) == (3, 2, {"carnet_empty": 2})
    assert pool["flags"] == {"over_quota": 2}


async def test_days_are_those_of_the_passages_and_not_of_their_upload(house: House) -> None:
    await a_day_without_network(house)
    house.clock.turn(days=3)
    assert (await asks(house, "report", first="2026-11-19")).json()["facts"] == 0
    assert (await asks(house, "report", first="2026-11-18", until="2026-11-19")).json()["facts"] == 5
    assert (await asks(house, "report", site="bus")).json()["facts"] == 2


async def test_each_surplus_passage_can_be_found_and_taken_back(house: House) -> None:
    zoe = await a_day_without_network(house)
    found = (await asks(house, "facts", site="free")).json()
    assert found["next"] is None
    one, other = found["facts"]
    assert (one["passNumber"], one["outcome"], one["wouldBe"], one["wouldBeReason"]) == (
        zoe.pass_.number,
        "granted",
        "payment_required",
        "carnet_empty",
    )
    assert (one["happenedAt"], one["flags"], one["cancelled"]) == ("2026-11-18T09:06:00Z", ["over_quota"], False)
    taken_back = await house.client.post(
        f"/v1/passages/{one['passage']}/cancellation",
        json={"key": "w-1", "motive": "other"},
        headers=await house.agent_headers(Role.MANAGER),
    )
    assert taken_back.json()["reason"] == "cancelled"
    assert await used(house) == [2 * ONE]
    again = (await asks(house, "facts", site="free", reason="carnet_empty")).json()["facts"]
    assert [(each["passage"], each["cancelled"]) for each in again] == [
        (one["passage"], True),
        (other["passage"], False),
    ]
    assert (await asks(house, "facts", flag="passback")).json()["facts"] == []
    assert len((await asks(house, "facts", flag="not_entitled")).json()["facts"]) == 1


async def test_nobody_sees_the_facts_or_lines_of_another_authority(house: House) -> None:
    """S5."""
    zoe = await a_day_without_network(house)
    results(await upload(house, line(zoe.code, "o-1", MORNING, gate="nowhere")))
    headers = await house.agent_headers(Role.MANAGER, neighbour=True)
    report = (await house.client.get("/v1/offline/report", headers=headers)).json()
    assert (report["facts"], report["quarantined"]) == (0, 0)
    assert (await house.client.get("/v1/offline/quarantine", headers=headers)).json()["lines"] == []
    assert_problem(await house.client.get("/v1/offline/quarantine/1", headers=headers), 404, "line-not-found")
    for act in ("replay", "drop"):
        refused = await house.client.post(f"/v1/offline/quarantine/1/{act}", headers=headers)
        assert_problem(refused, 404, "line-not-found")


async def test_a_line_waits_in_quarantine_without_what_opens_a_gate(house: House) -> None:
    zoe = await house.resident("R1")
    results(await upload(house, line(zoe.code, "o-1", MORNING, gate="nowhere"), b"\x00garbage\xff"))
    one, other = (await asks(house, "quarantine")).json()["lines"]
    assert (one["number"], one["code"], one["settledAs"]) == ("1", "gate-not-found", None)
    assert zoe.code not in one["text"]
    assert '"gate":"nowhere"' in one["text"]
    assert other["text"] == "\N{REPLACEMENT CHARACTER}garbage\N{REPLACEMENT CHARACTER}"
    assert (await asks(house, "quarantine/1")).json() == one


async def test_a_line_is_taken_in_once_its_gate_is_there_even_from_a_terminal_that_is_gone(house: House) -> None:
    zoe = await house.resident("R1")
    await give(house, zoe, "swims", ONE_VISIT, service="pool")
    results(await upload(house, line(zoe.code, "o-1", MORNING, gate="new-1")))
    assert_problem(await does(house, "quarantine/1/replay"), 404, "gate-not-found")
    async with house.database.begin() as unit:
        mine, door = house.city.terminal.terminal, house.city.gates["free"]
        await unit.connection.execute(  # type: ignore[attr-defined]
            gate.update().where(gate.c.id == door.id).values(code="new-1")
        )
        await terminals.revoke_terminal(unit, authority_id=mine.authority_id, terminal_id=mine.id)
    assert (await does(house, "quarantine/1/replay")).json() == {"status": "stored"}
    assert await used(house) == [ONE]
    assert (await asks(house, "quarantine")).json()["lines"] == []
    assert (await asks(house, "quarantine/1")).json()["settledAs"] == "stored"
    for act in ("replay", "drop"):
        assert_problem(await does(house, f"quarantine/1/{act}"), 409, "already-settled")


async def test_a_line_in_conflict_can_only_be_dropped(house: House) -> None:
    zoe = await house.resident("R1")
    results(await upload(house, line(zoe.code, "o-1", MORNING)))
    results(await upload(house, line(zoe.code, "o-1", MORNING, sequence=9)))
    assert_problem(await does(house, "quarantine/1/replay"), 422, "idempotency-key-reused")
    dropped = (await does(house, "quarantine/1/drop")).json()
    assert (dropped["settledAs"], dropped["settledAt"]) == ("dropped", "2026-11-18T13:05:00Z")
    assert (await asks(house, "report")).json()["quarantined"] == 0


async def test_an_old_line_is_taken_in_when_an_agent_vouches_for_it(house: House) -> None:
    zoe = await house.resident("R1")
    (one,) = results(await upload(house, line(zoe.code, "o-1", NOW - timedelta(days=40))))
    assert (one["status"], one["code"]) == ("quarantined", "passage-too-old")
    assert (await does(house, "quarantine/1/replay")).json() == {"status": "stored"}
    assert (await asks(house, "report", first="2026-10-01", until="2026-11-01")).json()["facts"] == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_what_no_report_can_be_about_is_refused(house: House) -> None:
    for first, until in (("1899-12-01", "1900-01-01"), ("2026-11-19", "2026-11-19"), ("2020-01-01", "2026-11-19")):
        assert_problem(await asks(house, "report", first=first, until=until), 400, "invalid-request")
    assert_problem(await asks(house, "report", site="nowhere"), 404, "site-not-found")
    assert_problem(await asks(house, "facts", after="x"), 400, "bad-cursor")
    assert_problem(await asks(house, "quarantine/x"), 404, "line-not-found")
