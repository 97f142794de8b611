"""SensorThings 1.1, read-only: sets, links that lead somewhere, pages that end, and nothing that is not public."""

import json
from typing import Any

import pytest

from tests.tour_city import BICYCLES, HIDDEN, HOME, RIVER, WATER, OpenTour
from tests.tour_streams import AIR, CO2

SHARED = pytest.mark.asyncio(loop_scope="module")
STREAM = f"/sta/v1.1/Datastreams('{CO2.id}')"


async def body(tour: OpenTour, path: str) -> Any:  # noqa: ANN401 - what the service answers
    answer = await tour.client.get(path.removeprefix("http://127.0.0.1:8400"))
    assert answer.status_code == 200, answer.text
    return answer.json()


@SHARED
async def test_the_service_names_its_sets_and_each_answers(tour: OpenTour) -> None:
    root = await body(tour, "/sta/v1.1")
    assert "request-data/pagination" in json.dumps(root["serverSettings"])
    for entry in root["value"]:
        if entry["name"] != "Observations":
            assert (await body(tour, entry["url"]))["value"], entry


@SHARED
async def test_every_link_of_an_entity_leads_somewhere(tour: OpenTour) -> None:
    for name in ("Things", "Locations", "Datastreams", "ObservedProperties"):
        entity = (await body(tour, f"/sta/v1.1/{name}?$top=1"))["value"][0]
        assert await body(tour, entity["@iot.selfLink"]) == entity
        for key, url in entity.items():
            if key.endswith("@iot.navigationLink"):
                assert await body(tour, url), key


@SHARED
async def test_observations_come_in_the_order_that_is_asked_for(tour: OpenTour) -> None:
    newest = await body(tour, f"{STREAM}/Observations?$orderby=phenomenonTime desc&$top=2&$count=true")
    assert newest["@iot.count"] == 96
    assert [one["result"] for one in newest["value"]] == [640, 641]
    first = newest["value"][0]
    assert first["phenomenonTime"] == "2026-11-18T11:58:00Z"
    assert await body(tour, first["@iot.selfLink"]) == first
    assert (await body(tour, first["Datastream@iot.navigationLink"]))["@iot.id"] == str(CO2.id)


@SHARED
async def test_pages_follow_each_other_to_the_end(tour: OpenTour) -> None:
    page = await body(tour, f"{STREAM}/Observations?$top=40")
    seen = [one["@iot.id"] for one in page["value"]]
    while "@iot.nextLink" in page:
        page = await body(tour, page["@iot.nextLink"])
        seen += [one["@iot.id"] for one in page["value"]]
    assert len(seen) == len(set(seen)) == 96
    things = await body(tour, "/sta/v1.1/Things?$top=2")
    assert len((await body(tour, things["@iot.nextLink"]))["value"]) == 1


@SHARED
async def test_a_window_of_time_and_rows_instead_of_objects(tour: OpenTour) -> None:
    query = "$filter=phenomenonTime ge 2026-11-18T11:00:00Z and phenomenonTime lt 2026-11-18T11:45:00Z"
    rows = await body(tour, f"{STREAM}/Observations?{query}&$resultFormat=dataArray")
    (array,) = rows["value"]
    assert array["components"] == ["id", "phenomenonTime", "resultTime", "result"]
    assert [row[3] for row in array["dataArray"]] == [643, 642, 641]
    assert array["dataArray@iot.count"] == 3


@SHARED
async def test_what_an_entity_leads_to_can_stand_beside_it(tour: OpenTour) -> None:
    (thing, *_) = (await body(tour, "/sta/v1.1/Things?$expand=Datastreams,Locations"))["value"]
    assert {one["@iot.id"] for one in thing["Datastreams"]} >= {str(CO2.id)}
    assert thing["Locations"][0]["location"]["coordinates"] == [3.8767, 43.6112], "as exact as its sheet lets it be"
    stream = await body(tour, f"{STREAM}?$expand=Thing,ObservedProperty,Observations")
    assert stream["Thing"]["properties"]["code"] == AIR.code
    assert stream["ObservedProperty"]["@iot.id"] == "co2"
    assert [one["result"] for one in stream["Observations"]] == [640]


@SHARED
async def test_of_few_passers_by_no_result_is_told(tour: OpenTour) -> None:
    found = await body(tour, f"/sta/v1.1/Datastreams('{BICYCLES.id}')/Observations")
    assert [one["result"] for one in found["value"]] == [80, None, 120]
    assert found["value"][0]["phenomenonTime"] == "2026-11-18T08:58:00Z/2026-11-18T09:58:00Z"


@SHARED
async def test_nothing_that_is_not_public_is_there(tour: OpenTour) -> None:
    everything = json.dumps(
        [
            await body(tour, f"/sta/v1.1/{name}?$expand={to}")
            for name, to in (("Things", "Datastreams"), ("Datastreams", "Thing"))
        ]
    )
    assert str(RIVER.id) in everything
    for hidden in (HOME.id, WATER.id, HIDDEN.id, HOME.code):
        assert str(hidden) not in everything


@SHARED
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("Sensors", 404, "entity-not-found"),
        ("Things('nothing')", 404, "entity-not-found"),
        (f"Things('{AIR.id}')/Observations", 404, "entity-not-found"),
        (f"Datastreams('{WATER.id}')/Observations", 404, "entity-not-found"),
        (f"Observations('{WATER.id}~2026-11-18T11:58:00Z')", 404, "entity-not-found"),
        (f"Observations('{CO2.id}~2026-11-18T11:58:01Z')", 404, "entity-not-found"),
        (f"Observations('{CO2.id}~now')", 400, "invalid-request"),
        ("Observations", 400, "invalid-request"),
        ("Things?$expand=Observations", 400, "invalid-request"),
        ("Things?$top=5000", 400, "invalid-request"),
        ("Things/../../health", 404, "not-found"),
    ],
)
async def test_what_is_not_there_or_not_understood_is_a_problem(
    tour: OpenTour, path: str, status: int, code: str
) -> None:
    answer = await tour.client.get(f"/sta/v1.1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
