"""Households at the desk, over HTTP: founded, joined, left and split by the verbs of the command line."""

from datetime import date
from typing import Any

import pytest

from domain.agents import Role
from domain.limits import ONE, Limit, Measure, Window
from tests.city import TODAY
from tests.house_app import House
from tests.http.desk import done, post, read
from tests.http.rights import assert_problem, give

VISITS = Limit(0, Measure.VISIT, 24 * ONE, Window.YEAR)


async def test_a_household_is_founded_joined_and_left(house: House) -> None:
    await house.resident("R1")
    assert await done(post(house, "/households", {"reference": "F-9", "commune": "59350"})) == {
        "reference": "F-9",
        "sharesUntil": None,
    }
    joined = await done(post(house, "/households/F-9/members", {"holder": "R1", "validUntil": "2027-09-01"}))
    assert joined == {
        "holder": "R1",
        "name": "Zoé Lefèvre",
        "validFrom": str(TODAY),
        "validUntil": "2027-09-01",
        "former": False,
    }
    shown = await done(read(house, "/households/F-9"))
    assert shown["members"] == [joined]
    assert shown["residences"] == [
        {"kind": "commune", "value": "59350", "validFrom": str(TODAY), "validUntil": None},
    ]

    assert await done(post(house, "/households/F-9/members/R1/departure", {"on": "2026-12-01"})) is None

    assert (await done(read(house, "/households/F-9")))["members"][0]["validUntil"] == "2026-12-01"


async def test_a_household_shows_what_is_left_of_its_rights(house: House) -> None:
    zoe = await house.resident("R1")
    right_id = await give(house, zoe, "twice", VISITS)
    await house.tap(zoe.code, "waste-1")
    (right,) = (await done(read(house, "/households/F-R1")))["rights"]
    assert (right["id"], right["product"]) == (str(right_id), "twice")
    assert (right["remaining"][0]["left"], right["remaining"][0]["of"]) == (23, 24)


async def test_a_retry_makes_nothing_twice(house: House) -> None:
    await house.resident("R1")
    founding = {"reference": "F-9", "commune": "59350"}
    await done(post(house, "/households", founding))
    await done(post(house, "/households/F-9/members", {"holder": "R1"}))
    assert_problem(await post(house, "/households", founding), 409, "already-exists")
    assert_problem(await post(house, "/households/F-9/members", {"holder": "R1"}), 409, "overlapping-membership")
    assert len((await done(read(house, "/households/F-9")))["members"]) == 1


async def test_a_split_shares_what_runs_and_says_until_when(house: House) -> None:
    zoe, ben = await house.resident("R1"), await house.resident("R2")
    await give(house, zoe, "twice", VISITS)
    await done(post(house, "/households/F-R1/members", {"holder": "R2"}))

    split = {"leavers": ["R2"], "reference": "F-3", "commune": "00101"}
    assert await done(post(house, "/households/F-R1/split", split)) == {
        "reference": "F-3",
        "sharesUntil": "2027-01-01",
    }

    left = (await done(read(house, "/households/F-R1")))["members"]
    assert [(one["holder"], one["former"]) for one in left] == [("R1", False), ("R2", True)]
    await house.tap(ben.code, "waste-1")
    (right,) = (await done(read(house, "/households/F-R1")))["rights"]
    assert right["remaining"][0]["left"] == 23, "the same counter"
    everybody = {"leavers": ["R1"], "reference": "F-4", "commune": "00101"}
    assert_problem(await post(house, "/households/F-R1/split", everybody), 409, "nobody-stays")
    assert_problem(
        await post(house, "/households/F-R2/split", split | {"leavers": ["R1"]}), 404, "membership-not-found"
    )


async def test_a_household_moves_with_the_members_who_live_there(house: House) -> None:
    await house.resident("R1")
    moving = {"kind": "commune", "value": "59512", "validFrom": "2026-12-01"}
    moved = await done(post(house, "/subjects/household/F-R1/circumstances", moving))
    assert moved == {"kind": "commune", "value": "59512", "validFrom": "2026-12-01", "validUntil": None}
    homes = [one for one in await done(read(house, "/subjects/person/R1/circumstances")) if one["kind"] == "commune"]
    assert [(home["value"], home["validUntil"]) for home in homes] == [("00101", "2026-12-01"), ("59512", None)]


PATHS = [
    ("/households/F-R1/members", {"holder": "R1", "validFrom": "2040-01-01"}),
    ("/households/F-R1/members/R1/departure", {}),
    ("/households/F-R1/split", {"leavers": ["R1"], "reference": "F-3", "commune": "00101"}),
]


@pytest.mark.parametrize(("path", "body"), PATHS)
async def test_a_neighbours_household_does_not_exist(house: House, path: str, body: dict[str, Any]) -> None:
    await house.resident("R1")
    assert_problem(await post(house, path, body, neighbour=True), 404, "household-not-found")
    assert_problem(await read(house, "/households/F-R1", neighbour=True), 404, "household-not-found")
    members = (await done(read(house, "/households/F-R1")))["members"]
    assert [(one["holder"], one["validUntil"]) for one in members] == [("R1", None)]


async def test_a_neighbours_holder_joins_no_household_of_ours(house: House) -> None:
    await house.resident("R1")
    await house.resident("N1", authority=house.city.neighbour)
    assert_problem(await post(house, "/households/F-R1/members", {"holder": "N1"}), 404, "holder-not-found")


@pytest.mark.parametrize("role", [Role.SITE_AGENT, Role.MANAGER, Role.DPO, Role.ADMINISTRATOR])
async def test_only_the_desk_founds_households(house: House, role: Role) -> None:
    founding = {"reference": "F-9", "commune": "59350"}
    assert_problem(await post(house, "/households", founding, role=role), 403, "forbidden")
    assert_problem(await read(house, "/households/F-R1", role=role), 403, "forbidden")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/households", {"reference": "F-9"}, "invalid-request"),
        ("/households", {"reference": "F-9", "commune": "Lille"}, "invalid-request"),
        ("/households", {"reference": "F-9", "commune": "5935A"}, "bad-circumstance"),
        ("/households", {"reference": "F\n9", "commune": "59350"}, "invalid-request"),
        ("/households", {"reference": "F-9", "commune": "59350", "note": "nice people"}, "invalid-request"),
        ("/households/F-R1/members", {"holder": "R1", "validFrom": "1850-01-01"}, "invalid"),
        ("/households/F-R1/members", {"holder": "R1", "validUntil": "9999-01-01"}, "invalid"),
        ("/households/F-R1/members", {"holder": "R1", "validUntil": "2020-01-01"}, "contradictory-period"),
        ("/households/F-R1/split", {"leavers": [], "reference": "F-3", "commune": "59350"}, "invalid-request"),
    ],
)
async def test_what_does_not_fit_is_a_problem(house: House, path: str, body: dict[str, Any], code: str) -> None:
    await house.resident("R1")
    assert_problem(await post(house, path, body), 400, code)
    assert_problem(await read(house, "/households/F-9"), 404, "household-not-found")


async def test_a_reference_that_nobody_can_type_names_nothing(house: House) -> None:
    assert_problem(await read(house, "/households/F%00"), 404, "household-not-found")


async def test_it_lives_there_from_the_day_at_the_desk(house: House) -> None:
    house.clock.turn(hours=10)  # past midnight in Paris, the same day in UTC
    await done(post(house, "/households", {"reference": "F-9", "commune": "59350"}))
    (home,) = (await done(read(house, "/households/F-9")))["residences"]
    assert home["validFrom"] == str(date(2026, 11, 19))
