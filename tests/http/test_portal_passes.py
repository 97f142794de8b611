"""My passes at the portal: what they open, a lost one stopped, a new code at the price that was shown."""

import re
from uuid import UUID

import pytest

from domain.guardians import GuardianKind, appoint_guardian
from domain.passes import MediumKind, PassStatus, change_status, medium_bytes
from domain.replacements import ReplacementFee, ReplacementReason
from portal.navigation import NAVIGATION
from tests.city import TODAY, TestPass
from tests.console import Console, said
from tests.house_app import House
from tests.http.test_permissions import TABLE
from tests.portal import follower

SHARED = pytest.mark.asyncio(loop_scope="module")


def pages_of(shown: TestPass) -> tuple[str, str]:
    """The addresses of somebody's pass and of what shows it."""
    pass_page = f"/moi/passes/{shown.pass_.number}"
    return pass_page, f"{pass_page}/media/{medium_bytes(shown.medium.id).hex()}"


def brief_of(page: str) -> int:
    """How many modules the picture of a page is wide: a code is there."""
    found = re.search(r'<svg[^>]*viewBox="0 0 (\d+) ', page)
    assert found is not None
    return int(found[1])


async def test_a_card_lost_at_night_is_stopped_replaced_and_forgotten_by_its_gate(house: House) -> None:
    """The whole of it on both engines: rights in words, where it was shown, stopped, replaced at the shown price."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    async with house.database.begin() as unit:
        fee = ReplacementFee(house.city.authority.id, MediumKind.PRINT, ReplacementReason.LOSS, 500)
        await unit.replacements.set_fees(house.city.authority.id, [fee])
    browser = await follower(house, zoe.holder, "zoe@example.org")
    page, medium = pages_of(zoe)
    assert (await house.tap(zoe.code)).json()["outcome"] == "granted"
    assert "9 visits of 10 left, until 31 December 2026." in said(await browser.get(f"{page}?lang=en"))
    assert "Valid until Tuesday 31 December 2030." in said(await browser.get(page)), "the last day, not the one after"
    assert "Let in" in said(await browser.get(f"{page}/passages"))

    unsaid = await browser.post(f"{medium}/block", drawn_at=f"{medium}/block")
    assert (unsaid.status_code, "Why? choose a reason" in said(unsaid)) == (422, True), "a question takes no colon"
    assert (await house.tap(zoe.code)).json()["reason"] != "medium_lost", "nothing is stopped before it was asked for"
    for told in ("It is stopped.", "It was stopped already"):
        await browser.post(f"{medium}/block", {"reason": "lost"}, drawn_at=page)
        assert told in said(await browser.get(page))
    assert (await house.tap(zoe.code)).json()["reason"] == "medium_lost"
    first = await browser.get(f"{page}/passages")
    assert "Refused" in said(first)

    assert "It costs €5.00" in said(await browser.get(f"{medium}/replace"))
    changed = await browser.post(f"{medium}/replace", {"cents": "0"}, drawn_at=f"{medium}/replace")
    assert changed.headers["location"] == f"{medium}/replace"
    await browser.post(f"{medium}/replace", {"cents": "500"}, drawn_at=f"{medium}/replace")
    after = await browser.get(page)
    assert "Your new code is ready" in said(after)
    (printed,) = re.findall(r'href="(/moi/passes/\d+/media/\w+/code)"', after.text)
    assert brief_of((await browser.get(printed)).text) > 40


@SHARED
async def test_coming_in_and_going_out_are_told_apart(shared_house: House) -> None:
    zoe = await shared_house.resident("P-out", rights=("carnet-10",))
    browser = await follower(shared_house, zoe.holder, "out@example.org")
    await shared_house.tap(zoe.code)
    await shared_house.tap(zoe.code, direction="exit")

    told = said(await browser.get(f"{pages_of(zoe)[0]}/passages?lang=fr"))

    assert (told.count("Sortie"), told.count("Entrée")) == (1, 1)


@SHARED
async def test_a_pass_that_gates_refuse_says_so_and_shows_no_code(shared_house: House) -> None:
    zoe = await shared_house.resident("P-stopped", rights=("waste-24",))
    browser = await follower(shared_house, zoe.holder, "stopped@example.org")
    page = f"/moi/passes/{zoe.pass_.number}"
    before = said(await browser.get(f"{page}?lang=en"))
    assert "Show with this device" in before
    async with shared_house.database.begin() as unit:
        await change_status(unit, zoe.pass_, PassStatus.SUSPENDED, now=shared_house.clock())

    after = said(await browser.get(page))

    assert "This pass is suspended: gates refuse it for now." in after
    assert "Show with this device" not in after


@SHARED
async def test_a_child_stands_beside_its_parent_and_is_named_as_such(shared_house: House) -> None:
    zoe, child = await shared_house.resident("P-parent"), await shared_house.resident("P-child", rights=("waste-24",))
    async with shared_house.database.begin() as unit:
        await appoint_guardian(unit, ward=child.holder, guardian=zoe.holder, kind=GuardianKind.TUTOR, since=TODAY)
    browser = await follower(shared_house, zoe.holder, "parent@example.org")

    home = said(await browser.get("/moi"))

    assert zoe.pass_.number in home
    assert child.pass_.number in home
    assert "vous êtes son tuteur" in home
    assert "vous êtes son tuteur" not in home.partition(zoe.pass_.number)[0]


@SHARED
async def test_what_a_desk_replaces_is_said_so(shared_house: House) -> None:
    zoe = await shared_house.resident("P-desk")
    browser = await follower(shared_house, zoe.holder, "desk@example.org")
    page, medium = pages_of(zoe)

    answer = await browser.get(f"{medium}/replace")

    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert "Un guichet le remplace" in said(await browser.get(page))


@SHARED
async def test_a_long_history_is_read_page_by_page(shared_house: House) -> None:
    zoe = await shared_house.resident("P-often", rights=("carnet-10",))
    browser = await follower(shared_house, zoe.holder, "often@example.org")
    page, _ = pages_of(zoe)
    assert "Aucun passage conservé" in said(await browser.get(f"{page}/passages"))
    for _ in range(22):
        await shared_house.tap(zoe.code)

    first = await browser.get(f"{page}/passages")
    (further,) = re.findall(r'rel="next" href="([^"]+)"', first.text)
    last = await browser.get(further)

    assert (first.text.count("<li>"), 'rel="next"' in last.text) == (20 + len(NAVIGATION), False)
    assert last.text.count("<li>") == 2 + len(NAVIGATION), "and those of the menu"
    assert (await browser.get(f"{page}/passages?before=x")).status_code == 400


@SHARED
async def test_what_is_somebody_elses_does_not_exist(shared_house: House) -> None:
    """S2: every page that names something answers 404 to whom it does not belong, and does nothing."""
    zoe, other = await shared_house.resident("P-mine"), await shared_house.resident("P-theirs")
    browser = await follower(shared_house, zoe.holder, "mine@example.org")
    token = await browser.form_token("/moi")
    places = {
        "number": other.pass_.number,
        "medium": medium_bytes(other.medium.id).hex(),
        "reference": other.holder.reference,
        "device_id": str(UUID(int=7)),
        "service": "pool",
    }
    fields = {"reason": "lost", "service": "pool", "cents": "0", "proof": "AAAA"}
    asked = 0
    for method, path in TABLE:
        if path.startswith("/moi/") and any(f"{{{name}}}" in path for name in places):
            address = path.format(**places)
            answer = await _ask(browser, method, address, fields, token)
            assert answer == 404, (method, path)
            asked += 1
    assert asked == 25
    assert (await shared_house.tap(other.code)).json()["reason"] != "medium_lost"


async def _ask(browser: Console, method: str, address: str, fields: dict[str, str], token: str) -> int:
    answer = await browser.get(address) if method == "GET" else await browser.post(address, fields, token=token)
    return answer.status_code
