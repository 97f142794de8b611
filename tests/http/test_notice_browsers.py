"""Notices on a browser without an account: chosen on the public page, brought once, ended by the browser itself."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from adapters.keyring import KeyRing
from api.app import frame_of, furnish
from api.rules import Rule
from api.settings import Settings
from domain.notices import Notice, NoticeTopic
from store.tables.notices import subscriber
from tests.client import client_of
from tests.contract.test_notices import Desk, desk
from tests.house_app import TestClock
from tests.http.test_permissions import declared
from tests.push_service import Browser, written_to
from web import notice_browsers, notices

__all__ = ["desk"]


class Pages:
    """The public page of a city that writes to telephones and sends no e-mail."""

    def __init__(self, client: httpx.AsyncClient, desk: Desk, keyring: KeyRing) -> None:
        self.client, self.desk, self.keyring = client, desk, keyring
        self.home = f"/notices/{desk.city.authority.code}"

    async def follow(self, browser: Browser, *follow: str, **more: Any) -> int:  # noqa: ANN401 - fields of the wish
        given = browser.subscription
        body = {"endpoint": given["endpoint"], "keys": given["keys"], "follow": follow, **more}
        return (await self.client.post(f"{self.home}/browser", json=body)).status_code

    async def rows(self) -> list[tuple[bytes, bytes]]:
        async with self.desk.database.read() as connection:
            found = await connection.execute(select(subscriber.c.whose, subscriber.c.address))
            return [(row.whose, row.address) for row in found]

    async def brought(self, notice: Notice) -> list[str]:
        """Send a notice, and return to which addresses it is brought."""
        sent = await self.desk.send(notice)
        return await written_to(self.desk.database, self.keyring, self.desk.city.authority, sent)


@pytest.fixture
async def pages(desk: Desk, database_url: str, keyring: KeyRing, tmp_path: Path) -> AsyncIterator[Pages]:
    keys, folder = str(tmp_path / "keys"), str(tmp_path / "push")
    settings = Settings(database_url=database_url, keys_folder=keys, push_folder=folder, answer_seconds=30)
    frame = frame_of((notices.ROUTER, notice_browsers.ROUTER))
    async with client_of(furnish(frame, settings, clock=TestClock())) as client:
        yield Pages(client, desk, keyring)


async def test_a_browser_gets_what_it_chose_until_it_says_no(pages: Pages) -> None:
    shown = await pages.client.get(pages.home)
    assert "data-push=" in shown.text
    assert 'type="email"' not in shown.text
    assert "<noscript><p>Pour recevoir les avis sur cet appareil, activez JavaScript." in shown.text
    mine, other = Browser("https://push.example", "mine"), Browser("https://push.example", "other")
    assert await pages.follow(mine, "sites:pool", language="en") == 204
    assert await pages.follow(mine, "sites:pool", "events:", language="en") == 204
    assert await pages.follow(other, "floods:") == 204
    assert len(await pages.rows()) == 2
    assert not any(b"push.example" in part for row in await pages.rows() for part in row)
    pool = pages.desk.notice(NoticeTopic.SITES, place="pool")
    assert await pages.brought(pages.desk.notice()) == [mine.endpoint]
    assert await pages.brought(pool) == [mine.endpoint]
    for _ in range(2):
        ended = await pages.client.post(f"{pages.home}/browser/end", json={"endpoint": mine.endpoint})
        assert ended.status_code == 204
    assert await pages.brought(pages.desk.notice()) == []
    assert len(await pages.rows()) == 1


async def test_a_browser_is_left_alone_in_the_hours_that_it_names(pages: Pages) -> None:
    mine = Browser("https://push.example", "mine")
    assert await pages.follow(mine, "events:", quiet={"begins": "21:00", "ends": "07:00"}) == 204
    async with pages.desk.database.read() as connection:
        row = (await connection.execute(select(subscriber.c.quiet_begins, subscriber.c.quiet_ends))).one()
    assert tuple(row) == (21 * 60, 7 * 60)
    assert await pages.follow(mine, "events:", quiet={"begins": "21:00", "ends": "21:00"}) == 400
    assert await pages.follow(mine, "events:", quiet={"begins": "tonight", "ends": "07:00"}) == 400


async def test_what_no_page_of_ours_sends_is_refused(pages: Pages) -> None:
    browser = Browser("https://push.example", "mine")
    assert await pages.follow(browser) == 400
    assert await pages.follow(browser, "sites:nowhere") == 400
    assert await pages.follow(browser, "events:", band=9) == 400
    assert await pages.follow(browser, "events:", keys={"p256dh": "BA", "auth": "AA"}) == 400
    from_elsewhere = await pages.client.post(
        f"{pages.home}/browser/end", json={"endpoint": browser.endpoint}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert from_elsewhere.status_code == 403
    assert [await pages.follow(browser, "events:") for _ in range(18)][-1] == 429
    assert len(await pages.rows()) == 1
    modules = [await pages.client.get(f"/notices/push/{name}") for name in ("push.js", "worker.js", "else.js")]
    assert [one.status_code for one in modules] == [200, 200, 404]


def test_the_routes_of_browsers_are_public() -> None:
    frame = frame_of((notice_browsers.ROUTER,))
    settings = Settings(database_url="sqlite:///nowhere.sqlite3", keys_folder="nowhere")
    app = furnish(frame, settings, clock=TestClock())
    rules = {rule for (_, path), rule in declared(app).items() if path.startswith("/notices/")}
    assert rules - {None} == {Rule.PUBLIC}
