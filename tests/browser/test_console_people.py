"""The desk's screens in a real browser: accessible in both schemes, on a phone and at a desk, and by keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import faults
from tests.console_door import log_in
from tests.served import Served

pytestmark = pytest.mark.browser


def test_every_screen_of_the_desk_is_accessible_and_fits(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city)
        page.goto(f"{city.url}/console/people/R1")
        medium = page.get_by_role("link", name="Code imprimé").first.get_attribute("href")
        for path in (
            "/console/people?q=lef",
            "/console/people?q=zzzz",
            "/console/people/R1",
            "/console/people/R1/pass",
            f"/console/passes/{city.pass_number}/card",
            str(medium),
            "/console/organisations",
            "/console/journal?agent=nobody",
            "/console/journal",
        ):
            page.goto(f"{city.url}{path}")
            assert faults(page, day=1280, night=390) == [], path
            assert faults(page, day=390, night=1280) == [], path


def test_a_desk_finds_stops_and_replaces_with_the_keyboard_alone(
    browser: Browser, city: Served, photograph: Callable[[Page, str], None]
) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city)
        page.keyboard.press("/")
        page.keyboard.type(city.pass_number)
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/people/R1")
        page.get_by_role("link", name="Code imprimé").press("Enter")
        page.get_by_label("Pourquoi").press("ArrowDown")
        page.get_by_role("button", name="Bloquer ce support").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("C’est bloqué")
        page.get_by_label("Motif").press("Home")
        page.get_by_role("button", name="Remplacer").press("Enter")
        page.wait_for_url("**/console/people/R1")
        expect(page.get_by_role("status")).to_contain_text("C’est remplacé, sans frais.")
        photograph(page, "replaced")
