"""A code for a minute in a real Chromium that runs no scripts: with its minute it leaves the screen, by itself."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update

from adapters.clock import utc_now
from nfc.online_handle import TTL_SECONDS
from store.database import Database
from store.tables.passes import online_handle
from terminal.reading import code_in
from tests.accessibility import violations
from tests.browser.test_portal import Portal, come_in, portal_in
from tests.served import Served

pytestmark = pytest.mark.browser

PICTURE = "Code QR à montrer au lecteur"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with portal_in(tmp_path_factory.mktemp("minute")) as opened:
        yield opened


@pytest.fixture(scope="module")
def city(portal: Portal) -> Served:
    """What Chromium is opened after."""
    return portal.city


@pytest.fixture(scope="module")
def zoe(browser: Browser, portal: Portal) -> Iterator[BrowserContext]:
    """Somebody who has linked a pass, and is logged in."""
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    come_in(page, portal, "zoe@example.org")
    page.close()
    yield context
    context.close()


@contextmanager
def without_javascript(
    browser: Browser, zoe: BrowserContext, motion: Literal["no-preference", "reduce"] = "no-preference"
) -> Iterator[Page]:
    with browser.new_context(
        locale="fr-FR",
        java_script_enabled=False,
        storage_state=zoe.storage_state(),
        viewport={"width": 320, "height": 640},
        reduced_motion=motion,
    ) as context:
        yield context.new_page()


def ask(page: Page, portal: Portal) -> None:
    """Ask for a code for the pool."""
    page.goto(f"{portal.city.url}/moi/passes/{portal.city.pass_number}/code")
    page.get_by_label("Service").select_option("pool")
    page.get_by_role("button", name="Montrer un code pour une minute").click()


def time_passes(page: Page, *, to_the_end: bool) -> None:
    """Set what moves on the page forward, to a moment before its end or after it: nobody waits for a minute."""
    page.evaluate(
        """(over) => document.getAnimations().forEach((one) => {
          const { delay, duration } = one.effect.getComputedTiming();
          one.currentTime = over ? delay + duration : Math.max(delay, duration) - 1500;
          one.pause();
        })""",
        to_the_end,
    )


def codes_on(page: Page, file: Path) -> list[str]:
    """What a reader finds on a picture of the whole page."""
    page.screenshot(path=file, full_page=True)
    return [one.text for one in zxingcpp.read_barcodes(Image.open(file))]


def codes_hold(city: Served, seconds: int) -> None:
    """Say until when every code holds: a busy machine has a minute for each step, and one that is over is over now."""
    with ThreadPoolExecutor(1) as beside:  # the browser has a loop of its own here
        beside.submit(asyncio.run, _codes_hold(city, seconds)).result()


async def _codes_hold(city: Served, seconds: int) -> None:
    database = Database(f"sqlite:///{city.log.parent}/city.sqlite3", patience=30)
    try:
        async with database.write() as connection:
            until = utc_now() + timedelta(seconds=seconds)
            await connection.execute(update(online_handle).values(expires_at=until))
    finally:
        await database.close()


def test_a_code_leaves_the_screen_with_its_minute_and_another_opens_the_gate_once(
    browser: Browser, zoe: BrowserContext, portal: Portal, tmp_path: Path
) -> None:
    with without_javascript(browser, zoe) as page:
        ask(page, portal)
        first = leaves_the_screen(page, tmp_path)
        page.get_by_role("button", name="Demander un autre code").click()
        page.get_by_role("img", name=PICTURE).screenshot(path=tmp_path / "second.png")
        assert code_in(tmp_path / "second.png") != first
        codes_hold(portal.city, TTL_SECONDS)
        assert portal.tap(tmp_path / "second.png", "pool-1", "second")["outcome"] == "granted"
        page.reload()
        expect(page.get_by_text("Il a servi, ou sa minute est passée.")).to_be_visible()
        assert codes_on(page, tmp_path / "taken.png") == []


def test_a_code_leaves_the_screen_of_whoever_wants_less_motion_too(
    browser: Browser, zoe: BrowserContext, portal: Portal, tmp_path: Path
) -> None:
    with without_javascript(browser, zoe, "reduce") as page:
        ask(page, portal)
        leaves_the_screen(page, tmp_path)


def leaves_the_screen(page: Page, folder: Path) -> str:
    """See a code until its end, and no longer; return it."""
    picture = page.get_by_role("img", name=PICTURE)
    over = page.get_by_role("status").filter(has_text="Ce code est terminé.")
    time_passes(page, to_the_end=False)
    (code,) = codes_on(page, folder / "shown.png")
    assert code.startswith("MP3:")
    expect(over).to_be_hidden()
    time_passes(page, to_the_end=True)
    expect(picture).to_be_hidden()
    expect(over).to_be_visible()
    assert codes_on(page, folder / "over.png") == []
    return code


def test_a_code_that_is_over_is_not_shown_by_going_back_or_loading_anew(
    browser: Browser, zoe: BrowserContext, portal: Portal, tmp_path: Path
) -> None:
    """Before its end the same code comes again, without a question about sending a form; afterwards none does."""
    with without_javascript(browser, zoe) as page:
        ask(page, portal)
        (first,) = codes_on(page, tmp_path / "first.png")
        codes_hold(portal.city, TTL_SECONDS)
        page.reload()
        assert codes_on(page, tmp_path / "anew.png") == [first]
        page.get_by_role("link", name="Retour", exact=True).click()
        codes_hold(portal.city, TTL_SECONDS)
        page.go_back()
        assert codes_on(page, tmp_path / "back.png") == [first]

        page.get_by_role("link", name="Retour", exact=True).click()
        codes_hold(portal.city, 0)
        page.go_back()
        expect(page.get_by_text("Il a servi, ou sa minute est passée.")).to_be_visible()
        assert codes_on(page, tmp_path / "later.png") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_code_and_its_end_are_accessible_on_a_small_screen(
    zoe: BrowserContext, portal: Portal, scheme: Literal["light", "dark"]
) -> None:
    """WCAG 1.4.4 and 1.4.10. Axe is a script: here they run, and the page has none of its own."""
    page = zoe.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 640})
    ask(page, portal)
    time_passes(page, to_the_end=False)
    wrong = [("shown", one) for one in violations(page)]
    time_passes(page, to_the_end=True)
    wrong += [("veiled", one) for one in violations(page)]
    codes_hold(portal.city, 0)
    page.reload()
    wrong += [("over", one) for one in violations(page)]
    assert wrong == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()
