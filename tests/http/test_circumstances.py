"""What holds of somebody when, and services from which they are kept, over HTTP."""

from typing import Any

import pytest

from domain.agents import Role
from tests.city import TODAY
from tests.house_app import House
from tests.http.desk import done, post, read
from tests.http.rights import assert_heard, assert_problem

STUDENT = {"kind": "status", "value": "student", "validFrom": "2026-09-01", "validUntil": "2027-09-01"}


async def told(house: House, kind: str, subject: str = "person/R1") -> list[tuple[str, str, str | None]]:
    found = await done(read(house, f"/subjects/{subject}/circumstances"))
    return [(one["value"], one["validFrom"], one["validUntil"]) for one in found if one["kind"] == kind]


async def test_a_status_is_recorded_once_and_ended(house: House) -> None:
    await house.resident("R1")
    for _ in range(2):
        assert await done(post(house, "/subjects/person/R1/circumstances", STUDENT)) == STUDENT
    assert await told(house, "status") == [("student", "2026-09-01", "2027-09-01")]
    ending = {"kind": "status", "value": "student"}
    assert await done(post(house, "/subjects/person/R1/circumstances/end", ending)) is None
    assert await told(house, "status") == []
    assert_problem(await post(house, "/subjects/person/R1/circumstances/end", ending), 404, "circumstance-not-found")


async def test_the_later_band_is_the_last_word(house: House) -> None:
    await house.resident("R1")
    path = "/subjects/household/F-R1/circumstances"
    await done(post(house, path, {"kind": "quotient", "value": "A"}))
    await done(post(house, path, {"kind": "quotient", "value": "B", "validFrom": "2027-01-01"}))
    assert await told(house, "quotient", "household/F-R1") == [
        ("A", str(TODAY), "2027-01-01"),
        ("B", "2027-01-01", None),
    ]


async def test_a_person_moves(house: House) -> None:
    await house.resident("R1")
    moving = {"kind": "commune", "value": "59512", "validFrom": "2026-12-01"}
    for _ in range(2):
        await done(post(house, "/subjects/person/R1/circumstances", moving))
    assert [value for value, _, _ in await told(house, "commune")] == ["00101", "59512"]
    assert [value for value, _, _ in await told(house, "commune", "household/F-R1")] == ["00101"]


async def test_somebody_kept_from_a_service_is_refused_there_until_it_is_open_again(house: House) -> None:
    zoe = await house.resident("R1", rights=("pool-year", "bus-year"))
    path, ban = "/subjects/person/R1/suspensions", {"service": "pool"}
    for _ in range(2):
        assert (await done(post(house, path, ban)))["validUntil"] is None
    assert (await house.tap(zoe.code)).json()["outcome"] == "denied"
    assert_heard(await house.tap(zoe.code, "bus-1"), "granted", "welcome")
    assert await told(house, "suspended") == [("pool", str(TODAY), None)]

    assert await done(post(house, f"{path}/end", ban)) is None

    assert_heard(await house.tap(zoe.code), "granted", "welcome")
    assert_problem(await post(house, f"{path}/end", ban), 404, "circumstance-not-found")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("circumstances", {"kind": "quotient", "value": "1250"}, 400, "bad-circumstance"),
        ("circumstances", {"kind": "status", "value": "a friend"}, 400, "invalid-request"),
        ("circumstances", {"kind": "suspended", "value": "pool"}, 400, "invalid-request"),
        ("circumstances", {"kind": "commune", "value": "59350", "validUntil": "2027-01-01"}, 400, "invalid"),
        ("circumstances", {"kind": "commune", "value": "59350", "validFrom": "1979-01-01"}, 400, "move-too-early"),
        ("circumstances", STUDENT | {"validUntil": "2026-09-01"}, 400, "contradictory-period"),
        ("circumstances", STUDENT | {"validFrom": "0001-01-01"}, 400, "invalid"),
        ("circumstances/end", {"kind": "commune", "value": "00101"}, 400, "invalid-request"),
        ("suspensions", {"service": "zoo"}, 400, "unknown-service"),
        ("suspensions", {"service": "pool", "validUntil": "2020-01-01"}, 400, "contradictory-period"),
    ],
)
async def test_what_does_not_fit_is_a_problem(
    house: House, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    await house.resident("R1")
    before = await done(read(house, "/subjects/person/R1/circumstances"))
    assert_problem(await post(house, f"/subjects/person/R1/{path}", body), status, code)
    assert await done(read(house, "/subjects/person/R1/circumstances")) == before


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("circumstances", STUDENT),
    ("circumstances/end", {"kind": "status", "value": "student"}),
    ("suspensions", {"service": "pool"}),
    ("suspensions/end", {"service": "pool"}),
]


@pytest.mark.parametrize(("path", "body"), CALLS)
async def test_a_neighbours_subjects_do_not_exist(house: House, path: str, body: dict[str, Any]) -> None:
    await house.resident("R1")
    for subject, code in (
        ("person/R1", "holder-not-found"),
        ("household/F-R1", "household-not-found"),
        ("organisation/PRO-1", "organisation-not-found"),
    ):
        assert_problem(await post(house, f"/subjects/{subject}/{path}", body, neighbour=True), 404, code)
        assert_problem(await read(house, f"/subjects/{subject}/circumstances", neighbour=True), 404, code)
        assert_problem(await read(house, f"/subjects/{subject}/rights", neighbour=True), 404, code)


@pytest.mark.parametrize("role", [Role.SITE_AGENT, Role.MANAGER, Role.DPO, Role.ADMINISTRATOR])
@pytest.mark.parametrize(("path", "body"), CALLS)
async def test_only_the_desk_writes_them(house: House, role: Role, path: str, body: dict[str, Any]) -> None:
    assert_problem(await post(house, f"/subjects/person/R1/{path}", body, role=role), 403, "forbidden")
