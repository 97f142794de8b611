"""The catalogue in a real browser: a manager raises a quota from next Monday, sees who is affected, withdraws it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.clock import utc_now
from domain.places import local_day
from tests.accessibility import faults, violations
from tests.console_door import log_in
from tests.served import Served

pytestmark = pytest.mark.browser

PATH = "/console/catalogue"
SCREENS = (
    *("", "/products/waste-24", "/places/library", "/modifications"),
    *("/new/product", "/new/site", "/new/site?like=pool", "/products/waste-24/tariff", "/places/pool/zone"),
    *("/products/waste-24/quota", "/products/waste-24/whole", "/places/library/hours", "/places/pool/room"),
)


@pytest.fixture
def page(browser: Browser, city: Served) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR") as context:
        yield log_in(context.new_page(), city, PATH)


def test_a_manager_raises_a_quota_from_next_monday_sees_who_is_affected_and_withdraws_it(
    page: Page, photograph: Callable[[Page, str], None]
) -> None:
    today = local_day(utc_now(), "Europe/Paris")
    monday = today + timedelta(days=7 - today.weekday())
    page.get_by_role("link", name="waste-24").click()
    page.get_by_role("link", name="Changer un quota").click()
    page.get_by_label("Nouveau quota").fill("26")
    page.get_by_label("Raison").fill("Délibération du 16 novembre")
    page.get_by_role("button", name="Écrire dans la modification").click()
    expect(page.get_by_text("Rien n’est encore en vigueur")).to_be_visible()
    expect(page.get_by_role("cell", name="26 passages par année civile")).to_be_visible()
    expect(page.get_by_text("Titulaires de ce droit aujourd’hui")).to_be_visible()
    photograph(page, "affected")
    assert violations(page) == []
    page.get_by_label("Jour").fill(monday.isoformat())
    page.get_by_label("Heure").fill("06:00")
    page.get_by_role("button", name="Programmer").click()
    expect(page.get_by_text("La modification est programmée.")).to_be_visible()
    page.get_by_role("button", name="Retirer la modification").click()
    expect(page.get_by_text("elle n’aura aucun effet")).to_be_visible()
    page.get_by_role("link", name="Modifications").click()
    expect(page.get_by_role("cell", name="retirée")).to_be_visible()


def test_every_screen_is_accessible_and_fits(browser: Browser, city: Served) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, PATH)
        for path in SCREENS:
            page.goto(city.url + PATH + path)
            assert faults(page, day=1280, night=390) == [], path
