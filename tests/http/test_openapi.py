"""The description of the API: complete, valid, and true of what the routes do."""

import json
import re
from typing import Any

import pytest
import schemathesis
from litestar import Litestar

from api.app import build_app
from api.documentation import description
from api.problems import TITLES
from api.settings import Settings
from domain.terminals import Ability
from tests.city import NOW
from tests.house_app import House
from tests.http.test_permissions import TABLE, UNDESCRIBED
from tour.agents import hearing_routes
from tour.hearing import hearing_of

SHARED = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    folder = tmp_path_factory.mktemp("openapi")
    settings = Settings(database_url=f"sqlite:///{folder}/none.sqlite3", keys_folder=str(folder))
    hearing = hearing_of(settings, lambda: NOW)
    return build_app(settings, clock=lambda: NOW, more_routes=hearing_routes(lambda: hearing))


@pytest.fixture(scope="module")
def document(app: Litestar) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(description(app))
    return described


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(document).validate()


def test_every_reference_leads_somewhere_and_every_schema_is_used(document: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert named == document["components"]["schemas"].keys()


def test_it_describes_every_route_of_the_api_and_no_other(document: dict[str, Any]) -> None:
    """Pages and files are no API, and docs/tour-ingest.md describes the doors of sources: all else is described."""
    expected = {key for key in TABLE if not key[1].startswith(UNDESCRIBED)}
    assert operations(document).keys() == expected


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in document["tags"]}
    assert all(tag["description"] for tag in document["tags"])
    for key, operation in operations(document).items():
        assert operation["summary"], key
        assert len(operation["description"]) > 20, key
        assert len(operation["tags"]) == 1, key
        assert set(operation["tags"]) <= tags, key


def test_every_operation_says_which_token_it_wants(document: dict[str, Any]) -> None:
    for key, operation in operations(document).items():
        rule = TABLE[key].rule
        if rule == "public":
            assert "security" not in operation, key
            continue
        caller = "terminal" if rule in set(Ability) else "resident" if rule == "resident" else "agent"
        assert operation["security"] == [{caller: []}], key
        assert "401" in operation["responses"], key
        if ":" in rule:
            assert f"`{rule}`" in operation["description"], key
    assert document["components"]["securitySchemes"].keys() == {"terminal", "agent", "resident"}


def test_every_body_and_parameter_has_an_example_that_fits(document: dict[str, Any]) -> None:
    import jsonschema_rs  # noqa: PLC0415

    for key, operation in operations(document).items():
        bare = (
            *("/revoke", "/cancellation", "/replay", "/drop", "{right_id}/end", "/resumption"),
            *("/confirmation", "/approval", "{thresholds_id}/refusal", "{version}/refusal", "{webhook_id}/end"),
            *(
                "/submission",
                "/publication",
                "/points/media",
                "{request_reference}/documents",
                "/withdrawal",
                "/take-up",
            ),
            *("{device_id}/end", "/tokens/end", "/passkeys/registrations", "/account/end", "{notice_id}/recall"),
        )
        if key[0] == "POST" and not key[1].endswith(bare):
            (content,) = operation["requestBody"]["content"].values()
            schema = {**content["schema"], "components": document["components"]}
            jsonschema_rs.validate(schema, content["example"])
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (key, parameter["name"])
            jsonschema_rs.validate(parameter["schema"], parameter["example"])
        for status, response in operation["responses"].items():
            for media in response.get("content", {}).values():
                for example in media.get("examples", {}).values():
                    jsonschema_rs.validate({**media["schema"], "components": document["components"]}, example["value"])
            assert response["description"], (key, status)


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for key, operation in operations(document).items():
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                (media,) = response["content"]
                assert media == "application/problem+json", (key, status)
                assert int(status) in TITLES
            if status == "429":
                assert "Retry-After" in response["headers"]


def test_requests_are_closed_objects(document: dict[str, Any]) -> None:
    """A misspelt field is refused, and the description says so."""
    schemas = document["components"]["schemas"]
    requests = [name for name in schemas if name.endswith("Request")] + ["PublicKey", "Quantity"]
    assert len(requests) >= 7
    for name in requests:
        assert schemas[name]["additionalProperties"] is False, name
        assert schemas[name]["description"], name


def test_no_schema_carries_what_leads_to_a_person(document: dict[str, Any]) -> None:
    """What agents type from the papers of who asks for a pass is the exception: it comes in by these two alone."""
    typed = {"AskedPerson"}
    properties = {
        name
        for title, schema in document["components"]["schemas"].items()
        if title not in typed
        for name in schema.get("properties", {})
    }
    assert properties & {"passwordHash", "publicKeyRaw", "bornOn", "firstName", "lastName", "keepUntil"} == set()


@SHARED
async def test_what_is_served_is_this_document(shared_house: House) -> None:
    answer = await shared_house.client.get("/docs/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    assert answer.json()["info"]["title"] == "MultiPass"
    page = await shared_house.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r'(?:href|src)="(?!/)', page.text) == [], "nothing from outside"
