"""The pages of the tour in a real browser: any screen, both schemes, without JavaScript, and without a network."""

import asyncio
from collections.abc import Iterator
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from adapters.clock import utc_now
from domain.floods import Level
from store.database import Database
from tests.accessibility import violations
from tests.served import Served, served
from tests.tour_city import tour_city
from tests.tour_floods import agreed, declared

Scheme = Literal["light", "dark"]

pytestmark = pytest.mark.browser

SCREENS: dict[str, tuple[int, int, Scheme, Scheme]] = {
    "phone": (360, 740, "light", "dark"),
    "desktop": (1280, 900, "dark", "light"),
}
"""Width, height, the scheme in which everything is looked at, and the one in which contrast is looked at again."""

PATHS = (
    "/tour",
    "/tour?quantity=co2&lang=en",
    "/tour/points/air-classe-12",
    "/tour/points/velos-albert?lang=easy",
    "/tour/points/le-lez?said=waits",
    "/tour/points/le-lez?lang=oc",
    "/tour/itineraries/air-et-eau",
    "/tour/mine#air-classe-12,le-lez",
    "/tour/questions?question=river",
    "/tour/questions?text=rien&lang=en",
    "/tour/data",
    "/tour/points/nowhere",
)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with served(folder) as running:
        asyncio.run(_fill(f"sqlite:///{folder}/city.sqlite3", running))
        yield running


async def _fill(url: str, running: Served) -> None:
    database = Database(url, patience=30)
    await tour_city(database, running.city, utc_now())
    await agreed(database, running.city, utc_now())
    await declared(database, running.city, Level.VEHICLES, utc_now())
    await database.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_is_accessible_fits_its_screen_and_asks_nobody_outside(
    browser: Browser, city: Served, screen: str
) -> None:
    """All pages in one test for each screen: opening a browser's context costs more than a page."""
    width, height, scheme, other = SCREENS[screen]
    size: Any = {"width": width, "height": height}
    asked: list[str] = []
    with browser.new_context(viewport=size, color_scheme=scheme, locale="fr-FR", reduced_motion="reduce") as context:
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        for path in PATHS:
            page.goto(city.url + path)
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            page.emulate_media(color_scheme=other)
            assert violations(page, runOnly=["color-contrast"]) == [], (path, other)
            page.emulate_media(color_scheme=scheme)
    assert [url for url in asked if not url.startswith((city.url, "data:"))] == []


FIRST_VISIT_BYTES = 100_000
"""Of a point's page, without its photo."""


@pytest.mark.parametrize("slug", ["air-classe-12", "velos-albert", "le-lez"])
def test_a_first_visit_of_a_point_weighs_little(browser: Browser, city: Served, slug: str) -> None:
    """Every byte that a browser without anything kept fetches for it: page, styles, scripts, icon and worker."""
    with browser.new_context(locale="fr-FR") as context:
        fetched: list[Request] = []

        def finished(request: Request) -> None:
            fetched.append(request)

        context.on("requestfinished", finished)
        page = context.new_page()
        page.goto(f"{city.url}/tour/points/{slug}", wait_until="networkidle")
        weights = {one.url: one.sizes()["responseBodySize"] for one in fetched if "/tour/media/" not in one.url}
    assert {url.rpartition(".")[2] for url in weights} >= {"css", "js"}
    assert sum(weights.values()) < FIRST_VISIT_BYTES, weights


_LOW_LINKS = """
[...document.querySelectorAll("main a:not(svg a), footer a, .top a")]
  .map((one) => [one.textContent.trim(), Math.round(one.getClientRects()[0]?.height ?? 24)])
  .filter(([, height]) => height < 24)
"""


def test_a_link_is_as_high_as_a_finger_needs(browser: Browser, city: Served) -> None:
    """24 px (WCAG 2.2, 2.5.8)."""
    with browser.new_context(viewport={"width": 390, "height": 844}, locale="fr-FR") as context:
        page = context.new_page()
        for path in ("/tour", "/tour/data", "/tour/points/le-lez", "/places", "/moi/login"):
            page.goto(city.url + path)
            assert page.evaluate(_LOW_LINKS) == [], path


def test_it_says_it_all_without_javascript(browser: Browser, city: Served) -> None:
    with browser.new_context(java_script_enabled=False, locale="fr-FR") as context:
        page = context.new_page()
        page.goto(f"{city.url}/tour")
        page.get_by_label("Que voulez-vous savoir").select_option("water_level")
        page.get_by_role("button", name="Afficher").click()
        page.get_by_role("link", name="Le niveau du Lez").first.click()
        expect(page.locator(".now")).to_contain_text("0,52\u00a0m")
        expect(page.get_by_role("img", name="Hauteur de l’eau")).to_be_visible()
        page.get_by_role("link", name="7 jours").click()
        page.get_by_role("link", name="English").click()
        expect(page.locator("main")).to_contain_text("The last 7 days")
        page.get_by_role("link", name="Refresh").click()
        page.goto(f"{city.url}/tour/questions")
        page.get_by_label("Écrivez votre question").fill("À quelle hauteur est la rivière ?")
        page.get_by_role("button", name="Demander").first.click()
        expect(page.locator(".cards")).to_contain_text("Hauteur de l’eau")


def other_value(route: Route) -> None:
    """The page as it will be when the device has spoken again."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("640 ppm", "655 ppm").replace("640\u00a0ppm", "655 ppm"))


def test_a_page_follows_its_device_until_somebody_stops_it(page: Page, city: Served) -> None:
    page.clock.install()
    page.goto(f"{city.url}/tour/points/air-classe-12")
    value = page.locator(".big").first
    before = value.inner_text()
    page.route("**/tour/points/air-classe-12", other_value)

    page.get_by_role("button", name="Arrêter la mise à jour").click()
    page.clock.run_for(61_000)
    assert value.inner_text() == before

    page.get_by_role("button", name="Reprendre la mise à jour").click()
    page.get_by_text("655 ppm").first.wait_for()
    assert page.locator("[role=status]", has_text="655 ppm").count() == 1


def test_what_was_seen_of_a_walk_stays_in_the_browser(page: Page, city: Served) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method + (request.post_data or "")))
    page.goto(f"{city.url}/tour/itineraries/air-et-eau")
    expect(page.get_by_text("Étapes vues : 0 sur 2")).to_be_visible()
    page.get_by_role("button", name="J’ai vu cette étape").first.click()
    expect(page.get_by_text("Étapes vues : 1 sur 2")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Étapes vues : 1 sur 2")).to_be_visible()
    page.get_by_role("button", name="Vu. Annuler").click()
    expect(page.get_by_text("Étapes vues : 0 sur 2")).to_be_visible()
    assert set(sent) == {"GET"}
    assert page.context.cookies() == []


def test_places_that_somebody_keeps_stay_in_the_browser_and_go_along_in_a_link(page: Page, city: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{city.url}/tour/points/le-lez")
    page.get_by_role("button", name="Retenir ce lieu").click()
    drop = page.get_by_role("button", name="Ne plus retenir ce lieu")
    expect(drop).to_be_visible()
    assert drop.get_attribute("aria-pressed") is None, "its name says what it does next: it is no switch beside"
    page.get_by_role("link", name="Voir mes lieux").click()
    cards = page.locator("main .card:visible h2")
    expect(cards).to_have_text(["Le niveau du Lez"])
    link = page.get_by_role("link", name="Lien vers mes lieux").get_attribute("href")
    assert link == "/tour/mine#le-lez"
    expect(page.get_by_role("link", name="Recevoir une alerte")).to_have_attribute("href", "/notices/ville")
    page.get_by_role("button", name="Ne plus retenir ce lieu").click()
    expect(page.get_by_text("Aucun lieu pour l’instant.")).to_be_visible()
    page.goto(f"{city.url}/tour/mine#air-classe-12,nowhere,le-lez")
    expect(cards).to_have_count(2)
    expect(page).to_have_url(f"{city.url}/tour/mine")
    assert not any("air-classe-12" in url for url in asked if "#" not in url)


def test_a_walk_that_was_taken_along_is_read_without_a_network_and_says_so(page: Page, city: Served) -> None:
    page.goto(f"{city.url}/tour/itineraries/air-et-eau")
    page.get_by_role("button", name="Emporter la promenade hors ligne").click()
    page.get_by_text("marche maintenant sans réseau").wait_for()

    page.context.set_offline(True)
    page.reload()
    page.get_by_text("ces mesures datent de votre dernière connexion").wait_for()
    page.get_by_role("link", name="Le niveau du Lez").first.click()
    expect(page.get_by_role("heading", name="Le niveau du Lez", level=1)).to_be_visible()
    page.get_by_text("ces mesures datent de votre dernière connexion").wait_for()
    expect(page.locator(".now")).to_contain_text("0,52\u00a0m")
    # A level that was kept may be over.
    assert page.locator(".flood").inner_text().strip() == (
        "Ne vous fiez pas à cette page\u00a0: suivez Vigicrues et les messages de la ville."
    )
    page.goto(f"{page.url}?lang=en")
    expect(page.get_by_role("heading", name="Le niveau du Lez")).to_be_visible()
    page.goto(f"{city.url}/tour/questions")
    expect(page.get_by_text("Cette page n’a pas été emportée.")).to_be_visible()
    assert violations(page) == []


_LISTEN = """(address) => new Promise((settle, refuse) => {
  const live = new EventSource(address);
  setTimeout(() => { live.close(); refuse(new Error("nothing was heard")); }, 60000);
  const done = (event) => { live.close(); settle([event.type, event.lastEventId, JSON.parse(event.data)]); };
  live.addEventListener("snapshot", done);
  live.addEventListener("point", done);
})"""


def test_a_browsers_own_listener_hears_what_the_points_say(page: Page, city: Served) -> None:
    page.goto(f"{city.url}/tour/data")
    kind, last_id, data = page.evaluate(_LISTEN, "/v1/tour/events?points=le-lez")
    assert kind == "snapshot"
    assert int(last_id) > 0
    (river,) = data["points"]
    assert (river["slug"], river["streams"][0]["value"]) == ("le-lez", 0.52)
    with httpx.stream("GET", f"{city.url}/v1/tour/events?points=le-lez", timeout=60) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["access-control-allow-origin"] == "*"
