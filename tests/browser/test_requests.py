"""Requests at the console in a real browser: a letter is typed in, the keyboard decides, every page is looked at."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import faults
from tests.console_door import log_in
from tests.hostile_files import letter, photo, with_script
from tests.served import Served, served

pytestmark = pytest.mark.browser

TEXTS = "/console/request-texts"
LONG = "Marie-Antoinette-Joséphine de la Roche-Guyon-Vermandois <script>alert(1)</script>"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with served(folder, documents_folder=str(folder / "documents")) as running:
        yield running


@pytest.fixture(scope="module")
def asked(city: Served) -> list[str]:
    """Three requests of one household and a neighbour; the first one has a photo and a PDF."""
    headers = {"Authorization": f"Bearer {city.agent_token()}"}
    with httpx.Client(base_url=f"{city.url}/v1", headers=headers, timeout=60) as client:
        found = [_enter(client, name) for name in ("Nina Berthelot", "Nina Berthelot", LONG)]
        for version, proof, file in ((2, "identity", photo((900, 600))), (3, "residence", letter())):
            address = f"/requests/{found[0]}/documents?proof={proof}&version={version}"
            client.post(address, content=file).raise_for_status()
    return found


def _enter(client: httpx.Client, name: str) -> str:
    first, _, last = name.partition(" ")
    said: dict[str, Any] = {
        "asker": {"name": name, "phone": "06 12 34 56 78"},
        "address": {"line": "12 rue des Lilas", "postcode": "59000", "city": "Lille", "communeCode": "59350"},
        "persons": [{"firstName": first, "lastName": last, "bornOn": "1988-03-02"}],
        "services": ["pool", "library"],
        "declared": ["residence"],
    }
    answer = client.post("/requests", json={"application": said, "channel": "paper"})
    return str(answer.raise_for_status().json()["reference"])


def test_every_page_of_requests_is_accessible_fits_and_runs_nothing_of_a_stranger(
    browser: Browser, city: Served, asked: list[str], tmp_path: Path
) -> None:
    queue = "/console/requests"
    at = f"{queue}/{asked[0]}"
    acts = (f"{at}?act=approve", f"{at}?act=ask&text=ask-residence", f"{queue}/{asked[2]}?act=reject")
    paths: tuple[str, ...] = (queue, f"{queue}?stage=rejected", f"{queue}/new", at, f"{at}/correction", *acts)
    paths += (TEXTS, f"{TEXTS}/ask-identity")
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, paths[0])
        dialogs: list[str] = []
        refused: list[str] = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        page.on("console", lambda message: refused.append(message.text))
        for number, path in enumerate(paths):
            shown = page.goto(city.url + path)
            assert shown is not None
            assert shown.ok, path
            page.screenshot(path=tmp_path / f"{number}.png", full_page=True)
            assert faults(page, day=390, night=1280) == [], path
        assert dialogs == []
        assert [text for text in refused if "Content Security Policy" in text] == []


@pytest.mark.usefixtures("asked")
def test_a_letter_is_typed_in_and_decided_with_the_keyboard(
    browser: Browser, city: Served, photograph: Callable[[Page, str], None]
) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, "/console/requests/new")
        for label, text in (
            ("Prénom et nom", "Paul Durandeau"),
            ("Numéro et rue", "3 place d'Armes"),
            ("Code postal", "59000"),
            ("Commune", "Lille"),
            ("Code INSEE", "5935"),
            ("Prénom, personne 1", "Paul"),
            ("Nom, personne 1", "Durandeau"),
            ("Naissance, personne 1", "02/03/1951"),
        ):
            page.get_by_label(label, exact=True).fill(text)
        page.get_by_role("button", name="Enregistrer la demande").click()
        expect(page.get_by_role("alert")).to_contain_text("cinq caractères")
        assert page.get_by_label("Naissance, personne 1").input_value() == "02/03/1951"
        page.get_by_label("Code INSEE").fill("59350")
        page.get_by_label("Piscine").check()
        page.get_by_role("button", name="Enregistrer la demande").click()
        expect(page.get_by_role("status")).to_contain_text("enregistrée")

        page.get_by_text("Ajouter un document").click()
        page.get_by_label("Fichier").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": with_script()}
        )
        page.get_by_role("button", name="Envoyer le fichier").click()
        expect(page.get_by_role("alert")).to_contain_text("Envoyez plutôt une photo")

        page.wait_for_load_state()  # until then nothing hears a key
        page.keyboard.press("m")
        page.wait_for_url("**act=ask*")
        page.keyboard.press("1")
        page.wait_for_url("**text=*")
        photograph(page, "review")
        words = page.get_by_label("Texte à l’usager")
        assert "justificatif de domicile" in words.input_value()
        page.get_by_role("link", name="Refuser").focus()
        page.keyboard.press("r")
        page.wait_for_url("**act=reject*")
        words.fill("Cette personne a déjà un pass.")
        page.get_by_role("button", name="Refuser la demande").focus()
        page.keyboard.press("e")
        expect(page.get_by_role("status")).to_contain_text("refusée")
        expect(page.get_by_role("button", name="Prendre en charge")).to_be_visible()  # the next one
