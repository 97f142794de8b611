"""What axe finds on a page that a browser shows."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Axe().axe_script
_RUN = "options => axe.run(options).then((found) => found.violations)"


def violations(page: Page, **options: Any) -> list[Any]:  # noqa: ANN401 - of axe
    """Every rule that the page breaks, with the HTML of each place. `options` are those of axe.

    What the page keeps is neither gathered nor carried over here. A page is told what axe is once.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    found = page.evaluate(_RUN, {"resultTypes": ["violations"], **options})
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def by_night(page: Page) -> list[Any]:
    """Every rule that the page breaks by night. What changes then are colours; it is day again afterwards."""
    page.emulate_media(color_scheme="dark")
    found = violations(page, runOnly=["color-contrast"])
    page.emulate_media(color_scheme="light")
    return found


def faults(page: Page, *, day: int, night: int) -> list[Any]:
    """What is wrong with the page by day in a window that many pixels wide, and by night in another one.

    It is loaded once: what takes long is the first look at it.
    """
    found: list[Any] = []
    for width, look in ((day, violations), (night, by_night)):
        page.set_viewport_size({"width": width, "height": 900})
        found += [(width, one) for one in look(page)]
        fits = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        found += [] if fits else [(width, "scrolls sideways")]
    return found
