"""Asking for a pass at the portal in a real Chromium: from a telephone, for a family, without JavaScript, later on."""

import email
import io
import re
from collections.abc import Iterator
from email.policy import default
from itertools import count
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from adapters.geocoder import written
from domain.addresses import FoundAddress
from domain.sms import TextMessage
from tests.accessibility import by_night, violations
from tests.hostile_files import letter, photo, with_script
from tests.served import Served, served

pytestmark = pytest.mark.browser

LILAS = FoundAddress("12 rue des Lilas", "59000", "Lille", "59350")
HEAVIEST = 60 * 1024
"""Bytes of a page with all that it loads (issue G, tests)."""

_PEOPLE = count(1)

_WEIGH = """() => {
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) {
    window.sentBytes = body.get("file").size;
    send.call(this, body);
  };
}"""
"""Notes how large the file of an upload is: the browser tells nobody of a form with files."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("asking")
    (folder / "addresses.json").write_bytes(
        written([LILAS, FoundAddress("3 rue de la Gare", "62000", "Arras", "62041")])
    )
    with served(
        folder,
        mail_folder=str(folder / "mail"),
        mail_from="Ville <pass@ville.example>",
        sms_folder=str(folder / "sms"),
        documents_folder=str(folder / "documents"),
        addresses_file=str(folder / "addresses.json"),
    ) as running:
        yield running


class Somebody:
    """Whoever logs in here for the first time, on as many devices as they like."""

    def __init__(self, browser: Browser, city: Served, address: str = "") -> None:
        self.browser = browser
        self.city = city
        self.address = address or f"somebody-{next(_PEOPLE)}@example.org"

    def on_a_phone(self, **more: object) -> Page:
        """Log in on a telephone."""
        phone = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
        return self.log_in(self.browser.new_context(**{"locale": "fr-FR", **phone, **more}))  # type: ignore[arg-type] # named one by one

    def log_in(self, context: BrowserContext) -> Page:
        """Log in by the code of a letter or a text message."""
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{self.city.url}/moi?lang=fr")
        page.get_by_label("Votre collectivité").select_option("ville")
        page.get_by_label("Adresse électronique ou numéro de mobile").fill(self.address)
        before = set(self._codes())
        page.get_by_role("button", name="Recevoir un code").click()
        expect(page.get_by_role("heading", name="Votre code")).to_be_visible()
        (code,) = set(self._codes()) - before
        page.get_by_label("Code à six chiffres").fill(code[1])
        page.get_by_role("button", name="Se connecter").click()
        expect(page.get_by_role("heading", name="Mes pass")).to_be_visible()
        return page

    def _codes(self) -> list[tuple[str, str]]:
        """The letters and text messages with a code to this address, each with its file."""
        found = []
        for one in (self.city.log.parent / "sms").glob("*.json"):
            message = msgspec.json.decode(one.read_bytes(), type=TextMessage)
            code = re.search(r"\b\d{6}\b", message.text)
            if message.number == self.address and code:
                found.append((one.name, code[0]))
        for one in (self.city.log.parent / "mail").glob("*.eml"):
            letter_ = email.message_from_bytes(one.read_bytes(), policy=default)
            code = re.search(r"\b\d{6}\b", str(letter_["Subject"]))
            if letter_["To"] == self.address and code:
                found.append((one.name, code[0]))
        return found


def begin(page: Page, who: str) -> None:
    """Press the buttons from the first page to the first answer."""
    page.get_by_role("link", name="Demander un pass", exact=True).click()
    page.get_by_role("button", name="Commencer").click()
    page.get_by_label(who, exact=True).check()
    go_on(page)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Continuer", exact=True).click()


NINA = ("Nina", "Berthelot", "2", "3", "1988")
TOM = ("Tom", "Berthelot", "21", "9", "2016")


def name(page: Page, somebody: tuple[str, ...]) -> None:
    """Fill in who somebody is."""
    for label, text in zip(("Prénom", "Nom", "Jour", "Mois", "Année"), somebody, strict=True):
        page.get_by_label(label, exact=True).fill(text)
    go_on(page)


def live_at(page: Page, text: str) -> None:
    """Search for an address by the button, and choose the first that is found."""
    page.get_by_label("Votre adresse").fill(text)
    page.get_by_role("button", name="Chercher").click()
    page.get_by_label("12 rue des Lilas").check()
    go_on(page)


def send(page: Page) -> None:
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_role("status")).to_contain_text("Votre demande est envoyée.")


def test_an_adult_asks_for_a_pass_from_an_old_phone_and_reads_where_it_stands(browser: Browser, city: Served) -> None:
    page = Somebody(browser, city).on_a_phone()
    begin(page, "Pour moi")
    expect(page.get_by_role("heading", name="Qui êtes-vous ?")).to_be_visible()
    page.get_by_label("Prénom").fill("Nina")
    go_on(page)
    expect(page.locator("#wrong")).to_be_focused()
    page.get_by_role("link", name="Nom : à remplir", exact=True).click()
    expect(page.get_by_label("Nom", exact=True)).to_be_focused()
    name(page, NINA)

    page.get_by_label("Votre adresse").press_sequentially("12 rue des lil")
    page.get_by_label("12 rue des Lilas").check()
    go_on(page)
    page.get_by_label("Piscine").check()
    go_on(page)
    page.get_by_role("link", name="Envoyer ce papier").click()
    page.get_by_label("Choisir une photo ou un PDF").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": with_script()}
    )
    page.get_by_role("button", name="Envoyer ce papier").click()
    expect(page.locator("#wrong")).to_contain_text("Envoyez plutôt une photo du document.")
    expect(page.locator("#wrong")).to_be_focused()
    page.get_by_label("Prendre une photo").set_input_files(
        {"name": "carte.jpg", "mimeType": "image/jpeg", "buffer": photo((3200, 2400))}
    )
    page.get_by_role("button", name="Envoyer ce papier").click()
    expect(page.get_by_role("status")).to_have_text("Votre papier est bien arrivé.")
    expect(page).to_have_url(re.compile(r"/papers$"))
    page.get_by_role("link", name="Continuer", exact=True).click()
    page.get_by_role("link", name="Modifier (Services)").click()
    page.get_by_label("Médiathèque").check()
    go_on(page)
    expect(page.get_by_text("Justificatif de domicile : pas encore reçu")).to_be_visible()
    send(page)
    expect(page.get_by_text("Nous avons reçu votre demande.")).to_be_visible()
    with page.expect_download() as download:
        page.evaluate("document.querySelector('a[href$=\"/receipt\"]').setAttribute('download', '')")
        page.get_by_role("link", name="Récépissé (PDF)").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    page.goto(f"{city.url}/moi")
    expect(page.get_by_role("link", name="Nina Berthelot")).to_contain_text("Il manque")
    page.context.close()


def test_an_address_that_was_typed_before_the_page_was_whole_is_found_all_the_same(
    browser: Browser, city: Served
) -> None:
    page = Somebody(browser, city).on_a_phone()
    begin(page, "Pour moi")
    held: list[Route] = []
    page.route(re.compile(r"/asking[^/]*\.js"), lambda route: held.append(route))  # noqa: PLW0108 - it takes no builtin
    name(page, NINA)
    page.get_by_label("Votre adresse").press_sequentially("12 rue des lil")
    assert page.get_by_label("12 rue des Lilas").count() == 0
    held.pop().continue_()
    page.get_by_label("12 rue des Lilas").check()
    page.context.close()


def test_a_photo_that_is_too_large_for_the_network_is_made_smaller_before_it_is_sent(
    browser: Browser, city: Served
) -> None:
    page = Somebody(browser, city).on_a_phone()
    asked(page)
    page.goto(f"{page.url.rpartition('/')[0]}/papers/identity")
    noise = io.BytesIO()
    Image.effect_noise((3000, 2250), 90).convert("RGB").save(noise, "JPEG", quality=95)
    page.evaluate(_WEIGH)
    page.get_by_label("Prendre une photo").set_input_files(
        {"name": "carte.jpg", "mimeType": "image/jpeg", "buffer": noise.getvalue()}
    )
    page.get_by_role("button", name="Envoyer ce papier").click()
    expect(page.get_by_role("status")).to_have_text("Votre papier est bien arrivé.")
    assert 0 < page.evaluate("window.sentBytes") < len(noise.getvalue()) * 2 / 3
    page.context.close()


def asked(page: Page) -> None:
    """Answer all questions but for the papers, as one person who wants to go to the library."""
    begin(page, "Pour moi")
    name(page, NINA)
    live_at(page, "12 rue")
    page.get_by_label("Médiathèque").check()
    go_on(page)
    expect(page.get_by_role("heading", name="Vos papiers")).to_be_visible()


def test_a_mother_asks_for_herself_and_a_child_who_lives_in_two_homes(browser: Browser, city: Served) -> None:
    page = Somebody(browser, city).on_a_phone()
    begin(page, "Pour moi et les personnes qui vivent avec moi")
    name(page, NINA)
    page.get_by_role("link", name="Ajouter quelqu’un").click()
    name(page, TOM)
    expect(page.get_by_role("heading", name="Tom vit-il ou vit-elle aussi dans un autre foyer ?")).to_be_visible()
    page.get_by_label("Oui, aussi chez son autre parent").check()
    go_on(page)
    expect(
        page.get_by_text("Tom Berthelot, naissance le 21 septembre 2016, vit dans deux foyers").first
    ).to_be_visible()
    page.get_by_role("link", name="C’est tout : continuer").click()
    live_at(page, "lilas")
    page.get_by_label("Piscine").check()
    go_on(page)
    page.get_by_role("link", name="Continuer, j’enverrai le reste plus tard").click()
    send(page)
    expect(page.get_by_text("vit dans deux foyers")).to_be_visible()
    page.context.close()


def test_somebody_without_an_e_mail_address_asks_by_their_mobile_number(browser: Browser, city: Served) -> None:
    """Who has no address types a number; the request asks for none, and its receipt is there to be read and kept."""
    page = Somebody(browser, city, "+33612345678").on_a_phone()
    asked(page)
    page.get_by_role("link", name="Continuer, j’enverrai le reste plus tard").click()
    send(page)
    expect(page.get_by_role("link", name="Récépissé (PDF)")).to_be_visible()
    page.context.close()


def test_a_paper_sent_by_mistake_is_taken_back_by_keyboard(browser: Browser, city: Served) -> None:
    page = Somebody(browser, city).on_a_phone(viewport={"width": 320, "height": 640})
    asked(page)
    page.get_by_role("link", name=re.compile("^Envoyer ce papier")).first.click()
    page.get_by_label("Choisir une photo ou un PDF").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": letter()}
    )
    page.get_by_role("button", name="Envoyer ce papier").click()
    remove = page.get_by_role("link", name=re.compile("^Retirer ce papier"))
    remove.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Retirer ce papier : Pièce d’identité ?")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert not violations(page)
    page.get_by_role("button", name="Retirer ce papier").click()
    expect(page.get_by_role("status")).to_have_text("C’est fait : ce papier est retiré, et son fichier effacé.")
    expect(remove).to_have_count(0)
    page.context.close()


def test_somebody_without_javascript_asks_sends_a_paper_and_swears(browser: Browser, city: Served) -> None:
    page = Somebody(browser, city).on_a_phone(java_script_enabled=False)
    asked(page)
    page.get_by_role("link", name="Envoyer ce papier (Pièce d’identité)").click()
    page.get_by_role("button", name="Envoyer ce papier").click()
    expect(page.locator("#wrong")).to_contain_text("prenez une photo ou choisissez un fichier")
    page.get_by_label("Choisir une photo ou un PDF").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": letter()}
    )
    page.get_by_role("button", name="Envoyer ce papier").click()
    expect(page.get_by_role("status")).to_have_text("Votre papier est bien arrivé.")
    page.get_by_role("link", name="Envoyer ou déclarer (Justificatif de domicile)").click()
    page.get_by_role("button", name="Je le déclare sur l’honneur").click()
    page.get_by_role("link", name="Continuer", exact=True).click()
    send(page)
    expect(page.get_by_text("Il manque encore")).to_have_count(0)
    page.context.close()


def test_what_was_begun_on_the_phone_is_finished_on_the_computer(browser: Browser, city: Served) -> None:
    somebody = Somebody(browser, city)
    phone = somebody.on_a_phone()
    begin(phone, "Pour moi")
    name(phone, NINA)
    expect(phone.get_by_role("heading", name="Où habitez-vous ?")).to_be_visible()

    computer = somebody.log_in(browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR"))
    computer.get_by_role("link", name="Nina Berthelot").click()
    computer.get_by_role("link", name="Continuer ma demande").click()
    live_at(computer, "12 rue des lilas")
    computer.get_by_label("Piscine").check()
    go_on(computer)

    phone.get_by_label("Votre adresse").fill("gare")
    phone.get_by_role("button", name="Chercher").click()
    phone.get_by_label("3 rue de la Gare").check()
    go_on(phone)
    expect(phone.locator("#wrong")).to_contain_text("rien n’est perdu")
    expect(phone.get_by_text("Sur l’autre appareil, la réponse enregistrée est :")).to_be_visible()
    expect(phone.get_by_label("3 rue de la Gare")).to_be_checked()
    phone.get_by_role("link", name="Garder cette réponse-là").click()
    expect(phone.get_by_role("link", name="Continuer ma demande")).to_be_visible()

    computer.get_by_role("link", name="Continuer, j’enverrai le reste plus tard").click()
    expect(computer.get_by_text("12 rue des Lilas")).to_be_visible()
    send(computer)
    phone.context.close()
    computer.context.close()


def test_somebody_who_has_changed_their_mind_takes_the_request_back(browser: Browser, city: Served) -> None:
    page = Somebody(browser, city).on_a_phone()
    asked(page)
    page.get_by_role("link", name="Continuer, j’enverrai le reste plus tard").click()
    send(page)
    page.get_by_role("link", name="Retirer ma demande").click()
    page.get_by_role("link", name="Ne rien changer").click()
    page.get_by_role("link", name="Retirer ma demande").click()
    page.get_by_role("button", name="Retirer ma demande").click()
    expect(page.get_by_role("status")).to_have_text("Votre demande est retirée.")
    expect(page.get_by_role("link", name="Retirer ma demande")).to_have_count(0)
    page.context.close()


def test_each_page_is_accessible_light_and_holds_at_320_pixels(browser: Browser, city: Served, tmp_path: Path) -> None:
    """WCAG 1.4.10: nothing scrolls sideways; axe finds nothing; first page under 60 KB (issue G)."""
    page = Somebody(browser, city).on_a_phone(viewport={"width": 320, "height": 640})
    asked(page)
    draft = page.url.rpartition("/")[0]
    questions = (
        "",
        "/who",
        "/asker",
        "/persons",
        "/persons/1",
        "/persons/2",
        "/persons/1/homes",
        "/address",
        "/services",
    )
    searched = ("/address?text=rue", "/address?text=nulle", "/address?by=hand")
    pages = [f"{city.url}{one}" for one in ("/moi", "/moi/requests", "/moi/requests/new")]
    pages += [draft + one for one in (*questions, *searched, "/papers", "/papers/residence", "/check", "/withdraw")]
    look(page, pages, tmp_path / "asked")
    page.goto(f"{draft}/services")
    page.get_by_label("Médiathèque").uncheck()
    go_on(page)
    assert violations(page) + by_night(page) == [], "what is to be corrected"
    page.goto(f"{draft}/check")
    send(page)
    look(page, [draft, f"{city.url}/moi/requests"], tmp_path / "sent")
    page.context.close()


LOADED = """
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .reduce((sum, one) => sum + one.decodedBodySize, 0)
"""
"""Bytes of a page with all that it loads, as they are before anybody packs them."""


def look(page: Page, addresses: list[str], pictures: Path) -> None:
    """Look at pages one by one: loaded anew, with all that each loads."""
    weights: dict[str, int] = {}
    for number, address in enumerate(addresses):
        shown = page.goto(address)
        assert shown is not None
        assert shown.ok, address
        page.screenshot(path=f"{pictures}-{number}.png", full_page=True)
        weights[address] = page.evaluate(LOADED)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        assert violations(page) + by_night(page) == [], address
    assert {address: weight for address, weight in weights.items() if weight > HEAVIEST} == {}
