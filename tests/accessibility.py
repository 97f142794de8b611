"""What axe finds on a page that a browser shows."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations(page: Page, **options: Any) -> list[Any]:  # noqa: ANN401 - of axe
    """Every rule that the page breaks, with the HTML of each place. `options` are those of axe."""
    found = Axe().run(page, options=options or None).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
