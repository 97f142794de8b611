"""An address that letters come back from: its owner reads it after the next login, the desk on the file."""

import re

import pytest

from domain.agents import Role
from domain.bounces import MOST_BOUNCES
from tests.console import enter, said
from tests.house_app import House
from tests.http.phones import follow, forget_letters, let_in, letters, log_in, read, read_codes
from tests.portal import follower, let_browser_in

SHARED = pytest.mark.asyncio(loop_scope="module")
ACCOUNT = "/moi/account"


async def lose(house: House, address: str) -> None:
    """Have three letters come back from an address."""
    for _ in range(MOST_BOUNCES):
        house.clock.turn(minutes=1)
        async with house.database.begin() as unit:
            now = house.clock()
            assert await unit.accounts.note_bounce(house.city.authority.id, address, written_at=now, now=now)


@SHARED
async def test_the_first_page_says_so_and_a_code_from_there_puts_it_right(shared_house: House) -> None:
    house, address = shared_house, "comes-back@example.org"
    browser = await let_browser_in(house, address)
    assert "come back" not in said(await browser.get("/moi?lang=en"))
    await lose(house, address)
    forget_letters(house)

    assert "Our e-mails to c•••@example.org come back." in said(await browser.get("/moi?lang=en"))
    page = await browser.get(ACCOUNT)
    assert "we have not written there since today" in said(page)
    (confirm,) = re.findall(rf"{ACCOUNT}/contacts/[\w-]+/code", page.text)
    sent = await browser.post(confirm, drawn_at=ACCOUNT)
    attempt = sent.headers["location"].partition("attempt=")[2]
    (code,) = read_codes(house, address)
    await browser.post(f"{ACCOUNT}/contacts/code", {"attempt": attempt, "code": code}, drawn_at=ACCOUNT)

    page = await browser.get(ACCOUNT)
    assert "This address works: we write there again." in said(page)
    assert "have not written there" not in said(page)
    assert "come back" not in said(await browser.get("/moi"))
    assert len(letters(house, address)) == 1, "the code alone: nobody is told that an address was added"


@SHARED
async def test_a_login_by_its_code_puts_it_right_too(shared_house: House) -> None:
    house, address = shared_house, "comes-by-code@example.org"
    headers = await let_in(house, address)
    await lose(house, address)
    (contact,) = (await read(house, "/account", headers)).json()["contacts"]
    assert contact["unreachableSince"] is not None
    await log_in(house, address)
    (contact,) = (await read(house, "/account", headers)).json()["contacts"]
    assert contact["unreachableSince"] is None


@SHARED
async def test_nobody_has_a_code_sent_to_the_address_of_somebody_else(shared_house: House) -> None:
    theirs = await let_in(shared_house, "theirs@example.org")
    mine = await let_browser_in(shared_house, "mine-alone@example.org")
    (contact,) = (await read(shared_house, "/account", theirs)).json()["contacts"]
    answer = await mine.post(f"{ACCOUNT}/contacts/{contact['id']}/code", drawn_at=ACCOUNT)
    assert answer.status_code == 404


@SHARED
async def test_the_desk_reads_on_the_file_since_when_and_not_which_address(shared_house: House) -> None:
    house, address = shared_house, "desk-sees@example.org"
    zoe = await house.resident("R-unread")
    await follower(house, zoe.holder, address)
    desk, file = await enter(house, Role.DESK), "/console/people/R-unread"
    assert "come back" not in said(await desk.get(file))
    await lose(house, address)

    for page, words in ((file, "have come back since"), (f"{file}/account", "has not taken our letters since")):
        shown = await desk.get(page)
        assert words in said(shown), page
        assert "example.org" not in shown.text
    agent = await house.agent_headers(Role.DESK)
    account = (await house.client.get("/v1/holders/R-unread/account", headers=agent)).json()
    assert account["unreachableSince"] is not None


@SHARED
async def test_a_login_code_still_leaves_for_whoever_asks_for_it(shared_house: House) -> None:
    house, address = shared_house, "still-asks@example.org"
    headers = await let_in(house, address)
    zoe = await house.resident("R-still")
    await follow(house, headers, zoe.holder)
    await lose(house, address)
    forget_letters(house)
    sent = await house.client.post("/v1/resident/codes", json={"authority": "ville", "email": address})
    assert sent.status_code == 202
    (letter,) = letters(house, address)
    assert re.fullmatch(r"<ville\.[0-9a-f.]+@\S+>", letter["Message-ID"].strip())
