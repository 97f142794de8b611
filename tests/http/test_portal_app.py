"""The pass on a screen: what is served to everybody, and a browser that becomes a medium by proving its key."""

import re

import pytest

from nfc import keys, phone_binding
from tests.console import said
from tests.house_app import House
from tests.http.phones import letters
from tests.portal import follower, let_browser_in

SHARED = pytest.mark.asyncio(loop_scope="module")


@SHARED
async def test_the_page_that_a_phone_keeps_holds_nothing_of_anybody(shared_house: House) -> None:
    zoe = await shared_house.resident("A-public")
    browser = await follower(shared_house, zoe.holder, "public@example.org")

    page = await browser.get("/moi/app")

    assert zoe.pass_.number not in page.text
    assert "Lefèvre" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert not re.search(r"<script(?! type=\"module\" src=\"/moi/assets/)|style=|onclick", page.text)


@SHARED
async def test_everything_that_the_page_keeps_for_later_is_there(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, "kept@example.org")
    worker = (await browser.get("/moi/service-worker.js")).text
    kept = re.findall(r'"(/[^"]+)"', worker.partition("\n\n")[0].partition("SHELL = ")[2].partition(";")[0])

    served = [path for path in kept if path != "/tokens.css"]  # that one is of every surface (`web/home.py`)
    assert [path for path in served if (await browser.get(path)).status_code != 200] == []
    page = (await browser.get("/moi/app")).text
    linked = re.findall(r'(?:src|href)="(/moi/(?:assets|hues)/[^"]+|/tokens.css)"', page)
    assert {path for path in linked if not path.endswith(".png")} <= set(kept)
    manifest = (await browser.get("/moi/manifest.webmanifest")).json()
    assert manifest["start_url"] == "/moi/app"
    assert [(await browser.get(one["src"])).status_code for one in manifest["icons"]] == [200, 200]


@SHARED
async def test_a_browser_that_proves_its_key_is_a_medium_and_its_owner_is_told(shared_house: House) -> None:
    zoe = await shared_house.resident("A-tie")
    browser = await follower(shared_house, zoe.holder, "tie@example.org")
    page, secret = f"/moi/passes/{zoe.pass_.number}/phone", keys.generate().private
    proof = phone_binding.prove(secret, zoe.pass_.number, int(shared_house.clock().timestamp()))

    nothing = await browser.post(page, {"proof": "AAAA"}, drawn_at=page)
    tied = await browser.post(page, {"proof": proof}, drawn_at=page)

    assert (nothing.status_code, tied.status_code) == (400, 201)
    of_the_pass = said(await browser.get(f"/moi/passes/{zoe.pass_.number}"))
    assert "Téléphone" in of_the_pass
    assert "lié aujourd’hui à" in of_the_pass, "by its day one is told from another"
    (told,) = letters(shared_house, "tie@example.org")
    assert told.get_content().rstrip().endswith("/moi"), "and where to say that it was not them"
    medium = tied.json()["medium"]["id"]
    assert f'data-media="{medium}"' in (await browser.get(page)).text, (
        "and so the browser knows that it is the pass already"
    )
    credential = f"/moi/passes/{zoe.pass_.number}/phones/{medium}/credential"
    assert (await browser.get(credential)).json()["credential"]
    block = f"/moi/passes/{zoe.pass_.number}/media/{medium}/block"
    await browser.post(block, {"reason": "unlinked"}, drawn_at=block)
    assert (await browser.get(credential)).status_code == 409, "and so the page knows that it shall show nothing more"
    assert (await shared_house.tap(zoe.code)).json()["reason"] != "medium_revoked", "the card goes on"


@SHARED
async def test_the_citys_clock_is_told(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, "clock@example.org")

    told = (await browser.get("/moi/clock")).json()

    assert told == {"now": round(shared_house.clock().timestamp() * 1000)}
