"""The pages of places: in two languages, open and shut, known and not, found and not."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from api.app import frame_of, furnish
from api.frame import Frame
from api.rules import Rule
from api.settings import Settings
from domain.places import Authority, Gate, Site, open_site
from domain.text import Text
from store.database import Database
from store.tables import places as t
from tests.attendance_rows import eight_weeks, people_inside, this_hour
from tests.city import LIBRARY_HOURS, NOW, TODAY
from tests.client import client_of
from tests.house_app import House
from tests.http.test_permissions import declared
from web import home, places

Client = httpx.AsyncClient


@pytest.fixture(scope="module")
def frame() -> Frame:
    return frame_of((home.ROUTER, places.ROUTER))


@pytest.fixture
async def pages(frame: Frame, house: House, database_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    """The same city, with the pages that `multipass.create_app` adds."""
    settings = Settings(database_url=database_url, keys_folder=str(tmp_path / "keys"))
    async with client_of(furnish(frame, settings, clock=house.clock)) as client:
        yield client


async def text(pages: Client, path: str, *, language: str = "fr", status: int = 200) -> str:
    """What a reader finds on a page: no tags, single spaces."""
    answer = await pages.get(path, headers={"Accept-Language": language})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language[:2]}"' in answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


async def test_the_list_shows_each_place_under_its_service(house: House, pages: Client) -> None:
    await eight_weeks(house.database, house.city.zones["pool"], TODAY, most=6)
    await people_inside(house.database, house.city.zones["pool"], TODAY, 9)

    shown = await text(pages, "/places/ville")

    assert re.findall(r"Piscines|Médiathèques|Déchèteries|Transports", shown) == [
        "Piscines",
        "Médiathèques",
        "Déchèteries",
        "Transports",
    ]
    assert "pool Ouvert jour et nuit Plus de monde que d’habitude 9 personnes à l’intérieur 1 place libre" in shown
    assert "library Ouvert jusqu’à 18 h Affluence pas encore connue" in shown
    assert "Compté par les portiques à 14 h 05." in shown


async def test_the_list_speaks_english_to_who_asks_for_it(house: House, pages: Client) -> None:
    await people_inside(house.database, house.city.zones["pool"], TODAY, 10)
    shown = await text(pages, "/places/ville", language="en-GB,fr;q=0.5")
    assert "pool Open day and night Not known yet how busy it is 10 people inside Full for now" in shown
    assert "library Open until 18:00" in shown


async def test_a_language_chosen_by_hand_wins_and_stays(pages: Client) -> None:
    answer = await pages.get("/places/ville?lang=en", headers={"Accept-Language": "fr"})
    assert '<html lang="en"' in answer.text
    assert 'href="/places/ville/pool?lang=en"' in answer.text
    assert 'href="/places/ville?lang=fr" lang="fr"' in answer.text
    odd = await pages.get("/places/ville?lang=xx")
    assert '<html lang="fr"' in odd.text
    assert "lang=xx" not in odd.text


async def test_a_place_that_is_shut_says_when_it_opens(house: House, pages: Client) -> None:
    house.clock.turn(hours=6)
    assert "library Fermé, ouvre demain à 10 h" in await text(pages, "/places/ville")
    house.clock.now = house.clock.now.replace(month=12, day=25)
    shown = await text(pages, "/places/ville/library")
    assert "Fermé, ouvre demain à 10 h Noël" in shown
    assert "Vendredi 25 décembre aujourd’hui fermé".lower() in shown.lower()


async def test_a_place_shows_its_usual_day_with_the_present_hour(house: House, pages: Client) -> None:
    await eight_weeks(house.database, house.city.zones["library"], TODAY, entries=12)
    await this_hour(house.database, house.city.zones["library"], TODAY, 14, entries=1)
    answer = await pages.get("/places/ville/library")
    assert answer.text.count("<rect ") == 8
    assert answer.text.count('class="at"/>') == 1
    shown = await text(pages, "/places/ville/library")
    assert "Plus calme que d’habitude" in shown
    assert "Un mercredi habituel" in shown
    assert "14 h 100" in shown, "the same figures as a table"
    assert "personnes" not in shown


async def test_without_three_weeks_the_page_says_so_and_draws_nothing(pages: Client) -> None:
    answer = await pages.get("/places/ville/pool")
    assert "Il faut trois semaines de passages" in answer.text
    assert "<rect " not in answer.text


async def test_several_authorities_let_people_choose(pages: Client) -> None:
    answer = await pages.get("/places")
    assert re.findall(r'href="(/places/\w+)"', answer.text) == ["/places/ville", "/places/voisine"]
    assert "<h1>Les lieux, en ce moment</h1>" in answer.text


async def test_the_short_address_leads_to_the_only_place_of_that_name(house: House, pages: Client) -> None:
    owner = house.city.authority.id
    async with house.database.begin() as unit:
        lido = Site(unit.ids.row(), owner, "lido", "pool", Text(fr="Le Lido", en="The Lido"), "00101", LIBRARY_HOURS)
        zone = replace(house.city.zones["pool"], id=unit.ids.row(), site_id=lido.id, code="lido")
        await open_site(unit, lido)
        await unit.places.add_zone(zone)
        await unit.places.add_gate(Gate(unit.ids.row(), owner, zone.id, "lido-1", Text(fr="1", en="1")))
    assert "Le Lido" in await text(pages, "/places/lido")
    # Both authorities have a pool: only the long address tells them apart.
    assert "Ce lieu n’est pas ici" in await text(pages, "/places/pool", status=404)
    assert "pool" in await text(pages, "/places/ville/pool")


async def test_what_is_not_there_is_told_kindly(pages: Client) -> None:
    for path in ("/places/nowhere", "/places/ville/nowhere", "/places/nowhere/pool"):
        assert "Aucun lieu ne porte ce nom." in await text(pages, path, status=404)
        assert "No place has this name." in await text(pages, path, language="en", status=404)


async def test_names_are_text_and_nothing_else(house: House, pages: Client) -> None:
    async with house.database.write() as connection:
        await connection.execute(
            t.site.update()
            .where(t.site.c.id == house.city.sites["pool"].id)
            .values(name={"fr": "<script>alert(1)</script>", "en": "x"})
        )
    answer = await pages.get("/places/ville")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


async def test_pages_are_kept_as_long_as_they_are_true_and_told_apart_by_language(pages: Client) -> None:
    answer = await pages.get("/places/ville", headers={"Accept-Language": "en"})
    assert answer.headers["cache-control"] == "public, max-age=15"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.headers["content-language"] == "en"
    assert (await pages.get("/places/nowhere")).headers["cache-control"] == "no-store"
    for path in ("/places.css", "/places.js"):
        assert (await pages.get(path)).status_code == 200


async def test_before_anything_has_opened_the_page_says_so(frame: Frame, database_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=database_url, keys_folder=str(tmp_path / "keys"))
    app = furnish(frame, settings, clock=lambda: NOW)
    async with client_of(app) as client:
        assert "Aucun lieu n’est encore ouvert ici." in await text(client, "/places")


async def test_the_places_of_an_only_authority_are_listed_at_once(
    frame: Frame, database_url: str, tmp_path: Path
) -> None:
    database = Database(database_url, patience=30)
    async with database.begin() as unit:
        name = Text(fr="Seule", en="Alone")
        await unit.places.add_authority(Authority(unit.ids.row(), "seule", name, "Europe/Paris", "#0b6e4f", NOW))
    await database.close()
    settings = Settings(database_url=database_url, keys_folder=str(tmp_path / "keys"))
    app = furnish(frame, settings, clock=lambda: NOW)
    async with client_of(app) as client:
        shown = await text(client, "/places")
    assert "Seule Les lieux, en ce moment" in shown
    assert "Aucun lieu n’est encore ouvert ici." in shown


async def test_a_database_that_is_away_is_told_kindly(frame: Frame, tmp_path: Path) -> None:
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:1/none", keys_folder=str(tmp_path))
    app = furnish(frame, settings, clock=lambda: NOW)
    # Put together and not started: its lifespan would rightly refuse.
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # the two spell the same protocol differently
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/places")
    assert answer.status_code == 503
    assert "Réessayez dans une minute." in answer.text


def test_the_pages_are_for_everybody(frame: Frame) -> None:
    app = furnish(frame, Settings(keys_folder="none", database_url="sqlite:///none"), clock=lambda: NOW)
    rules = {key: rule for key, rule in declared(app).items() if key[1].startswith("/places") and key[0] == "GET"}
    assert rules == dict.fromkeys(
        [
            ("GET", "/places"),
            ("GET", "/places/{name}"),
            ("GET", "/places/{authority}/{code}"),
            ("GET", "/places.css"),
            ("GET", "/places.js"),
        ],
        Rule.PUBLIC,
    )


async def test_the_front_page_speaks_the_readers_language_and_its_doors_keep_it(pages: Client) -> None:
    french = await pages.get("/", headers={"Accept-Language": "fr"})
    assert '<html lang="fr"' in french.text
    assert "Un seul pass pour toute la ville" in french.text
    english = await pages.get("/?lang=en")
    assert '<html lang="en"' in english.text
    assert "One pass for the whole city" in english.text
    assert "médiathèques" not in english.text
    for door in ("/moi", "/places", "/notices", "/tour"):
        assert f'href="{door}?lang=en"' in english.text, door
    assert english.headers["vary"] == "Accept-Language"
