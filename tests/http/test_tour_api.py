"""The public API of the tour: points, live values, histories; for any origin, and never of one home."""

import json
from datetime import timedelta
from typing import Any

import pytest

from api.rules import Rule
from tests.http.test_permissions import declared
from tests.tour_city import BICYCLES, HIDDEN, WATER, OpenTour
from tests.tour_streams import CO2, NOON

SHARED = pytest.mark.asyncio(loop_scope="module")


async def body(tour: OpenTour, path: str, **headers: str) -> Any:  # noqa: ANN401 - what the API answers
    answer = await tour.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.json()


@SHARED
async def test_every_route_of_the_tour_is_for_anybody(tour: OpenTour) -> None:
    rules = {key: rule for key, rule in declared(tour.app).items() if key[1].startswith("/v1/tour")}
    assert len(rules) > 5
    assert {rule for key, rule in rules.items() if key[0] == "GET"} == {Rule.PUBLIC}


@SHARED
async def test_points_are_listed_by_pages(tour: OpenTour) -> None:
    first = await body(tour, "/v1/tour/points?limit=2")
    assert [point["slug"] for point in first["points"]] == ["air-classe-12", "le-lez"]
    last = await body(tour, f"/v1/tour/points?limit=2&after={first['next']}")
    assert [point["slug"] for point in last["points"]] == ["velos-albert"]
    assert last["next"] is None


@SHARED
async def test_points_are_chosen_by_commune_and_by_what_they_measure(tour: OpenTour) -> None:
    for query, slugs in (("commune=34057", ["le-lez"]), ("quantity=co2", ["air-classe-12"]), ("quantity=pollen", [])):
        answer = await body(tour, f"/v1/tour/points?{query}")
        assert [point["slug"] for point in answer["points"]] == slugs


@SHARED
async def test_a_point_says_its_sheet_its_chain_and_its_values(tour: OpenTour) -> None:
    point = await body(tour, "/v1/tour/points/air-classe-12")
    assert point["title"] == {"fr": "L’air de la classe 12", "en": "The air of room 12"}
    assert point["position"] == {"latitude": 43.6112, "longitude": 3.8767}, "as exact as its blur lets it be"
    assert point["chain"][0]["category"]["fr"] == "Technologie"
    assert point["protectionLevel"] == 0
    co2, warmth = point["streams"]
    assert (co2["value"], co2["unit"], co2["state"], co2["ageSeconds"]) == (640, "[ppm]", "direct", 120)
    assert (co2["band"]["code"], co2["licence"]) == ("well-renewed", "etalab-2.0")
    assert co2["trend"]["en"] == "Steady for 1\u00a0hour."
    assert warmth["quantity"] == "air_temperature"


@SHARED
async def test_live_values_are_the_same_in_the_list_the_sheet_and_alone(tour: OpenTour) -> None:
    alone = await body(tour, "/v1/tour/points/le-lez/live")
    listed = (await body(tour, "/v1/tour/points"))["points"][1]
    assert alone["streams"] == listed["streams"] == (await body(tour, "/v1/tour/points/le-lez"))["streams"]
    assert alone["streams"][0]["band"] is None, "a flood level is never read from a value"
    assert "Vigicrues" in alone["streams"][0]["sentence"]["fr"]


@SHARED
async def test_an_answer_is_kept_for_fifteen_seconds_and_asked_for_by_its_tag(tour: OpenTour) -> None:
    answer = await tour.client.get("/v1/tour/points/le-lez/live")
    assert answer.headers["cache-control"] == "public, max-age=15"
    again = await tour.client.get("/v1/tour/points/le-lez/live", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@SHARED
async def test_the_map_has_a_feature_for_each_point(tour: OpenTour) -> None:
    answer = await tour.client.get("/v1/tour/points.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    features = json.loads(answer.content)["features"]
    assert [feature["id"] for feature in features] == ["air-classe-12", "le-lez", "velos-albert"]
    assert features[1]["geometry"] == {"type": "Point", "coordinates": [3.9, 43.62]}
    assert features[0]["properties"]["tone"] == "good"


@SHARED
async def test_a_history_has_the_finest_step_that_fits(tour: OpenTour) -> None:
    day = await body(tour, f"/v1/tour/streams/{CO2.id}/readings")
    assert (day["step"], day["unit"], len(day["points"])) == ("raw", "[ppm]", 96)
    assert day["points"][-1]["value"] == 640
    hours = await body(tour, f"/v1/tour/streams/{CO2.id}/readings?step=1h")
    assert hours["points"][1]["count"] == 4
    assert hours["points"][1]["low"] < hours["points"][1]["value"] < hours["points"][1]["high"]


@SHARED
async def test_a_history_is_a_table_where_that_is_asked_for(tour: OpenTour) -> None:
    path = f"/v1/tour/streams/{CO2.id}/readings"
    by_name = await tour.client.get(f"{path}.csv?step=1h")
    by_wish = await tour.client.get(f"{path}?step=1h", headers={"Accept": "text/csv"})
    assert by_name.text == by_wish.text
    head, first, *_ = by_name.text.splitlines()
    assert head == "at,value,low,high,count,unit,quantity,licence"
    assert first.endswith(",[ppm],co2,etalab-2.0")
    assert by_name.headers["content-disposition"].startswith('attachment; filename="co2-')


@SHARED
@pytest.mark.parametrize(
    ("days", "cache"), [(0, "max-age=3600"), (5, "max-age=86400, immutable")], ids=["today", "a closed day"]
)
async def test_what_is_over_is_kept_for_longer(tour: OpenTour, days: int, cache: str) -> None:
    end = NOON - timedelta(days=days)
    query = f"from={(end - timedelta(hours=1)):%Y-%m-%dT%H:%M:%SZ}&to={end:%Y-%m-%dT%H:%M:%SZ}"
    answer = await tour.client.get(f"/v1/tour/streams/{CO2.id}/readings?{query}")
    assert answer.headers["cache-control"] == f"public, {cache}"


@SHARED
async def test_of_few_passers_by_a_history_tells_no_number(tour: OpenTour) -> None:
    counted = await body(tour, f"/v1/tour/streams/{BICYCLES.id}/readings")
    assert counted["fewerThan"] == 5
    assert [point["value"] for point in counted["points"]] == [80, None, 120]
    hours = await body(tour, f"/v1/tour/streams/{BICYCLES.id}/readings?step=1h")
    assert all(point["low"] is None or point["low"] >= 5 for point in hours["points"])


@SHARED
@pytest.mark.parametrize("stream", [WATER.id, HIDDEN.id, "nothing", "00000000-0000-0000-0000-000000000077"])
async def test_what_is_not_public_is_not_there(tour: OpenTour, stream: object) -> None:
    answer = await tour.client.get(f"/v1/tour/streams/{stream}/readings")
    assert (answer.status_code, answer.json()["code"]) == (404, "stream-not-found")


@SHARED
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=yesterday", "invalid-request"),
        ("from=2026-11-18T00:00:00", "invalid-request"),
        ("from=0001-01-01T00:00:00%2B23:59", "invalid-request"),
        ("to=9999-12-31T23:59:59-12:00", "invalid-request"),
        ("step=2h", "invalid-request"),
        ("from=2026-11-18T00:00:00Z&to=2026-11-17T00:00:00Z", "history-too-long"),
        ("from=2020-01-01T00:00:00Z&step=15m", "history-too-long"),
    ],
)
async def test_a_period_that_cannot_be_shown_is_a_problem(tour: OpenTour, query: str, code: str) -> None:
    answer = await tour.client.get(f"/v1/tour/streams/{CO2.id}/readings?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@SHARED
@pytest.mark.parametrize("path", ["points/nowhere", "points/nowhere/live"])
async def test_a_point_that_is_not_there_is_a_problem(tour: OpenTour, path: str) -> None:
    answer = await tour.client.get(f"/v1/tour/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "point-not-found")


@SHARED
@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", f"commune={'3' * 6}", f"quantity={'c' * 61}"])
async def test_a_list_is_bounded(tour: OpenTour, query: str) -> None:
    answer = await tour.client.get(f"/v1/tour/points?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


@SHARED
async def test_a_listener_names_no_more_points_than_fifty(tour: OpenTour) -> None:
    slugs = ",".join(f"p{number}" for number in range(51))
    answer = await tour.client.get(f"/v1/tour/events?points={slugs}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


@SHARED
async def test_questions_are_answered_by_the_streams_in_the_same_words(tour: OpenTour) -> None:
    asked = await body(tour, "/v1/tour/questions")
    assert [one["code"] for one in asked] == ["room-air", "river", "heat", "passing"]
    by_code = await body(tour, "/v1/tour/answers?question=river")
    typed = await body(tour, "/v1/tour/answers?text=Le niveau de la rivière ?")
    live = await body(tour, "/v1/tour/points/le-lez/live")
    assert by_code == typed
    assert [(one["point"], one["stream"]) for one in by_code["answers"]] == [("le-lez", live["streams"][0])]


@SHARED
async def test_a_question_that_nobody_can_answer_has_no_answer(tour: OpenTour) -> None:
    assert (await body(tour, "/v1/tour/answers?question=pollen"))["answers"] == []
    assert (await body(tour, "/v1/tour/answers?question=river&commune=34172"))["answers"] == []
    nothing = await body(tour, "/v1/tour/answers?text=Qui suis-je ?")
    assert (nothing["question"], nothing["answers"]) == (None, [])


@SHARED
@pytest.mark.parametrize("query", ["", "?question=life", f"?text={'x' * 201}"])
async def test_no_question_is_a_problem(tour: OpenTour, query: str) -> None:
    answer = await tour.client.get(f"/v1/tour/answers{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


@SHARED
async def test_the_record_for_portals_leads_to_every_way_to_the_data(tour: OpenTour) -> None:
    record = await body(tour, "/v1/tour/catalogue.jsonld")
    air, *_ = record["dcat:dataset"]
    assert air["dct:title"][0] == {"@language": "fr", "@value": "L’air de la classe 12"}
    addresses = [one["dcat:accessURL"]["@id"] for one in air["dcat:distribution"]]
    addresses += [one["dcat:endpointURL"]["@id"] for one in record["dcat:service"]]
    assert len(addresses) == 8
    for address in addresses:
        path = address.removeprefix("http://127.0.0.1:8400")
        if not path.endswith("/events"):
            assert (await tour.client.get(path)).status_code == 200, path
