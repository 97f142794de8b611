"""The console in a real browser: every page of the shell in both schemes, the keyboard, and what is not lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.accessibility import violations
from tests.console_door import log_in
from tests.served import Served

pytestmark = pytest.mark.browser

PATHS = (
    "/console/login?lang=fr",
    "/console",
    "/console/account",
    "/console/account/password",
    "/console/account/code",
    "/console/agents",
    "/console/agents/new",
    "/console/nowhere",
    "/console/figures",
    "/console/figures/entered",
)


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_every_page_of_the_shell_is_accessible_fits_and_asks_nobody_outside(
    browser: Browser, city: Served, scheme: str, width: int
) -> None:
    viewport = {"width": width, "height": 900}
    with browser.new_context(viewport=viewport, color_scheme=scheme, locale="fr-FR") as context:  # type: ignore[arg-type] # a plain dictionary, and one of two words
        inside, outside = log_in(context.new_page(), city), browser.new_context(color_scheme=scheme, locale="fr-FR")  # type: ignore[arg-type] # as above
        asked: list[str] = []
        refused: list[str] = []
        for path in PATHS:
            page = outside.new_page() if "login" in path else inside
            page.on("request", lambda request: asked.append(request.url))
            page.on("console", lambda message: refused.append(message.text))
            page.goto(city.url + path)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        outside.close()
        assert [url for url in asked if not url.startswith((city.url, "data:"))] == []
        assert [text for text in refused if "Content Security Policy" in text] == []


def test_the_question_mark_shows_the_shortcuts_and_they_can_be_switched_off(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city)
        dialog = page.get_by_role("dialog")
        page.keyboard.press("?")
        expect(dialog).to_be_visible()
        dialog.get_by_role("checkbox").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(dialog).to_be_hidden()
        page.get_by_role("button", name="Raccourcis clavier").click()
        expect(dialog).to_be_visible()


def test_a_key_is_heard_from_a_ticked_box_and_typed_in_a_field(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, "/console/requests/new")
        dialog = page.get_by_role("dialog")
        search = page.get_by_role("searchbox").first
        search.press_sequentially("?n")
        assert search.input_value() == "?n"
        expect(dialog).to_be_hidden()
        page.get_by_role("main").get_by_role("checkbox").first.check()
        page.keyboard.press("?")
        expect(dialog).to_be_visible()


def test_it_works_without_javascript_from_the_login_to_the_way_out(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR", java_script_enabled=False) as context:
        log_in(context.new_page(), city)
        context.clear_cookies()
        page = log_in(context.new_page(), city, "/console/account")
        expect(page.get_by_role("heading", name="Où vous êtes connecté")).to_be_visible()
        page.get_by_role("button", name="Fermer toutes les autres").click()
        expect(page.get_by_role("status")).to_contain_text("Toutes vos autres sessions sont fermées.")
        page.get_by_role("button", name="Se déconnecter").click()
        page.goto(f"{city.url}/console")
        expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()


def test_a_wrong_password_is_said_where_reading_goes_on(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        page.goto(f"{city.url}/console/login")
        page.get_by_label("Identifiant").fill("nobody")
        page.get_by_label("Mot de passe").fill("wrong")
        page.get_by_role("button", name="Se connecter").click()
        expect(page.get_by_role("alert")).to_contain_text("l’identifiant ou le mot de passe est faux")
        expect(page.locator("#wrong")).to_be_focused()
        expect(page.get_by_label("Identifiant")).to_have_value("nobody")


def test_what_was_typed_is_not_lost_without_a_question(
    browser: Browser, city: Served, photograph: Callable[[Page, str], None]
) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, "/console/agents/new")
        asked: list[str] = []

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        page.on("dialog", stay)
        page.get_by_role("link", name="Tous les agents").click()
        page.wait_for_url(f"{city.url}/console/agents")
        assert asked == [], "nothing was typed"
        page.go_back()
        page.get_by_label("Nom", exact=True).fill("Inès")

        page.get_by_role("link", name="Tous les agents").click()

        assert asked == ["beforeunload"]
        assert page.url.endswith("/console/agents/new")
        assert page.get_by_label("Nom", exact=True).input_value() == "Inès"
        page.get_by_label("Identifiant").fill("ines")
        page.get_by_role("button", name="Créer le compte").click()
        expect(page.get_by_role("heading", name="Mot de passe provisoire")).to_be_visible()
        assert asked == ["beforeunload"], "a form that is sent is not lost"
        photograph(page, "account")


def test_a_phone_opens_the_menu_and_leaves_it(browser: Browser, city: Served) -> None:
    with browser.new_context(viewport={"width": 390, "height": 800}, locale="fr-FR") as context:
        page = log_in(context.new_page(), city)
        menu = page.get_by_role("navigation")
        expect(menu).to_be_hidden()
        page.get_by_role("button", name="Menu").click()
        expect(menu).to_be_visible()
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
        page.get_by_role("button", name="Menu").click()
        menu.get_by_role("link", name="Agents et rôles").click()
        page.wait_for_url(f"{city.url}/console/agents")
        expect(page.get_by_role("navigation")).to_be_hidden()


def test_a_small_form_asks_too_and_one_that_came_back_asks_though_nothing_was_typed_anew(
    browser: Browser, city: Served
) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, "/console/organisations")
        asked: list[str] = []

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        page.on("dialog", stay)
        page.get_by_label("Nom", exact=True).fill("Les Amis")
        page.get_by_label("Référence", exact=True).fill("AMIS")
        page.get_by_label("Nature").select_option("municipal")
        page.get_by_label("Commune du siège (code INSEE)").fill("xx")
        page.get_by_role("button", name="Enregistrer").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert asked == []

        page.get_by_role("link", name="Accueil").click()
        assert asked == ["beforeunload"], "what was typed stands in no register"

        page.get_by_label("Commune du siège (code INSEE)").fill("59350")
        page.get_by_role("button", name="Enregistrer").click()
        page.get_by_role("heading", name="Les Amis").wait_for()
        page.get_by_label("Référence de la personne").fill("R1")
        page.get_by_role("link", name="Accueil").click()
        assert asked == ["beforeunload"] * 2


def test_what_was_just_done_is_undone_by_one_key(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, "/console/people/R1")
        page.get_by_role("link", name="Suspendre ou terminer").click()
        page.get_by_label("Pourquoi").select_option("in_doubt")
        page.get_by_role("button", name="Suspendre ce pass").click()
        expect(page.get_by_text("Le pass est suspendu, avec tous ses supports.")).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("?")
        expect(page.get_by_role("dialog").get_by_text("Annuler ce que je viens de faire")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.keyboard.press("z")
        expect(page.get_by_text("Le pass est de nouveau en service.")).to_be_visible()
        page.goto(f"{city.url}/console/people/R1")
        expect(page.get_by_text("Annuler ce que je viens de faire")).to_have_count(0)
