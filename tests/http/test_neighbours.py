"""S5: what belongs to another authority does not exist for an agent of this one: by id, by list, by export."""

from typing import Any

import pytest
from sqlalchemy import select

from domain.agents import Role
from store.tables.passes import medium, pass_
from store.tables.places import terminal
from tests.house_app import House


async def everything(house: House) -> list[Any]:
    """What a neighbour could spoil, as rows."""
    async with house.database.read() as connection:
        return [
            [tuple(row) for row in await connection.execute(select(table).order_by(table.c.id))]
            for table in (pass_, medium, terminal)
        ]


async def test_a_neighbours_pass_does_not_exist(house: House) -> None:
    theirs = await house.resident("R1", authority=house.city.neighbour)
    number = theirs.pass_.number
    for role in (Role.DESK, Role.MANAGER, Role.SITE_AGENT):
        answer = await house.client.get(f"/v1/passes/{number}", headers=await house.agent_headers(role))
        unknown = await house.client.get("/v1/passes/0000000000", headers=await house.agent_headers(role))
        assert answer.status_code == 404
        assert answer.content == unknown.content, "it looks like one that never was"
    own = await house.client.get(f"/v1/passes/{number}", headers=await house.agent_headers(Role.DESK, neighbour=True))
    assert own.status_code == 200


async def test_a_neighbours_medium_cannot_be_stopped(house: House) -> None:
    theirs = await house.resident("R1", authority=house.city.neighbour)
    ours = await house.resident("R2")
    headers = await house.agent_headers(Role.DESK)
    before = await everything(house)
    medium_id = theirs.medium.id.to_bytes(8, "big", signed=True).hex()
    for number, code in ((theirs.pass_.number, "pass-not-found"), (ours.pass_.number, "medium-not-found")):
        answer = await house.client.post(
            f"/v1/passes/{number}/media/{medium_id}/block", json={"reason": "lost"}, headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    assert await everything(house) == before


async def test_a_neighbours_holder_gets_no_pass_of_ours(house: House) -> None:
    theirs = await house.resident("R1", authority=house.city.neighbour)
    before = await everything(house)
    answer = await house.client.post(
        "/v1/passes",
        json={"holderReference": theirs.holder.reference},
        headers=await house.agent_headers(Role.DESK),
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "holder-not-found")
    assert await everything(house) == before


@pytest.mark.parametrize("neighbour", [False, True])
async def test_a_list_of_terminals_shows_ones_own(house: House, *, neighbour: bool) -> None:
    headers = await house.agent_headers(Role.ADMINISTRATOR, neighbour=neighbour)
    listed = (await house.client.get("/v1/terminals", headers=headers)).json()
    own = house.city.neighbour_terminal if neighbour else house.city.terminal
    assert [entry["id"] for entry in listed] == [str(own.terminal.id)]
    assert listed[0]["gates"] == sorted(own.gates)


async def test_a_neighbours_terminal_cannot_be_revoked(house: House) -> None:
    headers = await house.agent_headers(Role.ADMINISTRATOR)
    before = await everything(house)
    answer = await house.client.post(
        f"/v1/terminals/{house.city.neighbour_terminal.terminal.id}/revoke", headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "terminal-not-found")
    assert await everything(house) == before
    token = await house.terminal_token(house.city.neighbour_terminal)
    assert (await house.tap("X", token=token)).status_code == 200


async def test_an_export_holds_ones_own_passages(house: House) -> None:
    ours = await house.resident("R1", rights=("pool-year",))
    theirs = await house.resident("R2", authority=house.city.neighbour, rights=("pool-year",))
    token = await house.terminal_token(house.city.neighbour_terminal)
    await house.tap(ours.code)
    await house.tap(theirs.code, token=token)
    await house.tap(ours.code, token=token)

    exports = [
        (await house.client.get("/v1/exports/validations", headers=await house.agent_headers(Role.DPO, neighbour=n)))
        for n in (False, True)
    ]

    assert [answer.text.count("\n") for answer in exports] == [1, 2]
    assert str(house.city.neighbour_terminal.terminal.id) not in exports[0].text
    assert str(house.city.terminal.terminal.id) not in exports[1].text
    reasons = [line.partition('"reason":"')[2].partition('"')[0] for line in exports[1].text.splitlines()]
    assert reasons == ["welcome", "other_authority"]
