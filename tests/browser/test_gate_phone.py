"""The page of an agent's phone, a paired terminal whose key never leaves its browser: real Chromium, real server."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from msgspec import Struct
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from nfc import pairing_code
from tests import camera
from tests.accessibility import violations
from tests.gate_screen import STILL
from tests.served import Served, served

pytestmark = pytest.mark.browser

SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1280, 900)}
GATES = ["free-1", "pool-1"]


class Phones(Struct, frozen=True):
    """A running city that pairs phones, and what their camera sees."""

    city: Served
    film: Path

    @property
    def page(self) -> str:
        return f"{self.city.url}/gate?lang=fr"

    def invite(self, name: str, profile: str = "handheld") -> dict[str, Any]:
        answer = httpx.post(
            f"{self.city.url}/v1/terminals/invitations",
            json={"name": name, "gates": GATES, "profile": profile},
            headers=self.agent(),
            timeout=60,
        )
        assert answer.status_code == 201, answer.text
        invited: dict[str, Any] = answer.json()
        return invited

    def agent(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.city.agent_token()}"}

    def named(self, name: str) -> dict[str, Any]:
        every = httpx.get(f"{self.city.url}/v1/terminals", headers=self.agent(), timeout=60).json()
        return next(one for one in every if one["name"] == name)


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phones]:
    folder = tmp_path_factory.mktemp("served")
    camera.film(folder / "camera.mjpeg", None)
    with served(folder) as city:
        yield Phones(city, folder / "camera.mjpeg")


@pytest.fixture(scope="module")
def flags(phones: Phones) -> list[str]:
    return camera.flags(phones.film)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(locale="fr-FR", viewport={"width": 360, "height": 740})
    yield opened
    opened.close()


def pair(context: BrowserContext, phones: Phones, name: str) -> Page:
    page = context.new_page()
    page.add_init_script(STILL)
    page.goto(phones.page)
    page.get_by_label("Tapez-le").fill(phones.invite(name)["code"].lower())
    page.get_by_role("button", name="Appairer", exact=True).click()
    expect(page.get_by_text("Connecté.")).to_be_visible()
    return page


@pytest.fixture
def page(context: BrowserContext, phones: Phones, request: pytest.FixtureRequest) -> Page:
    return pair(context, phones, request.node.name[:80])


def sent(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.post_data or "")
    return body


def scan(page: Page, code: str) -> None:
    """What a scanner that behaves as a keyboard does."""
    page.keyboard.type(code, delay=2)
    page.keyboard.press("Enter")


def verdict(page: Page) -> Any:  # noqa: ANN401 - Playwright's assertions on a locator
    return expect(page.locator("#verdict"))


def test_a_phone_is_paired_by_its_camera_then_reads_a_pass_with_it(context: BrowserContext, phones: Phones) -> None:
    context.grant_permissions(["camera"])
    camera.film(phones.film, pairing_code.write(phones.city.url, phones.invite("By camera")["code"]))
    page = context.new_page()
    page.add_init_script(STILL)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(phones.page)
    expect(page.locator("#name")).to_have_text("By camera")
    page.goto("about:blank")  # nobody looks while the film is changed
    camera.film(phones.film, phones.city.code)
    page.goto(phones.page)
    verdict(page).to_contain_text("Accordé")
    # How many are left depends on who came before: all tests of this file share the one pass of the city.
    verdict(page).to_contain_text(re.compile(r"Reste \d sur 10 passages"))
    assert [url for url in asked if not url.startswith(phones.city.url)] == []
    camera.film(phones.film, None)


def test_its_key_cannot_be_read_and_no_code_is_kept(page: Page, phones: Phones) -> None:
    scan(page, phones.city.code)
    verdict(page).not_to_be_empty()
    kept = page.evaluate(
        """async () => {
            const base = await new Promise((done) => {
                const asked = indexedDB.open("multipass-gate", 1);
                asked.onsuccess = () => done(asked.result);
            });
            const terminal = await new Promise((done) => {
                const asked = base.transaction("terminal").objectStore("terminal").getAll();
                asked.onsuccess = () => done(asked.result);
            });
            const read = await crypto.subtle.exportKey("jwk", terminal[0].key).catch((problem) => problem.name);
            return [Object.keys(terminal[0]).sort(), read, document.documentElement.outerHTML + location.href
                + JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie,
                    await indexedDB.databases()])];
        }"""
    )
    assert kept[0] == ["gate", "gates", "id", "key", "name"]
    assert kept[1] == "InvalidAccessError"
    assert phones.city.code not in kept[2]


def test_the_network_goes_and_the_phone_says_so_and_lets_nobody_in(
    page: Page, context: BrowserContext, phones: Phones
) -> None:
    context.set_offline(True)
    expect(page.locator("#line")).to_contain_text("Sans réseau : ce téléphone ne décide pas seul.")
    scan(page, phones.city.code)
    verdict(page).to_contain_text("Pas de réseau")
    verdict(page).to_contain_text("Pas de réponse")
    context.set_offline(False)
    expect(page.get_by_text("Connecté.")).to_be_visible()
    page.reload()
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="Entrée : présentez votre pass")).to_be_visible()
    expect(page.locator("#line")).to_contain_text("Sans réseau")


def test_an_answer_that_was_lost_is_heard_again_and_counts_once(page: Page, phones: Phones) -> None:
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(sent(route.request)["key"])
        route.fetch()
        route.abort()

    page.get_by_label("Accès contrôlé").select_option("free-1")
    page.route("**/v1/access/validations", lose)
    scan(page, phones.city.code)
    verdict(page).to_contain_text("Pas de réseau")
    page.unroute("**/v1/access/validations")
    with page.expect_request("**/v1/access/validations") as again:
        scan(page, phones.city.code)
    verdict(page).to_contain_text("Accordé")
    assert {*keys, sent(again.value)["key"]} == {keys[0]}


def test_a_phone_that_was_revoked_says_so(page: Page, phones: Phones, request: pytest.FixtureRequest) -> None:
    terminal = phones.named(request.node.name[:80])
    revoked = httpx.post(f"{phones.city.url}/v1/terminals/{terminal['id']}/revoke", headers=phones.agent(), timeout=60)
    assert revoked.is_success, revoked.text
    scan(page, phones.city.code)
    verdict(page).to_contain_text("Demande refusée")
    expect(page.locator("#line")).to_contain_text("désactivé")
    page.keyboard.press("Escape")  # the answer covers the screen
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Oublier cet appairage").click()
    expect(page.get_by_role("heading", name="Appairer ce téléphone")).to_be_visible()


def test_leaving_is_asked_as_leaving(page: Page, phones: Phones) -> None:
    page.get_by_text("Sortie", exact=True).click()
    expect(page.get_by_role("heading", name="Sortie : présentez votre pass")).to_be_visible()
    with page.expect_request("**/v1/access/validations") as asked:
        scan(page, phones.city.code)
    assert sent(asked.value)["direction"] == "exit"
    verdict(page).not_to_be_empty()


def test_it_beats_so_that_agents_see_how_it_is(page: Page, phones: Phones, request: pytest.FixtureRequest) -> None:
    assert phones.named(request.node.name[:80])["condition"] == "well"


def test_a_code_that_does_not_fit_is_told_and_spends_nothing(context: BrowserContext, phones: Phones) -> None:
    page = context.new_page()
    page.goto(phones.page)
    foreign = pairing_code.write("https://pass.example.org", "K7QF-2M9X")
    for typed, words in [
        (foreign, "Ouvrez https://pass.example.org/gate"),
        ("MPP1:???", "Ce n’est pas un code d’appairage."),
        (phones.city.code, "Ce n’est pas un code d’appairage."),
        ("ZZZZ-ZZZZ", "Ce code est inconnu"),
        (phones.invite("Kiosk", "kiosk")["code"], "borne de vente"),
    ]:
        page.get_by_label("Tapez-le").fill(typed)
        page.get_by_role("button", name="Appairer", exact=True).click()
        expect(page.get_by_role("alert").first).to_contain_text(words)
    page.reload()
    expect(page.get_by_role("heading", name="Appairer ce téléphone")).to_be_visible()


def test_it_can_be_installed(page: Page) -> None:
    found = page.context.new_cdp_session(page).send("Page.getAppManifest")
    assert found["errors"] == []
    assert '"start_url":"/gate?lang=fr"' in found["data"]
    problems = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    # The contexts of a test are as private windows: what else would keep it from being installed is told before that.
    assert {one["errorId"] for one in problems} <= {"in-incognito"}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pairing_is_accessible_and_fits_the_screen(
    browser: Browser, phones: Phones, size: str, scheme: Literal["light", "dark"], language: str
) -> None:
    width, height = SIZES[size]
    with browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(f"{phones.city.url}/gate?lang={language}")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Appairer ce téléphone" if language == "fr" else "Pair this phone"
        )
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
