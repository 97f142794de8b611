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
