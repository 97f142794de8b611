"""The portal in a real Chromium: log in, link a pass, tie the browser to it, go through gates without network too."""

import asyncio
import email
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.policy import default
from pathlib import Path

import httpx
import pytest
import zxingcpp
from msgspec import Struct
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import MODE_ALPHA_NUM, QRData

from adapters.clock import utc_now
from domain.account_links import LinkKind, make_code
from portal.words import PAGES
from tests.accessibility import by_night, violations
from tests.served import Served, served

pytestmark = pytest.mark.browser

PATIENCE_MS = 30_000


class Portal(Struct, frozen=True):
    """A running city, and where its letters lie."""

    city: Served
    letters: Path
    link_code: str
    """The code of a letter to the holder of the city's one pass."""

    def codes_for(self, address: str) -> dict[str, str]:
        """The six digits of each letter with a code to an address, by the letter's file."""
        found: dict[str, str] = {}
        for one in self.letters.glob("*.eml"):
            letter = email.message_from_bytes(one.read_bytes(), policy=default)
            code = re.search(r"\b\d{6}\b", str(letter["Subject"]))
            if letter["To"] == address and code:
                found[one.name] = code[0]
        return found

    def tap(self, picture: Path, gate: str, key: str) -> dict[str, object]:
        """Have a gate read what the screen shows."""
        (read,) = zxingcpp.read_barcodes(Image.open(picture))
        token = self.city.terminal_token(key)
        answer = httpx.post(
            f"{self.city.url}/v1/access/validations",
            json={"key": key, "gate": gate, "credential": read.text},
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE_MS / 1000,
        )
        said: dict[str, object] = answer.raise_for_status().json()
        return said


async def link_code_of(city: Served) -> str:
    """The code of a letter to whoever has the city's one pass."""
    now = utc_now()
    async with city.unit() as unit:
        holder = await unit.people.holder(city.city.authority.id, "R1")
        code, _ = await make_code(unit, holder, kind=LinkKind.OWN, by=None, now=now, today=now.date())
    return code


@contextmanager
def portal_in(folder: Path, **settings: str) -> Iterator[Portal]:
    """Serve a city that writes letters from `folder` until the context ends."""
    letters = folder / "mail"
    with served(folder, mail_folder=str(letters), mail_from="Ville <pass@ville.example>", **settings) as running:
        yield Portal(running, letters, asyncio.run(link_code_of(running)))


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with portal_in(tmp_path_factory.mktemp("portal")) as opened:
        yield opened


@pytest.fixture(scope="module")
def city(portal: Portal) -> Served:
    """What Chromium is opened after."""
    return portal.city


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 780}, locale="fr-FR")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


def by_code(page: Page, portal: Portal, address: str) -> None:
    """Log in by the code of a letter, on the page that asks for an address."""
    page.get_by_label("Votre collectivité").select_option("ville")
    page.get_by_label("Adresse électronique ou numéro de mobile").fill(address)
    before = portal.codes_for(address)
    page.get_by_role("button", name="Recevoir un code").click()
    expect(page.get_by_role("heading", name="Votre code")).to_be_visible()
    (code,) = [code for letter, code in portal.codes_for(address).items() if letter not in before]
    page.get_by_label("Code à six chiffres").fill(code)
    page.get_by_role("button", name="Se connecter").click()


def come_in(page: Page, portal: Portal, address: str, *, linked: bool = False) -> None:
    """Log in by a code, and link the city's one pass by that of a letter, unless it is."""
    page.goto(f"{portal.city.url}/moi?lang=fr")
    by_code(page, portal, address)
    if linked:
        return
    page.get_by_role("link", name="Taper mon code").click()
    page.get_by_label("Code de la lettre").fill(portal.link_code)
    page.get_by_role("button", name="Lier ce pass").click()
    expect(page.get_by_role("status")).to_have_text("Le pass est lié à votre compte.")


def test_a_browser_becomes_the_pass_and_opens_gates_with_and_without_network(
    phone: BrowserContext, portal: Portal, tmp_path: Path
) -> None:
    page = phone.new_page()
    come_in(page, portal, "zoe@example.org")
    page.get_by_role("link", name=f"Pass {portal.city.pass_number}").click()
    expect(page.get_by_role("heading", name="Ce que ce pass ouvre")).to_be_visible()
    assert not violations(page)

    page.get_by_role("link", name="Montrer avec cet appareil").click()
    page.get_by_role("button", name="Montrer avec cet appareil").click()
    picture = page.locator("[data-part=picture]")
    expect(picture).to_have_attribute("data-second", re.compile(r"\d+"))
    assert not violations(page)
    picture.screenshot(path=tmp_path / "online.png")
    assert portal.tap(tmp_path / "online.png", "pool-1", "online")["outcome"] == "granted"

    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    before = picture.get_attribute("data-second") or ""
    phone.set_offline(True)
    page.reload()
    expect(page.locator("[data-part=offline]")).to_be_visible()
    expect(picture).to_have_attribute("data-second", re.compile(rf"^(?!{before}$)\d+$"))
    picture.screenshot(path=tmp_path / "offline.png")
    assert portal.tap(tmp_path / "offline.png", "free-1", "offline")["outcome"] == "granted"

    phone.set_offline(False)
    page.get_by_text("Retirer ce pass de cet appareil").click()
    page.get_by_role("button", name="Oui, le retirer").click()
    page.get_by_label("Je ne veux plus montrer mon pass avec ce téléphone").check()
    page.get_by_role("button", name="Bloquer ou délier ce téléphone").click()
    expect(page.get_by_role("status")).to_have_text("Ce téléphone ne montre plus votre pass.")
    page.goto(f"{portal.city.url}/moi/app")
    expect(page.locator("[data-part=none]")).to_be_visible()


def test_the_pages_hold_at_320_pixels(browser: Browser, portal: Portal) -> None:
    """WCAG 1.4.10: nothing scrolls sideways, and axe finds nothing."""
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    for path in ("/moi/login", "/moi/login/code", "/moi/app"):
        page.goto(f"{portal.city.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert violations(page) + by_night(page) == [], path
    context.close()


@pytest.mark.parametrize("length", [300, 358, 400])
def test_the_symbol_of_the_page_is_that_of_the_norm(browser: Browser, length: int) -> None:
    """Against python-qrcode, module by module: versions 10 to 12, with the first mask."""
    text = ("MP1:6BF%5X2AZ $*" * 30)[:length]
    symbol = QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=0)
    symbol.add_data(QRData(text.encode(), mode=MODE_ALPHA_NUM), optimize=0)
    symbol.make(fit=True)
    source = (PAGES / "assets" / "qr.js").read_text(encoding="utf-8").replace("export ", "")
    page = browser.new_page()
    drawn = page.evaluate(f"(text) => {{ {source}; return modules(text); }}", text)
    page.close()
    assert drawn == [[bool(dark) for dark in row] for row in symbol.modules]
