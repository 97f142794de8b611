"""A plastic card ordered in a real Chromium, without JavaScript: the price first, followed on the pass, cancelled."""

import asyncio
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from adapters.clock import utc_now
from domain.card_terms import CardDesk, CardTerms, set_card_terms
from domain.passes import MediumKind, add_medium
from domain.replacements import ReplacementFee, ReplacementReason
from domain.text import Text
from tests.accessibility import by_night, violations
from tests.browser.test_portal import PATIENCE_MS, Portal, come_in, portal_in
from tests.served import Served

pytestmark = pytest.mark.browser

HALL = CardDesk("hall", Text(fr="Siège", en="Town hall"), "1 place de la République")


async def _take_orders(city: Served) -> None:
    """Let residents order cards, and give the city's one resident a card."""
    now, authority = utc_now(), city.city.authority.id
    async with city.unit() as unit:
        await set_card_terms(unit, CardTerms((HALL,), by_post=True), authority_id=authority)
        fee = ReplacementFee(authority, MediumKind.CARD, ReplacementReason.LOSS, 500)
        await unit.replacements.set_fees(authority, [fee])
        pass_ = await unit.passes.by_number(authority, city.pass_number)
        await add_medium(unit, pass_, kind=MediumKind.CARD, expires_at=now.replace(year=now.year + 4, day=1), now=now)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with portal_in(tmp_path_factory.mktemp("cards")) as opened:
        asyncio.run(_take_orders(opened.city))
        yield opened


@pytest.fixture(scope="module")
def city(portal: Portal) -> Served:
    """What Chromium is opened after."""
    return portal.city


@pytest.fixture(scope="module")
def zoe(browser: Browser, portal: Portal) -> Iterator[BrowserContext]:
    """A browser of Zoé's, logged in."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="fr-FR")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    come_in(page, portal, "zoe@example.org")
    page.close()
    yield context
    context.close()


def test_a_lost_card_is_ordered_anew_followed_and_cancelled_without_javascript(
    browser: Browser, zoe: BrowserContext, portal: Portal
) -> None:
    state = zoe.storage_state()
    context = browser.new_context(java_script_enabled=False, locale="fr-FR", storage_state=state)
    context.set_default_timeout(PATIENCE_MS)
    page, pass_page = context.new_page(), f"{portal.city.url}/moi/passes/{portal.city.pass_number}"
    page.goto(pass_page)
    page.get_by_role("link", name="Commander une carte").click()
    expect(page.get_by_text("Votre ancienne carte est bloquée dès la commande")).to_be_visible()
    page.get_by_role("button", name="Commander la carte").click()
    expect(page.get_by_role("alert")).to_contain_text("choisissez une raison")
    page.get_by_label("Ma carte est perdue : 5,00 €").check()
    page.get_by_label("À retirer : Siège").check()
    page.get_by_role("button", name="Commander la carte").click()
    expect(page.get_by_role("status")).to_have_text("Votre carte est commandée. Vous la suivez ici.")
    expect(page.get_by_text("Commandée, pas encore en fabrication.")).to_be_visible()
    expect(page.get_by_text("Vous la retirerez ici : Siège, 1 place de la République.")).to_be_visible()
    followed = zoe.new_page()
    for path in ("", "/card/cancel"):
        followed.goto(f"{pass_page}{path}")
        assert not violations(followed), path
    followed.close()

    page.get_by_role("link", name="Annuler la commande").click()
    expect(page.get_by_text("Votre ancienne carte reste bloquée.")).to_be_visible()
    page.get_by_role("button", name="Annuler la commande").click()
    expect(page.get_by_role("status")).to_have_text("La commande est annulée.")
    context.close()


def test_the_pages_of_a_card_hold_at_320_pixels(zoe: BrowserContext, portal: Portal) -> None:
    """WCAG 1.4.10: nothing scrolls sideways, and axe finds nothing."""
    page, pass_page = zoe.new_page(), f"{portal.city.url}/moi/passes/{portal.city.pass_number}"
    for path in ("", "/card"):
        page.goto(f"{pass_page}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert violations(page) + by_night(page) == [], path
    page.close()
