"""Rights granted and ended at the desk, over HTTP: once under a key, and never past what the product allows."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.agents import Role
from domain.conditions import Lift
from domain.limits import ONE
from domain.people import Subject
from domain.products import Product, Terms, publish_product
from domain.text import Text
from store.tables.products import entitlement
from tests.city import TODAY, TestPass
from tests.house_app import House
from tests.http.desk import done, post, read
from tests.http.rights import assert_heard, assert_problem, used

CARNET = {"key": "g-1", "product": "carnet-10", "validUntil": "2027-11-18"}


async def grant(house: House, shown: TestPass, said: dict[str, Any], **who: Any) -> Any:  # noqa: ANN401 - an httpx answer
    return await post(house, f"/passes/{shown.pass_.number}/rights", said, **who)


async def granted(house: House) -> int:
    async with house.database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(entitlement))).scalar_one()


async def derogation(house: House, *, yearly: int | None = None) -> None:
    """Offer a derogation: it lasts a day unless another end is said."""
    async with house.database.begin() as unit:
        name = Text(fr="Dérogation", en="Derogation")
        terms = Terms(lifts=(Lift.VEHICLE,), yearly=yearly)
        product = Product(
            unit.ids.row(), house.city.authority.id, "derogation", "waste-centre", Subject.PERSON, name, terms=terms
        )
        await publish_product(unit, product)


async def test_a_right_that_is_granted_opens_the_gate(house: House) -> None:
    zoe = await house.resident("R1")
    right = await done(grant(house, zoe, CARNET))
    assert right["validFrom"] == str(TODAY)
    body = assert_heard(await house.tap(zoe.code), "granted", "welcome")
    assert body["remaining"][0]["left"] == 9
    (listed,) = await done(read(house, "/subjects/person/R1/rights"))
    assert (listed["id"], listed["remaining"][0]["left"]) == (right["id"], 9)


async def test_the_same_key_is_one_right(house: House) -> None:
    zoe, ben = await house.resident("R1"), await house.resident("R2")
    first = await done(grant(house, zoe, CARNET))
    house.clock.turn(hours=12)  # after midnight: it began yesterday, and is still the same
    assert await done(grant(house, zoe, CARNET)) == first
    for shown, wrong in ((zoe, {"product": "pool-year"}), (ben, {}), (zoe, {"validUntil": "2027-01-01"})):
        said = CARNET | wrong
        assert_problem(await grant(house, shown, said), 422, "idempotency-key-reused")
    assert await granted(house) == 1
    await done(grant(house, zoe, CARNET | {"key": "g-2"}))
    assert await granted(house) == 2


async def test_a_key_that_comes_many_times_at_once_is_one_right(house: House) -> None:
    zoe = await house.resident("R1")
    headers = await house.agent_headers(Role.DESK)
    path = f"/v1/passes/{zoe.pass_.number}/rights"
    answers = await asyncio.gather(*(house.client.post(path, json=CARNET, headers=headers) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await granted(house) == 1


async def test_two_agents_may_use_the_same_key(house: House) -> None:
    zoe = await house.resident("R1")
    neighbours = await house.resident("N1", authority=house.city.neighbour)
    first = await done(grant(house, zoe, CARNET))
    second = await done(grant(house, neighbours, CARNET, neighbour=True))
    assert first["id"] != second["id"]


async def test_a_household_right_goes_to_the_household_that_is_named(house: House) -> None:
    child = await house.resident("R1", born_on=date(2018, 3, 1))
    await house.resident("R2")
    await done(post(house, "/households/F-R2/members", {"holder": "R1"}))
    said = {"key": "g-1", "product": "waste-24", "validUntil": "2027-01-01"}
    assert_problem(await grant(house, child, said), 409, "subject-ambiguous")
    assert_problem(await grant(house, child, said | {"household": "F-9"}), 404, "membership-not-found")
    right = await done(grant(house, child, said | {"household": "F-R2"}))
    (listed,) = await done(read(house, "/subjects/household/F-R2/rights"))
    assert listed["id"] == right["id"]


async def test_what_the_product_asks_for_is_kept(house: House) -> None:
    zoe = await house.resident("R1")
    await derogation(house, yearly=1)
    assert_problem(await grant(house, zoe, {"key": "g-1", "product": "carnet-10"}), 400, "end-missing")
    day = await done(grant(house, zoe, {"key": "g-2", "product": "derogation", "validFrom": "2026-12-01"}))
    assert (day["validFrom"], day["validUntil"]) == ("2026-12-01", "2026-12-02")
    again = {"key": "g-3", "product": "derogation", "validFrom": "2026-12-24"}
    assert_problem(await grant(house, zoe, again), 409, "yearly-allowance-spent")


async def test_a_right_ends_today_and_a_retry_changes_nothing(house: House) -> None:
    zoe = await house.resident("R1", rights=("carnet-10",))
    assert_heard(await house.tap(zoe.code, "free-1"), "granted", "welcome")
    (right,) = await done(read(house, "/subjects/person/R1/rights"))
    for _ in range(2):
        ended = await done(post(house, f"/rights/{right['id']}/end"))
        assert ended == {"id": right["id"], "endsOn": str(TODAY), "takenBack": False}
        house.clock.turn(minutes=1)
    assert (await house.tap(zoe.code, "free-1")).json()["outcome"] == "payment_required"
    assert await used(house) == [ONE], "what was counted stays"


async def test_a_right_that_has_not_begun_is_taken_back(house: House) -> None:
    zoe = await house.resident("R1")
    right = await done(grant(house, zoe, CARNET | {"validFrom": "2026-12-01"}))
    ended = await done(post(house, f"/rights/{right['id']}/end"))
    assert ended["takenBack"] is True
    assert await granted(house) == 0
    assert_problem(await post(house, f"/rights/{right['id']}/end"), 404, "right-not-found")


async def test_a_right_of_today_is_taken_back_while_nobody_has_used_it(house: House) -> None:
    zoe = await house.resident("R1")
    right = await done(grant(house, zoe, CARNET))
    await house.tap(zoe.code)
    assert_problem(await post(house, f"/rights/{right['id']}/end"), 409, "right-used")
    other = await done(grant(house, zoe, CARNET | {"key": "g-2"}))
    assert (await done(post(house, f"/rights/{other['id']}/end")))["takenBack"] is True


async def test_a_neighbours_rights_and_passes_do_not_exist(house: House) -> None:
    zoe = await house.resident("R1")
    right = await done(grant(house, zoe, CARNET))
    assert_problem(await grant(house, zoe, CARNET, neighbour=True), 404, "pass-not-found")
    assert_problem(await post(house, f"/rights/{right['id']}/end", neighbour=True), 404, "right-not-found")
    assert await granted(house) == 1


@pytest.mark.parametrize("role", [Role.SITE_AGENT, Role.MANAGER, Role.DPO, Role.ADMINISTRATOR])
async def test_only_the_desk_grants_and_ends(house: House, role: Role) -> None:
    zoe = await house.resident("R1")
    assert_problem(await grant(house, zoe, CARNET, role=role), 403, "forbidden")
    right_id = "00000000-0000-0000-0000-000000000000"
    assert_problem(await post(house, f"/rights/{right_id}/end", role=role), 403, "forbidden")


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"key": "é"}, 400, "invalid-request"),
        ({"product": "nothing"}, 404, "product-not-found"),
        ({"validFrom": "2101-01-01"}, 400, "invalid"),
        ({"validUntil": "2020-01-01"}, 400, "contradictory-period"),
        ({"validUntil": "9999-12-31"}, 400, "invalid"),
        ({"subject": "R1"}, 400, "invalid-request"),
    ],
)
async def test_what_does_not_fit_grants_nothing(house: House, wrong: dict[str, Any], status: int, code: str) -> None:
    zoe = await house.resident("R1")
    assert_problem(await grant(house, zoe, CARNET | wrong), status, code)
    assert await granted(house) == 0
