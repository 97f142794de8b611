"""What was stopped for a time is put back in use by a program: a medium, or a pass with all its media."""

from typing import Any, get_args, get_type_hints

import httpx
import pytest

from api.whole_passes import PassSuspensionRequest
from domain.agents import Role
from domain.passes import SUSPENDS_FOR, medium_bytes
from store.tables.journal import journal_entry
from store.tables.passes import medium_change, pass_change
from tests.city import TestPass
from tests.house_app import House
from tests.http.rights import assert_heard, assert_problem
from tests.http.uploads import rows


async def post(house: House, path: str, said: dict[str, Any] | None = None, role: Role = Role.DESK) -> httpx.Response:
    return await house.client.post(f"/v1/passes/{path}", json=said, headers=await house.agent_headers(role))


async def tap(house: House, zoe: TestPass, key: str) -> httpx.Response:
    return await house.tap(zoe.code, "free-1", token=await house.terminal_token(), key=key)


async def test_a_card_that_was_suspended_opens_again(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    medium = f"{zoe.pass_.number}/media/{medium_bytes(zoe.medium.id).hex()}"
    assert (await post(house, f"{medium}/block", {"reason": "suspended"})).json()["status"] == "suspended"
    assert_heard(await tap(house, zoe, "k-1"), "denied", "medium_suspended")

    back = await post(house, f"{medium}/resumption")

    assert (back.status_code, back.json()["status"]) == (200, "active")
    assert_heard(await tap(house, zoe, "k-2"), "granted", "welcome")
    desk = house.city.agents[Role.DESK].id
    assert [(row.was, row.changed_by) for row in await rows(house, medium_change)] == [
        ("active", desk),
        ("suspended", desk),
    ]
    assert [row.act for row in await rows(house, journal_entry)][-1] == "medium.resumed"
    assert_problem(await post(house, f"{medium}/resumption"), 409, "lifecycle-conflict")


@pytest.mark.parametrize("reason", ["lost", "stolen"])
async def test_a_card_that_was_lost_stays_stopped(house: House, reason: str) -> None:
    zoe = await house.resident("R1")
    medium = f"{zoe.pass_.number}/media/{medium_bytes(zoe.medium.id).hex()}"
    await post(house, f"{medium}/block", {"reason": reason})
    assert_problem(await post(house, f"{medium}/resumption"), 409, "lifecycle-conflict")
    assert_heard(await tap(house, zoe, "k-1"), "denied", "medium_lost")


async def test_a_pass_is_stopped_for_a_time_and_put_back_with_its_media(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    number = zoe.pass_.number
    assert_problem(await post(house, f"{number}/resumption"), 409, "lifecycle-conflict")
    stopped = await post(house, f"{number}/suspension", {"reason": "in_doubt"})
    assert (stopped.status_code, stopped.json()["status"]) == (200, "suspended")
    assert_heard(await tap(house, zoe, "k-1"), "denied", "pass_suspended")
    assert_problem(await post(house, f"{number}/suspension", {"reason": "in_doubt"}), 409, "lifecycle-conflict")
    back = await post(house, f"{number}/resumption")
    assert (back.json()["status"], [one["status"] for one in back.json()["media"]]) == ("active", ["active"])
    assert_heard(await tap(house, zoe, "k-2"), "granted", "welcome")
    assert [row.was for row in await rows(house, pass_change)] == ["active", "suspended"]
    told = [(row.act, row.why) for row in await rows(house, journal_entry)]
    assert told == [("pass.suspended", "in_doubt"), ("pass.resumed", None)]


async def test_a_pass_of_the_neighbours_is_not_found_and_an_end_is_no_reason_to_suspend(house: House) -> None:
    zoe = await house.resident("R1")
    neighbour = await house.agent_headers(Role.DESK, neighbour=True)
    for path in ("resumption", f"media/{medium_bytes(zoe.medium.id).hex()}/resumption"):
        answer = await house.client.post(f"/v1/passes/{zoe.pass_.number}/{path}", headers=neighbour)
        assert_problem(answer, 404, "pass-not-found")
    assert_problem(await post(house, f"{zoe.pass_.number}/suspension", {"reason": "deceased"}), 400, "invalid-request")
    assert_problem(await post(house, "1234567890/resumption"), 404, "pass-not-found")


def test_a_program_gives_the_reasons_that_the_console_offers() -> None:
    assert set(get_args(get_type_hints(PassSuspensionRequest)["reason"])) == {one.value for one in SUSPENDS_FOR}
