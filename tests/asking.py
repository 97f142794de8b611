"""Somebody who asks for a pass at the portal, question by question, in tests."""

import re
from pathlib import Path
from uuid import uuid4

import httpx

from domain.accounts import Account, ContactChannel
from tests.console import Console, said
from tests.house_app import House
from tests.portal import let_browser_in

NEW = "/moi/requests/new"
NINA = {"first": "Nina", "last": "Berthelot", "born_day": "2", "born_month": "3", "born_year": "1988"}
TOM = {"first": "Tom", "last": "Berthelot", "born_day": "21", "born_month": "9", "born_year": "2016"}
LILAS = {"by": "hand", "line": "12 rue des Lilas", "postcode": "59000", "city": "Lille", "commune_code": "59350"}


class Asking:
    """Somebody at the pages of one request."""

    def __init__(self, browser: Console, path: str) -> None:
        self.browser = browser
        self.path = path

    @property
    def reference(self) -> str:
        return self.path.rpartition("/")[2]

    async def see(self, page: str = "") -> str:
        """What a page says."""
        shown = await self.browser.get(f"{self.path}{page}")
        assert shown.status_code == 200, (page, shown.status_code, shown.headers.get("location"))
        return said(shown)

    async def version(self, page: str) -> str:
        """The version that a page was drawn with."""
        shown = (await self.browser.get(f"{self.path}{page}")).text
        found = re.search(r'name="version" value="(\d+)"', shown)
        assert found is not None, shown
        return found[1]

    async def tell(self, page: str, fields: dict[str, str], *, to: str = "", version: str = "") -> httpx.Response:
        """Fill in a page and send it; `to` where it goes elsewhere."""
        sent = {"version": version or await self.version(page), **fields}
        return await self.browser.post(f"{self.path}{to or page}", sent, drawn_at=self.path + page)

    async def upload(
        self, proof: str, content: bytes, *, field: str = "file", name: str = "a.jpg", **fields: str
    ) -> httpx.Response:
        """Send a file from the page of a proof."""
        page = f"{self.path}/papers/{proof}"
        files = {field: (name, content)}
        return await self.browser.post(page, fields, drawn_at=page, files=files)

    async def answered(self, *persons: dict[str, str], who: str = "family") -> "Asking":
        """Answer every question but for the papers."""
        for place, one in enumerate(persons or (NINA,), start=1):
            await self.tell(f"/persons/{place}", {"who": who, **one})
        await self.tell("/address?by=hand", LILAS, to="/address")
        await self.tell("/services", {"service_pool": "yes", "service_library": "yes"})
        return self

    async def sent(self) -> "Asking":
        """Send it, whole."""
        await self.answered()
        assert leads_to(await self.tell("/check", {}, to="/send"), "") == self.path
        return self


def leads_to(answer: httpx.Response, path: str) -> str:
    """Where an answer leads, without the path before it."""
    assert answer.status_code == 303, said(answer)
    return str(answer.headers["location"]).removeprefix(path)


async def begun(browser: Console) -> Asking:
    """Press the button that begins a request."""
    key = re.search(r'name="key" value="([\w-]+)"', (await browser.get(NEW)).text)
    assert key is not None
    answer = await browser.post(NEW, {"key": key[1]}, drawn_at=NEW)
    return Asking(browser, leads_to(answer, "").removesuffix("/who"))


async def someone(house: House, email_address: str = "") -> Console:
    """A browser that reads English, of an account that has just been opened."""
    house.clock.turn(minutes=1)  # nobody asks for as many pages in a minute as all of these do
    browser = await let_browser_in(house, email_address or f"{uuid4()}@example.org")
    await browser.get("/moi?lang=en")
    return browser


async def account_of(house: House, email_address: str) -> Account:
    """The account that an address opens."""
    async with house.database.look() as unit:
        found = await unit.accounts.by_address(house.city.authority.id, ContactChannel.EMAIL, email_address)
    assert found is not None
    return found


def files_of(house: House) -> list[Path]:
    """What lies in the vault."""
    return list(Path(house.app.state.settings.documents_folder).rglob("*.sealed"))
