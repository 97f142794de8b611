"""The tour of the demonstration: opened by its agents, eight weeks old, and spoken to by its devices."""

import shutil
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import func, select

from adapters.keyring import KeyRing
from adapters.media_folder import MediaFolder
from api.app import build_app
from api.settings import Settings
from cli.demo.build import build_city
from cli.demo.city import City
from cli.demo.ids import SEED, SeededIds
from cli.demo.tour.feeder import due, newest
from cli.demo.tour.messages import Post
from cli.demo.tour.mishaps import SILENT
from cli.demo.tour.opening import open_tour
from cli.demo.tour.past import remember
from cli.demo.tour.plan import FOLDER, PLACES, simulated
from cli.demo.tour.portal import page
from cli.demo.tour.sources import ASKED, draw_tokens, sources_file
from cli.demo.tour.voices import voices
from domain.band_editions import EditionState
from domain.expression import RemarkStatus
from domain.tasks import TaskReason
from store.database import Database
from store.tables import tour as t
from store.troubles import open_troubles
from tests.client import client_of
from tests.house_app import TestClock
from tour import front, plates
from tour.agents import hearing_routes
from tour.hearing import Hearing, hearing_of
from tour.ingest.arrivals import arrive
from tour.ingest.sources import Message
from tour.scales import scales_of
from tour.upkeep import upkeep

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime(2026, 6, 18, 14, 31, tzinfo=UTC)
"""A Thursday, half past four in the afternoon by the clock of the place."""
TOKENS = draw_tokens()
SILENT_POINTS = {"fraicheur-des-morvettes"}


class Tour(Struct, frozen=True):
    """The application with the tour, as it is served; `posted` are the messages of its first minutes."""

    city: City
    client: httpx.AsyncClient
    database: Database
    hearing: Hearing
    clock: TestClock
    posted: int

    async def points(self) -> dict[str, Any]:
        """Every point by its slug, with what it says."""
        answer = await self.client.get("/v1/tour/points?limit=100")
        return {point["slug"]: point for point in answer.json()["points"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tour(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tour]:
    folder = tmp_path_factory.mktemp("tour")
    shutil.copyfile(migrated_file, folder / "city.sqlite3")
    settings = Settings(
        database_url=f"sqlite:///{folder}/city.sqlite3",
        keys_folder=str(folder / "keys"),
        media_folder=str(folder / "media"),
        sources_file=str(folder / "sources.toml"),
        map_ground=str(FOLDER / "ground.geojson"),
    )
    database = Database(settings.database_url, ids=SeededIds(SEED, NOW))
    city = await build_city(database, KeyRing(folder / "keys"), now=NOW, residents=20, days=1, progress=lambda *_: None)
    media = MediaFolder(folder / "media")
    city = replace(city, signposts=await open_tour(database, city.authority, media, now=NOW, days=90))
    sources = sources_file(
        city.authority.code, TOKENS, "http://127.0.0.1:9", portal="http://127.0.0.1:9", broker_port=None
    )
    (folder / "sources.toml").write_text(sources.replace("poll =", "#"))  # asked below, in this process
    clock = TestClock(NOW)
    hearing = hearing_of(settings, clock)
    routes = (plates.ROUTER, front.ROUTER, *hearing_routes(lambda: hearing))
    app = build_app(settings, clock=clock, more_routes=routes, more_lifespans=(hearing.lifespan,))
    async with client_of(app) as client:
        posted = await post(client, newest(NOW, by_broker=False))
        for _ in range(4):
            before = clock()
            clock.turn(minutes=5)
            posted += await post(client, due(before, clock(), by_broker=False))
            await upkeep(database, clock())
        await ask_the_portal(hearing, clock())
        await ask_the_gates(client, hearing, clock(), city.authority.code)
        yield Tour(city, client, database, hearing, clock, posted)
    await database.close()


async def post(client: httpx.AsyncClient, told: Iterable[Post]) -> int:
    """Post messages to the door of their source."""
    posted = 0
    for one in told:
        headers = {"Authorization": f"Bearer {TOKENS[one.source]}"}
        answer = await client.post(f"/hooks/{one.source}{one.below}", content=one.body, headers=headers)
        assert answer.status_code == 204, answer.text
        posted += 1
    return posted


async def ask_the_portal(hearing: Hearing, now: datetime) -> None:
    """Take in what the portal of the rivers answers."""
    for station in (one for one in simulated() if one.device.source in ASKED):
        message = Message(page(station, lambda: now), now)
        await hearing.taker.take([arrive(hearing.agreements[station.device.source], message)])


async def ask_the_gates(client: httpx.AsyncClient, hearing: Hearing, now: datetime, authority: str) -> None:
    """Take in what the board of the city's own places says."""
    board = await client.get(f"/v1/public/{authority}/sites")
    await hearing.taker.take([arrive(hearing.agreements[PLACES], Message(board.content, now))])


async def test_every_point_says_a_value_in_words(tour: Tour) -> None:
    points = await tour.points()
    assert len(points) == len(tour.city.signposts) > 20
    for slug, point in points.items():
        assert point["streams"], slug
        for said in point["streams"]:
            broken = (slug, said["quantity"]) == ("air-ecole-lavoir", "co2")
            hidden = slug in SILENT_POINTS or broken
            assert (said["reading"] is None) is hidden, (slug, said)
            assert said["sentence"]["fr"]
            assert said["sentence"]["en"]
            assert said["sentence"]["easy"]


async def test_every_state_of_freshness_can_be_seen(tour: Tour) -> None:
    states = {said["state"] for point in (await tour.points()).values() for said in point["streams"]}
    assert states >= {"direct", "old", "silent", "delayed"}
    noise = (await tour.points())["bruit-place-de-la-halle"]["streams"][0]
    assert noise["state"] in {"direct", "recent"}


async def test_passers_by_are_compared_with_eight_weeks(tour: Tour) -> None:
    points = await tour.points()
    for slug in ("pietons-rue-du-marche", "velos-quai-de-l-ourle"):
        (said,) = points[slug]["streams"]
        assert said["usual"] is not None or said["reading"]["fr"].startswith("moins de")
        assert said["band"] is not None


async def test_the_park_is_compared_with_the_reference_street(tour: Tour) -> None:
    points = await tour.points()
    (park,) = [one for one in points["fraicheur-du-parc-de-l-ourle"]["streams"] if one["quantity"] == "cool_gain"]
    assert (park["state"], park["band"]["code"]) == ("direct", "clear")
    (street,) = [one for one in points["chaleur-rue-du-marche"]["streams"] if one["quantity"] == "air_temperature"]
    (shade,) = [
        one for one in points["fraicheur-du-parc-de-l-ourle"]["streams"] if one["quantity"] == "air_temperature"
    ]
    assert park["value"] == pytest.approx(street["value"] - shade["value"], abs=0.6)
    page = (await tour.client.get("/tour?quantity=cool_gain&lang=en")).text
    assert "It is clearly cooler here than in the reference street" in page
    assert 'class="warmth' in page


async def test_the_city_says_one_thing_otherwise_and_another_waits_for_a_second_person(tour: Tour) -> None:
    async with tour.database.look() as unit:
        editions = await unit.bands.current(tour.city.authority.id)
        scales = await scales_of(unit, tour.city.authority)
    assert {one.scale: one.state for one in editions} == {
        "glass": EditionState.PROPOSED,
        "noise-street-day": EditionState.IN_FORCE,
    }
    assert "après 22 h" in scales.own["noise-street-day"].bands[-1].action.fr


async def test_the_air_of_an_avenue_is_judged_by_the_hour_and_of_dust_it_says_what_a_day_would_be(tour: Tour) -> None:
    said = {one["quantity"]: one for one in (await tour.points())["air-avenue-de-la-gare"]["streams"]}
    assert {said["no2"]["band"]["code"], said["o3"]["band"]["code"]} <= {"good", "fair", "moderate"}
    assert said["pm25"]["band"] is None
    assert "pour une journée entière" in said["pm25"]["caveat"]["fr"]
    asked = (await tour.client.get("/tour/questions?question=air&commune=00101&lang=fr")).text
    assert "L’air de l’avenue de la Gare" in asked


async def test_the_sheet_of_the_stream_says_the_level_that_people_have_confirmed(tour: Tour) -> None:
    levels = (await tour.client.get("/v1/tour/floods")).json()
    assert "normal" in str(levels)
    page = (await tour.client.get("/tour/points/l-ourle-au-pont-vieux?lang=fr")).text
    assert "La rivière est à son niveau normal" in page


async def test_people_have_spoken_and_the_city_has_answered_most_of_them(tour: Tour) -> None:
    said = voices()
    page = (await tour.client.get(f"/tour/points/{said[0].point}?lang=fr")).text
    assert escape(said[0].words[0].text) in page
    assert escape(said[0].words[0].answer) in page
    async with tour.database.look() as unit:
        waiting = await unit.expression.queue(tour.city.authority.id, RemarkStatus.WAITING, 10)
        tasks = await unit.tasks.listed(tour.city.authority.id, closed=False, most=10)
    assert [slug for slug, _ in waiting] == ["verre-place-de-la-halle"]
    assert {task.why for _, task in tasks} == {TaskReason.WORRIED, TaskReason.FAULT}


async def test_the_waste_centre_says_what_its_gates_count(tour: Tour) -> None:
    board = await tour.client.get(f"/v1/public/{tour.city.authority.code}/sites/decheterie-plaine")
    inside, capacity = board.json()["inside"], board.json()["capacity"]
    (said,) = (await tour.points())["decheterie-de-la-plaine"]["streams"]
    assert (said["quantity"], said["state"]) == ("occupancy", "direct")
    assert said["value"] == pytest.approx(100 * inside / capacity, abs=0.5)


async def test_nothing_was_refused_doubled_or_doubted_but_what_should_be(tour: Tour) -> None:
    async with tour.database.read() as connection:
        letters = (await connection.execute(select(t.dead_letter.c.why, t.dead_letter.c.detail))).all()
        found = await connection.execute(select(t.reading.c.quality, func.count()).group_by(t.reading.c.quality))
        qualities = {int(quality): int(times) for quality, times in found}
    assert letters == []
    assert set(qualities) <= {0, 1, 2, 15}
    assert 0 < qualities[15] < 5
    assert tour.posted > len(simulated()) - len(SILENT)


async def test_agents_are_told_of_what_is_silent_and_of_nothing_that_works(tour: Tour) -> None:
    await upkeep(tour.database, tour.clock())
    async with tour.database.read() as connection:
        troubles = await open_troubles(connection, tour.city.authority.id)
        devices = (await connection.execute(select(t.stream.c.id, t.device.c.code).join(t.device))).all()
    codes = {row.id: row.code for row in devices}
    told = {(codes[one.stream_id], one.trouble) for one in troubles}
    assert told == {("meteo-morvettes", "silent"), ("ecole-lavoir-salle-2", "probe-missing")}


async def test_pages_walks_and_plates_lead_to_each_other(tour: Tour) -> None:
    page = (await tour.client.get("/tour")).text
    assert all(f"/tour/points/{one.slug}" in page for one in tour.city.signposts)
    for address in ("/tour/itineraries/de-l-ecole-au-pont-vieux", "/tour/itineraries/ou-il-fait-frais"):
        assert (await tour.client.get(address)).status_code == 200
    one = tour.city.signposts[0]
    led = await tour.client.get(f"/c/{one.plate}", follow_redirects=True)
    assert led.url.path == f"/tour/points/{one.slug}"
    assert one.title.fr in led.text


async def test_what_was_measured_before_is_remembered_once(tour: Tour) -> None:
    await upkeep(tour.database, tour.clock())
    before, _ = await count(tour.database)
    again = await remember(tour.database, tour.city.authority.id, NOW - timedelta(days=3), NOW)
    assert again > 24 * len(simulated())
    readings, rollups = await count(tour.database)
    assert readings == before
    # The first time has rolled up what was over meanwhile, whatever other tests have fed; now nothing is left to do.
    await remember(tour.database, tour.city.authority.id, NOW - timedelta(days=3), NOW)
    assert await count(tour.database) == (readings, rollups)


async def count(database: Database) -> tuple[int, int]:
    """How many readings and roll-ups are stored."""
    async with database.read() as connection:
        found = [
            (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (t.reading, t.rollup)
        ]
    return found[0], found[1]
