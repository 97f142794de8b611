"""One Chromium for each module of tests, opened after what it looks at."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.served import ROOT, Served, served

SCREENS = ROOT / "build" / "screens"
"""Where pictures of the journeys stay after the tests, for whoever wants to see what was tested."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small city, served. Who needs more in it has a fixture of this name."""
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="module")
def flags(city: Served) -> list[str]:
    """What Chromium is started with. Who shows it something else than a city has a fixture of this name, after that."""
    return []


@pytest.fixture(scope="module")
def browser(chromium: Path, flags: list[str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Long beyond any busy machine: no page is late because something else was computed meanwhile.
        expect.set_options(timeout=60_000)
        # A container has no user namespaces to build the sandbox of; the pages are our own.
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *flags])
        yield opened
        opened.close()


@pytest.fixture
def photograph(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep what a page shows under the name of the test, whether it passes or not."""

    def keep(page: Page, name: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENS / f"{request.function.__name__.removeprefix('test_')}-{name}.png", full_page=True)

    return keep
