"""One Chromium for each module of tests, opened after what it looks at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.served import Served, served


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
