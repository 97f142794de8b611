"""The photo at the desk: with an agreement, for those who may see it, on cards, and gone when its holder says no."""

import io
import re
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from PIL import Image

from adapters.antivirus import Antivirus
from adapters.document_vault import DocumentVault
from api.archivist import Archivist
from domain.acts import Act
from domain.agents import Role
from domain.guardians import GuardianKind, appoint_guardian
from domain.journal import Wanted
from domain.passes import PassStatus, change_status, medium_bytes
from domain.portraits import WITHOUT_PASS
from tests.city import TestPass
from tests.console import Console, enter, said
from tests.house_app import House

SHARED = pytest.mark.asyncio(loop_scope="module")


def face() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (640, 480), (180, 140, 120)).save(written, "PNG")
    return written.getvalue()


async def sent(
    console: Console,
    person: TestPass,
    content: bytes,
    *,
    agreed: bool = True,
    who: str = "",
    was: str | None = None,
) -> httpx.Response:
    """Send a photo from the page that the desk has open; `was`: from one that it has had open for longer."""
    reference = person.holder.reference
    path = f"/console/people/{reference}/photo"
    if was is None:
        found = re.search(r'name="was" value="(\w*)"', (await console.get(path)).text)
        was = found[1] if found else ""
    fields = {"was": was, "for": who or reference, **({"agreed": "yes"} if agreed else {})}
    return await console.post(path, fields, files={"photo": ("photo.png", content)})


async def shows_photo(console: Console, person: TestPass) -> bool:
    page = await console.get(f"/console/people/{person.holder.reference}")
    return 'src="data:image/jpeg;base64,' in page.text


def sealed_files(house: House) -> set[Path]:
    return set(Path(house.app.state.settings.documents_folder).rglob("*.sealed"))


@SHARED
async def test_a_photo_is_seen_by_desk_and_gate_and_goes_when_its_holder_says_no(shared_house: House) -> None:
    zoe = await shared_house.resident("photo-1")
    desk, at_site, reviewer = [await enter(shared_house, role) for role in (Role.DESK, Role.SITE_AGENT, Role.REVIEWER)]
    before = sealed_files(shared_house)
    page = await desk.get("/console/people/photo-1/photo")
    assert page.headers["permissions-policy"].startswith("camera=(self)")
    assert (await desk.get("/console/people/photo-1")).headers["permissions-policy"].startswith("camera=()")

    for _ in range(2):
        assert (await sent(desk, zoe, face())).headers["location"] == "/console/people/photo-1"

    assert len(sealed_files(shared_house) - before) == 1, "the one before is gone"
    late = await sent(desk, zoe, face(), was="")
    assert (late.status_code, "another agent has just changed the photo" in said(late)) == (409, True)
    sheet = await desk.get(f"/console/passes/{zoe.pass_.number}/media/{medium_bytes(zoe.medium.id).hex()}/sheet")
    assert (sheet.headers["content-type"], b"/Subtype /Image" in sheet.content) == ("application/pdf", True)
    assert [await shows_photo(one, zoe) for one in (desk, at_site, reviewer)] == [True, True, False]
    neighbour = await enter(shared_house, shared_house.city.neighbour_agents[Role.DESK])
    assert (await neighbour.get("/console/people/photo-1/photo")).status_code == 404
    assert (await neighbour.post("/console/people/photo-1/photo/removal")).status_code == 404

    assert (await desk.post("/console/people/photo-1/photo/removal")).status_code == 303
    assert not await shows_photo(desk, zoe)
    assert sealed_files(shared_house) == before
    async with shared_house.database.look() as unit:
        lines = await unit.journal.search(zoe.holder.authority_id, Wanted(holder_id=zoe.holder.id), 100)
    acts = [line.entry.act for line in lines]
    assert (acts.count(Act.PHOTO_TAKEN), acts.count(Act.PHOTO_REMOVED)) == (2, 1)


@SHARED
async def test_nobodys_photo_is_kept_without_an_agreement_and_a_childs_parent_gives_it(shared_house: House) -> None:
    parent = await shared_house.resident("photo-parent")
    child = await shared_house.resident("photo-child", born_on=date(2018, 3, 1))
    async with shared_house.database.begin() as unit:
        await appoint_guardian(
            unit, ward=child.holder, guardian=parent.holder, kind=GuardianKind.PARENT, since=date(2026, 1, 1)
        )
    desk = await enter(shared_house, Role.DESK)
    refused = await sent(desk, child, face(), agreed=False, who="photo-parent")
    assert (refused.status_code, "no photo without their agreement" in said(refused)) == (422, True)
    assert (await sent(desk, child, face(), who="photo-child")).status_code == 422, "too young to agree"
    broken = await sent(desk, child, b"<svg onload=alert(1)>", who="photo-parent")
    assert (broken.status_code, "neither a picture" in said(broken)) == (422, True)
    assert not await shows_photo(desk, child)

    assert (await sent(desk, child, face(), who="photo-parent")).status_code == 303

    async with shared_house.database.look() as unit:
        kept = await unit.portraits.of(child.holder.authority_id, child.holder.id)
    assert kept is not None
    assert kept.agreed_by == parent.holder.id


@SHARED
async def test_a_photo_goes_a_month_after_the_last_pass(shared_house: House) -> None:
    zoe = await shared_house.resident("photo-end")
    desk = await enter(shared_house, Role.DESK)
    await sent(desk, zoe, face())
    vault = DocumentVault(Path(shared_house.app.state.settings.documents_folder), shared_house.keyring, Antivirus(""))
    archivist = Archivist(shared_house.database, lambda: later, vault)
    later = shared_house.clock() + WITHOUT_PASS + timedelta(days=1)
    await archivist.round()
    assert await shows_photo(desk, zoe), "the pass goes on"
    async with shared_house.database.begin() as unit:
        await change_status(unit, zoe.pass_, PassStatus.ENDED, now=shared_house.clock())
    await archivist.round()
    assert not await shows_photo(desk, zoe)
