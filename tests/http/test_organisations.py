"""Organisations at the desk, over HTTP."""

from typing import Any

import pytest

from domain.agents import Role
from tests.city import TODAY
from tests.house_app import House
from tests.http.desk import done, post, read
from tests.http.rights import assert_problem

FIRM = {
    "reference": "PRO-1",
    "name": "Menuiserie Roux",
    "kind": "professional",
    "registration": "732 829 320 00074",
    "commune": "59350",
}


async def test_a_firm_is_registered_joined_and_left(house: House) -> None:
    await house.resident("R1")
    registered = await done(post(house, "/organisations", FIRM))
    assert registered == {
        "reference": "PRO-1",
        "name": "Menuiserie Roux",
        "kind": "professional",
        "registration": "73282932000074",
    }
    await done(post(house, "/organisations/PRO-1/members", {"holder": "R1"}))
    shown = await done(read(house, "/organisations/PRO-1"))
    assert (shown["commune"], shown["rights"]) == ("59350", [])
    assert [(one["holder"], one["validFrom"]) for one in shown["members"]] == [("R1", str(TODAY))]

    await done(post(house, "/organisations/PRO-1/members/R1/departure", {"on": "2026-12-01"}))

    assert (await done(read(house, "/organisations/PRO-1")))["members"][0]["validUntil"] == "2026-12-01"


async def test_a_retry_makes_nothing_twice(house: House) -> None:
    await house.resident("R1")
    await done(post(house, "/organisations", FIRM))
    await done(post(house, "/organisations/PRO-1/members", {"holder": "R1"}))
    assert_problem(await post(house, "/organisations", FIRM), 409, "already-exists")
    assert_problem(await post(house, "/organisations", FIRM | {"reference": "PRO-2"}), 409, "already-exists")
    assert_problem(await post(house, "/organisations/PRO-1/members", {"holder": "R1"}), 409, "overlapping-membership")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"registration": "73282932000075"}, "bad-registration"),
        ({"registration": None}, "bad-registration"),
        ({"kind": "sect"}, "invalid-request"),
        ({"name": " "}, "name-missing"),
        ({"commune": "5935A"}, "bad-circumstance"),
        ({"siret": "73282932000074"}, "invalid-request"),
    ],
)
async def test_a_firm_that_does_not_check_is_refused(house: House, wrong: dict[str, Any], code: str) -> None:
    assert_problem(await post(house, "/organisations", FIRM | wrong), 400, code)
    assert_problem(await read(house, "/organisations/PRO-1"), 404, "organisation-not-found")


async def test_a_neighbours_firm_does_not_exist(house: House) -> None:
    await house.resident("R1")
    await done(post(house, "/organisations", FIRM))
    await done(post(house, "/organisations", FIRM, neighbour=True))
    await done(post(house, "/organisations", FIRM | {"reference": "PRO-2", "registration": "35600000000048"}))
    member = {"holder": "R1"}
    assert_problem(await post(house, "/organisations/PRO-1/members", member, neighbour=True), 404, "holder-not-found")
    for answer in (
        await post(house, "/organisations/PRO-2/members", member, neighbour=True),
        await post(house, "/organisations/PRO-2/members/R1/departure", neighbour=True),
        await read(house, "/organisations/PRO-2", neighbour=True),
    ):
        assert_problem(answer, 404, "organisation-not-found")


@pytest.mark.parametrize("role", [Role.SITE_AGENT, Role.MANAGER, Role.DPO, Role.ADMINISTRATOR])
async def test_only_the_desk_registers_organisations(house: House, role: Role) -> None:
    assert_problem(await post(house, "/organisations", FIRM, role=role), 403, "forbidden")
