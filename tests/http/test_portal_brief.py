"""A code for a minute at the portal: shown while it opens a gate, no moment longer, and to its owner alone."""

import re
from datetime import timedelta

import pytest

from nfc.online_handle import TTL_SECONDS
from portal.brief import STEP_SECONDS
from tests.console import Console, said
from tests.house_app import House
from tests.http.test_portal_passes import brief_of, pages_of
from tests.portal import follower

SHARED = pytest.mark.asyncio(loop_scope="module")
OVER = "This code is over. It was used, or its minute is over."


def lasts(page: str) -> int:
    """For how many seconds the picture of a page stays; 0 where there is none."""
    found = re.search(r'class="brief lasts-(\d+)"', page)
    assert bool(found) == ("<svg" in page)
    return int(found[1]) if found else 0


async def ask(browser: Console, page: str, service: str = "pool") -> str:
    """Ask for a code, and return where it is shown."""
    made = await browser.post(f"{page}/code", {"service": service}, drawn_at=f"{page}/code")
    assert made.status_code == 303
    where: str = made.headers["location"]
    return where


@SHARED
async def test_a_code_for_a_minute_is_asked_for_where_the_pass_has_rights(shared_house: House) -> None:
    zoe = await shared_house.resident("P-brief", rights=("carnet-10",))
    browser = await follower(shared_house, zoe.holder, "brief@example.org")
    page, medium = pages_of(zoe)
    assert "Piscine" in said(await browser.get(f"{page}/code"))

    nowhere = await browser.post(f"{page}/code", {"service": "zoo"}, drawn_at=f"{page}/code")
    shown = await browser.get(await ask(browser, page))

    assert nowhere.status_code == 422
    assert (await browser.get(f"{page}/code/zoo")).headers["location"] == f"{page}/code"
    assert brief_of(shown.text) > 20
    assert shown.headers["cache-control"] == "no-store"
    await browser.post(f"{medium}/block", {"reason": "damaged"}, drawn_at=page)
    assert OVER in said(await browser.get(f"{page}/code/pool?lang=en")), "what is stopped shows nothing either"
    refused = await browser.post(f"{page}/code", {"service": "pool"}, drawn_at=f"{page}/code")
    assert (refused.status_code, refused.headers["location"]) == (303, page)


async def test_a_code_is_gone_from_the_page_before_it_is_over_at_the_gate(house: House) -> None:
    """Loaded anew or gone back to, the page shows what is left of the same code; then how to get another."""
    zoe = await house.resident("R1", rights=("carnet-10",))
    browser = await follower(house, zoe.holder, "zoe@example.org")
    page, _ = pages_of(zoe)
    shown_at = await ask(browser, page)
    began, seen = house.clock(), []

    for second in range(0, TTL_SECONDS + 1, 7):
        house.clock.now = began + timedelta(seconds=second)
        seen.append((second, lasts((await browser.get(shown_at)).text)))

    assert seen[0] == (0, TTL_SECONDS - STEP_SECONDS)
    assert all(second + left < TTL_SECONDS for second, left in seen if left), seen
    assert all(TTL_SECONDS - second - left <= STEP_SECONDS for second, left in seen if second < TTL_SECONDS), seen
    house.clock.now = began + timedelta(seconds=TTL_SECONDS)
    over = await browser.get(f"{shown_at}?lang=en")
    assert (lasts(over.text), OVER in said(over)) == (0, True)
    again = await browser.post(f"{page}/code", {"service": "pool"}, drawn_at=shown_at)
    assert lasts((await browser.get(again.headers["location"])).text) == TTL_SECONDS - STEP_SECONDS


@SHARED
async def test_a_code_of_another_service_or_another_session_is_not_shown(shared_house: House) -> None:
    zoe = await shared_house.resident("P-brief-2", rights=("carnet-10",))
    browser = await follower(shared_house, zoe.holder, "brief-2@example.org")
    eve = await follower(shared_house, (await shared_house.resident("P-eve")).holder, "eve@example.org")
    page, _ = pages_of(zoe)
    shown_at = await ask(browser, page)

    assert lasts((await browser.get(f"{page}/code/library")).text) == 0
    eve.cookies["multipass-resident-code"] = browser.cookies["multipass-resident-code"]
    assert (await eve.get(shown_at)).status_code == 404
    browser.cookies["multipass-resident-code"] = "bm9uc2Vuc2U.00"
    assert lasts((await browser.get(shown_at)).text) == 0
