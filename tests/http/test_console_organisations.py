"""Organisations at the console: registered once, found, and joined by those who hold their cards."""

import pytest

from domain.acts import Act
from domain.agents import Role
from domain.journal import Kind, Object, Wanted
from tests.console import enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")
FIRM = {
    "kind": "professional",
    "name": "Menuiserie <b>Roux",
    "reference": "PRO-9",
    "registration": "732 829 320 00074",
    "commune": "59350",
}


@SHARED
async def test_a_firm_is_registered_once_and_its_members_come_and_go(shared_house: House) -> None:
    zoe = await shared_house.resident("worker-1")
    desk = await enter(shared_house, Role.DESK)
    for wrong, words in (
        ({"registration": "73282932000075"}, "a digit is wrong"),
        ({"commune": "nowhere"}, "too long"),
        ({"commune": "xx"}, "that is no INSEE code"),
        ({"kind": "none"}, "choose from the list"),
    ):
        refused = await desk.post("/console/organisations", {**FIRM, **wrong})
        assert (refused.status_code, words in said(refused)) == (422, True), words
    made = await desk.post("/console/organisations", FIRM)
    assert made.headers["location"] == "/console/organisations/PRO-9"
    assert "has this reference or number already" in said(await desk.post("/console/organisations", FIRM))
    page = "/console/organisations/PRO-9"
    assert "nobody has this reference" in said(await desk.post(f"{page}/members", {"holder": "who?"}))

    await desk.post(f"{page}/members", {"holder": "worker-1"})

    shown = await desk.get(page)
    assert "Zoé Lefèvre is a member from today on" in said(shown)
    assert zoe.pass_.number in said(shown)
    assert "<b>Roux" not in shown.text
    assert "a member already" in said(await desk.post(f"{page}/members", {"holder": "worker-1"}))
    assert "PRO-9" in said(await desk.get("/console/organisations?q=menuis"))
    assert "No organisation fits" in said(await desk.get("/console/organisations?q=%25"))
    await desk.post(f"{page}/members/worker-1/end")
    assert "No member so far" in said(await desk.get(page))
    async with shared_house.database.look() as unit:
        firm = await unit.people.organisation(shared_house.city.authority.id, "PRO-9")
        lines = await unit.journal.search(firm.authority_id, Wanted(object=Object(Kind.ORGANISATION, str(firm.id))), 50)
    acts = [
        line.entry.act for line in reversed(lines) if line.entry.act not in {Act.FILE_SHOWN, Act.ORGANISATION_SHOWN}
    ]
    assert acts == [Act.ORGANISATION_REGISTERED, Act.MEMBER_JOINED, Act.MEMBER_LEFT]
    assert [line.entry.object.holder_id for line in lines if line.entry.act is Act.MEMBER_JOINED] == [zoe.holder.id]
