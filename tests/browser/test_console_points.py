"""A sheet in another language, to be listened to and with a link: from its editor to a visitor, in a real browser."""

import asyncio
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from msgspec.structs import replace
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from adapters.clock import utc_now
from adapters.media_folder import MediaFolder
from domain import itineraries
from domain.agents import Role
from domain.itineraries import Stop, Walk
from domain.languages import Words
from domain.points import Point
from domain.sheets import Link, Photo, Recording
from store.database import Database
from tests.accessibility import violations
from tests.console_door import log_in
from tests.point_sheets import SHEET, published, register_air
from tests.served import ROOT, Served, served

pytestmark = pytest.mark.browser

SPOKEN = ROOT / "cli" / "demo" / "tour" / "sheets"
"""Where the recordings of the demonstration lie: French and Spanish, 18 and 22 seconds."""

HOSTILE = "<img src=x onerror=alert(1)> " + "Chargoggagoggmanchauggagoggchaubunagungamaugg" * 3

PARTS = (
    *("", "/languages/es", "/languages/easy", "/reading/oc", "/recordings", "/recordings/fr", "/recordings/es"),
    *("/links", "/links/new", "/links/1"),
)
"""Pages of a point, below its own."""

WALKS = tuple(f"/console/points/itineraries{part}" for part in ("", "/new", "/hostile"))


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Point, Point]]:
    """A city with a plain point, and one in which every text is hostile."""
    folder = tmp_path_factory.mktemp("served")
    with served(folder, media_folder=str(folder / "media")) as running:
        yield running, *asyncio.run(_fill(folder, running))


@pytest.fixture(scope="module")
def city(points: tuple[Served, Point, Point]) -> Served:
    return points[0]


def _picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(written, "JPEG")
    return written.getvalue()


async def _fill(folder: Path, running: Served) -> tuple[Point, Point]:
    media = MediaFolder(folder / "media")
    photo = Photo(media.keep(_picture()).digest, Words(fr="Un boîtier blanc."))
    spoken = media.keep((SPOKEN / "ourle.mp3").read_bytes()).digest
    bad = Words(fr=HOSTILE, easy=HOSTILE, en=HOSTILE, es=HOSTILE, oc=HOSTILE)
    hostile = replace(
        SHEET,
        photo=replace(photo, alt=bad),
        title=bad,
        benefit=bad,
        does_not=(bad,),
        recording=Recording(spoken, bad),
        links=(Link(bad, "https://air.example/" + "x" * 300), Link(bad, "https://air.example/deux")),
    )
    database = Database(f"sqlite:///{folder}/city.sqlite3", patience=30)
    await register_air(database, running.city)
    plain = await published(database, running.city, "air-classe-12", replace(SHEET, photo=photo))
    other = await published(database, running.city, "hostile", hostile)
    walk = Walk(
        title=bad,
        summary=bad,
        stops=(Stop(plain.plate), Stop(other.plate, bad)),
        distance_m=900,
        minutes=20,
    )
    async with database.begin() as unit:
        await itineraries.write(unit, running.city.authority.id, "hostile", walk, public=True, now=utc_now())
    await database.close()
    return plain, other


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
def test_every_page_of_a_sheet_is_accessible_and_fits_whatever_is_written_in_it(
    browser: Browser, points: tuple[Served, Point, Point], scheme: Literal["light", "dark"], width: int
) -> None:
    city, plain, hostile = points
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="fr-FR") as context:
        manager = city.city.agents[Role.MANAGER].login
        page = log_in(context.new_page(), city, f"/console/points/{plain.plate}", login=manager)
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        parts = [(one, part) for one in (plain, hostile) for part in (PARTS if one is hostile else PARTS[:-1])]
        for path in (*(f"/console/points/{one.plate}{part}" for one, part in parts), *WALKS):
            page.goto(city.url + path)
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            assert page.locator("img[src=x]").count() == 0, path
        assert refused == []


def test_an_editor_adds_spanish_a_recording_and_a_link_and_a_visitor_finds_them(
    browser: Browser, points: tuple[Served, Point, Point], photograph: Callable[[Page, str], None]
) -> None:
    city, point, _ = points
    path = f"/console/points/{point.plate}"
    with browser.new_context(locale="fr-FR", java_script_enabled=False) as context:
        page = log_in(context.new_page(), city, path, login=city.city.agents[Role.EDITOR].login)
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="espagnol"))
        expect(row).to_contain_text("Pas traduit : les visiteurs lisent le français.")
        row.get_by_role("link", name="Écrire").click()
        page.get_by_role("group", name="Titre").get_by_label("espagnol").fill("El aire del aula 12")
        page.get_by_role("group", name="À quoi ça sert").get_by_label("espagnol").fill("Saber cuándo airear.")
        photograph(page, "spanish")
        page.get_by_role("button", name="Enregistrer le brouillon").click()
        expect(page.get_by_role("status")).to_contain_text("Le brouillon est enregistré.")

        page.get_by_role("link", name="Les enregistrements (0)").click()
        for language, file, words in (("français", "ourle", "Vous êtes ici."), ("espagnol", "ourle-es", "Está aquí.")):
            page.get_by_role("link", name=f"Ajouter un enregistrement : {language}").click()
            page.get_by_label("Envoyer un enregistrement").set_input_files(SPOKEN / f"{file}.mp3")
            page.get_by_label("Les mots de l’enregistrement").fill(words)
            page.get_by_role("button", name="Enregistrer le brouillon").click()
            expect(page.get_by_role("status")).to_contain_text("L’enregistrement est dans le brouillon.")
        expect(page.get_by_text("22 s")).to_be_visible()
        photograph(page, "recordings")

        page.goto(f"{city.url}{path}/links")
        page.get_by_role("link", name="Ajouter un lien").click()
        page.get_by_label("Adresse").fill("https://air.example/aerer")
        page.get_by_label("Ce que dit le lien, français").fill("Aérer une classe")
        page.get_by_label("Ce que dit le lien, espagnol").fill("Airear un aula")
        page.get_by_role("button", name="Enregistrer le brouillon").click()
        expect(page.get_by_role("link", name="Aérer une classe")).to_be_visible()

        page.goto(f"{city.url}{path}/reading/es")
        expect(page.get_by_role("heading", name="El aire del aula 12")).to_be_visible()
        photograph(page, "reading")
        page.goto(city.url + path)
        page.get_by_role("button", name="Donner à relire").click()
        expect(page.get_by_role("status")).to_contain_text("La fiche attend une relecture.")
    with browser.new_context(locale="fr-FR") as context:
        page = log_in(context.new_page(), city, path, login=city.city.agents[Role.MANAGER].login)
        expect(page.get_by_text("https://air.example/aerer · espagnol · Airear un aula")).to_be_visible()
        page.get_by_role("button", name="Publier cette fiche").click()
        expect(page.get_by_role("status")).to_contain_text("La fiche est publiée.")
    # The first to look at the tour: what is public is read for them, and was read for nobody before.
    with browser.new_context(locale="es-ES") as context:
        page = context.new_page()
        _visit(page, f"{city.url}/tour/points/{point.slug}")
        photograph(page, "visitor")


_LOAD = """one => new Promise((heard, failed) => {
    one.onloadedmetadata = () => heard();
    one.onerror = () => failed(one.error.message);
    one.preload = "auto";
    one.load();
})"""
"""Waited for in the page itself: its policy lets nobody ask it again and again by words."""


def _visit(page: Page, address: str) -> None:
    page.goto(f"{address}?lang=es")
    expect(page.get_by_role("heading", name="El aire del aula 12")).to_be_visible()
    expect(page.get_by_role("link", name="Airear un aula")).to_have_attribute("href", "https://air.example/aerer")
    sound = page.locator("audio")
    assert sound.get_attribute("lang") == "es"
    sound.evaluate(_LOAD)
    assert round(sound.evaluate("(one) => one.duration")) == 22
    page.get_by_text("Leer el texto").click()
    expect(page.get_by_text("Está aquí.")).to_be_visible()
    page.goto(f"{address}?lang=oc")
    assert page.locator("audio").get_attribute("lang") == "fr"
