"""Passkeys at the portal: added on my account, they let me in without an address; a code goes on doing so."""

import html
import json
import re
from copy import copy
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from portal.visits import SESSION
from tests.authenticator import Authenticator
from tests.console import Console, said
from tests.house_app import House
from tests.http.phones import forget_letters, letters
from tests.portal import Door, let_browser_in, log_in
from web.cookies import cookie_name

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/moi/account/passkeys"
DOOR = "/moi/login"


@pytest_asyncio.fixture(loop_scope="module")
async def house(shared_house: House) -> House:
    """The shared house a quarter of an hour later: nobody's attempts are counted any more."""
    shared_house.clock.turn(minutes=16)
    forget_letters(shared_house)
    return shared_house


async def add(browser: Console, stick: Authenticator, *, name: str = "Fairphone") -> httpx.Response:
    """Make a passkey on the account page, as the browser does with what the page asks."""
    page = await browser.post(f"{PATH}/new", {"name": name}, drawn_at=PATH)
    asked = re.search(r'data-asked="([^"]+)"', page.text)
    assert asked is not None, said(page)
    answer = stick.make(html.unescape(asked[1]))
    return await browser.post(PATH, {"name": name, "answer": answer}, drawn_at=PATH)


async def come_in(house: House, stick: Authenticator, *, wanted: str = "", stays: bool = False) -> Door:
    """Log in with a passkey, as the script of the login page does."""
    browser = Door(house.client)
    asked = await browser.post(f"{DOOR}/passkey/challenge", {"authority": "ville"}, drawn_at=DOOR)
    assert asked.status_code == 200, said(asked)
    fields = {
        "attempt": asked.json()["attempt"],
        "answer": stick.show(json.dumps(asked.json()["options"])),
        "next": wanted,
        **({"stays": "yes"} if stays else {}),
    }
    browser.answer = await browser.post(f"{DOOR}/passkey", fields, drawn_at=DOOR)
    return browser


async def with_passkey(house: House, address: str) -> tuple[Console, Authenticator]:
    browser, stick = await let_browser_in(house, address), Authenticator()
    added = await add(browser, stick)
    assert added.status_code == 303, said(added)
    return browser, stick


async def test_a_passkey_that_was_added_lets_me_in_and_my_addresses_are_told(house: House) -> None:
    browser, stick = await with_passkey(house, "portal-key1@example.org")
    page = said(await browser.get(PATH))
    assert "La clé d’accès est ajoutée." in page
    assert "Fairphone" in page
    (told,) = letters(house, "portal-key1@example.org")
    assert "Fairphone" in told.get_content()

    back = await come_in(house, stick, wanted="/moi/account")

    assert (back.answer.status_code, back.answer.headers["location"]) == (303, "/moi/account")
    account = said(await back.get("/moi/account"))
    assert "•••@example.org" in account
    assert "Fairphone" in account
    assert (await log_in(house, "portal-key1@example.org")).answer.status_code == 303, "a code still does it"


async def test_a_device_that_is_mine_stays_logged_in_and_a_login_leads_nowhere_else(house: House) -> None:
    _, stick = await with_passkey(house, "portal-key2@example.org")
    name = cookie_name(house.app.state.settings, SESSION)

    leaving = await come_in(house, stick, wanted="https://evil.example/")
    staying = await come_in(house, stick, stays=True)

    assert leaving.answer.headers["location"] == "/moi"
    for browser, stays in ((leaving, False), (staying, True)):
        (line,) = [one for one in browser.answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
        assert ("max-age" in line.lower()) is stays


async def test_a_passkey_that_is_not_believed_opens_nothing_and_the_page_says_what_else_does(house: House) -> None:
    _, stick = await with_passkey(house, "portal-key3@example.org")
    stranger = copy(stick)
    stranger.credential_id = b"x" * 32

    refused = await come_in(house, stranger)

    assert refused.answer.status_code == 401
    assert "have a code sent" in said(refused.answer)
    assert cookie_name(house.app.state.settings, SESSION) not in refused.cookies
    nothing = await Console(house.client).post(f"{DOOR}/passkey", {"attempt": "x", "answer": "{"}, drawn_at=DOOR)
    assert nothing.status_code == 401


async def test_passkeys_are_not_tried_for_ever(house: House) -> None:
    """S6: what is tried too often from one address is not tried any more."""
    browser = Console(house.client)
    token, wrong = await browser.form_token(DOOR), {"attempt": str(UUID(int=0)), "answer": "{}"}
    tried = [(await browser.post(f"{DOOR}/passkey", wrong, token=token)).status_code for _ in range(31)]
    assert tried == [401] * 30 + [429]


async def test_a_form_of_another_browser_begins_and_ends_no_login(house: House) -> None:
    """S5: no other site logs anybody in."""
    mine, other = Console(house.client), Console(house.client)
    foreign = await other.form_token(DOOR)
    await mine.form_token(DOOR)
    for path in (f"{DOOR}/passkey/challenge", f"{DOOR}/passkey"):
        assert (await mine.post(path, {"authority": "ville"}, token=foreign)).status_code == 403, path


async def test_a_city_that_nobody_has_is_asked_for_nothing(house: House) -> None:
    asked = await Console(house.client).post(f"{DOOR}/passkey/challenge", {"authority": "nowhere"}, drawn_at=DOOR)
    assert asked.status_code == 404


async def test_a_passkey_is_named_anew_and_removed(house: House) -> None:
    browser, stick = await with_passkey(house, "portal-key4@example.org")
    path, end = await _act(browser, "name"), await _act(browser, "end")

    await browser.post(path, {"name": "Clé bleue"}, drawn_at=PATH)
    assert "Clé bleue" in said(await browser.get(PATH))
    await browser.post(path, {"name": "x" * 61}, drawn_at=PATH)
    assert "La clé garde son nom" in said(await browser.get(PATH))

    await browser.post(end, drawn_at=PATH)
    assert "Vous n’avez pas encore de clé d’accès." in said(await browser.get(PATH))
    assert (await come_in(house, stick)).answer.status_code == 401


async def test_a_passkey_of_somebody_else_is_none_of_mine(house: House) -> None:
    """The owner is in the query: neither named nor ended by whoever knows its number."""
    theirs, stick = await with_passkey(house, "portal-key5@example.org")
    mine = await let_browser_in(house, "portal-key6@example.org")

    named = await mine.post(await _act(theirs, "name"), {"name": "x"}, drawn_at=PATH)
    await mine.post(await _act(theirs, "end"), drawn_at=PATH)

    assert named.status_code == 404
    assert (await come_in(house, stick)).answer.status_code == 303


async def test_a_passkey_is_not_added_twice_nor_by_another_login(house: House) -> None:
    browser, stick = await with_passkey(house, "portal-key7@example.org")
    twice = await add(browser, stick)
    assert twice.status_code == 422
    assert "déjà enregistrée" in said(twice)
    other = await let_browser_in(house, "portal-key8@example.org")
    page = await other.post(f"{PATH}/new", {"name": "x"}, drawn_at=PATH)
    asked = re.search(r'data-asked="([^"]+)"', page.text)
    assert asked is not None
    taken = await browser.post(
        PATH, {"name": "x", "answer": Authenticator().make(html.unescape(asked[1]))}, drawn_at=PATH
    )
    assert taken.status_code == 422
    assert "recommencez" in said(taken)


async def test_a_page_that_uses_passkeys_runs_our_files_alone(house: House) -> None:
    page = await Console(house.client).get(DOOR)
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    (script,) = re.findall(r"<script[^>]*>", page.text)
    address = re.search(r'src="([^"]+)"', script)
    assert address is not None
    file = await house.client.get(address[1])
    assert (file.status_code, file.headers["content-type"].partition(";")[0]) == (200, "text/javascript")


async def _act(browser: Console, act: str) -> str:
    (path,) = re.findall(rf'action="({PATH}/[\w-]+/{act})"', (await browser.get(PATH)).text)
    return str(path)
