"""My last logins at the portal and in the app, what ends the others, and the way back for whoever lost every way in."""

import re

import pytest

from domain.account_sessions import LIFE, REMEMBERED
from domain.accounts import ContactChannel
from domain.agents import Role
from tests.console import Console, enter, said
from tests.house_app import House
from tests.http.phones import bearer, forget_letters, letters, log_in, post, read, texts, tokens_of
from tests.portal import follower
from tests.portal import log_in as come_in
from tests.unit.test_request_letters import on_paper

SHARED = pytest.mark.asyncio(loop_scope="module")
LOGINS = "/moi/account/logins"


@SHARED
async def test_each_login_says_when_by_what_and_with_which_device(shared_house: House) -> None:
    house = shared_house
    browser = await come_in(house, "who-came@example.org")
    house.clock.turn(minutes=16)
    app = await log_in(house, "who-came@example.org", "Fairphone 5")

    page = said(await browser.get(f"{LOGINS}?lang=en"))
    listed = (await read(house, "/logins", app)).json()["logins"]

    assert page.index("Fairphone 5") < page.index("you, at this moment"), "the newest first"
    assert page.count("by a code sent by e-mail") == 2
    assert [(one["way"], one["client"], one["isThis"], one["endedAt"]) for one in listed] == [
        ("email", "app", True, None),
        ("email", "portal", False, None),
    ]
    assert listed[0]["at"] > listed[1]["at"]
    assert not re.search(r"\d+\.\d+\.\d+\.\d+", page), "no address of a network"


@SHARED
async def test_a_text_message_is_another_way_than_a_letter(shared_house: House) -> None:
    tokens = await tokens_of(shared_house, "+33639987001")
    (login,) = (await read(shared_house, "/logins", bearer(tokens))).json()["logins"]
    assert login["way"] == "sms"


@SHARED
async def test_who_was_not_me_is_logged_out_at_once_and_stays_in_the_list(shared_house: House) -> None:
    house = shared_house
    browser = await come_in(house, "not-me@example.org")
    thief = await log_in(house, "not-me@example.org", "Unknown telephone")

    answer = await browser.post(f"{LOGINS}/end", drawn_at=LOGINS)

    assert (answer.status_code, answer.headers["location"]) == (303, LOGINS)
    assert (await read(house, "/account", thief)).status_code == 401
    page = said(await browser.get(f"{LOGINS}?lang=en"))
    assert "Unknown telephone" in page
    assert "Logged out" in page
    assert "Log all my other devices out" not in page, "there are none left"
    assert (await browser.get("/moi/account")).status_code == 200, "this one stays"


@SHARED
async def test_nobody_sees_the_logins_of_somebody_else(shared_house: House) -> None:
    await log_in(shared_house, "seen@example.org", "Their Fairphone")
    other = await come_in(shared_house, "seeing@example.org")
    assert "Their Fairphone" not in (await other.get(LOGINS)).text


@SHARED
async def test_who_lost_every_way_in_comes_back_by_a_desk_and_the_old_account_is_told(shared_house: House) -> None:
    """The way back, as `/moi/login/lost` tells it: a new address, a code of a desk, and the pass is there."""
    house = shared_house
    zoe = await house.resident("R-lost-all")
    before = await follower(house, zoe.holder, "lost@example.org")
    assert zoe.pass_.number in said(await before.get("/moi"))
    forget_letters(house)

    help_ = await Console(house.client).get("/moi/login/lost")
    assert "Come to a desk with an identity document" in said(help_)
    assert 'href="/moi/login/lost"' in (await Console(house.client).get("/moi/login")).text

    after = await come_in(house, "found@example.org")
    assert zoe.pass_.number not in said(await after.get("/moi"))
    desk, account = await enter(house, Role.DESK), "/console/people/R-lost-all/account"
    letter = await desk.post(f"{account}/letter", {"kind": "own", "language": "en"}, drawn_at=account)
    code = re.search(r"\b\w{4}(?:-\w{4}){3}\b", on_paper(letter.content))
    assert code is not None
    linked = await after.post("/moi/link", {"code": code[0]}, drawn_at="/moi/link")

    assert linked.status_code == 303
    assert zoe.pass_.number in said(await after.get("/moi"))
    assert zoe.pass_.number not in said(await before.get("/moi"))
    assert len(letters(house, "lost@example.org")) == 1
    assert texts(house, "+33639987001") == [], "nobody else is told"


async def test_a_login_is_forgotten_ninety_days_after_its_end(house: House) -> None:
    """The promise of docs/privacy.md, on both engines: the keeper of accounts forgets it in its rounds."""
    browser = await come_in(house, "old@example.org")
    async with house.database.look() as unit:
        known = await unit.accounts.by_address(house.city.authority.id, ContactChannel.EMAIL, "old@example.org")
        assert known is not None
        (session,) = await unit.account_sessions.logins(known.id, 10)
    await browser.post("/moi/logout", drawn_at="/moi")
    async with house.database.look() as unit:
        (ended,) = await unit.account_sessions.logins(known.id, 10)
    assert session.keep_until == (session.created_at + LIFE + REMEMBERED).date()
    assert ended.keep_until == (house.clock() + REMEMBERED).date()
    assert REMEMBERED.days == 90


@SHARED
async def test_a_renewal_is_no_login(shared_house: House) -> None:
    tokens = await tokens_of(shared_house, "renewing@example.org")
    renewed = await post(shared_house, "/tokens/renewal", {"refreshToken": tokens["refreshToken"]})
    assert renewed.status_code == 200
    assert len((await read(shared_house, "/logins", bearer(renewed.json()))).json()["logins"]) == 1
