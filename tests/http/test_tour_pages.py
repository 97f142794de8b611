"""The pages of the tour: complete without JavaScript, in three ways of speaking, and light."""

import re

import pytest

from tests.tour_city import OpenTour

SHARED = pytest.mark.asyncio(loop_scope="module")


async def text(tour: OpenTour, path: str, *, language: str = "fr", status: int = 200) -> str:
    """What a reader finds on a page: no tags, single spaces."""
    answer = await tour.client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ")


@SHARED
async def test_the_list_says_each_point_with_its_value_and_its_age(tour: OpenTour) -> None:
    shown = await text(tour, "/tour")
    assert "L’air de la classe 12 École Gambetta, 1er étage L’air se renouvelle bien : 640 ppm de CO2" in shown
    assert "Le niveau du Lez Pont de Castelnau Hauteur de l’eau : 0,52 m En direct, il y a 2 minutes." in shown
    assert "Page mise à jour à 13 h." in shown


@SHARED
async def test_the_list_shows_what_measures_one_thing(tour: OpenTour) -> None:
    shown = await text(tour, "/tour?quantity=bicycle_flow")
    assert "Les vélos de l’avenue Albert 1er" in shown
    assert "Le niveau du Lez" not in shown
    assert "Le niveau du Lez" in await text(tour, "/tour?quantity=nonsense"), "a choice that is none is everything"


@SHARED
async def test_a_sheet_says_what_the_device_is_and_does_not_and_who_answers(tour: OpenTour) -> None:
    shown = await text(tour, "/tour/points/air-classe-12")
    for words in (
        "L’air se renouvelle bien 640 ppm de CO2",
        "Rien à faire. Stable depuis 1 heure. En direct, il y a 2 minutes.",
        "Ce que cet appareil ne fait pas Il ne filme pas.",
        "Environnement seulement : aucune donnée sur des personnes.",
        "But Santé, Information du public",
        "Responsable des données Montpellier Méditerranée Métropole",
        "CC BY 4.0",
        "12 h 642 640 643",
    ):
        assert words in shown, words


@SHARED
async def test_a_page_is_offered_in_the_languages_in_which_a_sheet_is_written(tour: OpenTour) -> None:
    listed = (await tour.client.get("/tour", headers={"Accept-Language": "oc,es,en;q=0.5"})).text
    assert 'lang="oc" hreflang="oc">Occitan</a>' in listed
    assert "Español" not in listed
    assert '<html lang="en"' in listed, "what measures say is in English, and not in Occitan"
    river = await tour.client.get("/tour/points/le-lez?lang=oc")
    assert river.headers["content-language"] == "oc"
    assert '<html lang="oc"' in river.text
    assert ">Lo nivèl de Les</h1>" in river.text
    assert '<span lang="fr">Hauteur de l’eau</span>' in river.text
    assert "Las darrièras 24 oras" in river.text
    assert 'class="another"' not in river.text
    assert "&lt;span" not in river.text


@SHARED
async def test_a_sheet_that_is_written_in_another_tongue_says_so_in_that_tongue(tour: OpenTour) -> None:
    river = (await tour.client.get("/tour/points/le-lez")).text
    assert '<details class="another" lang="oc"><summary>En occitan</summary><p>Lo nivèl de Les</p></details>' in river
    assert "En español" not in river
    assert 'class="another"' not in (await tour.client.get("/tour/points/air-classe-12")).text


@SHARED
async def test_a_sheet_in_english_says_which_words_are_french(tour: OpenTour) -> None:
    answer = await tour.client.get("/tour/points/air-classe-12", headers={"Accept-Language": "en-GB"})
    assert '<html lang="en"' in answer.text
    assert "The air is well renewed" in answer.text
    assert (
        '<span lang="fr">Il n’enregistre pas la voix.</span> <small class="tongue">(in French)</small>' in answer.text
    )


@SHARED
async def test_a_sheet_is_easy_to_read_for_who_asks_for_it_and_the_choice_stays(tour: OpenTour) -> None:
    answer = await tour.client.get("/tour/points/air-classe-12?lang=easy")
    assert '<html lang="fr"' in answer.text
    assert "C’est une petite boîte. Elle mesure l’air." in answer.text
    assert "L’air est bon" in answer.text
    assert 'href="/tour?lang=easy"' in answer.text


@SHARED
async def test_the_period_that_was_chosen_stays_with_another_language(tour: OpenTour) -> None:
    answer = await tour.client.get("/tour/points/air-classe-12?days=7")
    assert 'href="/tour/points/air-classe-12?days=7&amp;lang=en"' in answer.text
    assert "Les 7 derniers jours" in answer.text
    assert "Les dernières 24 heures" in await text(tour, "/tour/points/air-classe-12?days=9000")


@SHARED
async def test_few_passers_by_are_no_number_on_the_page_either(tour: OpenTour) -> None:
    shown = await text(tour, "/tour/points/velos-albert")
    assert "moins de 5" in shown
    assert not re.search(r"(?<![\d,])3 vélos|\b11 h 3\b", shown)


@SHARED
async def test_a_point_page_is_light(tour: OpenTour) -> None:
    """A first visit, without the photo, in bytes that are not even compressed."""
    page = await tour.client.get("/tour/points/air-classe-12")
    loaded = [link for link in re.findall(r'(?:href|src)="(/[^"]+\.(?:css|js))"', page.text) if link != "/tokens.css"]
    sizes = [len(page.content), 2_000, 700]  # the tokens and the icon are the house's own
    for link in loaded:
        answer = await tour.client.get(link)
        assert answer.status_code == 200
        sizes.append(len(answer.content))
    assert len(loaded) >= 2
    assert sum(sizes) < 100_000


@SHARED
async def test_a_page_asks_nobody_outside(tour: OpenTour) -> None:
    for path in ("/tour", "/tour/points/air-classe-12"):
        page = await tour.client.get(path)
        assert re.findall(r'(?:src|<link[^>]*href)="(?!/)', page.text) == []


@SHARED
@pytest.mark.parametrize("path", ["/tour/points/nowhere", "/tour/assets/nothing.css"])
async def test_what_is_not_there_is_said_in_words(tour: OpenTour, path: str) -> None:
    assert "Cette page n’existe pas" in await text(tour, path, status=404)
    assert "This page does not exist" in await text(tour, path, language="en", status=404)


@SHARED
async def test_a_question_is_answered_on_its_page_with_the_age_of_what_is_known(tour: OpenTour) -> None:
    for query in ("question=river", "text=niveau de la rivière"):
        shown = await text(tour, f"/tour/questions?{query}")
        assert "À quelle hauteur est la rivière ?" in shown
        assert "Hauteur de l’eau : 0,52 m." in shown
        assert "En direct, il y a 2 minutes." in shown


@SHARED
async def test_a_question_that_is_not_understood_is_said_so_and_kept_in_its_field(tour: OpenTour) -> None:
    answer = await tour.client.get('/tour/questions?text="><script>')
    assert "Nous n’avons pas compris cette question." in answer.text
    assert 'value="&#34;&gt;&lt;script&gt;"' in answer.text


@SHARED
async def test_the_page_of_open_data_names_every_way(tour: OpenTour) -> None:
    answer = await tour.client.get("/tour/data?lang=en")
    for address in re.findall(r'<dt><a href="(/[^"]+)"', answer.text):
        if not address.endswith("/events"):
            assert (await tour.client.get(address)).status_code == 200, address
    assert answer.text.count("<dt>") == 8


@SHARED
async def test_a_walk_says_how_long_how_steep_and_what_its_stops_measure(tour: OpenTour) -> None:
    shown = await text(tour, "/tour/itineraries/air-et-eau")
    assert "De la classe à la rivière, à l’ombre." in shown
    assert "2,4 km · 45 minutes · 2 étapes · 12 marches · pente jusqu’à 6 %" in shown
    assert shown.index("L’air de la classe 12") < shown.index("Le niveau du Lez")
    assert "De l’air à l’eau" in await text(tour, "/tour")
    assert "Cette page n’existe pas" in await text(tour, "/tour/itineraries/nowhere", status=404)


@SHARED
async def test_the_map_repeats_the_list_and_names_every_pin(tour: OpenTour) -> None:
    page = (await tour.client.get("/tour")).text
    assert page.index('id="sensors"') < page.index('id="map"'), "list first, map second"
    assert 'href="/tour/points/le-lez" aria-label="2. Le niveau du Lez"' in page


@SHARED
async def test_a_value_stands_against_what_is_usual_at_its_hour(tour: OpenTour) -> None:
    page = (await tour.client.get("/tour/points/velos-albert")).text
    assert '<path class="usual" d="M' in page
    assert "En fond" in page
    assert "C’est un peu plus que d’habitude pour un mercredi à" in page
    assert "En fond" not in (await tour.client.get("/tour/points/le-lez")).text, "too few weeks are known"
