"""Who acts for whom, over HTTP."""

from datetime import date

import pytest

from domain.agents import Role
from tests.city import TODAY
from tests.house_app import House
from tests.http.desk import done, post, read
from tests.http.rights import assert_problem

PARENT = {"guardian": "R1", "kind": "parent"}


@pytest.fixture
async def family(house: House) -> House:
    """A mother (R1), her child of eight (R2) and her brother of seventeen (R3)."""
    await house.resident("R1")
    await house.resident("R2", born_on=date(2018, 3, 1))
    await house.resident("R3", born_on=date(2009, 3, 1))
    return house


async def test_a_parent_acts_until_the_child_comes_of_age(family: House) -> None:
    acts = await done(post(family, "/holders/R2/guardians", PARENT))
    assert acts == {
        "ward": "R2",
        "wardName": "Zoé Lefèvre",
        "guardian": "R1",
        "guardianName": "Zoé Lefèvre",
        "kind": "parent",
        "validFrom": str(TODAY),
        "validUntil": "2036-03-01",
    }
    assert await done(read(family, "/holders/R2/guardians")) == {"guardians": [acts], "wards": []}
    assert await done(read(family, "/holders/R1/guardians")) == {"guardians": [], "wards": [acts]}


async def test_a_tutor_acts_until_it_is_ended(family: House) -> None:
    acts = await done(post(family, "/holders/R3/guardians", {"guardian": "R1", "kind": "tutor"}))
    assert acts["validUntil"] is None
    assert await done(post(family, "/holders/R3/guardians/R1/end")) is None
    assert (await done(read(family, "/holders/R3/guardians")))["guardians"] == []
    assert_problem(await post(family, "/holders/R3/guardians/R1/end"), 404, "guardianship-not-found")


async def test_a_guardian_is_of_age(family: House) -> None:
    minor = {"guardian": "R3", "kind": "parent"}
    assert_problem(await post(family, "/holders/R2/guardians", minor), 409, "guardian-under-age")
    birthday = await done(post(family, "/holders/R2/guardians", minor | {"validFrom": "2027-03-01"}))
    assert birthday["validFrom"] == "2027-03-01"


async def test_what_cannot_be_is_refused(family: House) -> None:
    await done(post(family, "/holders/R2/guardians", PARENT))
    for ward, said, status, code in (
        ("R2", PARENT, 409, "overlapping-guardianship"),
        ("R1", PARENT, 400, "own-guardian"),
        ("R3", PARENT | {"validFrom": "2027-03-01"}, 409, "ward-of-age"),
        ("R3", PARENT | {"validUntil": "2020-01-01"}, 400, "contradictory-period"),
        ("R3", PARENT | {"kind": "uncle"}, 400, "invalid-request"),
        ("R3", {"guardian": "R9", "kind": "parent"}, 404, "holder-not-found"),
        ("R9", PARENT, 404, "holder-not-found"),
    ):
        assert_problem(await post(family, f"/holders/{ward}/guardians", said), status, code)


async def test_a_neighbours_people_do_not_exist(family: House) -> None:
    await done(post(family, "/holders/R2/guardians", PARENT))
    for answer in (
        await post(family, "/holders/R2/guardians", PARENT, neighbour=True),
        await post(family, "/holders/R2/guardians/R1/end", neighbour=True),
        await read(family, "/holders/R2/guardians", neighbour=True),
    ):
        assert_problem(answer, 404, "holder-not-found")
    assert len((await done(read(family, "/holders/R2/guardians")))["guardians"]) == 1


@pytest.mark.parametrize("role", [Role.SITE_AGENT, Role.MANAGER, Role.DPO, Role.ADMINISTRATOR])
async def test_only_the_desk_appoints_guardians(house: House, role: Role) -> None:
    assert_problem(await post(house, "/holders/R2/guardians", PARENT, role=role), 403, "forbidden")
    assert_problem(await read(house, "/holders/R2/guardians", role=role), 403, "forbidden")
