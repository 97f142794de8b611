"""The pages of places in a real browser: any screen, both schemes, without JavaScript, and live with it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from adapters.clock import utc_now
from domain.places import local_day
from store.database import Database
from tests.accessibility import violations
from tests.attendance_rows import eight_weeks, people_inside
from tests.served import Served, served

pytestmark = pytest.mark.browser

SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 900)}
PATHS = ("/places", "/places/ville", "/places/ville/pool", "/places/ville/library", "/places/nowhere")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with served(folder) as running:
        asyncio.run(_fill(f"sqlite:///{folder}/city.sqlite3", running))
        yield running


async def _fill(url: str, running: Served) -> None:
    """Nine people in the pool, where six are usual: busier at any hour of the day on which this runs."""
    database, pool = Database(url, patience=30), running.city.zones["pool"]
    today = local_day(utc_now(), "Europe/Paris")
    await eight_weeks(database, pool, today, most=6)
    await people_inside(database, pool, today, 9)
    await database.close()


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - what Playwright calls a viewport
    width, height = SIZES[request.param]
    return {"width": width, "height": height}


@pytest.fixture(params=["light", "dark"])
def context(request: pytest.FixtureRequest, browser: Browser, size: Any) -> Iterator[BrowserContext]:  # noqa: ANN401 - as above
    opened = browser.new_context(viewport=size, color_scheme=request.param, locale="fr-FR", reduced_motion="reduce")
    yield opened
    opened.close()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_accessible_fits_its_screen_and_asks_nobody_outside(
    context: BrowserContext, city: Served, path: str
) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(city.url + path)

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert [url for url in asked if not url.startswith((city.url, "data:"))] == []


def test_it_says_it_all_without_javascript(browser: Browser, city: Served) -> None:
    with browser.new_context(java_script_enabled=False, locale="fr-FR") as context:
        page = context.new_page()
        page.goto(f"{city.url}/places/ville")
        card = page.locator(".card", has_text="pool").first
        assert "Plus de monde que d’habitude" in card.inner_text()
        assert "9 personnes à l’intérieur" in card.inner_text()
        card.get_by_role("link").click()
        expect(page).to_have_url(f"{city.url}/places/ville/pool")
        expect(page.get_by_role("img")).to_have_count(1)
        page.get_by_role("link", name="Actualiser").click()
        page.get_by_role("link", name="In English").click()
        expect(page.locator("main")).to_contain_text("Busier than usual")
        page.get_by_role("link", name="All places").click()
        expect(page.get_by_role("heading", name="Places, right now")).to_be_visible()


def test_the_keyboard_reaches_every_card_and_shows_where_it_is(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        page.goto(f"{city.url}/places/ville")
        reached = []
        for _ in range(2 + page.locator(".card").count()):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.textContent.trim()"))
        assert reached[2:] == page.locator(".card h3").all_inner_texts()
        assert page.evaluate("getComputedStyle(document.activeElement, '::after').outlineStyle") == "solid"


def tenth_person(route: Route) -> None:
    """The page as it will be when somebody else has come in."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("9 personnes", "10 personnes"))


def test_the_page_follows_the_gates_and_leaves_the_reader_where_they_are(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        page.clock.install()
        page.goto(f"{city.url}/places/ville")
        link = page.get_by_role("link", name="pool")
        link.focus()
        page.route("**/places/ville", tenth_person)
        expect(page.get_by_text("9 personnes à l’intérieur")).to_be_visible()

        page.clock.run_for(31_000)

        page.get_by_text("10 personnes à l’intérieur").wait_for()
        assert link.evaluate("link => link === document.activeElement")


def test_a_network_that_is_away_changes_nothing(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page: Page = context.new_page()
        page.clock.install()
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(f"{city.url}/places/ville")
        context.set_offline(True)
        page.clock.run_for(31_000)
        expect(page.get_by_text("9 personnes à l’intérieur")).to_be_visible()
        assert failures == []
