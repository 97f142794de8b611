"""NGSI-LD, read-only: entities in the types of Smart Data Models, with units, times and freshness."""

import json
from typing import Any

import pytest

from tests.tour_city import HOME, OpenTour
from tests.tour_streams import AIR

SHARED = pytest.mark.asyncio(loop_scope="module")
ENTITIES = "/ngsi-ld/v1/entities"
ROOM = f"urn:ngsi-ld:IndoorEnvironmentObserved:{AIR.code}"


async def body(tour: OpenTour, path: str, **headers: str) -> Any:  # noqa: ANN401 - what the API answers
    answer = await tour.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@SHARED
async def test_a_value_is_a_property_with_its_unit_its_time_and_how_fresh_it_is(tour: OpenTour) -> None:
    room = await body(tour, f"{ENTITIES}/{ROOM}")
    assert room["type"] == "IndoorEnvironmentObserved"
    assert room["location"]["value"]["coordinates"] == [3.8767, 43.6112]
    assert room["co2"]["value"] == 640
    assert (room["co2"]["unitCode"], room["co2"]["observedAt"]) == ("59", "2026-11-18T11:58:00Z")
    assert room["co2"]["freshness"]["value"] == "direct"
    assert room["temperature"]["unitCode"] == "CEL"


@SHARED
async def test_entities_are_chosen_by_type_and_counted(tour: OpenTour) -> None:
    answer = await tour.client.get(f"{ENTITIES}?type=WaterObserved,ItemFlowObserved&limit=1&count=true")
    assert [one["type"] for one in answer.json()] == ["ItemFlowObserved"]
    assert answer.headers["ngsild-results-count"] == "2"
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in answer.headers["link"]
    (river,) = await body(tour, f"{ENTITIES}?type=WaterObserved")
    assert river["height"]["value"] == 0.52
    types = await body(tour, "/ngsi-ld/v1/types")
    assert types["typeList"] == ["IndoorEnvironmentObserved", "ItemFlowObserved", "WaterObserved"]


@SHARED
async def test_an_entity_can_be_plain_and_can_bring_its_context(tour: OpenTour) -> None:
    plain = await body(tour, f"{ENTITIES}/{ROOM}?options=keyValues")
    assert (plain["co2"], plain["temperature"]) == (640, 21.5)
    linked = await body(tour, f"{ENTITIES}/{ROOM}", Accept="application/ld+json")
    assert linked["@context"][-1].endswith("core-context-v1.6.jsonld")


@SHARED
async def test_nothing_of_a_home_is_an_entity(tour: OpenTour) -> None:
    everything = await body(tour, ENTITIES)
    assert len(everything) == 3
    assert HOME.code not in json.dumps(everything)


@SHARED
@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?q=co2>800", 400, "invalid-request"),
        ("?georel=near", 400, "invalid-request"),
        ("?limit=1001", 400, "invalid-request"),
        (f"/urn:ngsi-ld:HomeMeter:{HOME.code}", 404, "entity-not-found"),
    ],
)
async def test_what_is_not_there_or_not_understood_is_a_problem(
    tour: OpenTour, query: str, status: int, code: str
) -> None:
    answer = await tour.client.get(ENTITIES + query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
