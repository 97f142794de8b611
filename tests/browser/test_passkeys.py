"""Passkeys in a real browser, whose authenticator is Chromium's own virtual one (CDP, WebAuthn)."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.city import PASSWORD
from tests.served import ALMIGHTY, Served, served

pytestmark = pytest.mark.browser

STICK = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small city under a name: browsers know no passkey of a number."""
    with served(tmp_path_factory.mktemp("served"), public_url="http://localhost:{port}") as running:
        running.url = running.url.replace("127.0.0.1", "localhost")
        yield running


def leave(page: Page) -> None:
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()


def test_a_passkey_is_added_logs_in_alone_and_is_removed(
    browser: Browser, city: Served, photograph: Callable[[Page, str], None]
) -> None:
    with browser.new_context(locale="fr-FR", viewport={"width": 390, "height": 900}) as context:
        page = context.new_page()
        cdp = context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        cdp.send("WebAuthn.addVirtualAuthenticator", {"options": STICK})
        page.goto(f"{city.url}/console/login?next=/console/account/passkeys")
        expect(page.get_by_role("button", name="Utiliser une clé d’accès")).to_be_visible()
        assert violations(page) == []
        page.get_by_label("Identifiant").fill(ALMIGHTY)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()

        page.get_by_label("Nom", exact=True).fill("Téléphone d’Inès")
        page.get_by_label("Mot de passe actuel").fill(PASSWORD)
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_role("button", name="Créer la clé d’accès")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Créer la clé d’accès").click()
        page.get_by_text("Renommer (").click()
        page.get_by_label("Nouveau nom").fill("Téléphone bleu")
        assert violations(page) == []
        page.get_by_role("button", name="Enregistrer").click()
        expect(page.get_by_role("rowheader", name="Téléphone bleu")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

        for typed in ("", ALMIGHTY):
            leave(page)
            page.goto(f"{city.url}/console/login?next=/console/account/passkeys")
            page.get_by_label("Identifiant").fill(typed)
            page.get_by_role("button", name="Utiliser une clé d’accès").click()
            expect(page.get_by_role("rowheader", name="Téléphone bleu")).to_be_visible()
        photograph(page, "passkeys")

        page.get_by_role("button", name="Retirer (Téléphone bleu)").click()
        expect(page.get_by_text("Vous n’avez pas encore de clé d’accès.")).to_be_visible()
        leave(page)
        page.get_by_role("button", name="Utiliser une clé d’accès").click()
        expect(page.get_by_text("elle n’a pas été acceptée")).to_be_visible()


def test_a_token_for_a_program_is_made_by_showing_a_passkey_once_more(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR", viewport={"width": 320, "height": 900}) as context:
        page = context.new_page()
        cdp = context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        cdp.send("WebAuthn.addVirtualAuthenticator", {"options": STICK})
        page.goto(f"{city.url}/console/login?next=/console/account/tokens")
        page.get_by_label("Identifiant").fill(ALMIGHTY)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        page.get_by_role("link", name="Ajouter une clé d’accès").click()
        page.get_by_label("Nom", exact=True).fill("Clé bleue")
        page.get_by_label("Mot de passe actuel").fill(PASSWORD)
        page.get_by_role("button", name="Continuer").click()
        page.get_by_role("button", name="Créer la clé d’accès").click()
        expect(page.get_by_role("rowheader", name="Clé bleue")).to_be_visible()

        page.goto(f"{city.url}/console/account/tokens")
        page.get_by_label("Nom", exact=True).fill("Export du lundi")
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_role("link", name="Ce qu’il permet : cochez au moins une ligne")).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_label("lire les tableaux de bord").check()
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_role("button", name="Créer le jeton")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Créer le jeton").click()
        expect(page.get_by_role("heading", name="Votre jeton est créé")).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_role("link", name="Je l’ai copié").click()
        page.get_by_text("1 autorisation").click()
        assert violations(page) == []
        page.get_by_role("button", name="Révoquer (Export du lundi)").click()
        expect(page.get_by_role("cell", name="révoqué")).to_be_visible()
        page.goto(f"{city.url}/console/catalogue/places/pool/names")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.goto(f"{city.url}/console/account/passkeys")
        page.get_by_role("button", name="Retirer (Clé bleue)").click()
        expect(page.get_by_text("Vous n’avez pas encore de clé d’accès.")).to_be_visible()


def test_without_javascript_no_button_promises_a_passkey(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{city.url}/console/login")
        expect(page.get_by_role("button", name="Se connecter")).to_be_visible()
        expect(page.get_by_role("button", name="Utiliser une clé d’accès")).to_be_hidden()
