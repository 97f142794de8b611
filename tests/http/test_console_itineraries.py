"""Itineraries at the console: begun, put in order, shown to residents, and written by two at once."""

import html
import re

import httpx
import pytest
import pytest_asyncio
from msgspec.structs import replace

from domain.agents import Role
from domain.itineraries import Itinerary, Stop
from domain.languages import Words
from domain.points import create
from tests.console import enter, said
from tests.house_app import House
from tests.point_sheets import SHEET, register_air

SHARED = pytest.mark.asyncio(loop_scope="module")

PATH = "/console/points/itineraries"
WALK = {
    "title_fr": "De l’air à l’eau",
    "title_es": "Del aire al agua",
    "theme": "water",
    "distance_m": "1200",
    "minutes": "30",
    "steps": "0",
    "steepest_percent": "2.5",
    "wheelchair": "yes",
}


@pytest_asyncio.fixture(loop_scope="module")
async def plates(shared_house: House) -> list[str]:
    """Three points, by the numbers of their plates."""
    city = shared_house.city
    async with shared_house.database.look() as unit:
        there = await unit.devices.find(city.authority.id, SHEET.devices[0])
    if there is None:
        await register_air(shared_house.database, city)
    made = []
    async with shared_house.database.begin() as unit:
        for name in ("Un", "Deux", "<b>Trois</b>"):
            slug, sheet = f"place-{unit.ids.row().hex}", replace(SHEET, title=Words(fr=name))
            by = city.agents[Role.EDITOR].id
            made.append(
                (await create(unit, city.authority.id, slug, sheet, agent_id=by, now=shared_house.clock())).plate
            )
    return made


async def slug_of(house: House) -> str:
    async with house.database.look() as unit:
        return f"walk-{unit.ids.row().hex}"


async def stored(house: House, slug: str) -> Itinerary | None:
    async with house.database.look() as unit:
        found = await unit.points.itineraries(house.city.authority.id)
    return next((one for one in found if one.slug == slug), None)


def version(page: httpx.Response) -> str:
    found = re.search(r'name="version"[^>]* value="([^"]+)"', page.text)
    assert found is not None
    return html.unescape(found[1])


@SHARED
async def test_an_itinerary_is_begun_put_in_order_and_shown(shared_house: House, plates: list[str]) -> None:
    manager, slug = await enter(shared_house, Role.MANAGER), await slug_of(shared_house)
    page = await manager.get(f"{PATH}/new")
    assert "&lt;b&gt;Trois&lt;/b&gt;" in page.text
    stops = {"stop_0": plates[0], "stop_1": plates[1], "rank_0": "2", "rank_1": "1", "way_1_fr": "Tout droit."}
    done = await manager.post(f"{PATH}/new", {"slug": slug, **WALK, **stops})
    assert done.headers["location"] == PATH, said(done)
    made = await stored(shared_house, slug)
    assert made is not None
    assert made.stops == (Stop(plates[1], Words(fr="Tout droit.")), Stop(plates[0]))
    assert (made.title.es, made.distance_m, made.steepest_percent, made.wheelchair) == (
        "Del aire al agua",
        1200,
        2.5,
        True,
    )
    assert not made.public

    page = await manager.get(f"{PATH}/{slug}")
    shown = {"version": version(page), **WALK, "stop_0": plates[1], "stop_1": "", "stop_2": plates[2], "public": "yes"}
    assert (await manager.post(f"{PATH}/{slug}", shown)).status_code == 303
    made = await stored(shared_house, slug)
    assert made is not None
    assert ([one.plate for one in made.stops], made.public) == ([plates[1], plates[2]], True)
    editor = await enter(shared_house, Role.EDITOR)
    listed = await editor.get(PATH)
    assert "De l’air à l’eau" in said(listed)
    assert f"{PATH}/{slug}" not in listed.text
    assert (await editor.get(f"{PATH}/{slug}")).status_code == 403


@SHARED
async def test_what_does_not_fit_in_an_itinerary_is_said_at_its_field(shared_house: House, plates: list[str]) -> None:
    manager, slug = await enter(shared_house, Role.MANAGER), await slug_of(shared_house)
    good = {"slug": slug, **WALK, "stop_0": plates[0], "stop_1": plates[1]}
    for wrong, words in (
        ({"title_fr": ""}, "Title, French: "),
        ({"stop_1": ""}, "two stops at least"),
        ({"stop_1": plates[0]}, "one point stands twice"),
        ({"stop_1": "0000000"}, "one of these points is gone"),
        ({"steps": "12"}, "no wheelchair climbs steps"),
        ({"distance_m": "50001"}, "Distance, in metres: "),
        ({"steepest_percent": "101"}, "Steepest slope, in per cent: "),
        ({"slug": "Un Chemin"}, "small letters, digits and single hyphens"),
        ({"summary_es": "abc\u202edef"}, "it hides a character that nobody can read"),
        ({"rank_0": "first"}, "Place of stop 1: "),
    ):
        page = await manager.post(f"{PATH}/new", {**good, **wrong})
        assert page.status_code == 422, wrong
        assert words in said(page), wrong
    assert await stored(shared_house, slug) is None
    assert (await manager.post(f"{PATH}/new", good)).status_code == 303
    assert "a point has this address already" in said(await manager.post(f"{PATH}/new", good))
    assert (await manager.get(f"{PATH}/nowhere")).status_code == 404


@SHARED
async def test_two_who_write_one_itinerary_see_what_the_other_has_saved(shared_house: House, plates: list[str]) -> None:
    first, slug = await enter(shared_house, Role.MANAGER), await slug_of(shared_house)
    stops = {"stop_0": plates[0], "stop_1": plates[1]}
    await first.post(f"{PATH}/new", {"slug": slug, **WALK, **stops})
    before = version(await first.get(f"{PATH}/{slug}"))
    shared_house.clock.turn(seconds=1)
    changed = {**WALK, **stops, "title_fr": "Le titre de la première"}
    await first.post(f"{PATH}/{slug}", {"version": before, **changed})
    late = await first.post(f"{PATH}/{slug}", {"version": before, **WALK, **stops, "title_fr": "Celui du second"})
    assert late.status_code == 422
    text = said(late)
    assert "somebody has changed this itinerary meanwhile" in text
    assert "Le titre de la première" in text
    assert "Celui du second" in late.text
    again = {"version": version(late), **WALK, **stops, "title_fr": "Celui du second"}
    assert (await first.post(f"{PATH}/{slug}", again)).status_code == 303
