"""Every page of somebody who has a pass, a photo and a temporary code: small screens, large letters, no script."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from adapters.clock import utc_now
from domain.request_terms import ServiceTerms, set_terms, usual_terms
from domain.temporary_products import Temporary
from terminal.reading import code_in
from tests.accessibility import by_night, violations
from tests.browser.test_portal import Portal, come_in, portal_in
from tests.http.test_console_photos import face
from tests.served import Served

pytestmark = pytest.mark.browser

SMALL: ViewportSize = {"width": 320, "height": 640}
HALVED: ViewportSize = {"width": 640, "height": 512}
"""What is left of a screen of 1280 by 1024 when its browser shows pages at 200 %."""
LARGE_LETTERS = "document.documentElement.style.fontSize = '200%'"
"""Letters alone twice as large (WCAG 1.4.4), where a reader has told the browser so."""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("pages")
    with portal_in(folder, documents_folder=str(folder / "documents")) as opened:
        asyncio.run(_open_the_pool_before_a_decision(opened.city))
        yield opened


async def _open_the_pool_before_a_decision(city: Served) -> None:
    services = (ServiceTerms("pool", ("identity",), "pool-year", Temporary(14, 2)),)
    async with city.unit() as unit:
        terms = replace(usual_terms(), services=services)
        await set_terms(unit, terms, authority_id=city.city.authority.id, by=None, now=utc_now())


@pytest.fixture(scope="module")
def city(portal: Portal) -> Served:
    """What Chromium is opened after."""
    return portal.city


@pytest.fixture(scope="module")
def flags(city: Served) -> list[str]:
    """A camera that nobody sits before, and a person who says yes to it."""
    return ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="module")
def zoe(browser: Browser, portal: Portal) -> Iterator[BrowserContext]:
    """Somebody who has linked a pass, asked for another, and is logged in."""
    context = browser.new_context(viewport={"width": 390, "height": 780}, locale="fr-FR")
    page = context.new_page()
    come_in(page, portal, "zoe@example.org")
    ask(page, portal.city)
    page.close()
    yield context
    context.close()


def ask(page: Page, city: Served) -> None:
    """Ask for a pass for the pool, with words alone: no script is needed, and no paper is at hand."""
    page.goto(f"{city.url}/moi/requests/new")
    page.get_by_role("button", name="Commencer").click()
    page.get_by_label("Pour moi", exact=True).check()
    page.get_by_role("button", name="Continuer", exact=True).click()
    for label, text in (("Prénom", "Nina"), ("Nom", "Berthelot"), ("Jour", "2"), ("Mois", "3"), ("Année", "1988")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Continuer", exact=True).click()
    page.get_by_label("Numéro et rue").fill("12 rue des Lilas")
    page.get_by_label("Code postal").fill("59000")
    page.get_by_label("Nom de l’autre commune").fill("Lille")
    page.get_by_label("Code Insee de l’autre commune").fill("59350")
    page.get_by_role("button", name="Continuer", exact=True).click()
    page.get_by_label("Piscine").check()
    page.get_by_role("button", name="Continuer", exact=True).click()
    page.get_by_role("link", name="Continuer, j’enverrai le reste plus tard").click()
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_role("status")).to_contain_text("Votre demande est envoyée.")


def test_a_photo_is_taken_by_the_camera_of_the_page_framed_sent_and_erased(zoe: BrowserContext, portal: Portal) -> None:
    page = zoe.new_page()
    page.goto(f"{portal.city.url}/moi/persons/R1/photo")
    page.get_by_role("button", name="Ouvrir la caméra").click()
    page.get_by_role("button", name="Prendre la photo").click()
    expect(page.get_by_label("Rapprocher")).to_be_focused()
    page.keyboard.press("ArrowRight")
    assert not violations(page)
    page.get_by_label("J’accepte que ma photo").check()
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_text("Merci. Un agent regarde votre photo avant qu’elle serve.")).to_be_visible()
    expect(page.get_by_role("heading", name="En attente")).to_be_visible()
    page.get_by_role("button", name="Effacer la photo").click()
    expect(page.get_by_text("La photo est effacée.")).to_be_visible()
    expect(page.get_by_role("heading", name="En attente")).to_have_count(0)
    page.close()


@contextmanager
def without_javascript(browser: Browser, zoe: BrowserContext, *, width: int, height: int) -> Iterator[Page]:
    """A phone of the same resident that runs no scripts."""
    with browser.new_context(
        locale="fr-FR",
        java_script_enabled=False,
        storage_state=zoe.storage_state(),
        viewport={"width": width, "height": height},
    ) as context:
        yield context.new_page()


def test_without_javascript_a_photo_is_chosen_and_a_temporary_code_opens_the_pool(
    browser: Browser, zoe: BrowserContext, portal: Portal, tmp_path: Path
) -> None:
    """The code is a picture of the page itself: it is read from the screenshot, and printed as it stands."""
    with without_javascript(browser, zoe, width=390, height=780) as page:
        page.goto(f"{portal.city.url}/moi/persons/R1/photo")
        page.get_by_role("button", name="Envoyer", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("cochez la case si vous êtes d’accord")
        page.get_by_label("Image", exact=True).set_input_files(
            {"name": "moi.png", "mimeType": "image/png", "buffer": face()}
        )
        page.get_by_label("J’accepte que ma photo").check()
        page.get_by_role("button", name="Envoyer", exact=True).click()
        expect(page.get_by_role("img", name=re.compile("qui attend d’être regardée"))).to_be_visible()

        page.goto(f"{portal.city.url}/moi")
        page.get_by_role("link", name=re.compile("code provisoire")).click()
        expect(page.get_by_text("Pass provisoire")).to_be_visible()
        picture = page.get_by_role("img", name="Code à montrer à l’entrée : Nina Berthelot")
        picture.screenshot(path=tmp_path / "code.png")
    code = code_in(tmp_path / "code.png")
    answer = httpx.post(
        f"{portal.city.url}/v1/access/validations",
        json={"key": "temporary", "gate": "pool-1", "credential": code},
        headers={"Authorization": f"Bearer {portal.city.terminal_token('temporary')}"},
        timeout=60,
    )
    assert answer.json()["outcome"] == "granted", answer.text


def test_without_javascript_a_code_for_a_minute_opens_a_gate_from_the_screen_once(
    browser: Browser, zoe: BrowserContext, portal: Portal, tmp_path: Path
) -> None:
    with without_javascript(browser, zoe, width=320, height=640) as page:
        page.goto(f"{portal.city.url}/moi")
        page.get_by_role("link", name=f"Pass {portal.city.pass_number}").click()
        page.get_by_role("link", name="Montrer un code pour une minute").click()
        page.get_by_label("Service").select_option("pool")
        page.get_by_role("button", name="Montrer un code pour une minute").click()
        page.get_by_role("img", name="Code QR à montrer au lecteur").screenshot(path=tmp_path / "brief.png")
    assert code_in(tmp_path / "brief.png").startswith("MP3:")
    assert portal.tap(tmp_path / "brief.png", "pool-1", "brief")["outcome"] == "granted"
    assert portal.tap(tmp_path / "brief.png", "pool-1", "brief-again")["outcome"] == "denied"


def pages_of(page: Page, city: Served) -> list[str]:
    """Every page that somebody with a pass and a request comes to, by the links that lead there."""
    page.goto(f"{city.url}/moi/requests")
    request = page.locator("main .doors a").first.get_attribute("href")
    pass_ = f"/moi/passes/{city.pass_number}"
    page.goto(city.url + pass_)
    media = {link.get_attribute("href") or "" for link in page.locator("main a[href*='/media/']").all()}
    account = [f"/moi/account{one}" for one in ("", "/delete", "/contacts/new", "/passkeys", "/logins")]
    person = [f"/moi/persons/R1/{one}" for one in ("photo", "unlink")]
    of_pass = [f"{pass_}{one}" for one in ("", "/passages", "/code", "/phone")]
    of_request = [f"{request}{one}" for one in ("", "/temporary-code", "/papers", "/papers/identity", "/withdraw")]
    return [
        "/moi",
        "/moi/link",
        "/moi/notices",
        "/moi/nowhere",
        *account,
        *person,
        *of_pass,
        *sorted(media),
        *of_request,
    ]


def test_each_page_is_accessible_on_a_small_screen_and_twice_as_large(zoe: BrowserContext, portal: Portal) -> None:
    """WCAG 1.4.4 and 1.4.10: nothing scrolls sideways and axe finds nothing, at 320 pixels and at 200 %."""
    page = zoe.new_page()
    wrong: list[object] = []
    for path in pages_of(page, portal.city):
        page.set_viewport_size(SMALL)
        page.goto(portal.city.url + path)
        wrong += [(path, "320", one) for one in violations(page) + by_night(page)]
        wrong += [(path, "320 wide")] * too_wide(page)
        page.set_viewport_size(HALVED)
        wrong += [(path, "200 %")] * too_wide(page)
        page.evaluate(LARGE_LETTERS)
        wrong += [(path, "letters twice as large")] * too_wide(page)
    assert wrong == []
    page.close()


def too_wide(page: Page) -> bool:
    wider: bool = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return wider
