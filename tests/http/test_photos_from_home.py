"""A photo taken at home: with a yes, looked at by a desk before it counts, and gone whenever its holder says so."""

import re
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from msgspec.structs import replace

from adapters.antivirus import Antivirus
from adapters.document_vault import DocumentVault
from api.archivist import Archivist
from domain.account_links import LinkKind
from domain.acts import Act
from domain.agents import Role
from domain.guardians import GuardianKind, appoint_guardian
from domain.journal import Wanted
from domain.people import Holder
from domain.portrait_offers import FLAWS, KEPT, PhotoFlaw, offer
from domain.portraits import Sealed
from tests.city import TODAY, TestPass
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.phones import follow, let_in, letters, read
from tests.http.rights import assert_problem
from tests.http.test_console_photos import face, sealed_files, shows_photo
from tests.portal import follower, log_in

SHARED = pytest.mark.asyncio(loop_scope="module")


async def send(
    house: House, headers: dict[str, str], reference: str, content: bytes, *, agreed: str = "true"
) -> httpx.Response:
    path = f"/v1/resident/persons/{reference}/photo"
    return await house.client.put(path, params={"agreed": agreed, "zoom": "120"}, content=content, headers=headers)


async def decide(desk: Console, person: TestPass, act: str, **more: str) -> httpx.Response:
    """Accept or refuse the photo that the desk has before it."""
    page = f"/console/people/{person.holder.reference}/photo/offer"
    (offer,) = set(re.findall(r'name="offer" value="(\w+)"', (await desk.get(page)).text))
    return await desk.post(f"{page}/{act}", {"offer": offer, **more})


async def test_a_photo_from_the_sofa_is_looked_at_accepted_and_erased_by_its_holder(house: House) -> None:
    """The whole of it on both engines; a picture that nobody has looked at is on no file, and each one is kept once."""
    zoe = await house.resident("home-1")
    browser = await follower(house, zoe.holder, "zoe@example.org")
    page = "/moi/persons/home-1/photo"
    shown = await browser.get(f"{page}?lang=en")
    assert shown.headers["permissions-policy"].startswith("camera=(self)")
    assert (await browser.get("/moi")).headers["permissions-policy"].startswith("camera=()")
    assert "capture=" not in shown.text, "a telephone offers its pictures too, and the camera that sees the child"
    unsaid = await browser.post(page, {}, drawn_at=page, files={"photo": ("me.png", face())})
    assert (unsaid.status_code, "tick the box if you agree" in said(unsaid)) == (422, True)
    hostile = await browser.post(page, {"agreed": "yes"}, drawn_at=page, files={"photo": ("me.png", b"<svg onload=x>")})
    assert (hostile.status_code, sealed_files(house)) == (422, set())
    for _ in range(2):
        sent = await browser.post(page, {"agreed": "yes"}, drawn_at=page, files={"photo": ("me.png", face())})
        assert sent.headers["location"] == page
    assert len(sealed_files(house)) == 1, "the one before is gone"
    assert "An agent looks at it before it is used" in said(await browser.get(page))

    desk = await enter(house, Role.DESK)
    assert not await shows_photo(desk, zoe)
    assert "Zoé Lefèvre" in said(await desk.get("/console/photos"))
    assert (await decide(desk, zoe, "acceptance")).headers["location"] == "/console/photos"
    assert await shows_photo(desk, zoe)
    assert "Zoé Lefèvre" not in said(await desk.get("/console/photos"))
    assert "Kept until" in said(await browser.get(page))
    async with house.database.look() as unit:
        kept = await unit.portraits.of(zoe.holder.authority_id, zoe.holder.id)
        lines = await unit.journal.search(zoe.holder.authority_id, Wanted(holder_id=zoe.holder.id), 100)
    assert kept is not None
    assert (kept.agreed_by, kept.taken_by) == (zoe.holder.id, house.city.agents[Role.DESK].id)
    assert [line.entry.act for line in lines].count(Act.PHOTO_ACCEPTED) == 1

    assert (await browser.post(f"{page}/removal", drawn_at=page)).headers["location"] == page
    assert not await shows_photo(desk, zoe)
    assert sealed_files(house) == set()


@SHARED
async def test_a_refusal_says_what_to_do_better_and_keeps_no_picture(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await house.resident("home-2"), await let_in(house, "two@example.org")
    await follow(house, headers, zoe.holder)
    before = sealed_files(house)
    offered = await send(house, headers, "home-2", face())
    assert (offered.status_code, offered.json()["picture"], offered.json()["offered"] is not None) == (200, None, True)
    desk = await enter(house, Role.DESK)
    assert (await decide(desk, zoe, "refusal")).status_code == 422, "a refusal has a reason"
    assert (await decide(desk, zoe, "refusal", flaw="not_sharp")).status_code == 303
    assert sealed_files(house) == before
    told = (await read(house, "/persons/home-2/photo", headers)).json()
    assert told["refused"]["en"] == "The photo is not sharp. Put the telephone down, or have somebody take it."
    assert (told["offered"], told["picture"]) == (None, None)
    again = await send(house, headers, "home-2", face())
    assert (again.json()["refused"], again.json()["offered"] is not None) == (None, True)


@SHARED
async def test_an_agent_decides_on_the_picture_that_was_seen_and_no_other(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await house.resident("home-3"), await let_in(house, "three@example.org")
    await follow(house, headers, zoe.holder)
    await send(house, headers, "home-3", face())
    desk = await enter(house, Role.DESK)
    page = "/console/people/home-3/photo/offer"
    (seen,) = set(re.findall(r'name="offer" value="(\w+)"', (await desk.get(page)).text))
    await send(house, headers, "home-3", face())
    for act, more in (("acceptance", {}), ("refusal", {"flaw": "too_dark"})):
        late = await desk.post(f"{page}/{act}", {"offer": seen, **more})
        assert late.headers["location"] == "/console/photos"
        assert "This photo waits no more" in said(await desk.get("/console/photos"))
    assert (await desk.post(f"{page}/acceptance", {"offer": "x"})).headers["location"] == "/console/photos"
    assert not await shows_photo(desk, zoe)
    assert (await read(house, "/persons/home-3/photo", headers)).json()["offered"] is not None
    neighbour = await enter(house, house.city.neighbour_agents[Role.DESK])
    assert (await neighbour.get(page)).status_code == 404
    assert "home-3" not in (await neighbour.get("/console/photos")).text


@SHARED
async def test_a_parent_sends_the_childs_photo_and_whoever_has_a_mandate_nobodys(shared_house: House) -> None:
    house = shared_house
    parent, child = await house.resident("home-parent"), await house.resident("home-child", born_on=date(2018, 3, 1))
    neighbour = await house.resident("home-neighbour")
    async with house.database.begin() as unit:
        await appoint_guardian(
            unit, ward=child.holder, guardian=parent.holder, kind=GuardianKind.PARENT, since=date(2026, 1, 1)
        )
    headers = await let_in(house, "parent@example.org")
    await follow(house, headers, parent.holder)
    await follow(house, headers, neighbour.holder, LinkKind.MANDATE)
    assert (await send(house, headers, "home-child", face())).status_code == 200
    desk = await enter(house, Role.DESK)
    await decide(desk, child, "acceptance")
    async with house.database.look() as unit:
        kept = await unit.portraits.of(child.holder.authority_id, child.holder.id)
    assert kept is not None
    assert kept.agreed_by == parent.holder.id
    for reference in ("home-neighbour", "nobody"):
        for answer in (
            await send(house, headers, reference, face()),
            await read(house, f"/persons/{reference}/photo", headers),
            await house.client.delete(f"/v1/resident/persons/{reference}/photo", headers=headers),
        ):
            assert_problem(answer, 404, "person-not-found")
    assert_problem(await send(house, headers, "home-child", face(), agreed="false"), 400, "not-agreed")
    assert (await house.client.delete("/v1/resident/persons/home-child/photo", headers=headers)).status_code == 204
    assert not await shows_photo(desk, child)


@SHARED
async def test_what_nobody_looks_at_is_erased_after_sixty_days(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await house.resident("home-end"), await let_in(house, "end@example.org")
    await follow(house, headers, zoe.holder)
    before = sealed_files(house)
    await send(house, headers, "home-end", face())
    vault = DocumentVault(Path(house.app.state.settings.documents_folder), house.keyring, Antivirus(""))
    for days, left in ((-1, 1), (0, 0)):
        later = house.clock() + KEPT + timedelta(days=days)
        await Archivist(house.database, lambda at=later: at, vault).round()  # type: ignore[misc]
        assert len(sealed_files(house) - before) == left
    assert (await read(house, "/persons/home-end/photo", headers)).json()["offered"] is None


@pytest.mark.usefixtures("jobs_at_once")
async def test_whoever_sends_a_blurred_photo_is_written_to_and_sends_another_by_the_link(house: House) -> None:
    """The server tells by itself; the letter says what the page says, and its link leads there through the door."""
    zoe, address = await house.resident("home-link"), "link@example.org"
    browser = await follower(house, zoe.holder, address)
    page = "/moi/persons/home-link/photo"
    await browser.post(page, {"agreed": "yes"}, drawn_at=page, files={"photo": ("me.png", face())})
    assert "We write to you only if another one is needed" in said(await browser.get(f"{page}?lang=en"))
    desk = await enter(house, Role.DESK)
    await decide(desk, zoe, "refusal", flaw="not_sharp")
    assert "We write to whoever may send another one" in said(await desk.get("/console/photos"))

    async def came() -> bool:
        return bool(letters(house, address))

    await house.until(came)
    (letter,) = letters(house, address)
    assert FLAWS[PhotoFlaw.NOT_SHARP].fr in " ".join(letter.get_content().split())
    assert not list(letter.iter_attachments())
    link = re.search(r"^http\S+", letter.get_content(), re.MULTILINE)
    assert link is not None
    path = urlsplit(link[0]).path
    anybody = await Console(house.client).get(path)
    assert (anybody.status_code, urlsplit(anybody.headers["location"]).path) == (303, "/moi/login")
    again = await log_in(house, address, wanted=path)
    assert again.answer.headers["location"] == path == page
    assert FLAWS[PhotoFlaw.NOT_SHARP].en in said(await again.get(f"{path}?lang=en"))
    sent = await again.post(path, {"agreed": "yes"}, drawn_at=path, files={"photo": ("me.png", face())})
    assert sent.status_code == 303
    assert "Waiting" in said(await again.get(path))


@SHARED
async def test_an_agent_hears_where_nobody_is_left_to_be_written_to(shared_house: House) -> None:
    house = shared_house
    zoe, headers = await house.resident("home-left"), await let_in(house, "left@example.org")
    await follow(house, headers, zoe.holder)
    await send(house, headers, "home-left", face())
    async with house.database.begin() as unit:
        own = await unit.accounts.own_link(zoe.holder.id)
        assert own is not None
        await unit.accounts.remove(own.account_id)
    desk = await enter(house, Role.DESK)
    await decide(desk, zoe, "refusal", flaw="too_far")
    assert "tell them in another way" in said(await desk.get("/console/photos"))


FIRST, MORE = 48, 4
"""Photos that were sent one after the other, and at one instant: a page of fifty ends among these."""


async def test_an_agent_goes_on_behind_the_fifty_oldest_photos_and_comes_back_to_where_they_were(house: House) -> None:
    """Each stands on one page once, whatever comes meanwhile; behind the last the list leads to the oldest."""
    zoe, headers = await house.resident("home-page"), await let_in(house, "page@example.org")
    await follow(house, headers, zoe.holder)
    others: list[Holder] = []
    async with house.database.begin() as unit:
        for number in range(FIRST + MORE):
            one = replace(zoe.holder, id=unit.ids.row(), reference=f"queue-{number:02}")
            await unit.people.add_holder(one)
            at = house.clock() - timedelta(hours=90 - min(number, FIRST))
            await offer(unit, one, Sealed(unit.ids.row(), b""), agreed_by=one.id, now=at, today=TODAY)
            others.append(one)

    def listed(page: httpx.Response) -> list[str]:
        return re.findall(r'<li><a href="/console/people/([\w-]+)/photo/offer', page.text)

    desk = await enter(house, Role.DESK)
    first = await desk.get("/console/photos")
    further = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert further is not None
    await send(house, headers, "home-page", face())
    second = await desk.get(further[1])
    assert (len(listed(first)), listed(second)[-1]) == (50, "home-page")
    assert [*listed(first), *listed(second)] == [*(one.reference for one in others), "home-page"]
    assert 'rel="next"' not in second.text
    for page in (first, second):
        begin = re.search(r'href="/console/people/([\w-]+)/photo/offer[^"]*" aria-keyshortcuts="e"', page.text)
        assert begin is not None
        assert begin[1] == listed(page)[0]

    shown = re.search(r'href="(/console/people/home-page/photo/offer[^"]+)"', second.text)
    assert shown is not None
    found = await desk.get(shown[1])
    fields = dict(re.findall(r'name="(offer|after)" value="([^"]*)"', found.text))
    decided = await desk.post("/console/people/home-page/photo/offer/refusal", {**fields, "flaw": "no_face"})
    assert decided.headers["location"] == further[1]
    async with house.database.begin() as unit:
        for one in others:
            await unit.portraits.remove_offer(one.authority_id, one.id)
    end = await desk.get(further[1])
    assert "No other photo waits further on" in said(end)
    assert '<a href="/console/photos">See the oldest</a>' in end.text
    assert "No photo waits." in said(await desk.get("/console/photos?after=x"))
