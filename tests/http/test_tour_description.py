"""The tour's description: valid, complete, and true of what is answered."""

import re
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import schemathesis

from tests.http.test_permissions import declared
from tests.tour_city import OpenTour
from tests.tour_streams import CO2
from tour.api.description import document

SHARED = pytest.mark.asyncio(loop_scope="module")
ELSEWHERE = {"/v1/tour/openapi.json", "/v1/tour/points/{point_id}/remarks"}
"""Itself, and what the page of the API describes."""

STREAMS = {"/v1/tour/events"}
"""An answer without end."""


def test_it_is_valid_openapi_3_1() -> None:
    schemathesis.openapi.from_dict(document()).validate()


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    named = set(re.findall(r"#/components/schemas/([\w.]+)", str(document())))
    # Events are described by what their data holds; the second sort has no response of its own.
    assert named | {"PointNow"} == document()["components"]["schemas"].keys()


@SHARED
async def test_it_describes_every_address_of_the_tour(tour: OpenTour) -> None:
    served = {path for method, path in declared(tour.app) if method == "GET" and path.startswith("/v1/tour")}
    assert {path for path in served if not path.endswith(".csv")} - ELSEWHERE == document()["paths"].keys()


@SHARED
@pytest.mark.parametrize("path", [path for path in document()["paths"] if path not in STREAMS])
async def test_what_is_answered_is_what_is_described(tour: OpenTour, path: str) -> None:
    operation = document()["paths"][path]["get"]
    known: dict[str, Any] = {parameter["name"]: parameter["example"] for parameter in operation["parameters"]}
    known["stream_id"] = str(CO2.id)
    asked = {name: value for name, value in known.items() if f"{{{name}}}" not in path and name != "stream_id"}

    answer = await tour.client.get(path.format(**known), params=asked)

    assert answer.status_code == 200, answer.text
    media = answer.headers["content-type"].partition(";")[0]
    schema = {**operation["responses"]["200"]["content"][media]["schema"], "components": document()["components"]}
    jsonschema_rs.validate(schema, answer.json())


@SHARED
async def test_a_refusal_is_the_problem_that_is_described(tour: OpenTour) -> None:
    answer = await tour.client.get("/v1/tour/points?limit=1000")
    schema = {"$ref": "#/components/schemas/Problem", "components": document()["components"]}
    jsonschema_rs.validate(schema, answer.json())


@SHARED
async def test_it_is_served_to_any_origin(tour: OpenTour) -> None:
    answer = await tour.client.get("/v1/tour/openapi.json")
    assert answer.content == msgspec.json.encode(document())
    assert answer.headers["access-control-allow-origin"] == "*"
