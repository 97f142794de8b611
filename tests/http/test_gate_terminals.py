"""Who may ask at a gate: terminals with a token, at their own gates, until they are revoked."""

import pytest
from sqlalchemy import update

from domain import terminals
from domain.agents import Role
from domain.terminals import TerminalStatus
from store.tables.places import terminal
from tests.city import paired_terminal
from tests.house_app import House
from tests.http.gate_requests import PATH, SHARED, assert_problem, body_of
from tests.http.ledger_rows import events, rows


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
