"""A pool agent puts the count right, and the gate lets in whoever it refused before."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.console_door import log_in
from tests.served import Served

pytestmark = pytest.mark.browser

BOARD, PAGE = "/console/sites/pool", "/console/sites/pool/heads/pool"


def tap(city: Served, key: str) -> str:
    """Show the one pass of the city at the gate of the pool, and return what is heard."""
    answer = httpx.post(
        f"{city.url}/v1/access/validations",
        json={"key": key, "gate": "pool-1", "credential": city.code},
        headers={"Authorization": f"Bearer {city.terminal_token(key)}"},
        timeout=60,
    )
    return str(answer.raise_for_status().json()["reason"])


def count(page: Page, heads: int, motive: str) -> None:
    page.get_by_role("link", name="Rectifier le nombre de présents").click()
    page.get_by_label("Personnes que vous avez comptées").fill(str(heads))
    page.get_by_label("Motif").select_option(label=motive)
    page.get_by_role("button", name="Rectifier").click()


def test_a_pool_agent_counts_heads_and_the_next_in_the_queue_comes_in(
    browser: Browser, city: Served, photograph: Callable[[Page, str], None]
) -> None:
    with (
        browser.new_context(locale="fr-FR") as watching,
        browser.new_context(locale="fr-FR", java_script_enabled=False) as counting,
    ):
        board = log_in(watching.new_page(), city, BOARD)
        page = log_in(counting.new_page(), city, BOARD)
        # A class has come in by the yard.
        count(page, 10, "Entrées sans passer le pass")
        expect(page.get_by_text("rectifié de 0 à 10", exact=False).first).to_be_visible()
        assert tap(city, "heads-1") == "site_full"
        expect(board.locator(".big")).to_have_text(re.compile("^10"))
        # It has left the same way.
        count(page, 6, "Sorties sans passer le pass")
        expect(board.locator(".big")).to_have_text(re.compile("^6"))
        expect(board.get_by_text("rectifié de 10 à 6")).to_be_visible()
        assert tap(city, "heads-2") == "welcome"
        expect(board.locator(".big")).to_have_text(re.compile("^7"))
        photograph(board, "board")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_the_page_is_accessible_and_fits(browser: Browser, city: Served, scheme: str, width: int) -> None:
    viewport = {"width": width, "height": 900}
    with browser.new_context(viewport=viewport, color_scheme=scheme, locale="fr-FR") as context:  # type: ignore[arg-type] # a plain dictionary, and one of two words
        page = log_in(context.new_page(), city, PAGE)
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        page.goto(city.url + PAGE)
        assert violations(page) == []
        page.get_by_label("Personnes que vous avez comptées").fill("1000")
        page.get_by_role("button", name="Rectifier").click()
        page.get_by_label("Motif").select_option(label="Autre motif")
        page.get_by_role("button", name="Rectifier").click()
        expect(page.get_by_text("un nombre de 0 à 30")).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        # A form that is not taken is told by its status, which Chromium repeats on its console.
        assert [one for one in refused if "422" not in one] == []
