"""Residents' passkeys in a real browser, whose authenticator is Chromium's own virtual one (CDP, WebAuthn)."""

import email
import re
from collections.abc import Iterator
from email.policy import default

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.served import Served, served

pytestmark = pytest.mark.browser

TELEPHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
BY_PASSKEY = "Utiliser ma clé d’accès"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small city under a name: browsers know no passkey of a number."""
    folder = tmp_path_factory.mktemp("portal")
    with served(
        folder,
        public_url="http://localhost:{port}",
        mail_folder=str(folder / "mail"),
        mail_from="Ville <pass@ville.example>",
    ) as running:
        running.url = running.url.replace("127.0.0.1", "localhost")
        yield running


def come_in(page: Page, city: Served, address: str) -> None:
    """Log in by a code."""
    page.goto(f"{city.url}/moi/login?next=/moi/account/passkeys&lang=fr")
    page.get_by_label("Votre collectivité").select_option("ville")
    page.get_by_label("Adresse électronique ou numéro de mobile").fill(address)
    page.get_by_role("button", name="Recevoir un code").click()
    expect(page.get_by_role("heading", name="Votre code")).to_be_visible()
    (letter,) = [
        one
        for path in (city.log.parent / "mail").glob("*.eml")
        if (one := email.message_from_bytes(path.read_bytes(), policy=default))["To"] == address
    ]
    (code,) = re.findall(r"\b\d{6}\b", str(letter["Subject"]))
    page.get_by_label("Code à six chiffres").fill(code)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", name="Mes clés d’accès")).to_be_visible()


def leave(page: Page, city: Served) -> None:
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    page.goto(f"{city.url}/moi/login?next=/moi/account/passkeys")


def test_a_passkey_is_added_logs_in_alone_and_is_removed(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR", viewport={"width": 320, "height": 900}) as context:
        page = context.new_page()
        cdp = context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        cdp.send("WebAuthn.addVirtualAuthenticator", {"options": TELEPHONE})
        come_in(page, city, "zoe@example.org")
        assert violations(page) == []

        page.get_by_label("Son nom").fill("Téléphone de Zoé")
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_role("button", name="Créer la clé d’accès")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Créer la clé d’accès").click()
        expect(page.get_by_role("status")).to_contain_text("La clé d’accès est ajoutée.")
        page.get_by_text("Renommer Téléphone de Zoé").click()
        page.get_by_label("Nouveau nom").fill("Téléphone bleu")
        assert violations(page) == []
        page.get_by_role("button", name="Enregistrer ce nom").click()
        expect(page.get_by_text("Téléphone bleu", exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

        leave(page, city)
        assert violations(page) == []
        page.get_by_role("button", name=BY_PASSKEY).click()
        expect(page.get_by_text("Aucune clé d’accès n’a répondu.")).to_be_visible()
        page.get_by_label("Votre collectivité").select_option("ville")
        page.get_by_role("button", name=BY_PASSKEY).click()
        expect(page.get_by_text("Téléphone bleu", exact=True)).to_be_visible()

        for path, words in (
            ("/moi/account/logins", "par une clé d’accès"),
            ("/moi/login/lost", "Si vous avez tout perdu"),
        ):
            page.goto(f"{city.url}{path}")
            expect(page.get_by_text(words).first).to_be_visible()
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.goto(f"{city.url}/moi/account/passkeys")

        page.get_by_role("button", name="Retirer Téléphone bleu").click()
        expect(page.get_by_text("Vous n’avez pas encore de clé d’accès.")).to_be_visible()
        leave(page, city)
        page.get_by_label("Votre collectivité").select_option("ville")
        page.get_by_role("button", name=BY_PASSKEY).click()
        expect(page.get_by_role("alert").get_by_text("elle n’a pas été acceptée")).to_be_visible()


def test_a_browser_that_knows_no_passkey_is_told_what_works(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{city.url}/moi/login")
        expect(page.get_by_role("button", name="Recevoir un code")).to_be_visible()
        expect(page.get_by_role("button", name=BY_PASSKEY)).to_be_hidden()
        expect(page.get_by_text("Un code par message vous connecte tout aussi bien.")).to_be_visible()
