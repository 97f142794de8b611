"""Screens of places and imports in a real browser: a board that moves, a file that comes in, axe."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import faults
from tests.console_door import log_in
from tests.served import Served

pytestmark = pytest.mark.browser

PATHS = (
    *("/console/sites", "/console/sites/pool", "/console/terminals", "/console/terminals/new", "/console/offline"),
    *("/console/quarantine", "/console/batches", "/console/imports", "/console/floods", "/console/voices"),
    *("/console/tasks", "/console/points", "/console/devices", "/console/devices/new", "/console/letters"),
    *("/console/bands?quantity=co2&value=1250", "/console/bands/co2-room", "/console/bands/co2-room/write"),
    *("/console/jobs", "/console/request-terms"),
    *("/console/terminals/alone/pool",),
)
LINES = (
    "Carte;Nom;Prénom;Né le;Code INSEE",
    "A1;Lefèvre-au-Très-Long-Nom;Zoé;17/05/1980;00101",
    "A2;Blin;Bob;31/02/1980;75056",
)


def test_every_screen_is_accessible_fits_and_breaks_no_policy(browser: Browser, city: Served) -> None:
    """In a small city, where much is empty; `test_console_every_screen.py` looks at a full one the other way round."""
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, "/console/sites")
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        for path in PATHS:
            page.goto(city.url + path)
            assert faults(page, day=1280, night=390) == [], path
        assert refused == []


def test_a_board_moves_by_itself_when_a_gate_has_let_somebody_in(
    browser: Browser, city: Served, photograph: Callable[[Page, str], None]
) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, "/console/sites/pool")
        expect(page.get_by_text("Aucun passage aujourd’hui.")).to_be_visible()
        answer = httpx.post(
            f"{city.url}/v1/access/validations",
            json={"key": "board-1", "gate": "pool-1", "credential": city.code},
            headers={"Authorization": f"Bearer {city.terminal_token('board')}"},
            timeout=60,
        )
        assert answer.json()["outcome"] == "granted"
        expect(page.get_by_text("Bonne visite")).to_be_visible()
        expect(page.locator(".big")).to_have_text(re.compile("^1"))
        photograph(page, "board")


def test_a_file_comes_in_without_javascript(
    browser: Browser, city: Served, photograph: Callable[[Page, str], None]
) -> None:
    with browser.new_context(locale="fr-FR", java_script_enabled=False) as context:
        page = log_in(context.new_page(), city, "/console/imports")
        page.get_by_label("Code de l’import").fill("piscine-2019")
        page.get_by_label("Fichier").set_input_files(
            {"name": "cartes.csv", "mimeType": "text/csv", "buffer": "\r\n".join(LINES).encode("cp1252")}
        )
        page.get_by_role("button", name="Envoyer le fichier").click()
        expect(page.get_by_label("Nom", exact=True)).to_have_value("Nom")
        page.get_by_label("Accepter les communes hors du territoire").check()
        page.get_by_role("button", name="Vérifier toutes les lignes").click()
        # The page loads itself anew until the background is done.
        page.get_by_role("button", name="Faire entrer les 1 bonnes lignes").click(timeout=60_000)
        expect(page.get_by_text("Terminé")).to_be_visible()
        expect(page.get_by_text("Cette date n’existe pas").first).to_be_visible()
        photograph(page, "report")
