"""The page that shows the pass, day after day: found again, what is left beside it, and its last day told."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from adapters.clock import utc_now
from domain.account_links import LinkKind, make_code, redeem
from domain.accounts import ContactChannel, open_account
from store.database import Database
from tests.accessibility import violations
from tests.browser.test_portal import PATIENCE_MS, Portal, by_code, come_in
from tests.served import Served, served

pytestmark = pytest.mark.browser

DAY_MS = 24 * 3_600_000

_END = """async (until) => {
  const opened = await new Promise((done, failed) => {
    const asked = indexedDB.open("multipass", 1);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const within = opened.transaction("passes", "readwrite");
  const passes = within.objectStore("passes");
  const asked = passes.getAll();
  asked.onsuccess = () => asked.result.forEach((one) => passes.put({ ...one, until }));
  await new Promise((done) => { within.oncomplete = done; });
  opened.close();
}"""
"""Has what this browser keeps end at another moment: a month is long."""


ZOE = "zoe@example.org"
"""Whose the city's one pass is. Each test logs in anew, in its own browser; no more than five codes come at once."""


async def follow_the_pass(city: Served) -> None:
    """Open Zoé's account and tie it to her, as a code of a desk does."""
    database, now = Database(f"sqlite:///{city.log.parent}/city.sqlite3"), utc_now()
    authority_id = city.city.authority.id
    async with database.begin() as unit:
        account = await open_account(
            unit, authority_id=authority_id, channel=ContactChannel.EMAIL, address=ZOE, language="fr", now=now
        )
        holder = await unit.people.holder(authority_id, "R1")
        code, _ = await make_code(unit, holder, kind=LinkKind.OWN, by=None, now=now, today=now.date())
        await redeem(unit, account, code, now=now, today=now.date())
    await database.close()


_DRAWN_BEFORE = "(second) => Number(document.querySelector('[data-part=picture]').dataset.second) < second"
"""Whether the code that is shown is of before a second since 1970: by the city's clock, not by that of the phone."""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("app")
    with served(folder, mail_folder=str(folder / "mail"), mail_from="Ville <pass@ville.example>") as running:
        asyncio.run(follow_the_pass(running))
        yield Portal(running, folder / "mail", "")


@pytest.fixture(scope="module")
def city(portal: Portal) -> Served:
    """What Chromium is opened after."""
    return portal.city


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="fr-FR")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


def picture_on(page: Page) -> Locator:
    """Wait for the code, and for the city to have said what is left."""
    picture = page.locator("[data-part=picture]")
    expect(picture).to_have_attribute("data-second", re.compile(r"\d+"))
    expect(page.get_by_text("Ce qui me reste")).to_be_visible()
    return picture


def tied(phone: BrowserContext, portal: Portal) -> Page:
    """Log in and make the browser the pass."""
    page = phone.new_page()
    come_in(page, portal, ZOE, linked=True)
    page.get_by_role("link", name=f"Pass {portal.city.pass_number}").click()
    page.get_by_role("link", name="Montrer avec cet appareil").click()
    page.get_by_role("button", name="Montrer avec cet appareil").click()
    picture_on(page)
    return page


def test_a_phone_finds_its_pass_again_with_what_is_left_and_is_no_second_phone(
    phone: BrowserContext, portal: Portal
) -> None:
    page = tied(phone, portal)
    page.goto(f"{portal.city.url}/moi")
    page.get_by_role("link", name="Mon pass à l’écran").click()
    picture_on(page)

    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    phone.set_offline(True)
    page.reload()
    expect(page.locator("[data-part=offline]")).to_be_visible()
    left = page.locator("[data-part=rights]")
    expect(left).to_be_hidden()
    page.get_by_text("Ce qui me reste").click()
    expect(left.get_by_role("heading").first).to_be_visible()
    expect(left.locator(".card p").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert not violations(page)
    phone.set_offline(False)

    page.goto(f"{portal.city.url}/moi/passes/{portal.city.pass_number}")
    expect(page.get_by_text(re.compile("En service, lié (aujourd’hui|hier) à")).first).to_be_visible()
    page.get_by_role("link", name="Montrer avec cet appareil").click()
    expect(page.get_by_text("Cet appareil montre déjà ce pass.")).to_be_visible()
    expect(page.get_by_role("button", name="Montrer avec cet appareil")).to_be_hidden()
    page.get_by_role("link", name="Ouvrir mon pass à l’écran").click()
    picture_on(page)


def test_a_phone_whose_clock_is_off_says_so_and_shows_codes_by_the_citys(
    phone: BrowserContext, portal: Portal, tmp_path: Path
) -> None:
    page = tied(phone, portal)
    off = page.locator("[data-part=clock]")
    expect(off).to_be_hidden()
    phone.clock.set_system_time(utc_now() + timedelta(minutes=20))
    page.reload()
    expect(off).to_be_visible()
    page.wait_for_function(_DRAWN_BEFORE, arg=round((utc_now() + timedelta(minutes=10)).timestamp()))
    picture_on(page).screenshot(path=tmp_path / "code.png")
    assert portal.tap(tmp_path / "code.png", "free-1", "clock")["outcome"] == "granted"


def now_ms() -> int:
    return round(utc_now().timestamp() * 1000)


def test_a_pass_whose_owner_is_logged_out_tells_its_last_day_and_comes_back_by_a_login(
    phone: BrowserContext, portal: Portal
) -> None:
    page = tied(phone, portal)
    soon, over = page.locator("[data-part=soon]"), page.locator("[data-part=over]")
    expect(soon).to_be_hidden()

    phone.clear_cookies()
    page.evaluate(_END, now_ms() + 3 * DAY_MS)
    page.reload()
    expect(soon).to_contain_text(re.compile(r"jusqu’au \w+ \d+ \w+\. Connectez-vous avant"))
    picture = page.locator("[data-part=picture]")
    expect(picture).to_be_visible()
    assert not violations(page)

    page.evaluate(_END, now_ms() - DAY_MS)
    page.reload()
    expect(over).to_be_visible()
    expect(picture).to_be_hidden()
    over.get_by_role("link", name="Me connecter").click()
    by_code(page, portal, ZOE)
    expect(picture).to_be_visible()
    expect(over).to_be_hidden()
    expect(soon).to_be_hidden()


def test_a_pass_is_removed_without_network_after_a_second_tap(phone: BrowserContext, portal: Portal) -> None:
    page = tied(phone, portal)
    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    phone.set_offline(True)
    page.reload()
    expect(page.locator("[data-part=offline]")).to_be_visible()
    page.get_by_text("Retirer ce pass de cet appareil").click()
    expect(page.locator("[data-part=picture]")).to_be_visible()
    page.get_by_role("button", name="Oui, le retirer").click()
    expect(page.locator("[data-part=none]")).to_be_visible()
