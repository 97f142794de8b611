"""A medium is replaced at a desk: for a reason, at its price, once; and its journal says who did it."""

import pytest

from domain.agents import Role
from domain.passes import MediumKind
from domain.replacements import ReplacementFee, ReplacementReason
from tests.city import TestPass
from tests.house_app import House
from tests.http.desk import done, post, read

pytestmark = pytest.mark.asyncio(loop_scope="module")


def where(who: TestPass, medium: str | None = None) -> str:
    name = medium or who.medium.id.to_bytes(8, "big", signed=True).hex()
    return f"/passes/{who.pass_.number}/media/{name}"


async def stopped(house: House, reference: str, reason: str) -> TestPass:
    who = await house.resident(reference, rights=("pool-year",))
    await done(post(house, f"{where(who)}/block", {"reason": reason}))
    return who


async def set_fees(house: House, *fees: tuple[ReplacementReason, int]) -> None:
    authority = house.city.authority.id
    async with house.database.begin() as unit:
        await unit.replacements.set_fees(
            authority, [ReplacementFee(authority, MediumKind.PRINT, reason, cents) for reason, cents in fees]
        )


async def test_a_lost_medium_is_replaced_at_the_price_of_its_reason_and_once(shared_house: House) -> None:
    await set_fees(shared_house, (ReplacementReason.LOSS, 1_500), (ReplacementReason.THEFT, 1_500))
    zoe = await stopped(shared_house, "lost", "lost")
    replaced = await done(post(shared_house, f"{where(zoe)}/replacement"))
    assert (replaced["reason"], replaced["feeCents"]) == ("loss", 1_500)
    assert (replaced["medium"]["kind"], replaced["medium"]["status"]) == ("print", "active")
    listed = await done(read(shared_house, f"/passes/{zoe.pass_.number}/media"))
    assert {one["status"]: one["id"] for one in listed} == {
        "replaced": where(zoe).rsplit("/", 1)[1],
        "active": replaced["medium"]["id"],
    }
    again = await post(shared_house, f"{where(zoe)}/replacement")
    assert (again.status_code, again.json()["code"]) == (409, "lifecycle-conflict")


async def test_what_is_due_is_listed_for_whoever_collects_it(shared_house: House) -> None:
    await set_fees(shared_house, (ReplacementReason.DAMAGE, 700))
    broken, lost = await stopped(shared_house, "due", "damaged"), await stopped(shared_house, "free", "lost")
    for who in (broken, lost):
        await done(post(shared_house, f"{where(who)}/replacement"))
    listed = await done(read(shared_house, "/replacements", role=Role.MANAGER))
    mine = {broken.pass_.number, lost.pass_.number}
    assert [one for one in listed if one["passNumber"] in mine] == [
        {
            "passNumber": broken.pass_.number,
            "reason": "damage",
            "feeCents": 700,
            "replacedAt": "2026-11-18T13:05:00Z",
        }
    ]
    assert await done(read(shared_house, "/replacements?until=2026-11-18", role=Role.MANAGER)) == []
    assert await done(read(shared_house, "/replacements", role=Role.MANAGER, neighbour=True)) == []
    backwards = await read(shared_house, "/replacements?first=2026-11-19&until=2026-11-18", role=Role.MANAGER)
    assert (backwards.status_code, backwards.json()["code"]) == (400, "invalid-request")


async def test_a_theft_that_was_reported_costs_nothing(shared_house: House) -> None:
    await set_fees(shared_house, (ReplacementReason.LOSS, 1_500), (ReplacementReason.THEFT, 1_500))
    zoe = await stopped(shared_house, "stolen", "stolen")
    replaced = await done(post(shared_house, f"{where(zoe)}/replacement", {"reason": "theft_reported"}))
    assert (replaced["reason"], replaced["feeCents"]) == ("theft_reported", 0)


async def test_a_reason_that_does_not_fit_is_refused_and_a_medium_in_use_stays(shared_house: House) -> None:
    zoe = await stopped(shared_house, "unfitting", "lost")
    wrong = await post(shared_house, f"{where(zoe)}/replacement", {"reason": "defect"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "wrong-replacement-reason")
    max_ = await shared_house.resident("in-use")
    early = await post(shared_house, f"{where(max_)}/replacement")
    assert (early.status_code, early.json()["code"]) == (409, "lifecycle-conflict")


async def test_the_journal_of_a_medium_names_the_agent_of_each_change(shared_house: House) -> None:
    zoe = await stopped(shared_house, "journal", "lost")
    await done(post(shared_house, f"{where(zoe)}/replacement"))
    login = shared_house.city.agents[Role.DESK].login
    told = await done(read(shared_house, f"{where(zoe)}/changes", role=Role.MANAGER))
    assert [(one["was"], one["agent"]) for one in told] == [("active", login), ("lost", login)]


async def test_neither_a_neighbour_nor_another_pass_replaces_a_medium_or_reads_its_journal(shared_house: House) -> None:
    zoe, max_ = await stopped(shared_house, "ours", "lost"), await shared_house.resident("other")
    medium = zoe.medium.id.to_bytes(8, "big", signed=True).hex()
    for path, neighbour, code in (
        (where(zoe), True, "pass-not-found"),
        (where(max_, medium), False, "medium-not-found"),
        (where(max_, "zz"), False, "medium-not-found"),
    ):
        for answer in (
            await post(shared_house, f"{path}/replacement", neighbour=neighbour),
            await read(shared_house, f"{path}/changes", neighbour=neighbour),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, code)
