"""The API page in a real browser: it lists every operation, asks nobody outside, and is readable on any screen."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.http.test_permissions import TABLE, UNDESCRIBED
from tests.served import Served

pytestmark = pytest.mark.browser

OPERATIONS = """[...document.querySelectorAll(".opblock")].map((block) =>
  ["method", "path"].map((part) => block.querySelector(`.opblock-summary-${part}`).innerText))"""
"""Method and path of every operation that the page shows."""

PHONE, DESKTOP = (360, 740), (1280, 900)


class Watched:
    """A page with everything it asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _request(self, request: Request) -> None:
        self.requests.append(request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    chosen: tuple[int, int] = request.param
    return chosen


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def watched(browser: Browser, size: tuple[int, int], scheme: Any, city: Served) -> Iterator[Watched]:  # noqa: ANN401 - one of the words that Chromium knows
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    seen = Watched(context.new_page())
    seen.page.goto(f"{city.url}/docs")
    seen.page.wait_for_selector("h3.opblock-tag")
    yield seen
    context.close()


CONTRAST = """
() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((v, i) => v * a + under[i] * (1 - a));
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.unshift(numbers(getComputedStyle(e).backgroundColor));
    const page = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    return layers.reduce((under, layer) => over(layer, under), page);
  };
  const poor = [];
  for (const element of document.querySelectorAll("#api *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.getClientRects().length) continue;
    const style = getComputedStyle(element), ground = behind(element);
    const [a, b] = [light(over(numbers(style.color), ground)), light(ground)].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24
      || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    const words = `${ratio.toFixed(2)} ${element.className} ${element.innerText.slice(0, 40)}`;
    if (ratio < (large ? 3 : 4.5)) poor.push(words);
  }
  return [...new Set(poor)];
}
"""


def test_the_page_fits_is_readable_asks_nobody_outside_and_complains_of_nothing(watched: Watched, city: Served) -> None:
    """4.5 to 1, or 3 to 1 where it is large (WCAG 2.2, 1.4.3), with an operation open."""
    width: int = watched.page.evaluate("document.documentElement.scrollWidth")
    assert width <= watched.page.evaluate("window.innerWidth")
    for chapter in ("Gate", "Tour"):  # every method is in one of them
        watched.page.locator(f"h3.opblock-tag[data-tag={chapter}]").click()
    watched.page.locator(".opblock-post").first.click()
    watched.page.wait_for_selector(".opblock-body .responses-table")
    assert watched.page.evaluate(CONTRAST) == []
    outside = [r.url for r in watched.requests if not r.url.startswith((city.url, "data:"))]
    assert outside == []
    assert watched.complaints == []


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light")])
def test_the_page_lists_every_operation(watched: Watched) -> None:
    shown = set()
    for chapter in watched.page.locator("h3.opblock-tag").all():
        chapter.click()
        watched.page.wait_for_selector(".opblock")
        shown |= {tuple(one) for one in watched.page.evaluate(OPERATIONS)}
        chapter.click()
        watched.page.wait_for_selector(".opblock", state="detached")
    described = {key for key in TABLE if not key[1].startswith(UNDESCRIBED)}
    # Swagger UI lets long paths break at zero-width spaces.
    assert {(method, path.replace("\u200b", "")) for method, path in shown} == described
