"""The page that a citizen's own phone opens when it reads a card: any screen, both languages, and nothing is spent."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from msgspec import Struct
from playwright.sync_api import Browser, BrowserContext, expect

from adapters.cards import city_of
from adapters.clock import utc_now
from adapters.keyring import KeyRing
from nfc.diversify import Slot, card_key
from terminal.software_card import SoftwareCard
from tests.accessibility import violations
from tests.custody import make_card_masters
from tests.served import Served, served

pytestmark = pytest.mark.browser

SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 900)}
UID = bytes.fromhex("04de5f1eacc040")


class Tapped(Struct, frozen=True):
    """A running city, and one of its cards."""

    city: Served
    chip: SoftwareCard
    database: Path

    def address(self) -> str:
        """What the card writes at this tap, on the running server."""
        url = urlsplit(str(self.chip.read_url()))
        return f"{self.city.url}{url.path}?{url.query}"

    def enrol(self) -> None:
        """At the desk, over HTTP: it is the carnet of R1."""
        answer = httpx.post(
            f"{self.city.url}/v1/passes/{self.city.pass_number}/cards",
            json={"uid": UID.hex()},
            headers={"Authorization": f"Bearer {self.city.agent_token()}"},
            timeout=60,
        )
        assert answer.status_code == 201, answer.text

    def written(self) -> list[Any]:
        """Everything that a passage could change."""
        with sqlite3.connect(self.database) as connection:
            return [
                connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608 - our own names
                for table in ("validation", "counter", "medium_use", "presence", "card", "medium", "passage_detail")
            ]


@pytest.fixture(scope="module")
def tapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tapped]:
    folder = tmp_path_factory.mktemp("served")
    with served(folder) as city:
        ring = KeyRing(folder / "keys")
        make_card_masters(ring, "ville", now=utc_now())
        keys = {Slot.META: ring.card_master("ville", Slot.META, 1)}
        master = ring.card_master("ville", Slot.SERVER, 1)
        keys[Slot.SERVER] = card_key(master, uid=UID, slot=Slot.SERVER, version=1, city=city_of("ville"))
        chip = SoftwareCard(UID, keys, "https://pass.example.org/t/1")
        made = Tapped(city, chip, folder / "city.sqlite3")
        known(made)
        made.enrol()
        yield made


def known(made: Tapped) -> None:
    """Wait until the server has followed its keyring: it looks twice a second."""
    for _ in range(600):
        if httpx.get(made.address(), timeout=60).status_code == 200:
            return
        time.sleep(0.1)
    pytest.fail("The server did not take the new masters up.")


@pytest.fixture(scope="module")
def flags(tapped: Tapped) -> list[str]:
    return []


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - what Playwright calls a viewport
    width, height = SIZES[request.param]
    return {"width": width, "height": height}


@pytest.fixture(params=["light", "dark"])
def context(request: pytest.FixtureRequest, browser: Browser, size: Any) -> Iterator[BrowserContext]:  # noqa: ANN401 - as above
    opened = browser.new_context(viewport=size, color_scheme=request.param, locale="fr-FR", reduced_motion="reduce")
    yield opened
    opened.close()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("genuine", [True, False], ids=["card", "no card"])
def test_the_page_is_accessible_fits_its_screen_and_asks_nobody_outside(
    context: BrowserContext, tapped: Tapped, language: str, *, genuine: bool
) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tapped.address() if genuine else f"{tapped.city.url}/t/1?e=00&c=00") + f"&lang={language}")

    assert violations(page) == []
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert [url for url in asked if not url.startswith((tapped.city.url, "data:"))] == []
    heading = page.get_by_role("heading", level=1).inner_text()
    said = {
        ("fr", True): "Ceci est un pass",
        ("en", True): "This is a pass",
        ("fr", False): "Carte non reconnue",
        ("en", False): "Card not recognised",
    }
    assert heading == said[language, genuine]


def test_the_other_language_shows_the_same_card_without_a_second_tap(browser: Browser, tapped: Tapped) -> None:
    with browser.new_context(java_script_enabled=False, locale="fr-FR") as context:
        page = context.new_page()
        page.goto(tapped.address())
        page.get_by_role("link", name="In English").click()
        expect(page.locator("main")).to_contain_text("This card is a pass of Ville")


def test_it_never_spends_a_right_however_often_it_is_opened(browser: Browser, tapped: Tapped) -> None:
    url, before = tapped.address(), tapped.written()
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        for _ in range(3):
            page.goto(url)
            page.reload()
            assert "n’utilise rien" in page.locator("main").inner_text()
    assert tapped.written() == before
    token = tapped.city.terminal_token("after-the-page")
    text = urlsplit(url)
    answer = httpx.post(
        f"{tapped.city.url}/v1/access/validations",
        json={
            "key": "after-the-page",
            "gate": "free-1",
            "credential": f"https://pass.example.org{text.path}?{text.query}",
        },
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    ).json()
    assert (answer["outcome"], answer["remaining"][0]["left"]) == ("granted", 9), "the very same tap is still good"
    assert tapped.written() != before, "what a gate writes would have been seen"
