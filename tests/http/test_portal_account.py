"""My account at the portal: addresses, devices, language, whose passes, and its end."""

import re

import pytest

from domain.account_links import LinkKind, make_code
from domain.account_sessions import Client
from domain.accounts import ContactChannel
from tests.city import TODAY
from tests.console import said
from tests.house_app import House
from tests.http.phones import letters, log_in, read_codes
from tests.portal import let_browser_in
from tests.portal import log_in as come_in

SHARED = pytest.mark.asyncio(loop_scope="module")
ACCOUNT = "/moi/account"


@SHARED
async def test_a_second_address_is_added_by_its_code_and_the_first_is_told(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, "first@example.org")
    new = f"{ACCOUNT}/contacts/new"
    sent = await browser.post(new, {"address": "spare@example.org"}, drawn_at=new)
    attempt = sent.headers["location"].partition("attempt=")[2]
    (code,) = read_codes(shared_house, "spare@example.org")

    wrong = await browser.post(f"{ACCOUNT}/contacts/code", {"attempt": attempt, "code": "x"}, drawn_at=new)
    right = await browser.post(f"{ACCOUNT}/contacts/code", {"attempt": attempt, "code": code}, drawn_at=new)

    assert (wrong.status_code, right.status_code) == (422, 303)
    page = await browser.get(f"{ACCOUNT}?lang=en")
    assert "Cette adresse ouvre maintenant votre compte." in said(page)
    assert page.text.count("•••@example.org</") == 2, "each may be removed"
    assert len(letters(shared_house, "first@example.org")) == 1
    removal = re.findall(r"/moi/account/contacts/[\w-]+/remove", page.text)
    assert len(removal) == 2
    await browser.post(removal[0], drawn_at=ACCOUNT)
    assert "remove" not in (await browser.get(ACCOUNT)).text, "the last one stays"


@SHARED
async def test_an_app_is_logged_out_from_the_portal(shared_house: House) -> None:
    app = await log_in(shared_house, "both@example.org", "Fairphone 5")
    browser = await come_in(shared_house, "both@example.org")
    page = await browser.get(f"{ACCOUNT}?lang=en")
    assert "Fairphone 5" in said(page)
    (end,) = re.findall(r"/moi/account/devices/[\w-]+/end", page.text)

    await browser.post(end, drawn_at=ACCOUNT)

    assert (await shared_house.client.get("/v1/resident/account", headers=app)).status_code == 401
    assert (await browser.get(ACCOUNT)).status_code == 200


@SHARED
async def test_a_device_of_somebody_else_is_none(shared_house: House) -> None:
    mine, other = [await let_browser_in(shared_house, f"{name}-devices@example.org") for name in ("my", "other")]
    async with shared_house.database.look() as unit:
        known = await unit.accounts.by_address(
            shared_house.city.authority.id, ContactChannel.EMAIL, "other-devices@example.org"
        )
        assert known is not None
        (session,) = await unit.account_sessions.of(known.id)
    assert session.client is Client.PORTAL

    refused = await mine.post(f"{ACCOUNT}/devices/{session.id}/end", drawn_at=ACCOUNT)

    assert refused.status_code == 404
    assert (await other.get("/moi")).status_code == 200


@SHARED
async def test_a_language_that_is_chosen_is_that_of_pages_and_letters(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, "tongue@example.org")
    assert "Mon compte" in said(await browser.get(ACCOUNT))

    await browser.post(f"{ACCOUNT}/language", {"language": "en"}, drawn_at=ACCOUNT)

    assert "We write to you in English now." in said(await browser.get(ACCOUNT))
    async with shared_house.database.look() as unit:
        known = await unit.accounts.by_address(
            shared_house.city.authority.id, ContactChannel.EMAIL, "tongue@example.org"
        )
    assert known is not None
    assert known.language == "en"


@SHARED
async def test_an_account_is_deleted_after_it_was_asked_and_takes_its_sessions_with_it(shared_house: House) -> None:
    browser = await let_browser_in(shared_house, "leaver@example.org")
    question = await browser.get(f"{ACCOUNT}/delete?lang=en")
    assert "Your cards and rights stay valid. A request that you have sent goes on" in said(question)
    assert (await browser.get("/moi")).status_code == 200, "nothing is deleted by looking"
    cookies = dict(browser.cookies)

    gone = await browser.post(f"{ACCOUNT}/delete", drawn_at=f"{ACCOUNT}/delete")

    assert (gone.status_code, gone.headers["location"]) == (303, "/moi/login?said=deleted")
    farewell = said(await browser.get(f"{gone.headers['location']}&lang=en"))
    assert "Your account is deleted" in farewell
    assert "Your passes, cards and rights stay valid" in farewell
    browser.cookies = cookies
    assert (await browser.get("/moi")).status_code == 303


@SHARED
async def test_the_code_of_a_letter_links_a_pass_and_it_is_let_go_again(shared_house: House) -> None:
    anna = await shared_house.resident("portal-anna")
    async with shared_house.database.begin() as unit:
        code, _ = await make_code(unit, anna.holder, kind=LinkKind.OWN, by=None, now=shared_house.clock(), today=TODAY)
    browser = await let_browser_in(shared_house, "anna@example.org")
    wrong = await browser.post("/moi/link", {"code": "K7QF-2M9X-H4TR-8WZC"}, drawn_at="/moi/link")
    assert wrong.status_code == 422
    assert 'value="K7QF-2M9X-H4TR-8WZC"' in wrong.text

    linked = await browser.post("/moi/link", {"code": code.lower().replace("-", " ")}, drawn_at="/moi/link")

    assert (linked.status_code, linked.headers["location"]) == (303, "/moi")
    assert anna.pass_.number in said(await browser.get("/moi"))
    unlink = f"/moi/persons/{anna.holder.reference}/unlink"
    assert anna.holder.last_name in said(await browser.get(unlink))
    await browser.post(unlink, drawn_at=unlink)
    assert anna.pass_.number not in said(await browser.get("/moi"))
    assert (await browser.get(unlink)).status_code == 404


@SHARED
async def test_codes_of_letters_are_not_guessed(shared_house: House) -> None:
    """S6: what is tried too often is not tried any more, and the page says when to come back."""
    browser = await let_browser_in(shared_house, "guesser@example.org")
    answers = [
        await browser.post("/moi/link", {"code": f"K7QF-2M9X-H4TR-8WZ{last}"}, drawn_at="/moi/link")
        for last in "23456789ABC"
    ]
    shared_house.clock.turn(minutes=16)  # whoever comes next starts anew
    assert "too many attempts" in said(answers[-1]) or "trop d’essais" in said(answers[-1])
