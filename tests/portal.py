"""A resident at the portal, as a browser would be: `tests.console.Console` with the cookies of a session."""

from urllib.parse import parse_qs, urlsplit

import httpx

from domain.account_links import LinkKind, make_code, redeem
from domain.account_sessions import Client, LoginWay, open_session
from domain.accounts import Account, ContactChannel, open_account
from domain.people import Holder
from portal.visits import SESSION
from tests.city import TODAY
from tests.console import Console, said
from tests.house_app import House
from tests.http.phones import read_codes
from web.cookies import cookie_name


async def let_browser_in(house: House, email_address: str) -> Console:
    """Open an account and a browser that is logged in to it, for tests in which nobody asks how somebody came in."""
    async with house.database.begin() as unit:
        account = await open_account(
            unit,
            authority_id=house.city.authority.id,
            channel=ContactChannel.EMAIL,
            address=email_address,
            language="fr",
            now=house.clock(),
        )
    return await browser_of(house, account)


async def browser_of(house: House, account: Account) -> Console:
    """Open a browser that is logged in to an account."""
    state = house.app.state
    async with house.database.begin() as unit:
        session = await open_session(
            unit, account, client=Client.PORTAL, name="Firefox, Linux", way=LoginWay.EMAIL, now=house.clock()
        )
        token = await state.resident_tokens.refresh(unit, session)
    browser = Console(house.client)
    browser.cookies[cookie_name(state.settings, SESSION)] = token
    return browser


async def follower(house: House, holder: Holder, email_address: str) -> Console:
    """Open a browser of somebody whose account is tied to a person of the register."""
    browser = await let_browser_in(house, email_address)
    async with house.database.begin() as unit:
        account = await unit.accounts.by_address(holder.authority_id, ContactChannel.EMAIL, email_address)
        assert account is not None
        code, _ = await make_code(unit, holder, kind=LinkKind.OWN, by=None, now=house.clock(), today=TODAY)
        await redeem(unit, account, code, now=house.clock(), today=TODAY)
    return browser


class Door(Console):
    """A browser that came in by the door; `answer` is what the door said."""

    answer: httpx.Response


async def log_in(house: House, to: str, *, wanted: str = "", stays: bool = False) -> "Door":
    """Log in by the code that an address gets, as somebody would."""
    browser = Door(house.client)
    before = read_codes(house, to)
    sent = await browser.post(
        "/moi/login", {"authority": "ville", "address": to, "next": wanted}, drawn_at="/moi/login"
    )
    assert sent.status_code == 303, said(sent)
    came = read_codes(house, to)
    for old in before:
        came.remove(old)
    page = sent.headers["location"]
    fields = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    fields |= {"code": came[0], **({"stays": "yes"} if stays else {})}
    browser.answer = await browser.post("/moi/login/code", fields, drawn_at=page)
    return browser
