"""Notices on this browser, in a real one: asked for on the public page, shown by the worker, ended by a button.

The push service of a browser lies outside: what it would hand out is put in its place.
"""

from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.accessibility import violations
from tests.push_service import Browser as Subscribed
from tests.served import Served, served

pytestmark = pytest.mark.browser

GIVEN = """given => {
  const mine = { ...given, toJSON: () => given, unsubscribe: async () => (window.kept = null, true) };
  window.kept = null;
  PushManager.prototype.getSubscription = async () => window.kept;
  PushManager.prototype.subscribe = async (asked) => (window.asked = asked.applicationServerKey, window.kept = mine);
}"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with served(folder, push_folder=str(folder / "push")) as running:
        yield running


@pytest.fixture
def context(browser: Browser, city: Served) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 390, "height": 844}, locale="fr-FR", reduced_motion="reduce")
    opened.grant_permissions(["notifications"], origin=city.url)
    yield opened
    opened.close()


def opened(context: BrowserContext, city: Served) -> Page:
    given = msgspec.json.encode(Subscribed("https://push.example", "here").subscription).decode()
    context.add_init_script(f"({GIVEN})({given})")
    page = context.new_page()
    page.goto(f"{city.url}/notices/ville")
    return page


def test_a_browser_is_written_to_after_one_button_and_no_more_after_another(
    context: BrowserContext, city: Served
) -> None:
    page = opened(context, city)
    start = page.get_by_role("button", name="Recevoir sur cet appareil, sans adresse")
    expect(start).to_be_visible()
    start.click()
    told = page.get_by_role("status")
    expect(told).to_have_text("Choisissez au moins un sujet, et trente au plus.")
    page.get_by_label("Événements").check()
    page.get_by_label("De", exact=True).fill("22:00")
    start.click()
    expect(told).to_have_text("Donnez deux heures différentes, ou aucune.")
    page.get_by_label("à", exact=True).fill("07:00")
    with page.expect_request("**/browser") as asked:
        start.click()
    assert '"quiet":{"begins":"22:00","ends":"07:00"}' in (asked.value.post_data or "")
    expect(told).to_contain_text("C’est fait.")
    assert len(page.evaluate("window.asked")) == 87
    assert violations(page) == []
    page.get_by_role("button", name="Ne plus rien recevoir sur cet appareil").click()
    expect(told).to_have_text("Cet appareil ne recevra plus rien.")
    expect(start).to_be_visible()
