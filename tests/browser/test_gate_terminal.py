"""The page that a terminal serves to its own screen, as people at a gate meet it: a real Chromium, a real process."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from msgspec import Struct
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from adapters.clock import utc_now
from nfc.status_list import Status
from terminal import disk, queue
from tests import camera
from tests.accessibility import violations
from tests.bad_line import BadLine, Line, bad_line
from tests.gate_screen import STILL
from tests.terminal_world import make_bundle, pair, printed, serving

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
TODAY = utc_now()
STOPPED = 7
SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 900)}


class AtTheGate(Struct, frozen=True):
    """A running terminal with its page, and the line to its server."""

    url: str
    line: BadLine
    state: Path
    film: Path

    def waiting(self) -> int:
        with disk.opened(self.state) as found:
            return queue.waiting(found)

    def has_bundle(self) -> bool:
        with disk.opened(self.state) as found, found.read() as db:
            return db.execute("SELECT 1 FROM bundle").fetchone() is not None


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtTheGate]:
    folder = tmp_path_factory.mktemp("gate")
    bundle = make_bundle(now=TODAY, stopped={STOPPED: Status.INVALID})
    with serving(bundle) as server, bad_line(server.port) as line:
        pair(folder / "terminal.json", line.url)
        camera.film(folder / "camera.mjpeg", printed(5, now=TODAY))
        command = [sys.executable, "multipass.py", "terminal", "run", "--state", str(folder / "terminal.json")]
        with subprocess.Popen(
            [*command, "--page", "0", "--lang", "fr"],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            said = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/gate", said)
            assert found, said
            gate = AtTheGate(found.group(), line, folder / "terminal.json", folder / "camera.mjpeg")
            until = time.monotonic() + 60
            while not gate.has_bundle():
                assert time.monotonic() < until, "it fetches no bundle"
                time.sleep(0.05)
            yield gate
            process.terminate()


@pytest.fixture(scope="module")
def flags(gate: AtTheGate) -> list[str]:
    return camera.flags(gate.film)


@pytest.fixture
def context(browser: Browser, gate: AtTheGate) -> Iterator[BrowserContext]:
    gate.line.mode = Line.GOOD
    opened = browser.new_context(locale="fr-FR", viewport={"width": 768, "height": 1024})
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, gate: AtTheGate) -> Page:
    opened = context.new_page()
    opened.add_init_script(STILL)
    return opened_at(opened, gate)


def opened_at(opened: Page, gate: AtTheGate) -> Page:
    opened.goto(gate.url)
    # A line that was cut by the test before: the terminal looks for its server ever more rarely, for a minute at most.
    expect(opened.get_by_text("Connecté.")).to_be_visible(timeout=90_000)
    opened.get_by_text("Entrée", exact=True).click()  # a terminal stays at what was chosen last
    return opened


@pytest.fixture
def timed(context: BrowserContext, gate: AtTheGate) -> Page:
    """The page with its clock in the test's hands: it stands still once the page is open."""
    opened = context.new_page()
    opened.clock.install(time=TODAY)
    opened_at(opened, gate)
    opened.clock.pause_at(TODAY + timedelta(hours=1))
    return opened


def sent(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.post_data or "")
    return body


def scan(page: Page, code: str) -> None:
    """What a scanner that behaves as a keyboard does."""
    page.keyboard.type(code, delay=2)
    page.keyboard.press("Enter")


def verdict(page: Page) -> Any:  # noqa: ANN401 - Playwright's assertions on a locator
    return expect(page.locator("#verdict"))


def test_a_scanner_that_types_is_heard_wherever_the_focus_is(page: Page) -> None:
    code = next(code for place in range(11, 99) if " " in (code := printed(place, now=TODAY)))
    start = page.get_by_role("button", name="Démarrer la caméra")
    start.focus()
    scan(page, code)
    verdict(page).to_contain_text("Accordé")
    verdict(page).to_contain_text("Bonne visite")
    verdict(page).not_to_contain_text("Sans réseau")
    expect(start).to_be_visible()  # the blanks of a code press no button


def test_the_camera_reads_a_code_once_however_long_it_is_held(context: BrowserContext, gate: AtTheGate) -> None:
    context.grant_permissions(["camera"])
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(gate.url)
    expect(page.locator("#last")).to_contain_text("Bonne visite")  # the answer itself is there for two seconds
    verdict(page).to_be_empty()
    page.wait_for_timeout(3_000)
    assert [url for url in asked if url.endswith("/gate/ask")] == [f"{gate.url}/ask"]
    assert any(url.endswith(".wasm") for url in asked), "the decoder is this server's own"
    assert [url for url in asked if not url.startswith(gate.url.removesuffix("/gate"))] == []


def test_a_camera_that_is_refused_is_told_and_typing_goes_on(page: Page) -> None:
    page.get_by_role("button", name="Démarrer la caméra").click()
    expect(page.get_by_role("alert").filter(has_text="La caméra n’est pas autorisée")).to_be_visible()
    page.get_by_label("Code, ou numéro").fill(printed(12, now=TODAY))
    page.get_by_role("button", name="Vérifier").click()
    verdict(page).to_contain_text("Bonne visite")
    expect(page.get_by_label("Code, ou numéro")).to_have_value("")


def test_it_goes_back_to_waiting_in_two_seconds_and_keeps_no_code(timed: Page) -> None:
    page, code = timed, printed(13, now=TODAY)
    scan(page, code)
    verdict(page).to_contain_text("Bonne visite")
    page.clock.run_for(1_900)
    verdict(page).not_to_be_empty()
    page.clock.run_for(200)
    verdict(page).to_be_empty()
    expect(page.get_by_role("heading", name="Entrée : présentez votre pass")).to_be_visible()
    expect(page.get_by_text("Dernière réponse : Accordé, Bonne visite")).to_be_visible()
    kept = page.evaluate(
        """async () => JSON.stringify([
            document.documentElement.outerHTML, location.href, {...localStorage}, {...sessionStorage}, document.cookie,
            await indexedDB.databases(),
            await Promise.all((await caches.keys()).map(async (name) =>
                (await (await caches.open(name)).keys()).map((request) => request.url))),
        ])"""
    )
    assert code not in kept
    assert "/gate/ask" not in kept


def test_the_next_person_does_not_wait_for_the_screen(page: Page) -> None:
    scan(page, printed(14, now=TODAY))
    verdict(page).to_contain_text("Bonne visite")
    page.keyboard.press("Escape")
    verdict(page).to_be_empty()
    page.get_by_text("Sortie", exact=True).click()
    with page.expect_request("**/gate/ask") as asked:
        scan(page, printed(14, now=TODAY))
    assert sent(asked.value)["direction"] == "exit"
    verdict(page).to_contain_text("Bonne visite")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Sortie : présentez votre pass")).to_be_visible()


def test_without_its_server_the_terminal_decides_and_the_page_says_so(page: Page, gate: AtTheGate) -> None:
    gate.line.mode = Line.CUT
    scan(page, printed(15, now=TODAY))
    verdict(page).to_contain_text("Sans réseau : décidé ici, transmis plus tard.")
    verdict(page).to_contain_text("Accordé")
    expect(page.locator("#line")).to_contain_text("Sans réseau : ce terminal décide seul")
    scan(page, printed(STOPPED, now=TODAY))
    verdict(page).to_contain_text("Refusé")
    page.keyboard.press("Escape")
    page.get_by_text("Sortie", exact=True).click()
    scan(page, printed(15, now=TODAY))
    verdict(page).to_contain_text("À bientôt")
    gate.line.mode = Line.GOOD
    expect(page.get_by_text("Connecté.")).to_be_visible(timeout=90_000)
    assert gate.waiting() == 0


def test_a_terminal_whose_program_is_gone_lets_nobody_in(page: Page) -> None:
    page.route("**/gate/ask", lambda route: route.abort())
    page.route("**/gate/state", lambda route: route.abort())
    scan(page, printed(16, now=TODAY))
    verdict(page).to_contain_text("Terminal arrêté")
    expect(page.locator("#line")).to_contain_text("ne répond pas")


def test_the_verdict_is_read_from_two_metres(page: Page) -> None:
    """ISO 9241-303 asks for 16 minutes of arc: 9.3 mm at two metres, a capital of 50 px of CSS."""
    scan(page, printed(17, now=TODAY))
    verdict(page).to_contain_text("Bonne visite")
    shown = page.evaluate(
        """() => {
            const style = getComputedStyle(document.querySelector("#verdict .big"));
            const box = document.querySelector("#verdict").getBoundingClientRect();
            return [parseFloat(style.fontSize) * 0.7, box.width, box.height];
        }"""
    )
    assert shown[0] > 50
    assert shown[1:] == [768, 1024]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_waiting_and_answering_are_accessible_and_fit_the_screen(
    browser: Browser, gate: AtTheGate, size: str, scheme: Literal["light", "dark"], language: str
) -> None:
    width, height = SIZES[size]
    with browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        page.add_init_script(STILL)
        page.goto(f"{gate.url}?lang={language}")
        expect(page.locator("#line")).not_to_be_empty()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        scan(page, printed(18, now=TODAY))
        verdict(page).to_contain_text("Accordé" if language == "fr" else "Granted")
        assert violations(page) == []
        fits = "[...document.querySelectorAll('#verdict *')].every((one) => one.scrollWidth <= innerWidth)"
        assert page.evaluate(fits)
        assert page.evaluate("getComputedStyle(document.querySelector('#verdict .icon')).animationName") == "none"


OUTCOMES = ("granted", "granted_with_warning", "payment_required", "manual_check", "denied")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_colour_comes_with_an_icon_and_words_and_has_contrast(page: Page, outcome: str) -> None:
    answer = {
        "outcome": outcome,
        "text": {"fr": "Abonnement terminé", "en": "x"},
        "nextStep": {"fr": "Renouvelez-le au guichet, en ligne ou par téléphone.", "en": "x"},
        "warnings": [{"reason": "low_balance", "text": {"fr": "Bientôt épuisé", "en": "x"}}],
        "remaining": [
            {"product": "p", "unit": "visit", "left": 1.5, "of": 10, "until": "2027-06-01"},
            {"product": "p", "unit": "m3", "kind": "rubble", "left": 0, "of": 1, "until": "2027-01-01"},
        ],
        "price": {"dueCents": 450, "billedCents": 0},
        "overridable": True,
    }
    page.route("**/gate/ask", lambda route: route.fulfill(json={"answer": answer, "alone": True}))
    scan(page, printed(19, now=TODAY))
    words = page.locator("#verdict").inner_text
    verdict(page).to_contain_text("Abonnement terminé")
    assert violations(page) == []
    assert page.locator("#verdict use").get_attribute("href") == f"#i-{outcome}"
    assert page.locator(f"symbol#i-{outcome}").count() == 1
    assert "Reste 1,5 sur 10 passages, jusqu’au 31 mai 2027" in words()
    assert "Reste 0 sur 1 m³ (gravats), jusqu’au 31 décembre 2026" in words()
    paid = "Réglé" if outcome.startswith("granted") else "À régler"
    assert f"{paid} : 4,50\u00a0€" in words()


def test_a_screen_reader_hears_each_verdict_once_and_whole(timed: Page) -> None:
    page = timed
    status = page.locator("#verdict")
    assert [status.get_attribute(name) for name in ("role", "aria-atomic", "aria-live")] == [
        "status",
        "true",
        "assertive",
    ]
    page.evaluate(
        """() => { window.heard = []; new MutationObserver((changes) => heard.push(
            ...changes.filter((one) => one.addedNodes.length).map((one) => one.target.innerText)
        )).observe(document.getElementById("verdict"), {childList: true}); }"""
    )
    before = page.evaluate("document.activeElement.tagName")
    scan(page, printed(20, now=TODAY))
    verdict(page).to_contain_text("Bonne visite")
    page.clock.run_for(2_100)
    verdict(page).to_be_empty()
    heard = page.evaluate("heard")
    assert len(heard) == 1
    assert heard[0].split("\n")[0] == "Accordé"
    assert page.evaluate("document.activeElement.tagName") == before, "the focus stays where it was"


def test_the_keyboard_goes_through_the_page_in_the_order_of_reading(page: Page) -> None:
    page.reload()
    expect(page.locator("#line")).not_to_be_empty()
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
    labels = ["In English", "way", "Démarrer la caméra"]
    assert reached[:3] == labels
    assert reached[4] == "Vérifier"


def test_the_page_opens_when_nobody_serves_it_and_says_so(context: BrowserContext, gate: AtTheGate) -> None:
    page = context.new_page()
    page.goto(gate.url)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.reload()
    expect(page.locator("#line")).not_to_be_empty()
    context.set_offline(True)
    page.reload()
    expect(page.locator("#line")).to_contain_text("Le programme du terminal ne répond pas")
    expect(page.get_by_role("heading", name="Entrée : présentez votre pass")).to_be_visible()
