"""Keeping somebody from one service in their file: said there in words, and opened again on a day."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.acts import Act
from domain.agents import Grant, Role
from domain.circumstances import CircumstanceKind
from domain.journal import Wanted
from domain.organisations import OrganisationKind, register_organisation
from domain.people import join
from domain.periods import FOREVER
from tests.city import KEEP, TODAY, TestPass
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.test_console_undo import offered, undo
from tests.http.test_scoped_roles import Scoped

SHARED = pytest.mark.asyncio(loop_scope="module")
POOL = {"service": "pool", "from": "2026-11-18", "until": "2027-03-03", "reason": "rules_broken"}


def at(person: TestPass) -> str:
    return f"/console/people/{person.holder.reference}/suspensions"


def me(person: TestPass) -> dict[str, str]:
    return {"who": f"person.{person.holder.reference}"}


async def kept(house: House, subject_id: UUID) -> list[tuple[str, date, date]]:
    async with house.database.look() as unit:
        known = await unit.people.circumstances_after(subject_id, CircumstanceKind.SUSPENDED, TODAY)
    return [(one.value, one.valid_from, one.valid_until) for one in known]


async def acts(house: House, person: TestPass) -> list[tuple[Act, str | None]]:
    async with house.database.look() as unit:
        lines = await unit.journal.search(person.holder.authority_id, Wanted(holder_id=person.holder.id), 50)
    seen = {Act.CIRCUMSTANCES_LISTED, Act.FILE_SHOWN}
    return [(line.entry.act, line.entry.why) for line in reversed(lines) if line.entry.act not in seen]


@SHARED
async def test_the_gate_refuses_with_its_sentence_and_lets_in_again_the_same_day(shared_house: House) -> None:
    zoe = await shared_house.resident("K-1", rights=("pool-year", "bus-year"))
    desk = await enter(shared_house, Role.DESK)
    assert at(zoe) in (await desk.get("/console/people/K-1")).text
    empty = said(await desk.get(at(zoe)))
    assert "Of your services, none is closed" in empty
    assert "“This service is closed to you for now" in empty, "what the gate will say"

    done = await desk.post(at(zoe), {**POOL, **me(zoe)})

    assert done.headers["location"] == at(zoe)
    refused = (await shared_house.tap(zoe.code, "free-1")).json()
    assert (refused["outcome"], refused["reason"]) == ("denied", "service_suspended")
    assert (await shared_house.tap(zoe.code, "bus-1")).json()["outcome"] == "granted", "other services go on"
    file = said(await (await enter(shared_house, Role.DESK)).get("/console/people/K-1"))
    assert "Closed to them: Pool, until Wednesday 3 March 2027" in file
    await undo(desk, done)
    assert await kept(shared_house, zoe.holder.id) == []
    shared_house.clock.turn(minutes=1)
    assert (await shared_house.tap(zoe.code, "free-1")).json()["outcome"] == "granted"
    assert await acts(shared_house, zoe) == [(Act.SERVICE_SUSPENDED, "rules_broken"), (Act.SERVICE_RESUMED, None)]
    found = said(await (await enter(shared_house, Role.DPO)).get("/console/journal?act=service.suspended"))
    assert "The rules of the place were not kept" in found


@SHARED
async def test_a_service_opens_again_on_a_day_and_the_button_puts_back_what_was(shared_house: House) -> None:
    zoe = await shared_house.resident("K-2")
    desk = await enter(shared_house, Role.DESK)
    await desk.post(at(zoe), {**POOL, **me(zoe), "until": ""})
    assert "no end is known" in said(await desk.get("/console/people/K-2"))
    which = {"kept": "person.K-2/pool/2026-11-18"}

    opened = await desk.post(f"{at(zoe)}/end", {**which, "on": "2026-12-01"})

    assert await kept(shared_house, zoe.holder.id) == [("pool", TODAY, date(2026, 12, 1))]
    await undo(desk, opened)
    known = await kept(shared_house, zoe.holder.id)
    assert (min(one[1] for one in known), max(one[2] for one in known)) == (TODAY, FOREVER)
    assert (await acts(shared_house, zoe))[-1] == (Act.SERVICE_SUSPENDED, "opened_by_mistake")
    late = await desk.post(f"{at(zoe)}/end", {**which, "on": "2026-11-17"})
    assert (late.status_code, "today at the earliest" in said(late)) == (422, True)
    unknown = await desk.post(f"{at(zoe)}/end", {"kept": "person.K-2/bus/2026-11-18", "on": "2026-11-18"})
    assert (unknown.status_code, "another agent has just changed" in said(unknown)) == (409, True)


@SHARED
async def test_a_household_and_a_firm_are_kept_and_their_members_own_rights_go_on(shared_house: House) -> None:
    zoe = await shared_house.resident("K-3", rights=("waste-24", "pool-year"))
    async with shared_house.database.begin() as unit:
        firm = await register_organisation(
            unit, authority_id=shared_house.city.authority.id, reference="K-FIRM", name="Épicerie",
            kind=OrganisationKind.MUNICIPAL, registration=None, commune_code="00101", now=shared_house.clock(),
            keep_until=KEEP,
        )  # fmt: skip
        await join(unit, zoe.holder, firm.id, since=TODAY)
    desk = await enter(shared_house, Role.DESK)
    waste = {**POOL, "service": "waste-centre"}
    assert (await desk.post(at(zoe), {**waste, "who": f"household.{zoe.household.reference}"})).status_code == 303
    assert (await shared_house.tap(zoe.code, "waste-1")).json()["reason"] == "service_suspended"
    assert "(F-K-3)" in said(await desk.get("/console/people/K-3"))
    assert await acts(shared_house, zoe) == [(Act.SERVICE_SUSPENDED, "rules_broken")], "in the file that was open"
    path = "/console/organisations/K-FIRM/suspensions"
    assert path in (await desk.get("/console/organisations/K-FIRM")).text

    done = await desk.post(path, {**POOL, "who": "organisation.K-FIRM"})

    assert await kept(shared_house, firm.id) == [("pool", TODAY, date(2027, 3, 4))]
    colleague = await enter(shared_house, Role.DESK)  # the button waits on the next page of whoever did it
    assert "Closed to them: Pool" in said(await colleague.get("/console/organisations/K-FIRM"))
    assert "(Épicerie)" in said(await colleague.get("/console/people/K-3"))
    assert (await shared_house.tap(zoe.code, "free-1")).json()["outcome"] == "granted", "their own right"
    await undo(desk, done)
    assert await kept(shared_house, firm.id) == []


@SHARED
async def test_two_agents_at_once_see_each_other_and_nothing_is_lost(shared_house: House) -> None:
    zoe = await shared_house.resident("K-4")
    desk, colleague = await enter(shared_house, Role.DESK), await enter(shared_house, Role.DESK)
    seen = (await desk.get(at(zoe))).text.partition('name="seen" value="')[2].partition('"')[0]
    assert (await colleague.post(at(zoe), {**POOL, **me(zoe), "seen": seen})).status_code == 303

    refused = await desk.post(at(zoe), {**POOL, **me(zoe), "until": "2026-12-24", "seen": seen})

    assert (refused.status_code, "another agent has just changed them" in said(refused)) == (409, True)
    assert 'value="2026-12-24"' in refused.text, "what was typed stays"
    assert await kept(shared_house, zoe.holder.id) == [("pool", TODAY, date(2027, 3, 4))]
    assert await acts(shared_house, zoe) == [(Act.SERVICE_SUSPENDED, "rules_broken")]
    replaced = await desk.post(at(zoe), {**POOL, **me(zoe), "until": "2026-12-24"})
    assert replaced.status_code == 303
    assert offered(await desk.get(at(zoe))) is None, "opening it again would not bring back what was replaced"


@SHARED
async def test_what_does_not_fit_is_said_at_its_field(shared_house: House) -> None:
    zoe = await shared_house.resident("K-5")
    desk = await enter(shared_house, Role.DESK)
    for wrong, words in (
        ({"service": ""}, "Service: choose from the list"),
        ({"service": "<b>"}, "Service: choose from the list"),
        ({"who": "person.K-4"}, "Who: choose from the list"),
        ({"reason": "asthma"}, "Why: choose from the list"),
        ({"from": ""}, "First day: please fill this in"),
        ({"from": "2026-11-17"}, "this day is over"),
        ({"until": "31/12/9999"}, "write a date like 24/11/2026"),
        ({"from": "2026-12-10", "until": "2026-12-01"}, "before the first one"),
    ):
        page = await desk.post(at(zoe), {**POOL, **me(zoe), **wrong})
        assert (page.status_code, words in said(page)) == (422, True), (wrong, said(page))
    unsaid = await desk.post(f"{at(zoe)}/end", {"on": (TODAY + timedelta(days=1)).isoformat()})
    assert unsaid.status_code == 422
    assert await kept(shared_house, zoe.holder.id) == []


@SHARED
async def test_a_desk_of_one_service_sees_and_closes_its_own_alone(shared_house: House) -> None:
    zoe = await shared_house.resident("K-6")
    desk = await enter(shared_house, Role.DESK)
    await desk.post(at(zoe), {**POOL, **me(zoe)})
    await Scoped(shared_house).headers(Grant(Role.DESK, service="library"))
    library = Console(shared_house.client)
    await library.log_in("desk-library-")

    page = await library.get(at(zoe))

    assert "Of your services, none is closed" in said(page)
    assert '<option value="pool"' not in page.text
    assert "Closed to them" not in said(await library.get("/console/people/K-6"))
    assert (await library.post(at(zoe), {**POOL, **me(zoe)})).status_code == 403
    hidden = await library.post(f"{at(zoe)}/end", {"kept": "person.K-6/pool/2026-11-18", "on": "2026-11-18"})
    assert hidden.status_code == 409
    assert await kept(shared_house, zoe.holder.id) == [("pool", TODAY, date(2027, 3, 4))]
    mine = await library.post(at(zoe), {**POOL, **me(zoe), "service": "library"})
    assert mine.status_code == 303
    neighbour = await enter(shared_house, shared_house.city.neighbour_agents[Role.DESK])
    assert (await neighbour.get(at(zoe))).status_code == 404
    assert (await neighbour.post(at(zoe), {**POOL, **me(zoe)})).status_code == 404
