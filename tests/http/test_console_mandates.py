"""Who acts for whom, written down at the desk: at every counter at once, on record, undone where it was a mistake."""

from datetime import date

import pytest

from domain.acts import Act
from domain.agents import Role
from domain.journal import Wanted
from tests.city import TestPass
from tests.console import enter, said
from tests.house_app import House
from tests.http.test_console_undo import undo

SHARED = pytest.mark.asyncio(loop_scope="module")


async def acts(house: House, person: TestPass) -> list[Act]:
    async with house.database.look() as unit:
        lines = await unit.journal.search(person.holder.authority_id, Wanted(holder_id=person.holder.id), 50)
    return [line.entry.act for line in reversed(lines) if line.entry.act is not Act.FILE_SHOWN]


@SHARED
async def test_a_parent_is_written_down_and_asks_for_their_childs_card_at_once(shared_house: House) -> None:
    parent = await shared_house.resident("acts-parent")
    child = await shared_house.resident("acts-child", born_on=date(2018, 3, 1))
    desk, at = await enter(shared_house, Role.DESK), "/console/people/acts-child/mandates"
    assert at in (await desk.get("/console/people/acts-child")).text

    done = await desk.post(at, {"guardian": "acts-parent", "kind": "parent", "until": ""})

    assert done.headers["location"] == at
    page = said(await desk.get(at))
    assert "acts for Zoé Lefèvre from today on" in page
    assert "Parent 29 Feb 2036" in page, "until the child is of age"
    card = await desk.get(f"/console/passes/{child.pass_.number}/card")
    assert '<option value="acts-parent"' in card.text
    assert '<option value="acts-child"' not in card.text
    assert "acts-child" in said(await desk.get("/console/people/acts-parent/mandates"))
    ended = await desk.post(f"{at}/acts-parent/end")
    colleague = await enter(shared_house, Role.DESK)
    assert "Nobody acts for" in said(await colleague.get(at))

    await undo(desk, ended)

    assert "Parent 29 Feb 2036" in said(await desk.get(at))
    assert await acts(shared_house, child) == [
        Act.GUARDIAN_APPOINTED,
        Act.GUARDIANS_LISTED,
        Act.PASS_SHOWN,
        Act.GUARDIANSHIP_ENDED,
        Act.GUARDIANS_LISTED,
        Act.GUARDIANS_LISTED,
        Act.GUARDIAN_APPOINTED,
        Act.GUARDIANS_LISTED,
    ]
    assert await acts(shared_house, parent) == [Act.GUARDIANS_LISTED]


@SHARED
async def test_nobody_acts_who_may_not_and_what_was_typed_stays(shared_house: House) -> None:
    for reference, born_on in (("no-adult", date(1980, 5, 17)), ("no-child", date(2018, 3, 1))):
        await shared_house.resident(reference, born_on=born_on)
    await shared_house.resident("no-other")
    desk, at = await enter(shared_house, Role.DESK), "/console/people/no-adult/mandates"
    mandate = {"guardian": "no-other", "kind": "tutor", "until": ""}
    for wrong, words in (
        ({"guardian": "<nobody>"}, "nobody has this reference"),
        ({"guardian": "no-adult"}, "nobody is their own guardian"),
        ({"guardian": "no-child"}, "this person is not eighteen yet"),
        ({"kind": "parent"}, "only a tutor may act for them"),
        ({"kind": "king"}, "choose from the list"),
        ({"until": "01/01/2020"}, "this day is over"),
        ({"until": "tomorrow"}, "write a date like 24/11/2026"),
        ({"until": "31/12/9999"}, "write a date like 24/11/2026"),
    ):
        refused = await desk.post(at, {**mandate, **wrong})
        assert (refused.status_code, words in said(refused)) == (422, True), wrong
    typed = await desk.post(at, {**mandate, "guardian": "<nobody>"})
    assert 'value="&lt;nobody&gt;"' in typed.text
    assert (await desk.post(f"{at}/no-other/end")).status_code == 404
    assert (await desk.post(at, mandate)).status_code == 303
    twice = await desk.post(at, mandate)
    assert (twice.status_code, "acts for them already" in said(twice)) == (422, True)

    neighbour = await enter(shared_house, shared_house.city.neighbour_agents[Role.DESK])
    assert (await neighbour.get(at)).status_code == 404
    assert (await neighbour.post(f"{at}/no-other/end")).status_code == 404
